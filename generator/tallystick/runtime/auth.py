"""Credentials: what each security scheme adds to a request."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import quote

from .request import Request

Secret = str | Callable[[], str]  # a callable is asked before every request, for tokens that change


class Credential(Protocol):
    """What proves who is calling."""

    def apply(self, request: Request) -> None:
        """Put the proof into the request."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """A secret in a header, a query parameter or a cookie, after an optional prefix."""

    value: Secret = field(repr=False)
    name: str = "authorization"
    place: Literal["header", "query", "cookie"] = "header"
    prefix: str = ""

    def apply(self, request: Request) -> None:
        """Add the secret in its place."""
        secret = self.value if isinstance(self.value, str) else self.value()
        request.secrets.append(secret)
        if self.place == "header":
            request.headers[self.name.lower()] = self.prefix + secret
        elif self.place == "query":
            request.url += f"{'&' if '?' in request.url else '?'}{quote(self.name)}={quote(secret, safe='')}"
        else:
            cookies = request.headers.get("cookie", "")
            request.headers["cookie"] = f"{cookies}{'; ' if cookies else ''}{self.name}={quote(secret)}"


def basic(username: str, password: str) -> Token:
    """HTTP Basic authentication."""
    return Token(base64.b64encode(f"{username}:{password}".encode()).decode(), prefix="Basic ")
