"""Whether `x-error` can be answered and recognised, and `x-idempotency` is in the requests it is about."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.contract import expression
from tallystick.contract.model import DomainError, Example, Outcome
from tallystick.diagnostics import Severity
from tallystick.lint import shape
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Subject
from tallystick.lint.vocabulary.lifecycles import leads
from tallystick.lint.vocabulary.near import nearest
from tallystick.load.pointer import NoSuchMember, get, join


def _errors(subject: Subject) -> Iterator[tuple[Outcome, DomainError]]:
    outcomes = {o.pointer: o for operation in subject.operations for o in operation.outcomes}
    return ((outcome, error) for outcome in outcomes.values() for error in outcome.errors)


def _example(outcome: Outcome, name: str) -> Example | None:
    return next((e for m in outcome.media for e in m.examples if e.name == name), None)


@rule(
    "error-example",
    "A domain error names an example of its answer, which has the values it is recognised by and the places to fill.",
    subject="x-error",
    severity=Severity.ERROR,
)
def error_example(subject: Subject) -> Iterator[Issue]:
    """Look the example up, then `when` and `fill` in it."""
    for outcome, error in _errors(subject):
        example = _example(outcome, error.example)
        if example is None:
            if error.example:
                known = [e.name for m in outcome.media for e in m.examples]
                hint = nearest(error.example, known)
                yield Issue(join(error.pointer, "example"), f"the answer has no example {error.example!r}", hint=hint)
            continue
        for pointer, value in error.when.items():
            if _value(example, pointer) != (value,):
                message = f"the example {error.example!r} does not have this value at {pointer}"
                yield Issue(join(error.pointer, "when", pointer), message)
        for pointer in error.fill:
            if not _value(example, pointer):
                message = f"the example {error.example!r} has nothing at {pointer}"
                yield Issue(join(error.pointer, "fill", pointer), message)


def _value(example: Example, pointer: str) -> tuple[object, ...]:
    try:
        return (get(example.value, pointer),)
    except NoSuchMember:
        return ()


@rule(
    "error-recognised",
    "A domain error is recognised by members that its answer declares, and no entry before it takes all bodies.",
    subject="x-error",
    severity=Severity.ERROR,
)
def error_recognised(subject: Subject) -> Iterator[Issue]:
    """Look `when` up in the schema, and for entries behind one without `when`."""
    for outcome, error in _errors(subject):
        schemas = [m.schema for m in outcome.media if m.schema is not None]
        for pointer in error.when:
            if schemas and not any(shape.at(s, pointer) for s in schemas):
                yield Issue(join(error.pointer, "when", pointer), f"the answer has nothing at {pointer}")
        before = outcome.errors[: outcome.errors.index(error)]
        taken = next((e.name for e in before if not e.when), None)
        if taken:
            message = f"{error.name} can't be told from {taken} before it, which takes every body"
            yield Issue(error.pointer, message, hint="put the entry without `when` last")


@rule(
    "idempotency-header",
    "The header of `x-idempotency` is a parameter of the operation, and the header of a repeat one of its answers.",
    subject="x-idempotency",
    severity=Severity.ERROR,
)
def idempotency_header(subject: Subject) -> Iterator[Issue]:
    """Look the two headers and the scope up."""
    for operation in subject.contract.operations:
        found, pointer = operation.idempotency, join(operation.pointer, "x-idempotency")
        if found is None:
            continue
        sent = {p.name.lower(): p.name for p in operation.parameters if p.location == "header"}
        if found.header.lower() not in sent:
            message = f"{operation.id} has no header parameter {found.header!r}"
            yield Issue(join(pointer, "header"), message, hint=nearest(found.header, sent.values()))
        back = {h.name.lower(): h.name for o in operation.outcomes for h in o.headers}
        if found.replayed and found.replayed.lower() not in back:
            message = f"no answer of {operation.id} has a header {found.replayed!r}"
            yield Issue(join(pointer, "replayed"), message, hint=nearest(found.replayed, back.values()))
        if found.scope.startswith("$") and not leads(operation, expression.parse(found.scope)):
            yield Issue(join(pointer, "scope"), f"{found.scope} leads nowhere in the request of {operation.id}")
