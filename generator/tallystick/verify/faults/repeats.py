"""Faults in how repeats of a request are recognised and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tallystick.contract.model import Operation
from tallystick.verify.faults.fault import Bench, Fault, changing, kind
from tallystick.verify.faults.tamper import Answer, Layer, Request, header, with_header, with_json
from tallystick.verify.routes import label
from tallystick.verify.wire import App


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
        self.answers: dict[str, tuple[bytes, Answer]] = {}

    def key(self, request: Request) -> str | None:
        """Return the key of a request to the operation."""
        mine = request.operation is not None and request.operation.id == self.operation.id
        return header(request, self.rule.header) if mine else None


class _Keyless(_Keyed):
    def incoming(self, request: Request) -> Request:
        return with_header(request, self.rule.header, None) if self.key(request) is not None else request


@kind
def idempotency_key_ignored(bench: Bench) -> Iterator[Fault]:
    """A repeat has its effect again."""
    return _repeats(bench, "idempotency-key-ignored", _Keyless)


class _Careless(_Keyed):
    async def handle(self, request: Request) -> Answer:
        """Answer whatever comes with a known key as the first request was."""
        key = self.key(request)
        if key is not None and key in self.answers:
            return self.answers[key][1]
        answer = await self.ask(request)
        if key is not None and answer.accepted:
            self.answers[key] = request.body, answer
        return answer


@kind
def idempotency_compares_nothing(bench: Bench) -> Iterator[Fault]:
    """Another request with a known key gets the answer of the first, without any mark."""
    return _repeats(bench, "idempotency-compares-nothing", _Careless)


class _OtherStatus(_Keyed):
    def outgoing(self, request: Request, answer: Answer) -> Answer:
        key = self.key(request)
        if key is None or not answer.accepted:
            return answer
        known = key in self.answers
        self.answers[key] = request.body, answer
        return replace(answer, status=208) if known else answer


@kind
def repeat_has_another_status(bench: Bench) -> Iterator[Fault]:
    """A repeat is answered with another status."""
    return _repeats(bench, "repeat-has-another-status", _OtherStatus)


class _Refusing(_Keyed):
    async def handle(self, request: Request) -> Answer:
        """Refuse every repeat as invalid."""
        key = self.key(request)
        if key is not None and key in self.answers:
            return await self.ask(with_json(with_header(request, self.rule.header, None), [None]))
        answer = await self.ask(request)
        if key is not None and answer.accepted:
            self.answers[key] = request.body, answer
        return answer


@kind
def repeat_refused(bench: Bench) -> Iterator[Fault]:
    """A repeat is refused."""
    return _repeats(bench, "repeat-refused", _Refusing)


class _OneForAll(_Keyed):
    def incoming(self, request: Request) -> Request:
        return with_header(request, self.rule.header, "the-only-key") if self.key(request) is not None else request


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
                mine = request.operation is not None and request.operation.id == its and answer.accepted
                return with_header(answer, name, "1700000000000") if mine else answer

            yield Fault("replay-mark-on-first", label(operation), changing(bench, after=after))
