"""What a contract's mock does beyond its declared lifecycle: `spec/<contract>/behaviour.py`.

Such a module has one value, `BEHAVIOUR`. Its functions get what has been worked out so far and change it in place;
they raise `Refused` to turn a request away.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tallystick.contract.expression import Expression
from tallystick.contract.model import Operation
from tallystick.errors import ConfigurationError
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.mock.message import Request
from tallystick.mock.wire.parameters import pairs
from tallystick.mock.wire.security import ANYBODY, Caller

__all__ = ["Behaviour", "Call", "Happening", "Resource", "load_behaviour"]

Resource = dict[str, Json]


@dataclass(slots=True)
class Call:
    """A request that has been read and found valid. `parameters` are by place and name, `body` is its value.

    `told` are headers of the answer that follow from what is done; those that the contract knows are sent. `status`
    is that of the answer where what is done decides between several, `None` elsewhere.
    """

    operation: Operation
    request: Request
    caller: Caller = ANYBODY
    parameters: dict[tuple[str, str], Json] = field(default_factory=dict)
    body: Json = None
    now: float = 0.0
    told: dict[str, str] = field(default_factory=dict)
    status: int | None = None

    def value(self, expression: Expression) -> Json:
        """Return what a runtime expression stands for in this request, `None` when that isn't there."""
        match expression.source:
            case "request.body":
                try:
                    return get(self.body, expression.pointer)  # type: ignore[return-value]
                except NoSuchMember:
                    return None
            case "request.path":
                return self.parameters.get(("path", expression.name))
            case "request.query":
                undeclared = (value for name, value in pairs(self.request.query) if name == expression.name)
                return self.parameters.get(("query", expression.name), next(undeclared, None))
            case "request.header":
                return self.request.headers.get(expression.name.lower())
            case "method":
                return self.request.method
            case "url":
                return self.request.base + self.request.target
            case _:
                return None


@dataclass(slots=True)
class Happening:
    """Something that happened outside the API, at `now`.

    `later` makes another event of the resource happen some seconds after it; `also` makes events happen, by
    `<resource>.<event>`, to resources that came into being with this one; `callbacks` makes those that `held` names,
    by address.
    """

    event: str
    now: float
    later: dict[str, float] = field(default_factory=dict)
    also: list[str] = field(default_factory=list)
    callbacks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Functions by name. All are optional.

    `operations`: operationId -> called with a create, update or transition before its answer is made, and with the
    answer's body where a resource is only used.
    `events`: `<resource>.<event>` -> called when the event has moved the state.
    `webhooks`: webhook name -> called with the payload and the resource before it is signed and sent.
    `repeated`: webhook name -> header whose value the body of the answer has to be; it is sent to each new target.
    `held`: `<operationId>.<callback>` -> callbacks that an event makes, and not the answer to the call.
    `retries`: seconds between the attempts to deliver a webhook, in the provider's schedule.
    """

    operations: Mapping[str, Callable[[Call, Resource], None]] = field(default_factory=dict)
    events: Mapping[str, Callable[[Happening, Resource], None]] = field(default_factory=dict)
    webhooks: Mapping[str, Callable[[Resource, Resource], None]] = field(default_factory=dict)
    repeated: Mapping[str, str] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    retries: tuple[float, ...] = (5, 30, 120, 600, 3600)


def load_behaviour(folder: Path | None) -> Behaviour:
    """Return the behaviour of a contract's folder, an empty one when it has none.

    Raises `ConfigurationError` when `behaviour.py` has no `BEHAVIOUR`.
    """
    path = folder / "behaviour.py" if folder is not None else None
    if path is None or not path.is_file():
        return Behaviour()
    name = f"tallystick_behaviour_{path.parent.name.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    found = getattr(module, "BEHAVIOUR", None)
    if not isinstance(found, Behaviour):
        hint = "give it a value of tallystick.mock.behaviour.Behaviour"
        raise ConfigurationError(f"{path} has no BEHAVIOUR", hint=hint)
    return found
