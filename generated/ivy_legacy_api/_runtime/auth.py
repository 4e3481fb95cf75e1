"""Credentials: what each security scheme adds to a request."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import quote

from .call import Call, Request
from .outcome import ApiError

Place = Literal["header", "query", "cookie"]
Secret = str | Callable[[], str]  # a callable is asked before every request, for tokens that change


class MissingCredentialsError(ApiError):
    """No set of credentials that this operation accepts is complete; nothing was sent."""


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
    place: Place = "header"
    prefix: str = ""

    def apply(self, request: Request) -> None:
        """Add the secret in its place."""
        secret = self.value if isinstance(self.value, str) else self.value()
        request.secrets = (*request.secrets, lambda: (secret,))
        if self.place == "header":
            request.headers[self.name.lower()] = self.prefix + secret
        elif self.place == "query":
            request.url += f"{'&' if '?' in request.url else '?'}{quote(self.name)}={quote(secret, safe='')}"
        else:
            cookies = request.headers.get("cookie", "")
            request.headers["cookie"] = f"{cookies}{'; ' if cookies else ''}{self.name}={quote(secret)}"


def environment_variable(prefix: str, name: str) -> str | None:
    """Read the variable that stands for an argument: `api_key` is `<PREFIX>_API_KEY`."""
    return os.environ.get(f"{prefix}_{name.upper()}")


def basic_from(username: str | None, password: str | None) -> Token | None:
    """HTTP Basic authentication, if both parts are there."""
    if username is None or password is None:
        return None
    return Token(base64.b64encode(f"{username}:{password}".encode()).decode(), prefix="Basic ")


def token_from(value: Secret | None, name: str, place: Place = "header", prefix: str = "") -> Token | None:
    """A secret to be shown, if there is one."""
    return Token(value, name, place, prefix) if value else None


@dataclass(frozen=True, slots=True)
class Keyring:
    """All that a client can prove; each operation asks for one of several sets of schemes, in most cases `usual`."""

    known: Mapping[str, Credential | None] = field(repr=False)
    usual: tuple[tuple[str, ...], ...]
    hints: Mapping[str, str]

    def __call__(self, request: Request, call: Call[Any]) -> None:
        """Apply the first set that is complete; raises `MissingCredentialsError`."""
        accepted = self.usual if call.security is None else call.security
        for names in sorted(accepted, key=lambda names: not names):  # anonymous only if nothing else fits
            found = [credential for name in names if (credential := self.known.get(name))]
            if len(found) == len(names):
                for credential in found:
                    credential.apply(request)
                return
        ways = " or ".join(" with ".join(self.hints.get(name, name) for name in names) for names in accepted)
        raise MissingCredentialsError(f"credentials needed: {ways}")
