"""Parameter styles that a contract asks for by name; the default ones need no wrapper."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import cast
from urllib.parse import quote

from .call import MISSING, Missing
from .codec import plain
from .request import Styled, encoded, joined, scalar


def _one(text: str) -> Styled:
    return Styled((("", text),))


def _absent(value: object) -> bool:
    return value is None or value is MISSING


def delimited(value: object, between: str = ",") -> Styled | Missing:
    """`explode: false`: the parts in one value, with a comma, a space or a pipe between them."""
    return MISSING if _absent(value) else _one(joined(value, encoded, quote(between, safe=",")))


def deep(value: object) -> Styled | Missing:
    """`deepObject`: one `name[member]=value` for every member, however deep."""
    return MISSING if _absent(value) else Styled(tuple(_members("", plain(value))))


def _members(name: str, value: object) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        members = cast("dict[str, object]", value).items()
        return [part for key, item in members for part in _members(f"{name}{quote(f'[{key}]')}", item)]
    if isinstance(value, list):
        return [part for item in cast("list[object]", value) for part in _members(name + quote("[]"), item)]
    return [] if value is None else [(name, encoded(value))]


def exploded(value: object, between: str = ",", write: Callable[[object], str] = encoded) -> Styled:
    """`explode: true` in a path: an object is written as `key=value` parts."""
    data = plain(value)
    if not isinstance(data, dict):
        return _one(joined(data, write, between))
    return _one(between.join(f"{write(k)}={write(v)}" for k, v in cast("dict[str, object]", data).items()))


def exploded_header(value: object) -> Styled | Missing:
    """`explode: true` in a header: an object is written as `key=value` parts, nothing encoded."""
    return MISSING if _absent(value) else exploded(value, write=scalar)


def label(value: object, explode: bool = False) -> Styled:
    """`label`: a dot before the value, and between its parts if they explode."""
    text = exploded(value, ".") if explode else _one(joined(value, encoded))
    return _one(f".{text.parts[0][1]}")


def matrix(name: str, value: object, explode: bool = False) -> Styled:
    """`matrix`: `;name=value`, repeated for every part if they explode."""
    data = plain(value)
    if explode and isinstance(data, list):
        return _one("".join(f";{quote(name)}={encoded(item)}" for item in cast("list[object]", data)))
    if explode and isinstance(data, dict):
        return _one(f";{exploded(value, ';').parts[0][1]}")
    return _one(f";{quote(name)}={joined(data, encoded)}")


def reserved(value: object) -> Styled | Missing:
    """`allowReserved`: characters with a meaning in addresses are left as they are."""
    return MISSING if _absent(value) else _one(quote(scalar(value), safe=":/?#[]@!$&'()*+,;=%"))


def as_json(value: object) -> str | Missing:
    """`content: application/json`: the value as JSON text."""
    return MISSING if _absent(value) else json.dumps(plain(value), separators=(",", ":"))
