"""The noun `simulation` of a client whose contract has lifecycles: what happens outside the API, in a mock of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice, product
from urllib.parse import urlsplit

from tallystick.contract.life import Event, Lifecycle
from tallystick.contract.model import Contract, Server
from tallystick.emit import layout
from tallystick.emit.literals import quoted
from tallystick.emit.naming import settle
from tallystick.emit.operations import MethodView
from tallystick.emit.views import ResourceView
from tallystick.names import class_name, member_name, words

_MOST_ADDRESSES = 100
_LOCAL = ("", "localhost", "127.0.0.1", "::1")
_ABOUT = [
    "What happens outside of the API, made to happen in `tallystick mock`, for tests.",
    "",
    "Nothing is sent to the provider's own hosts: there, methods raise `RequestValidationError`.",
]


def view(contract: Contract, nouns_taken: Collection[str], classes_taken: Collection[str]) -> ResourceView | None:
    """Write the noun; `None` where the contract declares nothing that could be made to happen."""
    events = {f"{life.resource} {event.name}": (life, event) for life in contract.lifecycles for event in life.events}
    if not events and not any(life.expiry for life in contract.lifecycles):
        return None
    module = next(name for name in ("simulation", "mock_simulation", "simulation_") if name not in nouns_taken)
    name = class_name(module) if class_name(module) not in classes_taken else f"{class_name(module)}Resource"
    wanted = {
        key: [f"{member_name(event.name)}_{member_name(life.resource)}"] for key, (life, event) in events.items()
    }
    verbs, _ = settle(wanted, ("advance", "reset", "client"))
    used = ["happens", "told"] if events else ["told"]
    methods = (_advance(), _reset(), *(_event(verbs[key], life, event) for key, (life, event) in events.items()))
    return ResourceView(module, name, tuple(layout.docstring(_ABOUT, 4)), tuple(_head(contract, used)), methods)


def _head(contract: Contract, used: list[str]) -> Iterator[str]:
    yield from (
        "from .._runtime.call import Call",
        "from .._runtime.client import M, Resource, operation",
        f"from .._runtime.simulation import {', '.join(used)}",
        "",
    )
    hosts = sorted({host for server in contract.servers for host in _hosts(server)} - set(_LOCAL))
    yield from layout.call("_REAL = frozenset[str]", "([", [quoted(host) for host in hosts], "])")


def _hosts(server: Server) -> Iterator[str]:
    """Yield the hosts that a server may stand for, with every listed value of its variables."""
    names = [variable.name for variable in server.variables]
    choices = [variable.values or (variable.default,) for variable in server.variables]
    for chosen in islice(product(*choices), _MOST_ADDRESSES):
        url = server.url
        for name, value in zip(names, chosen, strict=True):
            url = url.replace(f"{{{name}}}", value)
        yield urlsplit(url).hostname or ""


def _advance() -> MethodView:
    doc = ["Move the mock's clock on by seconds, and do all that becomes due on the way."]
    body = 'return told(self, _REAL, "/clock/advance", body={"seconds": seconds})'
    return _method("advance", ["seconds: float"], doc, body)


def _reset() -> MethodView:
    doc = ["Forget everything, and let the clock run."]
    return _method("reset", [], doc, 'return told(self, _REAL, "/reset")')


def _event(verb: str, life: Lifecycle, event: Event) -> MethodView:
    what = (
        f"{' '.join(words(life.resource)).lower()}: from {' or '.join(event.source_states)} to {event.target_state}"
    )
    doc = layout.prose(f"{event.description or event.name} A {what}.", width=92)
    argument = member_name(life.key or "id")
    body = f"return happens(self, _REAL, {quoted(life.resource)}, {argument}, {quoted(event.name)})"
    return _method(verb, [f"{argument}: str"], doc, body)


def _method(name: str, arguments: list[str], doc: list[str], body: str) -> MethodView:
    parts = ["self", *(["*"] if arguments else []), *arguments]
    signature = layout.call(f"def {name}", "(", parts, ") -> Call[None]:", indent=4)
    return MethodView(name, "operation", tuple(signature), tuple(layout.docstring(doc, 8)), (f"        {body}",))
