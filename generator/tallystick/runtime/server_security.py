"""Who is calling: credentials taken from a request and shown to the application's authenticator."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import unquote, unquote_plus

from .server_errors import Refused
from .server_facts import Operation, Scheme
from .server_parameters import cookies, pairs

Caller = TypeVar("Caller")
Caller_co = TypeVar("Caller_co", covariant=True)
Caller_contra = TypeVar("Caller_contra", contravariant=True)

Check = Callable[..., Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived. `target` is the path and `?query` as sent; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


async def caller_of(
    operation: Operation, schemes: Mapping[str, Scheme], checks: Mapping[str, Check], request: Received
) -> object:
    """Return who is calling: what the authenticator says to the first alternative that it accepts.

    `None` where nothing has to be proven and nothing was shown. Schemes needed together have to name the same caller.
    """
    refusal = Refused("unauthenticated", "no credentials were given", headers=_challenge(operation, schemes))
    for needs in sorted(operation.security, key=lambda needs: not needs):
        found = [await _ask(schemes[name], checks[name], scopes, request) for name, scopes in needs]
        if found and None not in found and all(one == found[0] for one in found):
            return found[0]
    if any(_shown(scheme, request) for scheme in schemes.values()):
        refusal = Refused("unauthenticated", "the credentials are not valid", headers=_challenge(operation, schemes))
    if () not in operation.security and operation.security:
        raise refusal
    return None


async def _ask(scheme: Scheme, check: Check, scopes: tuple[str, ...], request: Received) -> object:
    shown = _shown(scheme, request)
    if shown is None:
        return None
    more = {"scopes": scopes} if scheme.kind in ("oauth2", "openIdConnect") else {}
    return await check(**shown, **more)


def _shown(scheme: Scheme, request: Received) -> dict[str, Any] | None:
    """Return what a request shows for a scheme as the arguments of its check, `None` if it shows nothing."""
    if scheme.kind in ("signature", "mutualTLS"):
        return {"request": request}
    if scheme.kind == "apiKey":
        key = _key(scheme, request)
        return None if key is None else {"key": key}
    word, _, rest = request.headers.get("authorization", "").partition(" ")
    expected = scheme.name if scheme.kind == "http" else "bearer"
    if word.lower() != expected or not rest.strip():
        return None
    if expected == "basic":
        return _basic(rest.strip())
    return {"token" if expected == "bearer" else "credentials": rest.strip()}


def _key(scheme: Scheme, request: Received) -> str | None:
    if scheme.place == "header":
        return request.headers.get(scheme.name.lower())
    if scheme.place == "query":
        found = [unquote_plus(text) for name, text in pairs(request.target.partition("?")[2]) if name == scheme.name]
    else:
        found = [unquote(text) for name, text in cookies(request.headers.get("cookie", "")) if name == scheme.name]
    return found[0] if len(found) == 1 else None


def _basic(text: str) -> dict[str, str] | None:
    try:
        username, colon, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return {"username": username, "password": password} if colon else None


def _challenge(operation: Operation, schemes: Mapping[str, Scheme]) -> dict[str, str]:
    """Return the `WWW-Authenticate` header for the schemes that have a word for it."""
    used = dict.fromkeys(name for needs in operation.security for name, _ in needs)
    words = [
        schemes[name].name.capitalize() if schemes[name].kind == "http" else "Bearer"
        for name in used
        if schemes[name].kind in ("http", "oauth2", "openIdConnect")
    ]
    return {"www-authenticate": ", ".join(dict.fromkeys(words))} if words else {}
