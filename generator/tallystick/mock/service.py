"""The mock itself, without a server: a request in, an answer out, in the steps that every request takes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from tallystick.contract import Contract
from tallystick.contract.convention import inferred, names, singletons
from tallystick.contract.life import Lifecycle
from tallystick.contract.model import Media, Operation, Outcome
from tallystick.contract.schema import as_mapping
from tallystick.contract.validation import Validators
from tallystick.load import Json
from tallystick.mock.behaviour import Call, load_behaviour
from tallystick.mock.clock import Clock
from tallystick.mock.faults import Faults
from tallystick.mock.journal import Journal
from tallystick.mock.message import Answer, Request
from tallystick.mock.refusal import Refused
from tallystick.mock.state.idempotency import Idempotency, Ticket
from tallystick.mock.state.lifecycle import Engine
from tallystick.mock.store import Store, claim
from tallystick.mock.values.compose import ABSENT, Composer
from tallystick.mock.values.generate import Generator, Unsatisfiable
from tallystick.mock.values.text import identifier
from tallystick.mock.webhooks.deliveries import Target
from tallystick.mock.webhooks.sending import Sending
from tallystick.mock.wire import stateless
from tallystick.mock.wire.exchange import RequestChecker, acceptable
from tallystick.mock.wire.outgoing import BrokenAnswer, check, encoded
from tallystick.mock.wire.parameters import Reader
from tallystick.mock.wire.preferences import preferences
from tallystick.mock.wire.problems import Problems
from tallystick.mock.wire.routing import Match, Router
from tallystick.mock.wire.security import Credentials, Guard

Mode = Literal["stateful", "stateless"]
_log = logging.getLogger("tallystick.mock")


@dataclass(slots=True)
class Prepared:
    """A call that has passed every check, and what it takes to answer it."""

    call: Call
    media: Media | None
    ticket: Ticket | None


@dataclass(frozen=True, slots=True)
class _Success:
    """What is the same in each answer of an operation that does what it is asked for.

    `headers` are those that the answer must have, `known` the lower-case names of all that it may have.
    """

    status: int
    media: tuple[Media, ...]
    headers: Mapping[str, str]
    known: frozenset[str]


class Mock:
    """A contract, served. State is in `store`, time in `clock`; the same seed gives the same identifiers."""

    def __init__(
        self,
        contract: Contract,
        *,
        folder: Path | None,
        clock: Clock,
        seed: str,
        store: Store,
        mode: Mode,
        credentials: Credentials,
    ) -> None:
        claim(store, contract.name)
        self.contract = contract
        self.clock = clock
        self.seed = seed
        self.store = store
        self.mode = mode
        self.validators = Validators(contract)
        self.generator = Generator(self.validators)
        self.composer = Composer(self.generator)
        self.problems = Problems(contract, self.composer)
        self.router = Router(contract)
        self.journal = Journal(contract, store)
        self.behaviour = load_behaviour(folder)
        self.inferred: tuple[Lifecycle, ...] = (*inferred(contract), *singletons(contract))
        self._sending = Sending(
            contract,
            folder=folder,
            store=store,
            clock=clock,
            credentials=credentials,
            composer=self.composer,
            behaviour=self.behaviour,
            seed=seed,
            new_id=self.new_id,
        )
        self.deliveries = self._sending.deliveries
        self.engine = self._engine()
        self.faults = Faults(store)
        self._woken: asyncio.Event | None = None
        self.restore_clock()
        self.takes_anybody = mode == "stateless"
        """Whether callers need only say who they are: without state nothing belongs to anybody."""
        self._guard = Guard(contract, folder=folder, clock=clock, known=credentials, anybody=self.takes_anybody)
        self._idempotency = Idempotency(store)
        self._reader = Reader(self.validators)
        self._checkers: dict[str, RequestChecker] = {}
        self._successes: dict[tuple[str, int | None], _Success] = {}

    def _engine(self) -> Engine:
        return Engine(
            self.contract,
            store=self.store,
            composer=self.composer,
            behaviour=self.behaviour,
            lifecycles=(self.contract.lifecycles or self.inferred) if self.mode == "stateful" else (),
            seed=self.seed,
            emit=self._sending.webhooks.emit,
            call_back=self._sending.call_back,
        )

    # -- the steps ----------------------------------------------------------------------------------------------

    def find(self, request: Request) -> tuple[Operation, Match]:
        """Return the operation that a request calls. Raises `Refused` for an unknown path or method."""
        match = self.router.find(request.path)
        if match is None:
            raise Refused("not-found", f"There is no {request.path} here.")
        operation = match.route.operation(request.method, request.query)
        if operation is None:
            match = self.router.find(request.path, "GET" if request.method == "HEAD" else request.method) or match
            operation = match.route.operation(request.method, request.query)
        if operation is None:
            allow = match.route.allow
            raise Refused("method-not-allowed", f"{request.path} takes {allow}.", headers={"Allow": allow})
        rivals = match.route.rivals.get(operation.method)
        return self._meant(rivals, match, request) if rivals else (operation, match)

    def _meant(self, rivals: list[Operation], match: Match, request: Request) -> tuple[Operation, Match]:
        """Return which of several operations a request means: the first of those that it suits best."""
        texts = match.values.values()
        readings = [(o, Match(match.route, dict(zip(names(o.path), texts, strict=False)))) for o in rivals]
        return max(readings, key=lambda reading: self._checker(reading[0]).suits(request, reading[1].values))

    def prepare(self, operation: Operation, match: Match, request: Request) -> Prepared | Answer:
        """Check a request, and return the call that it makes, or the answer that an earlier one like it got.

        Raises `Refused`.
        """
        caller = self._guard.admit(operation, request)
        media = self._media(operation, request)
        parameters, body = self._checker(operation).read(request, match.values)
        call = Call(operation, request, caller, parameters, body, self.clock.now())
        ticket = self._idempotency.begin(call) if self.mode == "stateful" else None
        return ticket if isinstance(ticket, Answer) else Prepared(call, media, ticket)

    def _media(self, operation: Operation, request: Request) -> Media | None:
        """Return the answer's media type where state decides about the answer. Raises `Refused`."""
        if not self.engine.handles(operation):
            return None
        return acceptable(self._success(operation).media, request.headers.get("accept"))

    def _success(self, operation: Operation, status: int | None = None) -> _Success:
        """Return the answer of an operation that does what it is asked for, or its answer with a status."""
        success = self._successes.get((operation.id, status))
        if success is None:
            wanted = [o for o in operation.successes if o.status == str(status)]
            redirects = [o for o in operation.outcomes if o.status[0] == "3"]
            done = Outcome("200", operation.pointer, "")  # what is done is no failure, be that all that is declared
            outcome = (*wanted, *operation.intended, *redirects, done)[0]
            success = self._successes[operation.id, status] = _Success(
                stateless.concrete(outcome.status),
                outcome.media,
                stateless.headers(outcome, self.generator, seed=self.seed),
                frozenset(h.name.lower() for h in outcome.headers),
            )
        return success

    def tick(self) -> None:
        """Do what has become due on the mock's clock; webhooks are left to `settle`."""
        self.restore_clock()
        now = self.clock.now()
        while (task := self.store.due(now)) is not None:
            known = as_mapping(task)
            if known["do"] == "deliver":
                self.deliveries.due(known)
            else:
                self.engine.happenings.due(known)

    async def settle(self) -> None:
        """Do what has become due, and deliver the webhooks among it, those that are on their way already too."""
        with self.store.transaction():
            self.tick()
        while self.deliveries.pending:
            await self.deliveries.deliver()
            with self.store.transaction():
                self.tick()

    async def run(self) -> None:
        """Do what becomes due when its time comes, for as long as the task lives."""
        self._woken = asyncio.Event()
        try:
            while True:
                self._woken.clear()
                self._begin_what_is_due()
                due = self.store.next_due()
                pause = _LONGEST_PAUSE if due is None or self.clock.frozen is not None else due - self.clock.now()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), min(max(pause, 0.001), _LONGEST_PAUSE))
        finally:
            self.deliveries.stop()

    def _begin_what_is_due(self) -> None:
        try:
            with self.store.transaction():
                self.tick()
            self.deliveries.start()
        except Exception:
            _log.exception("what is due could not be done")

    def wake(self) -> None:
        """Let `run` look now, when something is due; what becomes due later it looks for by itself."""
        if self._woken is not None and (due := self.store.next_due()) is not None and due <= self.clock.now():
            self._woken.set()

    def reset(self) -> None:
        """Forget everything, and let the clock run with the real time."""
        self.deliveries.stop()
        self.store.clear()
        claim(self.store, self.contract.name)
        self.journal.clear()
        self.clock.frozen, self.clock.offset = None, 0.0
        self.keep_clock()

    def keep_clock(self) -> None:
        """Tell other processes what time it is."""
        if self.store.shared:
            self.store.put("control", "clock", [self.clock.offset, self.clock.frozen])

    def restore_clock(self) -> None:
        """Take over what other processes were told of the time."""
        kept = self.store.get("control", "clock") if self.store.shared else None
        if isinstance(kept, list):
            self.clock.offset, self.clock.frozen = cast("tuple[float, float | None]", kept)

    def send_webhook(self, name: str, asked: Mapping[str, Json]) -> None:
        """Send a webhook that nothing has caused, with the `body` that is asked for, or a made-up one."""
        with self.store.transaction():
            self._sending.webhooks.announce(name, asked.get("body", ABSENT), self.clock.now())

    async def verify(self, target: Target) -> None:
        """Make sure of a new target, as the provider does."""
        await self._sending.webhooks.verify(target, self.clock.now())

    def perform(self, prepared: Prepared | Answer) -> Answer:
        """Do what a call does and return its answer, remembered for repeats; an earlier answer stays as it is."""
        if isinstance(prepared, Answer):
            return prepared
        call = prepared.call
        try:
            answer = self._performed(prepared)
            if call.operation.callbacks and answer.status < 400:
                self._sending.callbacks.answered(call, answer)
        except Refused as refused:
            answer = self.refuse(call.operation, refused)
        if prepared.ticket is not None:
            self._idempotency.finish(prepared.ticket, answer)
        return answer

    def abandon(self, ticket: Ticket) -> None:
        """Forget a request under an idempotency key that is not going to be done."""
        self._idempotency.forget(ticket)

    def refuse(self, operation: Operation | None, refused: Refused) -> Answer:
        """Return the provider's own error for a refusal."""
        return self.problems.answer(operation, refused, id_=self.new_id("error"))

    def broken(self, operation: Operation | None, error: Exception) -> Answer:
        """Return the provider's internal error for a fault of ours, which is logged."""
        _log.error("an answer was held back: %s", error)
        return self.refuse(operation, Refused("internal", "The mock could not make a valid answer; see its log."))

    def new_id(self, purpose: str) -> str:
        """Return a new identifier in the form of a UUID, the same in every run with the same seed."""
        text = f"{self.seed}:{purpose}:{self.store.count(purpose)}"
        return identifier(text, _UUID)

    # -- answers ------------------------------------------------------------------------------------------------

    def _performed(self, prepared: Prepared) -> Answer:
        call, operation = prepared.call, prepared.call.operation
        try:
            if self.engine.handles(operation):
                return self._stateful(call, prepared.media)
            return self._stateless(call)
        except (Unsatisfiable, BrokenAnswer) as error:
            return self.broken(operation, error)

    def _stateful(self, call: Call, media: Media | None) -> Answer:
        operation = call.operation
        value = self.engine.perform(call)  # valid, or refused: the engine sees to that
        success = self._success(operation, call.status)
        if call.status is not None:
            media = acceptable(success.media, call.request.headers.get("accept"))
        extra = success.headers
        if call.told:
            told = {n: v for n, v in call.told.items() if n == "Location" or n.lower() in success.known or not media}
            extra = {**extra, **told}
        return encoded(success.status, media, value, extra)

    def _stateless(self, call: Call) -> Answer:
        wanted = preferences(call.request.headers.get("prefer"))
        chosen = stateless.choose(call.operation, call.request, wanted)
        value: Json = stateless.body(chosen, self.composer, wanted, seed=self.seed)
        check(call.operation, chosen.status, chosen.media, value, self.validators)
        extra: Mapping[str, str] = stateless.headers(chosen.outcome, self.generator, seed=self.seed)
        applied = {"Preference-Applied": wanted.applied} if wanted.applied else {}
        return encoded(chosen.status, chosen.media, value, {**extra, **applied})

    def _checker(self, operation: Operation) -> RequestChecker:
        checker = self._checkers.get(operation.id)
        if checker is None:
            checker = self._checkers[operation.id] = RequestChecker(operation, self.generator, self._reader)
        return checker


_LONGEST_PAUSE = 1.0
"""Seconds after which the agenda is looked at again, in case another process put something on it."""
_UUID = "00000000-0000-0000-0000-000000000000"
