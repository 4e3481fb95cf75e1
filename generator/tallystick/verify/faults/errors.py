"""Faults in refusals: their status, shape, type and reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.load.pointer import split
from tallystick.verify.facts.bodies import NOTHING, put
from tallystick.verify.facts.resource import at, refusals
from tallystick.verify.faults.fault import Bench, Fault, changing, kind
from tallystick.verify.faults.tamper import Answer, Request, header, with_header, with_json
from tallystick.verify.server.routes import label


def _on_refusal(
    bench: Bench, name: str, change: Callable[[Operation, Answer], Answer], *situations: str
) -> Iterator[Fault]:
    """Yield a fault for each operation and situation, which changes the refusals of that status."""
    for operation in bench.contract.operations:
        statuses = {o.status for s in situations for o, _ in refusals(operation, s)}
        for status in sorted(statuses):

            def after(request: Request, answer: Answer, mine: Operation = operation, at: str = status) -> Answer:
                here = request.is_for(mine.id)
                return change(mine, answer) if here and str(answer.status) == at else answer

            yield Fault(name, f"{label(operation)} {status}", changing(bench, after=after))


def _spoiled(_: Operation, answer: Answer) -> Answer:
    return with_json(answer, {"unexpected": True})


def _undocumented(_: Operation, answer: Answer) -> Answer:
    return replace(answer, status=418)


def _html(_: Operation, answer: Answer) -> Answer:
    return replace(with_header(answer, "content-type", "text/html"), body=b"<h1>Error</h1>")


def _success(operation: Operation, answer: Answer) -> Answer:
    return replace(answer, status=int(operation.successes[0].status) if operation.successes else 200)


def _internal(_: Operation, answer: Answer) -> Answer:
    return replace(answer, status=500)


def _as(*situations: str) -> Callable[[Operation, Answer], Answer]:
    def change(operation: Operation, answer: Answer) -> Answer:
        others = (o.status for s in situations for o, _ in refusals(operation, s))
        other = next((s for s in others if s.isdecimal() and s != str(answer.status)), None)
        return answer if other is None else replace(answer, status=int(other))

    return change


_INVALID = ("invalid", "malformed")
_UNKNOWN = ("unknown-resource",)


@kind
def invalid_error_spoiled(bench: Bench) -> Iterator[Fault]:
    """The refusal of invalid data does not have its shape."""
    return _on_refusal(bench, "invalid-error-spoiled", _spoiled, *_INVALID)


@kind
def invalid_as_undocumented(bench: Bench) -> Iterator[Fault]:
    """Invalid data is refused with a status that the contract does not have."""
    return _on_refusal(bench, "invalid-as-undocumented", _undocumented, *_INVALID)


@kind
def invalid_as_html(bench: Bench) -> Iterator[Fault]:
    """Invalid data is refused with a page."""
    return _on_refusal(bench, "invalid-as-html", _html, *_INVALID)


@kind
def invalid_as_internal(bench: Bench) -> Iterator[Fault]:
    """Invalid data makes the server fail."""
    return _on_refusal(bench, "invalid-as-internal", _internal, *_INVALID)


@kind
def invalid_as_success(bench: Bench) -> Iterator[Fault]:
    """A refusal comes with the status of success."""
    return _on_refusal(bench, "invalid-as-success", _success, *_INVALID)


@kind
def invalid_as_another(bench: Bench) -> Iterator[Fault]:
    """Invalid data is refused with the status of another reason."""
    change = _as("unknown-resource", "state-conflict", "idempotency-conflict", "forbidden")
    return _on_refusal(bench, "invalid-as-another", change, *_INVALID)


@kind
def unknown_error_spoiled(bench: Bench) -> Iterator[Fault]:
    """The refusal of an unknown key does not have its shape."""
    return _on_refusal(_keyed(bench), "unknown-error-spoiled", _spoiled, *_UNKNOWN)


@kind
def unknown_as_invalid(bench: Bench) -> Iterator[Fault]:
    """An unknown key is refused as invalid data."""
    return _on_refusal(_keyed(bench), "unknown-as-invalid", _as("invalid"), *_UNKNOWN)


@kind
def unknown_as_internal(bench: Bench) -> Iterator[Fault]:
    """An unknown key makes the server fail."""
    return _on_refusal(_keyed(bench), "unknown-as-internal", _internal, *_UNKNOWN)


@kind
def unauthenticated_error_spoiled(bench: Bench) -> Iterator[Fault]:
    """The refusal of an unknown caller does not have its shape."""
    return _on_refusal(bench, "unauthenticated-error-spoiled", _spoiled, "unauthenticated")


@kind
def unauthenticated_as_invalid(bench: Bench) -> Iterator[Fault]:
    """An unknown caller is refused as if the data were invalid."""
    return _on_refusal(bench, "unauthenticated-as-invalid", _as("invalid"), "unauthenticated")


@kind
def unauthenticated_as_another(bench: Bench) -> Iterator[Fault]:
    """An unknown caller is refused with the status of a known one who may not."""
    return _on_refusal(bench, "unauthenticated-as-another", _as("forbidden", "unknown-resource"), "unauthenticated")


@kind
def conflict_as_invalid(bench: Bench) -> Iterator[Fault]:
    """A forbidden move is refused as invalid data."""
    moves = {operation.id for _, effect, operation in bench.roles() if effect.effect == "transition"}
    faults = _on_refusal(bench, "conflict-as-invalid", _as("invalid"), "state-conflict")
    labels = {label(bench.contract.by_id[i]) for i in moves}
    return (fault for fault in faults if fault.subject.rpartition(" ")[0] in labels)


@kind
def conflict_as_another_of_its_status(bench: Bench) -> Iterator[Fault]:
    """A forbidden move is refused with the marks of another error that has the same status."""
    for lifecycle, effect, operation in bench.roles():
        pairs = refusals(operation, "state-conflict") if effect.effect == "transition" else ()
        others = [(o, e) for o, mine in pairs for e in o.errors if e != mine and e.when]
        for outcome, other in others[:1]:

            def after(
                request: Request,
                answer: Answer,
                wanted: str = operation.id,
                status: str = outcome.status,
                marks: Mapping[str, Json] = other.when,
            ) -> Answer:
                body = answer.json
                mine = request.is_for(wanted)
                if not mine or str(answer.status) != status or not isinstance(body, dict):
                    return answer
                for pointer, value in marks.items():
                    body = put(body, split(pointer), value)
                return with_json(answer, body)

            subject = f"{label(operation)} {lifecycle.resource}"
            yield Fault("conflict-as-another-of-its-status", subject, changing(bench, after=after))


@kind
def method_answered(bench: Bench) -> Iterator[Fault]:
    """A method that the contract does not have is answered as if it had."""

    def after(request: Request, answer: Answer) -> Answer:  # noqa: ARG001 (the form of them all)
        return replace(answer, status=200) if answer.status == 405 else answer

    yield Fault("method-answered", "every path", changing(bench, after=after))


@kind
def allow_missing(bench: Bench) -> Iterator[Fault]:
    """The answer to a method that there is not does not say which there are."""

    def after(request: Request, answer: Answer) -> Answer:  # noqa: ARG001 (the form of them all)
        return with_header(answer, "allow", None) if answer.status == 405 else answer

    yield Fault("allow-missing", "every path", changing(bench, after=after))


@kind
def allow_wrong(bench: Bench) -> Iterator[Fault]:
    """The answer to a method that there is not names others that there are not."""

    def after(request: Request, answer: Answer) -> Answer:  # noqa: ARG001 (the form of them all)
        return with_header(answer, "allow", "TRACE, COPY") if answer.status == 405 else answer

    yield Fault("allow-wrong", "every path", changing(bench, after=after))


def _keyed(bench: Bench) -> Bench:
    """Return the bench with only those operations that take a resource's key."""
    keyed = {operation.id for _, effect, operation in bench.roles() if effect.key is not None}
    operations = tuple(o for o in bench.contract.operations if o.id in keyed)
    return replace(bench, contract=replace(bench.contract, operations=operations))


