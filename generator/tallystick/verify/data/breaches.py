"""Values just beyond what a schema allows, and such as a lenient reader takes for one that it does."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.contract import Schema
from tallystick.load import Json, is_number

UNKNOWN = "tallystickUnknown"
_LONGEST = 10_000
"""Length of the longest text that is made; longer limits are not tried."""
_MOST = 1000
"""Members or items that a value gets at most."""


def breaches(schema: Schema, value: Json) -> Iterator[tuple[str, Json]]:
    """Yield values in place of one that a schema allows, each with words for it. Some may be allowed after all."""
    yield "is null", None
    yield from _other_types(value)
    if isinstance(value, str):
        yield from _texts(schema, value)
    elif is_number(value):
        yield from _numbers(schema)
    elif isinstance(value, list):
        yield from _lists(schema, value)
    elif isinstance(value, dict):
        yield from _objects(schema, value)


def _limits(schema: Schema, keyword: str) -> Iterator[int | float]:
    for part in schema.parts():
        limit = part.get(keyword)
        if is_number(limit):
            yield limit


def _other_types(value: Json) -> Iterator[tuple[str, Json]]:
    """Yield what a reader that converts types takes for the value."""
    what = "is of another type"
    if isinstance(value, bool):
        yield what, str(value).lower()
        yield f"{what} still", int(value)
    elif isinstance(value, (int, float)):
        yield what, str(value)
        yield f"{what} still", True
    elif isinstance(value, str):
        yield what, 7
        yield f"{what} still", [value]
    elif isinstance(value, list):
        yield what, value[0] if value else "text"
        yield f"{what} still", {"0": value[0]} if value else {}
    elif isinstance(value, dict):
        yield what, [value]
        yield f"{what} still", "text"


def _texts(schema: Schema, value: str) -> Iterator[tuple[str, Json]]:
    for limit in _limits(schema, "maxLength"):
        if limit < _LONGEST:
            yield f"is longer than {limit}", "y" * (int(limit) + 1)
    for limit in _limits(schema, "minLength"):
        yield f"is shorter than {limit}", value[: max(0, int(limit) - 1)]
    if any(part.enum is not None for part in schema.parts()):
        yield "is in other letter case", value.swapcase()
        yield "has a space at its end", f"{value} "
        yield "is none of the list", f"{value}x"
        yield "is empty", ""
    if any("pattern" in part or "format" in part for part in schema.parts()):
        yield "has another form", f"{value} {value}"
        yield "has no form", "/text"


def _numbers(schema: Schema) -> Iterator[tuple[str, Json]]:
    for limit in (*_limits(schema, "minimum"), *_limits(schema, "exclusiveMinimum")):
        yield f"is less than {limit}", limit - 1
        yield f"is a little less than {limit}", limit / 2 if limit else -0.5
        yield "is zero", 0
    for limit in (*_limits(schema, "maximum"), *_limits(schema, "exclusiveMaximum")):
        yield f"is more than {limit}", limit + 1
    for step in _limits(schema, "multipleOf"):
        yield f"is no multiple of {step}", step * 1.5
    yield "has a fraction", 1.5


def _lists(schema: Schema, value: list[Json]) -> Iterator[tuple[str, Json]]:
    for limit in _limits(schema, "maxItems"):
        if limit < _MOST and value:
            yield f"has more than {limit} items", [value[0]] * (int(limit) + 1)
    for limit in _limits(schema, "minItems"):
        yield f"has less than {limit} items", value[: max(0, int(limit) - 1)]
    yield "has the same twice", [*value, *value]


def _objects(schema: Schema, value: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    yield "has an unknown member", {**value, UNKNOWN: 1}
    for name in value:
        yield f"lacks {name}", {k: v for k, v in value.items() if k != name}
    for name in (*sorted(schema.required_members() & value.keys()), *value)[:1]:
        yield f"has {name} in other letter case", {(k.swapcase() if k == name else k): v for k, v in value.items()}
    for limit in _limits(schema, "maxProperties"):
        if limit < _MOST:
            more = {f"member{n}": "x" for n in range(int(limit) + 1 - len(value))}
            yield f"has more than {limit} members", {**value, **more}
            declared = {n: "x" for n in schema.members() if n not in value}
            yield f"has more than {limit} of its members", {**value, **declared}
    if value:
        yield "is empty", {}
    for part in schema.parts():
        names = part.one("propertyNames")
        for limit in _limits(names, "maxLength") if names is not None else ():
            yield f"has a name longer than {limit}", {**value, "n" * (int(limit) + 1): "x"}
        rest = part.one("additionalProperties")
        for limit in _limits(rest.resolved, "maxLength") if rest is not None else ():
            yield f"has a text longer than {limit}", {**value, "text": "x" * (int(limit) + 1)}
