"""Values at the edges of what a schema allows: what a server has to take, and might not have thought of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from tallystick.contract import Schema
from tallystick.load import Json
from tallystick.load.pointer import join
from tallystick.verify.data.samples import some

_TEXTS = (
    "Zo\u00eb \u6771\u4eac \U0001f642",  # letters of two, three and four bytes
    "",
    "a & b < c > \"d\" 'e' \\f/ %20 {g}",  # what HTML, SQL, URLs and templates treat in their own way
    " padded ",
    "e\u0301 \ufb01 \u212b",  # looks the same once it is normalised
    "0012",
    "null",
)
_ADDRESSES = (
    "https://shop.example/a%20b/?x=1&y=2#z",
    "http://shop.example:8080/",
    "https://shop.example",
    f"https://shop.example/{'long/' * 60}",
)
_NUMBERS: tuple[int | float, ...] = (0, 1, -1, 1.005, 1234567.25, 2_147_483_647)
_LONG = 300
"""Length of a text whose length nothing limits."""
_MOST = 100
"""Members or items that a value gets at most."""
_DEEPEST = 8

Fits = Callable[[Schema, Json], bool]


def variants(schema: Schema, value: Json, fits: Fits) -> list[Json]:
    """Return values that a schema allows in place of `value`, the most telling ones first."""
    found: list[Json] = []
    for candidate in _candidates(schema, value):
        if candidate != value and candidate not in found and fits(schema, candidate):
            found.append(candidate)
    return found


def _candidates(schema: Schema, value: Json) -> Iterator[Json]:
    for part in schema.parts():
        yield from part.enum or ()
    if isinstance(value, bool):
        yield from (True, False)
    elif isinstance(value, str):
        yield from _texts(schema)
    elif isinstance(value, (int, float)):
        limits = (part.get(k) for part in schema.parts() for k in ("minimum", "maximum"))
        yield from (n for n in (*limits, *_NUMBERS) if isinstance(n, (int, float)))
    elif isinstance(value, list):
        yield from ([*value, *_others(schema, value)], [*value, *value], [], value[:1])
    elif isinstance(value, dict):
        yield from _objects(schema)


def _others(schema: Schema, value: list[Json]) -> list[Json]:
    """Return an item that differs from the first one, none when there is no telling."""
    items = next((found for part in schema.parts() if (found := part.one("items")) is not None), None)
    if items is None or not value:
        return []
    if isinstance(value[0], dict):
        texts = {n: v for n, v in value[0].items() if isinstance(v, str) and not _bound(items.members().get(n))}
        return [{**value[0], **{n: f"{v} 2" for n, v in texts.items()}}] if texts else []
    others = (candidate for candidate in _candidates(items, value[0]) if candidate != value[0])
    return list(islice(others, 1))


def _bound(schema: Schema | None) -> bool:
    """Say whether a text has to have some form."""
    parts = schema.parts() if schema is not None else ()
    return schema is None or any(part.enum is not None or k in part for part in parts for k in ("format", "pattern"))


def _texts(schema: Schema) -> Iterator[str]:
    if any("format" in part for part in schema.parts()):
        yield from _ADDRESSES
        return
    yield from _TEXTS[:1]
    yield "x" * max(1, _limit(schema, "minLength", 1))
    length = _limit(schema, "maxLength", _LONG)
    yield "x" * length
    yield "\u6771" * length
    yield from _TEXTS[1:]


def _limit(schema: Schema, keyword: str, otherwise: int) -> int:
    limits = [n for part in schema.parts() if isinstance(n := part.get(keyword), int)]
    return min(limits, default=otherwise)


def _objects(schema: Schema) -> Iterator[dict[str, Json]]:
    """Yield objects with members of any name, where such are described."""
    rest = [
        r for part in schema.parts() if (r := part.one("additionalProperties")) is not None and r.data is not False
    ]
    if not rest:
        return
    long = "x" * min(_limit(rest[0], "maxLength", _LONG), 10_000)
    yield {"number": 7.5, "whole": 12, "no": False, "nothing": None}
    yield {"list": [1, {"a": "b"}], "object": {"a": {"b": 1}}, "text": "a & b"}
    yield {"long": long, "empty": ""}
    yield {"Name": "of other letters", "a.b": "with a dot", "a/b~c [d]": "with marks", "\u6771": "of three bytes"}
    names = [part for p in schema.parts() if (part := p.one("propertyNames")) is not None]
    yield {"n" * (_limit(names[0], "maxLength", 40) if names else 40): "value"}
    yield {f"member {n}": str(n) for n in range(min(_limit(schema, "maxProperties", _MOST), _MOST))}
    yield {}


def filled(schema: Schema, depth: int = 0) -> Json:
    """Return a value with everything that a schema describes, as deep as is sensible. It need not be valid."""
    members = schema.members()
    if members and depth < _DEEPEST // 2:
        return {name: filled(member, depth + 1) for name, member in members.items()}
    items = next((found for part in schema.parts() if (found := part.one("items")) is not None), None)
    if items is not None and depth < _DEEPEST // 2:
        return [filled(items, depth + 1)]
    return some(schema)


def leaves(schema: Schema, value: Json, pointer: str = "", depth: int = 0) -> Iterator[tuple[str, Schema, Json]]:
    """Yield the places in a value that have a schema of their own, with both; a list counts with its first item."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for name, member in value.items():
            place = schema.members().get(name)
            if place is not None:
                here = join(pointer, name)
                yield here, place, member
                yield from leaves(place, member, here, depth + 1)
    elif isinstance(value, list) and value:
        items = next((found for part in schema.parts() if (found := part.one("items")) is not None), None)
        if items is not None:
            yield join(pointer, 0), items, value[0]
            yield from leaves(items, value[0], join(pointer, 0), depth + 1)
