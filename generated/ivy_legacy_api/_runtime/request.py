"""From a `Call` to the bytes of a request: pure, the same for both clients."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

from .call import MISSING, Call, Options, Timeout
from .codec import plain


@dataclass(slots=True)
class Request:
    """One HTTP request; its `repr` shows nothing a caller put into it. `secrets` are kept out of messages."""

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    timeout: float | Timeout | None = None
    stream: bool = False
    secrets: tuple[Callable[[], Iterable[str]], ...] = field(default=(), repr=False)


class Encoded(str):
    """Text already written in a style of its own."""

    __slots__ = ()


def build(call: Call[Any], base_url: str, headers: Mapping[str, str], options: Options) -> Request:
    """Put address, headers and body together; raises `ValueError` for what cannot be sent."""
    path, content = call.path, b""
    for name, value in call.params.items():
        text = joined(value, encoded)
        if text in ("", ".", ".."):
            raise ValueError(f"{name}: {text!r} cannot stand in a path")
        path = path.replace(f"{{{name}}}", text)
    sent = {**headers, "accept": call.accept}
    for name, value in call.headers.items():
        if value is not MISSING and value is not None:
            sent[name.lower()] = text = joined(value, scalar)
            if not text.isprintable():
                raise ValueError(f"{name}: a header value has to be printable")
    if cookies := pairs(call.cookies):
        sent["cookie"] = "; ".join(cookies)
    if call.body is not None:
        sent["content-type"], content = call.body.encode()
    if more := options.get("body"):
        content = json.dumps({**json.loads(content or b"{}"), **more}).encode()
        sent.setdefault("content-type", "application/json")
    sent |= {name.lower(): text for name, text in options.get("headers", {}).items()}
    url, query = (call.server or base_url).rstrip("/") + path, pairs({**call.query, **options.get("query", {})})
    return Request(call.method, f"{url}?{'&'.join(query)}" if query else url, sent, content, options.get("timeout"))


def scalar(value: object) -> str:
    """Write one value the way JSON would, without the quotes of a string."""
    data = value if isinstance(value, str) else plain(value)
    return data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))


def encoded(value: object) -> str:
    """Write one value so that it stands for itself in a query or a path."""
    return value if isinstance(value, Encoded) else quote(scalar(value), safe="")


def pairs(values: Mapping[str, object]) -> list[str]:
    """Write `name=value`s: a list repeats its name, an object gives its members, what is missing nothing."""
    written: list[str] = []
    for name, value in values.items():
        if value is MISSING or value is None:
            continue
        data = value if isinstance(value, str) else plain(value)
        if isinstance(data, dict):
            written += pairs(cast("dict[str, object]", data))
        else:
            items = cast("list[object]", data) if isinstance(data, list) else [data]
            written += [f"{quote(name)}={encoded(item)}" for item in items]
    return written


def joined(value: object, write: Callable[[object], str], between: str = ",") -> str:
    """Write a list or an object in one piece: `a,b` or `key,value,key,value`."""
    data = value if isinstance(value, str) else plain(value)
    if isinstance(data, dict):
        data = [part for pair in cast("dict[str, object]", data).items() for part in pair]
    return between.join(map(write, cast("list[object]", data) if isinstance(data, list) else [data]))
