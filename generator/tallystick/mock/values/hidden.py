"""What an answer keeps to itself: `writeOnly` members, however deep they lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tallystick.contract import Schema
from tallystick.load import Json

_PARTS = ("allOf", "oneOf", "anyOf")
_MEMBERS = ("properties", "patternProperties")
_INNER = ("items", "additionalProperties")


class Hidden:
    """Takes what only requests may say out of answers. Schemas that hide nothing are looked at once."""

    def __init__(self) -> None:
        self._hiding: dict[str, bool] = {}

    def without(self, schema: Schema, value: Json) -> Json:
        """Return a value without the members that its schema calls `writeOnly`; the same one if there are none.

        A member stays where one of several alternatives lets it be seen.
        """
        hiding = self._hiding.get(schema.pointer)
        if hiding is None:
            hiding = self._hiding[schema.pointer] = _hides(schema)
        return _seen([schema], value) if hiding else value


def _hides(schema: Schema) -> bool:
    """Say whether anything in a schema is `writeOnly`."""
    stack, seen = [schema], {schema.pointer}
    while stack:
        here = stack.pop()
        if here.get("writeOnly") is True:
            return True
        fresh = [s for s in (*_beside(here), *_below(here)) if s.pointer not in seen]
        seen.update(s.pointer for s in fresh)
        stack += fresh
    return False


def _seen(schemas: Iterable[Schema], value: Json) -> Json:
    if not isinstance(value, (dict, list)):
        return value
    parts = list(_together(schemas))
    if isinstance(value, list):
        items = [i for p in parts if (i := p.one("items")) is not None]
        return [_seen(items, item) for item in value]
    kept: dict[str, Json] = {}
    for name, part in value.items():
        members = [p.properties[name] for p in parts if name in p.properties]
        if not members or not all(m.flag("writeOnly") for m in members):
            others = [a for p in parts if (a := p.one("additionalProperties")) is not None]
            kept[name] = _seen(members or others, part)
    return kept


def _together(schemas: Iterable[Schema]) -> Iterator[Schema]:
    """Yield schemas with all that they refer to and all their alternatives, each once."""
    stack = list(schemas)
    seen = {s.pointer for s in stack}
    while stack:
        here = stack.pop()
        yield here
        fresh = [s for s in _beside(here) if s.pointer not in seen]
        seen.update(s.pointer for s in fresh)
        stack += fresh


def _beside(schema: Schema) -> Iterator[Schema]:
    """Yield the schemas of the same value."""
    if schema.target is not None:
        yield schema.target
    for keyword in _PARTS:
        yield from schema.many(keyword)


def _below(schema: Schema) -> Iterator[Schema]:
    """Yield the schemas of what is in the value."""
    for keyword in _MEMBERS:
        yield from schema.named(keyword).values()
    for keyword in _INNER:
        if (inner := schema.one(keyword)) is not None:
            yield inner
