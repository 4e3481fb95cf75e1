"""What schemas mean that nothing could fit as they are written."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Final

from tallystick.contract.schema import as_mapping
from tallystick.load import Json

_OF_TYPE: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}
_DELIMITED: Final = re.compile(r"/(\^.*|.*\$)/([a-z]*)", re.DOTALL)
_WORDS: Final = {"true": True, "false": False}
_INTEGER: Final = re.compile(r"-?[0-9]+")
_NUMBER: Final = re.compile(rf"{_INTEGER.pattern}(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_MOST_DIGITS: Final = 400
"""Of a number; longer ones are not numbers anybody means."""


def listed_values(types: Json, values: Json) -> list[Json] | None:
    """Return the values of an `enum` as the one type beside it, `None` where some have that type already.

    `type: integer, enum: ["1", "2"]` means numbers, and `type: string, enum: [1, true]` means texts.
    """
    names = [n for n in (types if isinstance(types, list) else [types]) if isinstance(n, str) and n != "null"]
    told = values if isinstance(values, list) else []
    if len(names) != 1 or any(_is_of(names[0], value) for value in told):
        return None
    read = [None if value is None else _as_type(names[0], value) for value in told]
    unread = [value for value, known in zip(told, read, strict=True) if known is None and value is not None]
    return read if any(value is not None for value in read) and not unread else None


def required_names(schema: Mapping[str, Json]) -> list[Json] | None:
    """Return the names under `required` that may be there, `None` where all may.

    Beside `additionalProperties: false`, what is not among the properties can't be there.
    """
    required = schema.get("required")
    if schema.get("additionalProperties") is not False or "patternProperties" in schema:
        return None
    allowed = as_mapping(schema.get("properties"))
    if not isinstance(required, list):
        return None
    kept: list[Json] = [name for name in required if name in allowed]
    return kept if len(kept) < len(required) else None


def is_closed_to_parts(schema: Mapping[str, Json], parts: Mapping[str, Json]) -> bool:
    """Say whether a schema forbids what its parts ask for; `parts` has `properties` and `required` of all of them.

    `additionalProperties: false` sees only the properties beside it, so that nothing could fit: what is meant is that
    there are no others than all of them.
    """
    if schema.get("additionalProperties") is not False or "patternProperties" in schema:
        return False
    asked = {n for given in (schema, parts) for n in as_names(given.get("required"))}
    return not asked.isdisjoint(
        as_mapping(parts.get("properties")).keys() - as_mapping(schema.get("properties")).keys()
    )


def as_names(value: Json) -> list[str]:
    """Return the texts in a list, none where it is no list."""
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def alternatives(listed: Json) -> list[Json] | None:
    """Return the alternatives of a `oneOf` without those that are the same as an earlier one, `None` without any.

    What fits one of two that are the same fits both, and so is refused.
    """
    if not isinstance(listed, list):
        return None
    first: dict[str, Json] = {}  # by their text, since Python takes 1 and true for the same
    for schema in listed:
        first.setdefault(json.dumps(schema, sort_keys=True), schema)
    return [*first.values()] if len(first) < len(listed) else None


def pattern(text: str) -> str | None:
    """Return the pattern between the delimiters of another language, `None` without them.

    `/^[a-z]+$/` can match nothing, since something stands before the beginning. Empty where flags follow, as in
    `/^[a-z]+$/i`: JSON Schema has none, and without them the pattern says something else.
    """
    found = _DELIMITED.fullmatch(text)
    return None if found is None else "" if found[2] else found[1]


def _is_of(name: str, value: Json) -> bool:
    kinds = _OF_TYPE.get(name, (object,))
    return isinstance(value, kinds) and (bool in kinds or object in kinds or not isinstance(value, bool))


def _as_type(name: str, value: Json) -> Json:
    """Return a value as a type, `None` when it can't be one."""
    if name == "string":
        return json.dumps(value) if isinstance(value, (bool, int, float)) else None
    if not isinstance(value, str):
        return None
    if name == "boolean":
        return _WORDS.get(value)
    if len(value) > _MOST_DIGITS:
        return None
    if name == "integer":
        return int(value) if _INTEGER.fullmatch(value) else None
    return _finite(value) if name == "number" and _NUMBER.fullmatch(value) else None


def _finite(text: str) -> float | None:
    number = float(text)
    return None if math.isinf(number) else number
