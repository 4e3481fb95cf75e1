"""Parameter styles that a contract asks for by name; the default ones need no wrapper."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import cast
from urllib.parse import quote

from .call import MISSING, Encoded, Missing, encoded, pairs, scalar
from .codec import plain


def _absent(value: object) -> bool:
    return value is None or value is MISSING


def joined(value: object, write: Callable[[object], str], between: str = ",") -> str:
    """Write a list or an object in one piece: `a,b` or `key,value,key,value`."""
    data = plain(value)
    if isinstance(data, dict):
        data = [part for pair in cast("dict[str, object]", data).items() for part in pair]
    return between.join(map(write, cast("list[object]", data) if isinstance(data, list) else [data]))


def simple(value: object) -> Encoded:
    """`simple`, the usual style in a path: parts with a comma between them."""
    return Encoded(joined(value, encoded))


def simple_header(value: object) -> Encoded | Missing:
    """`simple` in a header, where nothing is encoded."""
    return MISSING if _absent(value) else Encoded(joined(value, scalar))


def delimited(value: object, between: str = ",") -> Encoded | Missing:
    """`explode: false`: the parts in one value, with a comma, a space or a pipe between them."""
    return MISSING if _absent(value) else Encoded(joined(value, encoded, quote(between, safe=",")))


def deep(name: str, value: object) -> Mapping[str, list[object]]:
    """`deepObject`: one `name[member]=value` for every member, however deep."""
    found: dict[str, list[object]] = {}
    for path, item in [] if _absent(value) else _members(name, plain(value)):
        found.setdefault(path, []).append(item)
    return found


def _members(name: str, value: object) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        members = cast("dict[str, object]", value).items()
        return [part for key, item in members for part in _members(f"{name}[{key}]", item)]
    if isinstance(value, list):
        return [part for item in cast("list[object]", value) for part in _members(f"{name}[]", item)]
    return [] if value is None else [(name, value)]


def exploded(value: object, between: str = ",", write: Callable[[object], str] = encoded) -> Encoded:
    """`explode: true` in a path: an object is written as `key=value` parts."""
    data = plain(value)
    if not isinstance(data, dict):
        return Encoded(joined(data, write, between))
    return Encoded(between.join(f"{write(k)}={write(v)}" for k, v in cast("dict[str, object]", data).items()))


def exploded_header(value: object) -> Encoded | Missing:
    """`explode: true` in a header: an object is written as `key=value` parts, nothing encoded."""
    return MISSING if _absent(value) else exploded(value, write=scalar)


def label(value: object, explode: bool = False) -> Encoded:
    """`label`: a dot before the value, and between its parts if they explode."""
    return Encoded(f".{exploded(value, '.') if explode else joined(value, encoded)}")


def matrix(name: str, value: object, explode: bool = False) -> Encoded:
    """`matrix`: `;name=value`, repeated for every part if they explode."""
    data = plain(value)
    if explode and isinstance(data, list):
        return Encoded("".join(f";{quote(name)}={encoded(item)}" for item in cast("list[object]", data)))
    if explode and isinstance(data, dict):
        return Encoded(f";{exploded(value, ';')}")
    return Encoded(f";{quote(name)}={joined(data, encoded)}")


def reserved(value: object) -> Encoded | Missing:
    """`allowReserved`: characters with a meaning in addresses are left as they are."""
    return MISSING if _absent(value) else Encoded(quote(scalar(value), safe=":/?#[]@!$&'()*+,;=%"))


def cookies(values: Mapping[str, object]) -> Encoded | Missing:
    """`Cookie`: all cookies in one header."""
    return Encoded("; ".join(pairs(values))) or MISSING


def as_json(value: object) -> str | Missing:
    """`content: application/json`: the value as JSON text."""
    return MISSING if _absent(value) else json.dumps(plain(value), separators=(",", ":"))
