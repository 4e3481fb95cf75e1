"""A fault: one way in which a server can break its contract, and how to put it into one that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from tallystick.contract import Contract
from tallystick.contract.life import Effect, Lifecycle
from tallystick.contract.model import Operation
from tallystick.contract.validation import Validators
from tallystick.verify.faults.tamper import Answer, Layer, Request
from tallystick.verify.server.auth import Signature
from tallystick.verify.server.routes import Routes
from tallystick.verify.server.wire import App


@dataclass(frozen=True, slots=True)
class Bench:
    """What faults are made from: the contract, and callers that the server knows."""

    contract: Contract
    routes: Routes
    validators: Validators
    signature: Signature = field(repr=False)
    numbers: Iterator[int] = field(default_factory=count, repr=False)

    def number(self) -> int:
        """Return a number that was not given before."""
        return next(self.numbers)

    def roles(self) -> Iterator[tuple[Lifecycle, Effect, Operation]]:
        """Yield every part that an operation plays in a lifecycle."""
        for lifecycle in self.contract.lifecycles:
            for effect in lifecycle.effects:
                operation = self.contract.by_id.get(effect.operation_id)
                if operation is not None:
                    yield lifecycle, effect, operation


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its `kind`, where it is, and the layer that puts it in."""

    kind: str
    subject: str
    layer: Callable[[App], App] = field(repr=False)


Kind = Callable[[Bench], Iterator[Fault]]
KINDS: dict[str, Kind] = {}
"""Every kind of fault by name: a function that yields the faults of this kind that a contract gives rise to."""


def kind(function: Kind) -> Kind:
    """Register a kind of fault under its function's name."""
    KINDS[function.__name__.replace("_", "-")] = function
    return function


class _Changed(Layer):
    """A layer of two functions."""

    def __init__(self, app: App, routes: Routes, before: Before | None, after: After | None) -> None:
        super().__init__(app, routes)
        self._before = before
        self._after = after

    def incoming(self, request: Request) -> Request:
        """Return the request as the first function changes it."""
        return self._before(request) if self._before is not None else request

    def outgoing(self, request: Request, answer: Answer) -> Answer:
        """Return the answer as the second function changes it."""
        return self._after(request, answer) if self._after is not None else answer


Before = Callable[[Request], Request]
After = Callable[[Request, Answer], Answer]


def changing(bench: Bench, before: Before | None = None, after: After | None = None) -> Callable[[App], App]:
    """Return a layer that changes requests with one function and answers with another."""
    return lambda app: _Changed(app, bench.routes, before, after)


def named(function: Kind) -> str:
    """Return the name of a kind."""
    return function.__name__.replace("_", "-")
