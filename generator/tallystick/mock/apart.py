"""Values that fit several alternatives of a `oneOf`, made to fit just one.

Alternatives whose members are all optional overlap. `null` in a member that only another one declares, and that may
not be null there, leaves the alternative that is meant as the only one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from itertools import islice
from typing import Final

from tallystick.contract import Schema
from tallystick.contract.validation import Direction, Validators, Violation
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.mock.discriminator import discriminator

_MOST_PLACES: Final = 40
_MOST_ALTERNATIVES: Final = 16


def told_apart(validators: Validators, schema: Schema, value: Json, direction: Direction) -> Json:
    """Return a value with nothing ambiguous in it; as it is where that, or something else, can't be mended."""
    mended = deepcopy(value)
    with suppress(NoSuchMember):
        for _ in range(_MOST_PLACES):
            violation = next(validators.violations(schema, mended, direction), None)
            if violation is None:
                return mended
            if not (violation.is_ambiguous and _mend(validators, schema, mended, violation, direction)):
                break
    return value


def _mend(validators: Validators, schema: Schema, value: Json, violation: Violation, direction: Direction) -> bool:
    """Make a part of a value fit just one alternative, and say whether that worked."""
    holder = Schema.at(schema.document, violation.schema_pointer.rpartition("/")[0])
    part = get(value, violation.pointer)
    if not isinstance(part, dict):
        return False
    fitting = [b for b in holder.many("oneOf")[:_MOST_ALTERNATIVES] if validators.allows(b, part, direction)]
    for kept in _likely_first(holder, fitting, part):
        others = [_only_of(other, kept, part) for other in fitting if other is not kept]
        changed = {**part, **{name: None for names in others for name in islice(names, 1)}}
        if sum(validators.allows(b, changed, direction) for b in holder.many("oneOf")) == 1:
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
