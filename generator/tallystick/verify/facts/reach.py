"""Which parts of a schema a value reaches, and which parts a schema has."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.contract import Schema
from tallystick.contract.validation import Direction, Validators
from tallystick.load import Json

ASSERTIONS = frozenset(
    (
        "type", "const", "enum", "format", "pattern", "minLength", "maxLength", "minimum", "maximum",
        "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "required", "minProperties", "maxProperties",
        "additionalProperties", "unevaluatedProperties", "propertyNames", "dependentRequired", "minItems", "maxItems",
        "uniqueItems", "contains", "oneOf", "anyOf", "not",
    )
)  # fmt: skip
"""The keywords that can be kept or broken; the others only lead to more schemas."""

_MANY = ("allOf", "oneOf", "anyOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "dependentSchemas")
_ONE = ("items", "additionalProperties", "unevaluatedProperties", "contains", "propertyNames", "then", "else")


def parts(*schemas: Schema) -> Iterator[Schema]:
    """Yield schemas and everything under them, references followed, each place once: they share most of it."""
    stack = list({schema.pointer: schema for schema in schemas}.values())
    seen = {schema.pointer for schema in stack}
    while stack:
        here = stack.pop()
        yield here
        below = [here.target] if here.target else []
        below += [part for keyword in _MANY for part in here.many(keyword)]
        below += [part for keyword in _NAMED for part in here.named(keyword).values()]
        below += [part for keyword in _ONE if (part := here.one(keyword)) is not None]
        for part in below:
            if part is not None and part.pointer not in seen:
                seen.add(part.pointer)
                stack.append(part)


def assertions(schema: Schema) -> tuple[str, ...]:
    """Return the keywords of one schema object that can be kept or broken: formats only where there is text."""
    if not isinstance(schema.data, dict):
        return ()
    idle = {"format"} if schema.types and "string" not in schema.types else set()
    idle |= {k for k in ("additionalProperties", "unevaluatedProperties") if schema.data.get(k) is not False}
    return tuple(k for k in schema.data if k in ASSERTIONS and k not in idle)


class Reach:
    """Follows a value through a schema, taking the alternatives that it fits."""

    def __init__(self, validators: Validators, direction: Direction) -> None:
        self._validators = validators
        self._direction: Direction = direction

    def visit(self, schema: Schema, value: Json) -> Iterator[tuple[Schema, Json]]:
        """Yield each schema that applies to a part of the value, with that part."""
        stack: list[tuple[Schema, Json]] = [(schema, value)]
        seen: set[tuple[str, int]] = set()
        while stack:
            here, part = stack.pop()
            key = (here.pointer, id(part))
            if key in seen:
                continue
            seen.add(key)
            yield here, part
            stack += self._below(here, part)

    def _below(self, schema: Schema, value: Json) -> Iterator[tuple[Schema, Json]]:
        if schema.target is not None:
            yield schema.target, value
        for part in schema.many("allOf"):
            yield part, value
        for keyword in ("oneOf", "anyOf"):
            yield from ((part, value) for part in schema.many(keyword) if self._fits(part, value))
        condition = schema.one("if")
        if condition is not None:
            branch = schema.one("then" if self._fits(condition, value) else "else")
            yield from [(branch, value)] if branch is not None else ()
        if isinstance(value, dict):
            yield from _members(schema, value)
        if isinstance(value, list):
            first = schema.many("prefixItems")
            yield from zip(first, value, strict=False)
            items = schema.one("items")
            if items is not None:
                yield from ((items, item) for item in value[len(first) :])

    def _fits(self, schema: Schema, value: Json) -> bool:
        return self._validators.is_valid(schema, value, self._direction)


def _members(schema: Schema, value: dict[str, Json]) -> Iterator[tuple[Schema, Json]]:
    declared = schema.properties
    others = schema.one("additionalProperties")
    names = schema.one("propertyNames")
    for name, member in value.items():
        if names is not None:
            yield names, name
        if name in declared:
            yield declared[name], member
        elif others is not None:
            yield others, member
