"""One run against one server: what its parts share."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import schemathesis

from tallystick.contract import Contract
from tallystick.contract.convention import inferred
from tallystick.contract.model import Operation
from tallystick.contract.validation import Validators
from tallystick.verify.data.adapt import Adapter, Fresh
from tallystick.verify.data.samples import Samples
from tallystick.verify.data.sprawl import sprawl
from tallystick.verify.facts.convention import choosing
from tallystick.verify.outcome.redact import Redaction
from tallystick.verify.outcome.tracker import Tracker
from tallystick.verify.plan import UNSAFE_METHODS, Plan
from tallystick.verify.result import Failure, Problem, Step
from tallystick.verify.server.auth import OTHER, Credentials, Signature
from tallystick.verify.server.control import Control
from tallystick.verify.server.routes import Routes, label
from tallystick.verify.server.target import Target
from tallystick.verify.server.wire import Exchange, Wire

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What the name of a header is made of (RFC 9110, section 5.6.2)."""

Progress = Callable[[str, str, int], None]
"""Told the phase, what is being tested, and the number of requests so far."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What checks know besides the answer in front of them. Checks find it on the wire that a case is sent over."""

    contract: Contract
    plan: Plan
    prefix: str
    routes: Routes
    adapter: Adapter
    validators: Validators
    redaction: Redaction
    signature: Signature
    other: Signature | None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    choosing: frozenset[str] = frozenset()
    """Operations whose caller chooses the key of what they create, by convention."""
    counts: Counter[str] = field(default_factory=Counter)
    notes: set[Problem] = field(default_factory=set)

    def count(self, what: str) -> int:
        """Return how often this was asked for, now included."""
        self.counts[what] += 1
        return self.counts[what]

    def operation(self, case: schemathesis.Case[Any]) -> Operation | None:
        """Return the contract's operation of a case, `None` for a method that the contract doesn't have."""
        if case.method.upper() != case.operation.method.upper():
            return None
        wanted = (case.operation.method.upper(), case.operation.path)
        return next((o for o in self.contract.operations if (o.method, o.path) == wanted), None)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A failure that Schemathesis' engine came upon, with the case and its answer, and when. It tells of it later."""

    after: float
    failure: Any
    case: Any
    response: Any