def _said(change: Callable[[Request, str], str]) -> Callable[[Bench, str], Iterator[Fault]]:
    """Return what yields a fault for all errors, which changes their texts."""

    def made(bench: Bench, name: str) -> Iterator[Fault]:
        def after(request: Request, answer: Answer) -> Answer:
            body = answer.json
            if answer.accepted or not isinstance(body, dict):
                return answer
            return with_json(answer, {**body, "message": change(request, str(body.get("message", "")))})

        yield Fault(name, "every error", changing(bench, after=after))

    return made


@kind
def credential_shown(bench: Bench) -> Iterator[Fault]:
    """Errors name the credential that came with the request."""
    names = [s.parameter for s in bench.contract.security_schemes.values() if s.location == "header" and s.parameter]

    def change(request: Request, text: str) -> str:
        return f"{text} ({', '.join(v for n in names if (v := header(request, n)) is not None)})"

    return _said(change)(bench, "credential-shown") if names else iter(())


@kind
def inside_shown(bench: Bench) -> Iterator[Fault]:
    """Errors show where in the program they came from."""
    trace = 'Traceback (most recent call last):\n  File "/srv/app.py", line 12, in create'
    return _said(lambda _, text: f"{text}\n{trace}")(bench, "inside-shown")


@kind
def error_id_repeated(bench: Bench) -> Iterator[Fault]:
    """Every error has the same id."""
    fills = [e.fill for o in bench.contract.operations for r in o.outcomes for e in r.errors]
    pointers = sorted({pointer for fill in fills for pointer, what in fill.items() if what == "id"})

    def after(request: Request, answer: Answer) -> Answer:  # noqa: ARG001 (the form of them all)
        body = answer.json
        if answer.accepted or not isinstance(body, dict):
            return answer
        for pointer in pointers:
            if at(body, pointer) is not NOTHING:
                body = put(body, split(pointer), "the-only-one")
        return with_json(answer, body)

    if pointers:
        yield Fault("error-id-repeated", "every error", changing(bench, after=after))
