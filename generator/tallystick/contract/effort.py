"""How much work a schema makes for a validator, so that a hostile one is refused instead of tried."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.contract.schema import Schema

_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLE = ("not", "if", "then", "else")
_MAPS = ("properties", "patternProperties")
_INNER = (
    *("additionalProperties", "unevaluatedProperties", "propertyNames"),
    *("items", "unevaluatedItems", "contains"),
)


class Effort:
    """Counts, for each schema once, the schemas that one and the same value is held against."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._light: set[str] = set()

    def of(self, schema: Schema) -> int:
        """Return the number for a schema. References that lead back to themselves count once."""
        stack = [schema]
        while stack:
            here = stack[-1]
            if here.pointer not in self._known:
                self._known[here.pointer] = 1  # stands while it is open
                stack += [part for part in _in_place(here) if part.pointer not in self._known]
                continue
            stack.pop()
            self._known[here.pointer] = 1 + sum(self._known[part.pointer] for part in _in_place(here))
        return self._known[schema.pointer]

    def within(self, schema: Schema, limit: int) -> bool:
        """Say whether the number is within a limit for a schema, and for all that parts of its value may meet."""
        seen, stack = {schema.pointer}, [schema]
        while stack:
            here = stack.pop()
            if self.of(here) > limit:
                return False
            for part in (*_in_place(here), *_of_parts(here)):
                if part.pointer not in seen and part.pointer not in self._light:
                    seen.add(part.pointer)
                    stack.append(part)
        self._light |= seen
        return True


def _in_place(schema: Schema) -> Iterator[Schema]:
    """Yield the schemas that the same value has to meet, or may."""
    if schema.target is not None:
        yield schema.target
    for keyword in _LISTS:
        yield from schema.many(keyword)
    for keyword in _SINGLE:
        part = schema.one(keyword)
        if part is not None:
            yield part
    yield from schema.named("dependentSchemas").values()


def _of_parts(schema: Schema) -> Iterator[Schema]:
    """Yield the schemas that members, items or names of the value have to meet, or may."""
    for keyword in _MAPS:
        yield from schema.named(keyword).values()
    for keyword in _INNER:
        part = schema.one(keyword)
        if part is not None:
            yield part
    yield from schema.many("prefixItems")
