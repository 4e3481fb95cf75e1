"""Which members a value of a schema can have, seen through references and alternatives."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.contract.schema import Schema
from tallystick.load.pointer import split


def variants(schema: Schema) -> Iterator[Schema]:
    """Yield the schema and all that references, `allOf`, `oneOf` and `anyOf` make of it, each once."""
    stack, seen = [schema], {schema.pointer}
    while stack:
        here = stack.pop()
        yield here
        more = [here.target] if here.target is not None else []
        for part in (*more, *here.many("allOf"), *here.many("oneOf"), *here.many("anyOf")):
            if part.pointer not in seen:
                seen.add(part.pointer)
                stack.append(part)


def members(schema: Schema) -> dict[str, Schema]:
    """Return the members that a value can have by declaration, in any alternative."""
    return {name: member for part in variants(schema) for name, member in part.properties.items()}


def at(schema: Schema, pointer: str) -> tuple[Schema, ...]:
    """Return the schemas of what a JSON Pointer into a value leads to, none when it can't lead anywhere."""
    here: tuple[Schema, ...] = (schema,)
    for token in split(pointer):
        here = tuple(step for s in here for step in _steps(s, token))
    return here


def _steps(schema: Schema, token: str) -> Iterator[Schema]:
    for part in variants(schema):
        if token in part.properties:
            yield part.properties[token]
        elif (rest := part.one("additionalProperties")) is not None and rest.data is not False:
            yield rest
        if token.isdecimal():
            prefix = part.many("prefixItems")
            item = prefix[int(token)] if int(token) < len(prefix) else part.one("items")
            if item is not None:
                yield item
