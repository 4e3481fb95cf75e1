"""Answers that only a kind reader takes, made to fit for strict ones.

A value may be `null` where the document hardly says so, or fit several alternatives of a `oneOf`: those whose members
are all optional overlap. `null` in a member that only another one declares, and that may not be null there, leaves
the alternative that is meant as the only one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from itertools import islice
from typing import Final

from tallystick.contract import Schema
from tallystick.contract.validation import Validators, Violation
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get, unescape
from tallystick.mock.values.discriminator import discriminator
from tallystick.mock.values.together import Unsatisfiable

_MOST_PLACES: Final = 40
_MOST_ALTERNATIVES: Final = 16

Make = Callable[[Schema], Json]


def holds_null(value: Json) -> bool:
    """Say whether there is a `null` anywhere in a value."""
    parts = [*value.values()] if isinstance(value, dict) else value if isinstance(value, list) else [value]
    return any(part is None or (isinstance(part, (dict, list)) and holds_null(part)) for part in parts)


def told_apart(validators: Validators, schema: Schema, value: Json, make: Make) -> Json:
    """Return an answer with nothing ambiguous in it, and no `null` that `validators` don't take.

    It is the same where that, or something else, can't be mended. `make` makes a value for a schema.
    """
    mended = deepcopy(value)
    with suppress(NoSuchMember, Unsatisfiable):
        for _ in range(_MOST_PLACES):
            violation = next(validators.violations(schema, mended, "response"), None)
            if violation is None:
                return mended
            if violation.is_ambiguous:
                if not _mend(validators, schema, mended, violation):
                    break
            elif get(mended, violation.pointer) is not None:
                break
            else:
                mended = _without_null(validators, schema, mended, violation, make)
    return value


def _without_null(validators: Validators, schema: Schema, value: Json, violation: Violation, make: Make) -> Json:
    """Return a value with a `null` left out, or something else in its place where something has to be there."""
    holder, _, token = violation.pointer.rpartition("/")
    name, place = unescape(token), get(value, holder) if violation.pointer else None
    if isinstance(place, dict):
        del place[name]
        if not any(
            v.keyword == "required" and v.pointer == holder for v in validators.violations(schema, value, "response")
        ):
            return value
    made = make(Schema.at(schema.document, violation.schema_pointer.rpartition("/")[0]))
    if isinstance(place, dict):
        place[name] = made
    elif isinstance(place, list):
        place[int(name)] = made
    else:
        return made
    return value


def _mend(validators: Validators, schema: Schema, value: Json, violation: Violation) -> bool:
    """Make a part of a value fit just one alternative, and say whether that worked."""
    holder = Schema.at(schema.document, violation.schema_pointer.rpartition("/")[0])
    part = get(value, violation.pointer)
    if not isinstance(part, dict):
        return False
    fitting = [b for b in holder.many("oneOf")[:_MOST_ALTERNATIVES] if validators.allows(b, part, "response")]
    for kept in _likely_first(holder, fitting, part):
        others = [_only_of(other, kept, part) for other in fitting if other is not kept]
        changed = {**part, **{name: None for names in others for name in islice(names, 1)}}
        if sum(validators.allows(b, changed, "response") for b in holder.many("oneOf")) == 1:
            part.update(changed)
            return True
    return False


def _likely_first(holder: Schema, fitting: list[Schema], part: dict[str, Json]) -> list[Schema]:
    """Return alternatives in order: what the discriminator says, then those that know most of what is there."""
    told = discriminator(holder, holder.many("oneOf"))
    meant = told.meanings.get(str(part.get(told.member)), ()) if told is not None else ()
    return sorted(fitting, key=lambda b: (b not in meant, -len(b.members().keys() & part.keys())))


def _only_of(other: Schema, kept: Schema, part: dict[str, Json]) -> Iterator[str]:
    """Yield members that may not be null in one alternative, and that nobody knows of in another."""
    known = kept.members().keys() | part.keys()
    return (name for name, member in other.members().items() if name not in known and not _takes_null(member))


def _takes_null(member: Schema) -> bool:
    return member.nullable or not member.known_types
