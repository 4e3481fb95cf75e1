"""Sets of types: which contains which, and which schemas are nothing but a choice between types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tallystick.compare.view import View

_COMPLEX = ("not", "allOf", "properties", "oneOf", "anyOf")

_WIDER_FORMATS = frozenset(
    (
        ("number", "float", "double"),
        ("integer", "int32", "int64"),
        ("integer", "int32", "bigint"),
        ("integer", "int64", "bigint"),
        ("string", "date", "date-time"),
        ("string", "time", "date-time"),
    )
)
"""(type, format, format that takes all of its values)."""


@dataclass(frozen=True, slots=True)
class ListedTypes:
    """The types that a schema allows.

    `choice` is `oneOf` or `anyOf` where they are written so; `apart` says that no value has two of the alternatives,
    so that both mean the same.
    """

    types: tuple[str, ...]
    choice: str = ""
    apart: bool = True


def listed_types(shown: View) -> ListedTypes | None:
    """Return the types of a schema that says little else about its shape, `None` for any other."""
    if any(k in shown for k in ("not", "allOf")) or shown.named("properties"):
        return None
    if shown.types:
        return ListedTypes(shown.types)
    for keyword in ("oneOf", "anyOf"):
        options = [option.resolved for option in shown.many(keyword)]
        simple = all(len(o.types) == 1 and not any(k in o for k in _COMPLEX) for o in options)
        if options and simple:
            types = tuple(dict.fromkeys(o.types[0] for o in options))
            return ListedTypes(types, keyword, len(types) == len(options) and not {"integer", "number"} <= set(types))
    return None


def within(types: Iterable[str], wider: Iterable[str]) -> bool:
    """Say whether every value of some types is a value of the others. No types at all are not within anything."""
    allowed, asked = set(wider), set(types)
    return bool(asked) and all(t in allowed or (t == "integer" and "number" in allowed) for t in asked)


def format_within(types: tuple[str, ...], narrow: str, wide: str) -> bool:
    """Say whether every text or number of one format has the other format, or none is asked for."""
    if not wide or narrow == wide:
        return True
    return len(types) == 1 and (types[0], narrow, wide) in _WIDER_FORMATS


def in_words(names: Iterable[str]) -> str:
    """Return names as a phrase: `integer and boolean`."""
    listed = list(names)
    return " and ".join(p for p in (", ".join(listed[:-1]), listed[-1] if listed else "") if p)
