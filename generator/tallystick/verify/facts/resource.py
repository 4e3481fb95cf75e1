"""What lifecycles say about operations and about the bodies that show a resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from tallystick.contract import Contract, Schema
from tallystick.contract.life import Effect, Lifecycle
from tallystick.contract.model import DomainError, Operation, Outcome
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.verify.facts.bodies import NOTHING


@dataclass(frozen=True, slots=True)
class Role:
    """What an operation does in one lifecycle."""

    lifecycle: Lifecycle
    effect: Effect


def roles(contract: Contract, operation: Operation) -> Iterator[Role]:
    """Yield the parts an operation plays in the contract's lifecycles."""
    for lifecycle in contract.lifecycles:
        effect = lifecycle.effect_of(operation.id)
        if effect is not None:
            yield Role(lifecycle, effect)


def refusals(operation: Operation, situation: str) -> tuple[tuple[Outcome, DomainError], ...]:
    """Return the answers that an operation's contract has for a situation, empty when it says nothing."""
    return tuple((o, e) for o in operation.outcomes for e in o.errors if situation in e.situations)


def fits(error: DomainError, body: Json) -> bool:
    """Say whether an error body is the one of a domain error."""
    return all(at(body, pointer) == value for pointer, value in error.when.items())


def meant(outcome: Outcome, body: Json) -> DomainError | None:
    """Return the domain error that an error body is: the first one whose marks it has, as clients read it."""
    return next((error for error in outcome.errors if fits(error, body)), None)


def at(value: Json, pointer: str) -> Json:
    """Return what a JSON Pointer leads to, a value equal to nothing when there is nothing."""
    try:
        return cast("Json", get(value, pointer))
    except NoSuchMember:
        return cast("Json", NOTHING)


def differences(sent: Json, got: Json, pointer: str = "") -> Iterator[str]:
    """Yield the pointers at which `got` differs from what `sent` has; members only in `got` are passed over."""
    if isinstance(sent, dict) and isinstance(got, dict):
        for name, value in sent.items():
            if name in got:
                yield from differences(value, got[name], f"{pointer}/{name}")
    elif isinstance(sent, list) and isinstance(got, list) and len(sent) == len(got):
        for index, (one, other) in enumerate(zip(sent, got, strict=True)):
            yield from differences(one, other, f"{pointer}/{index}")
    elif not same(sent, got):
        yield pointer


def lost(sent: Json, got: Json, schema: Schema | None, pointer: str = "") -> Iterator[str]:
    """Yield the pointers of members that `sent` has and `got` lacks, at any depth, where its schema has them."""
    if schema is None:
        return
    if isinstance(sent, dict) and isinstance(got, dict):
        declared, others = places(schema)
        for name, value in sent.items():
            place = declared.get(name, others)
            if place is not None and name in got:
                yield from lost(value, got[name], place, f"{pointer}/{name}")
            elif place is not None and not place.flag("writeOnly"):
                yield f"{pointer}/{name}"
    elif isinstance(sent, list) and isinstance(got, list):
        items = next((found for part in schema.parts() if (found := part.one("items")) is not None), None)
        for index, (one, other) in enumerate(zip(sent, got, strict=False)):
            yield from lost(one, other, items, f"{pointer}/{index}")


def places(schema: Schema) -> tuple[dict[str, Schema], Schema | None]:
    """Return the members that an object may have by a schema, in any alternative, and the schema of all others."""
    declared: dict[str, Schema] = {}
    others: Schema | None = None
    for part in schema.parts():
        for keyword in ("oneOf", "anyOf"):
            for alternative in part.many(keyword):
                declared.update(alternative.members())
        rest = part.one("additionalProperties")
        others = rest if rest is not None and not isinstance(rest.data, bool) else others
    return {**declared, **schema.members()}, others


def same(one: Json, other: Json) -> bool:
    """Say whether two JSON values are equal: 1 and 1.0 are, true and 1 are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(v, other[k]) for k, v in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
