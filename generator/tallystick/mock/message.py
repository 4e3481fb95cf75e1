"""A request as it came and an answer as it leaves: plain values between the server and everything else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

MAX_BODY: Final = 8 * 1024 * 1024
"""Longest request body, in bytes; longer ones get the provider's error for it, 413 where none is declared."""
MOST_READ: Final = 2 * MAX_BODY
"""How much of a body that is too long is read before the connection is given up."""

_TOKEN: Final = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_JOINERS: Final = {"cookie": "; "}


class Dropped(Exception):
    """The connection is to be closed without an answer."""


@lru_cache(maxsize=64)
def joined(*pairs: tuple[bytes, bytes]) -> Mapping[str, str]:
    """Return headers by lower-case name, from how they came; values of a repeated one are joined as RFC 9110 says.

    Clients send the same ones again and again: these are the same mapping, which the journal keeps just once.
    """
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = _lower(raw_name), raw_value.decode("latin-1")
        headers[name] = headers[name] + _JOINERS.get(name, ", ") + value if name in headers else value
    return headers


@dataclass(slots=True)
class Request:
    """One request. `path` is still percent-encoded, and `query` what follows its `?`, both as they were sent.

    `headers` has lower-case names. The body is empty when it was `too_long`. `server` is where the caller came to
    when it doesn't say which host it called.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    too_long: bool = False
    scheme: str = "http"
    server: str = "localhost"

    @property
    def target(self) -> str:
        """Path and query as sent."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def base(self) -> str:
        """The address that the caller used: scheme, host and port."""
        return f"{self.scheme}://{self.headers.get('host', self.server)}"


@dataclass(slots=True)
class Answer:
    """What goes back. `headers` holds everything but Content-Length, names as they are written."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def length(self) -> int | None:
        """The value of Content-Length, `None` for an answer that has no such header."""
        return None if self.status < 200 or self.status == 204 else len(self.body)


@lru_cache(maxsize=256)
def _lower(name: bytes) -> str:
    return name.decode("latin-1").lower()


@lru_cache(maxsize=256)
def header(name: str, value: str) -> tuple[bytes, bytes] | None:
    """Return a header as it travels, `None` when it can't: its name is no name."""
    if _TOKEN.fullmatch(name) is None:
        return None
    plain = value.replace("\r", " ").replace("\n", " ").replace("\0", " ")
    return name.lower().encode(), plain.encode("latin-1", "replace")