class Session:
    """Holds the parts of a run together and collects what they find."""

    def __init__(
        self,
        contract: Contract,
        target: Target,
        plan: Plan,
        *,
        folder: Path | None,
        progress: Progress = lambda *_: None,
    ) -> None:
        self.contract = contract
        self.target = target
        self.plan = plan
        self.folder = folder
        self.progress = progress
        self.operations = selected(contract, plan)
        self.routes = Routes(contract.operations, target.prefix)
        self.tracker = Tracker(contract, self.routes, self.operations, target.prefix)
        self.samples = Samples(contract, self.routes, target.prefix)
        self.failures: list[Failure] = []
        self.problems: list[Problem] = [
            Problem(label(o), f"its header parameter {name!r} has a name that HTTP can't send, so it is left out")
            for o in contract.operations
            if (name := unsendable(o))
        ]
        self.started = time.monotonic()
        self.given_up = ""
        self.unmade: set[str] = set()
        self.seen: dict[int, Sighting] = {}
        self.stop: Callable[[], None] = lambda: None
        self.knowledge = self._knowledge()
        self.wire = Wire(target.app, plan)
        self.wire.knowledge = self.knowledge
        self.wire.watchers += [self.tracker, self.samples, self._notice]

    def signature(self, credentials: Credentials) -> Signature:
        """Return what signs for a caller."""
        return Signature(self.contract, credentials, self.routes, folder=self.folder, now=self.moment)

    def _knowledge(self) -> Knowledge:
        contract, target = self.contract, self.target
        own, other = target.credentials, target.other
        callers = {"": own} if other is None else {"": own, OTHER: other}
        return Knowledge(
            contract,
            self.plan,
            target.prefix,
            self.routes,
            Adapter(contract, Fresh(self.plan.seed), self.now),
            Validators(contract),
            Redaction(contract, callers),
            self.signature(target.credentials),
            self.signature(target.other) if target.other is not None else None,
            tuple(secret for caller in callers.values() for secret in caller.hidden()),
            frozenset() if contract.lifecycles else choosing(contract),
        )

    @cached_property
    def control(self) -> Control | None:
        """The server's control surface, `None` when it has none, or the contract nothing to use it for."""
        followed = self.contract.lifecycles or inferred(self.contract)
        return Control.of(self.target, self.plan) if followed else None

    @cached_property
    def sprawling(self) -> tuple[Operation, ...]:
        """The operations whose bodies have examples inside that there is no getting through; reports name them."""
        reasons = ((o, sprawl(self.contract, o, self.knowledge.validators)) for o in self.operations)
        found = [(operation, why) for operation, why in reasons if why]
        self.problems += [Problem(label(operation), why) for operation, why in found]
        return tuple(operation for operation, _ in found)

    def unable(self, kind: str, subjects: Iterable[str], why: str) -> None:
        """Note why something of the coverage statement could not be exercised."""
        for subject in subjects:
            self.tracker.reasons[kind, subject] = why

    def now(self) -> float:
        """Return the server's time as far as it is known, in seconds since 1970-01-01 UTC."""
        if self.target.now is not time.time:
            return self.target.now()
        return time.time() + (self.control.ahead if self.control is not None else 0.0)

    def moment(self) -> datetime:
        """Return the server's time as far as it is known."""
        return datetime.fromtimestamp(self.now(), UTC)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    @property
    def over(self) -> str:
        """Why the run has to end now, empty when it may go on."""
        if self.wire.lost or self.given_up:
            return self.wire.lost or self.given_up
        if self.plan.first_only and (self.failures or self.seen):
            return "one failure is enough"
        if self.plan.max_time is not None and self.elapsed >= self.plan.max_time:
            return f"the time limit of {self.plan.max_time:g} s is reached"
        return ""

    def fail(
        self,
        check: str,
        operation: str,
        title: str,
        message: str,
        phase: str,
        steps: tuple[Step, ...],
        place: str = "",
        after: float | None = None,
    ) -> None:
        """Note a failure; texts are freed of secrets. It was seen `after` so many seconds, by default now."""
        clean = self.knowledge.redaction.text
        when = self.elapsed if after is None else after
        seen = Failure(check, operation, clean(title), clean(message), phase, steps, clean(place), when)
        self.failures.append(seen)
        if self.plan.first_only:
            self.stop()

    def saw(self, sighting: Sighting) -> None:
        """Take in what the engine came upon; ends a run that wants no more."""
        self.seen[id(sighting.failure)] = sighting
        if self.over:
            self.stop()

    def step(self, exchange: Exchange, note: str = "") -> Step:
        """Return an exchange as reports show it."""
        redaction = self.knowledge.redaction
        return Step(
            exchange.method,
            redaction.sent(exchange.url),
            redaction.message(exchange.request_headers, exchange.request_body, ours=True),
            exchange.status,
            redaction.message(exchange.headers, exchange.body),
            note or exchange.failed,
        )

    def _notice(self, exchange: Exchange) -> None:
        if exchange.failed:
            operation = self.routes.find(exchange.method, exchange.url)
            subject = f"{operation.method} {operation.path}" if operation is not None else ""
            title = f"The server {exchange.failed}"
            self.fail(
                "server_answers",
                subject,
                title,
                "Every request gets a valid HTTP answer.",
                "",
                (self.step(exchange),),
            )
        if self.over:
            self.stop()


def selected(contract: Contract, plan: Plan) -> tuple[Operation, ...]:
    """Return the operations that a plan exercises."""
    mine = (o for position, o in enumerate(contract.operations) if plan.shard.takes(position) and not unsendable(o))
    return tuple(o for o in mine if not plan.safe or is_safe(contract, o))


def unsendable(operation: Operation) -> str:
    """Return the name of a header parameter that is no name in HTTP, such as one with a space, empty for none."""
    headers = (p.name for p in operation.parameters if p.location == "header")
    return next((name for name in headers if not _TOKEN.fullmatch(name)), "")


def is_safe(contract: Contract, operation: Operation) -> bool:
    """Say whether an operation changes nothing: by its lifecycle where it has one, else by its method."""
    effects = [e.effect for lifecycle in contract.lifecycles if (e := lifecycle.effect_of(operation.id)) is not None]
    if effects:
        return all(effect in ("read", "list") for effect in effects)
    return operation.method not in UNSAFE_METHODS
