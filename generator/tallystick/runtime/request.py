"""From a `Call` to the bytes of a request: pure, the same for both clients."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from .call import MISSING, Call, Options, Timeout
from .codec import plain


@dataclass(slots=True)
class Request:
    """One HTTP request; its `repr` shows nothing a caller put into it."""

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    timeout: Timeout | None = None
    stream: bool = False
    secrets: list[str] = field(default_factory=list[str], repr=False)  # to be kept out of messages


class Styled(NamedTuple):
    """A value already written in a style of its own: what follows the name, and the encoded text."""

    parts: tuple[tuple[str, str], ...]


def build(call: Call[Any], base_url: str, headers: Mapping[str, str], options: Options) -> Request:
    """Put address, headers and body together; raises `ValueError` for what cannot be sent."""
    path = call.path
    for name, value in call.params.items():
        path = path.replace(f"{{{name}}}", segment(name, value))
    query = pairs({**call.query, **options.get("query", {})})
    sent = {**headers, "accept": call.accept}
    for name, value in call.headers.items():
        if value is not MISSING and value is not None:
            sent[name.lower()] = header(name, value)
    if cookies := pairs(call.cookies):
        sent["cookie"] = "; ".join(cookies)
    content = b""
    if call.body is not None:
        sent["content-type"], content = call.body.encode()
    if more := options.get("body"):
        content = json.dumps({**json.loads(content or b"{}"), **more}).encode()
        sent.setdefault("content-type", "application/json")
    sent |= {name.lower(): text for name, text in options.get("headers", {}).items()}
    url = (call.server or base_url).rstrip("/") + path
    return Request(call.method, f"{url}?{'&'.join(query)}" if query else url, sent, content)


def scalar(value: object) -> str:
    """Write one value the way JSON would, without the quotes of a string."""
    if type(value) is str or type(value) is int:
        return str(value)
    value = plain(value)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def encoded(value: object) -> str:
    """Write one value so that it stands for itself in a query or a path."""
    return quote(scalar(value), safe="")


def pairs(values: Mapping[str, object]) -> list[str]:
    """Write `name=value`s: a list repeats its name, an object gives its members, what is missing nothing."""
    written: list[str] = []
    for name, value in values.items():
        if value is MISSING or value is None:
            continue
        if isinstance(value, Styled):
            written += [f"{quote(name)}{suffix}={text}" for suffix, text in value.parts]
            continue
        data = value if isinstance(value, str | int) else plain(value)
        if isinstance(data, dict):
            written += pairs(cast("dict[str, object]", data))
        elif isinstance(data, list):
            written += [f"{quote(name)}={encoded(item)}" for item in cast("list[object]", data)]
        else:
            written.append(f"{quote(name)}={encoded(data)}")
    return written


def joined(value: object, write: Callable[[object], str], between: str = ",") -> str:
    """Write a list or an object in one piece: `a,b` or `key,value,key,value`."""
    data = value if isinstance(value, str | int) else plain(value)
    if isinstance(data, dict):
        data = [part for pair in cast("dict[str, object]", data).items() for part in pair]
    return between.join(map(write, cast("list[object]", data) if isinstance(data, list) else [data]))


def segment(name: str, value: object) -> str:
    """Write a path parameter; refuses what would change the path around it."""
    text = value.parts[0][1] if isinstance(value, Styled) else joined(value, encoded)
    if text in ("", ".", ".."):
        raise ValueError(f"{name}: {text!r} cannot stand in a path")
    return text


def header(name: str, value: object) -> str:
    """Write a header value; refuses line breaks, which would start another header."""
    text = value.parts[0][1] if isinstance(value, Styled) else joined(value, scalar)
    if not text.isprintable():
        raise ValueError(f"{name}: a header value has to be printable")
    return text
