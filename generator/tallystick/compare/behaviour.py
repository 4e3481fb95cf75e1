"""What a call is told beyond its messages: how repeats are treated (`x-idempotency`), which errors have names
(`x-error`)."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.compare.ledger import Ledger, Scope
from tallystick.compare.promises import Promise, enter_promises
from tallystick.contract.model import DomainError, Operation, Outcome
from tallystick.load.pointer import join


def compare_repeats(ledger: Ledger, scope: Scope, old: Operation, new: Operation) -> None:
    """Enter what changed in how repeats of a call are recognised and answered."""
    enter_promises(ledger, scope, _repeats(old), _repeats(new))


def _repeats(operation: Operation) -> Iterator[Promise]:
    rule = operation.idempotency
    if rule is None:
        return
    here, whole = join(operation.pointer, "x-idempotency"), ("idempotency",)
    yield Promise("idempotency", (), "header that marks repeats", rule.header, join(here, "header"))
    yield Promise("idempotency-scope", (), "owner of the keys of repeats", rule.scope, join(here, "scope"), (whole,))
    if rule.lifetime is not None:
        place = join(here, "lifetime")
        yield Promise("idempotency-lifetime", (), "a life of the keys of repeats", rule.lifetime, place, (whole,))
    if rule.compares_body:
        noun = "a refusal of repeats with another body"
        yield Promise("idempotency-body", (), noun, True, join(here, "compares"), (whole,))
    if rule.replayed:
        noun = "header that repeats are answered with"
        yield Promise("idempotency-replayed", (), noun, rule.replayed, join(here, "replayed"), (whole,))


def compare_errors(ledger: Ledger, scope: Scope, old: Outcome, new: Outcome) -> None:
    """Enter what changed in the errors that an answer stands for."""
    enter_promises(ledger, scope, _errors(old), _errors(new))


def _errors(outcome: Outcome) -> Iterator[Promise]:
    for error in outcome.errors:
        yield from _error(error)


def _error(error: DomainError) -> Iterator[Promise]:
    whole = ("domain-error", error.name)
    yield Promise("domain-error", (error.name,), f"the error {error.name}", True, error.pointer)
    for place, value in error.when.items():
        noun = f"mark of {error.name} at {place}"
        names, pointer = (error.name, place), join(error.pointer, "when", place)
        yield Promise("domain-error-mark", names, noun, str(value), pointer, (whole,))
    for situation in error.situations:
        noun = f"the situation {situation!r} for {error.name}"
        pointer = join(error.pointer, "situations")
        yield Promise("domain-error-situation", (error.name, situation), noun, True, pointer, (whole,))
