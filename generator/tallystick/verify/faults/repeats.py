"""Faults in how repeats of a request are recognised and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tallystick.contract.model import Operation
from tallystick.verify.faults.access import signed
from tallystick.verify.faults.fault import Bench, Fault, changing, kind
from tallystick.verify.faults.tamper import Answer, Layer, Request, header, with_header, with_json
from tallystick.verify.server.routes import label
from tallystick.verify.server.wire import App


def _repeats(bench: Bench, name: str, layer: Callable[[App, Bench, Operation], App]) -> Iterator[Fault]:
    for operation in bench.contract.operations:
        if operation.idempotency is not None:

            def made(app: App, mine: Operation = operation) -> App:
                return layer(app, bench, mine)

            yield Fault(name, label(operation), made)


class _Keyed(Layer):
    """A layer that looks at the idempotency keys of one operation."""

    def __init__(self, app: App, bench: Bench, operation: Operation) -> None:
        super().__init__(app, bench.routes)
        assert operation.idempotency is not None
        self.operation = operation
        self.rule = operation.idempotency
        self.answers: dict[str, tuple[Request, Answer]] = {}
        self._bench = bench

    def key(self, request: Request) -> str | None:
        """Return the key of a request to the operation."""
        mine = request.is_for(self.operation.id)
        return header(request, self.rule.header) if mine else None

    def known(self, request: Request) -> tuple[Request, Answer] | None:
        """Return the first request with the key of this one that was accepted, and its answer."""
        key = self.key(request)
        return self.answers.get(key) if key is not None else None

    def keep(self, request: Request, answer: Answer) -> Answer:
        """Return an answer, which is known by the key of its request from now on if it is the first accepted."""
        key = self.key(request)
        if key is not None and answer.accepted:
            self.answers.setdefault(key, (request, answer))
        return answer

    def rekeyed(self, request: Request, key: str) -> Request:
        """Return a request with another key; one that was validly signed is so again."""
        changed = with_header(request, self.rule.header, key)
        if not any(s.signer is not None for s in self._bench.signature.schemes(self.operation)):
            return changed
        signature = self._bench.signature.dated(header(request, "date") or "")
        right = header(signed(self._bench, request, signature), "authorization")
        return signed(self._bench, changed, signature) if header(request, "authorization") == right else request


class _Keyless(_Keyed):
    def incoming(self, request: Request) -> Request:
        return with_header(request, self.rule.header, None) if self.key(request) is not None else request


@kind
def idempotency_key_ignored(bench: Bench) -> Iterator[Fault]:
    """A repeat has its effect again."""
    return _repeats(bench, "idempotency-key-ignored", _Keyless)


class _LastKey(_Keyed):
    """Knows only the key that came last."""

    _last = ""
    _forgotten = 0

    def incoming(self, request: Request) -> Request:
        """Return the request, with a key of its own for each time that another key came between."""
        key = self.key(request)
        if key is None:
            return request
        if key != self._last:
            self._last, self._forgotten = key, self._forgotten + 1
        return self.rekeyed(request, f"{self._forgotten:06}{key[6:]}")


@kind
def earlier_key_forgotten(bench: Bench) -> Iterator[Fault]:
    """A repeat has its effect again once another key has come."""
    return _repeats(bench, "earlier-key-forgotten", _LastKey)


class _Careless(_Keyed):
    async def handle(self, request: Request) -> Answer:
        """Answer whatever comes with a known key as the first request was."""
        known = self.known(request)
        return known[1] if known is not None else self.keep(request, await self.ask(request))


@kind
def idempotency_compares_nothing(bench: Bench) -> Iterator[Fault]:
    """Another request with a known key gets the answer of the first, without any mark."""
    return _repeats(bench, "idempotency-compares-nothing", _Careless)


class _OtherStatus(_Keyed):
    def outgoing(self, request: Request, answer: Answer) -> Answer:
        repeated = answer.accepted and self.known(request) is not None
        return replace(answer, status=208) if repeated else self.keep(request, answer)


@kind
def repeat_has_another_status(bench: Bench) -> Iterator[Fault]:
    """A repeat is answered with another status."""
    return _repeats(bench, "repeat-has-another-status", _OtherStatus)


class _Refusing(_Keyed):
    async def handle(self, request: Request) -> Answer:
        """Refuse every repeat as invalid."""
        if self.known(request) is not None:
            return await self.ask(with_json(with_header(request, self.rule.header, None), [None]))
        return self.keep(request, await self.ask(request))


@kind
def repeat_refused(bench: Bench) -> Iterator[Fault]:
    """A repeat is refused."""
    return _repeats(bench, "repeat-refused", _Refusing)


class _OneForAll(_Keyed):
    def incoming(self, request: Request) -> Request:
        return self.rekeyed(request, "the-only-key") if self.key(request) is not None else request


@kind
def all_keys_are_one(bench: Bench) -> Iterator[Fault]:
    """Every key counts as the same."""
    return _repeats(bench, "all-keys-are-one", _OneForAll)


@kind
def replay_mark_missing(bench: Bench) -> Iterator[Fault]:
    """A repeat does not carry its mark."""
    for operation in bench.contract.operations:
        rule = operation.idempotency
        if rule is not None and rule.replayed:

            def after(request: Request, answer: Answer, name: str = rule.replayed) -> Answer:  # noqa: ARG001
                return with_header(answer, name, None)

            yield Fault("replay-mark-missing", label(operation), changing(bench, after=after))


@kind
def replay_mark_on_first(bench: Bench) -> Iterator[Fault]:
    """The first answer already carries the mark of repeats."""
    for operation in bench.contract.operations:
        rule = operation.idempotency
        if rule is not None and rule.replayed:

            def after(request: Request, answer: Answer, name: str = rule.replayed, its: str = operation.id) -> Answer:
                mine = request.is_for(its) and answer.accepted
                return with_header(answer, name, "1700000000000") if mine else answer

            yield Fault("replay-mark-on-first", label(operation), changing(bench, after=after))


class _Shortened(_Keyed):
    def incoming(self, request: Request) -> Request:
        key = self.key(request)
        return self.rekeyed(request, key[:32]) if key is not None else request


@kind
def end_of_key_ignored(bench: Bench) -> Iterator[Fault]:
    """Only the first letters of a key count."""
    return _repeats(bench, "end-of-key-ignored", _Shortened)


class _Lowered(_Keyed):
    def incoming(self, request: Request) -> Request:
        key = self.key(request)
        return self.rekeyed(request, key.lower()) if key is not None else request


@kind
def letter_case_of_key_ignored(bench: Bench) -> Iterator[Fault]:
    """Keys that differ in letter case are the same."""
    creates = {label(o) for _, effect, o in bench.roles() if effect.effect == "create"}
    return (f for f in _repeats(bench, "letter-case-of-key-ignored", _Lowered) if f.subject in creates)


class _Scalars(_Keyed):
    async def handle(self, request: Request) -> Answer:
        """Compare only how long the bodies of requests with the same key are."""
        known = self.known(request)
        if known is not None and len(known[0].body) == len(request.body):
            return known[1]
        return self.keep(request, await self.ask(request))


@kind
def bodies_compared_by_length(bench: Bench) -> Iterator[Fault]:
    """Another request with a known key is taken for the first one when it is as long."""
    comparing = {label(o) for o in bench.contract.operations if o.idempotency and o.idempotency.compares_body}
    return (f for f in _repeats(bench, "bodies-compared-by-length", _Scalars) if f.subject in comparing)


class _OnePlace(_Keyed):
    async def handle(self, request: Request) -> Answer:
        """Answer a known key as before, whatever path it comes to."""
        known = self.known(request)
        if known is not None and known[0].path != request.path:
            return known[1]
        return self.keep(request, await self.ask(request))


@kind
def key_good_in_every_place(bench: Bench) -> Iterator[Fault]:
    """A key that belongs to what the path names is known under every other name too."""
    scoped = {label(o) for o in bench.contract.operations if o.idempotency and "path" in o.idempotency.scope}
    return (f for f in _repeats(bench, "key-good-in-every-place", _OnePlace) if f.subject in scoped)


class _Marking(_Keyed):
    def outgoing(self, request: Request, answer: Answer) -> Answer:
        mark = header(answer, self.rule.replayed)
        return (
            with_header(answer, self.rule.replayed, str(int(mark) // 1000)) if mark and mark.isdecimal() else answer
        )


@kind
def mark_in_seconds(bench: Bench) -> Iterator[Fault]:
    """The time of the first request is in another unit."""
    marked = {
        label(o)
        for o in bench.contract.operations
        if (rule := o.idempotency) is not None
        for outcome in o.successes
        for h in outcome.headers
        if h.name.lower() == rule.replayed.lower() and h.schema is not None and "integer" in h.schema.known_types
    }
    return (f for f in _repeats(bench, "mark-in-seconds", _Marking) if f.subject in marked)
