"""Who calls: the contract's security requirements, checked; the credential becomes the tenant."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from tallystick.contract import Contract
from tallystick.contract.model import Operation, SecurityScheme
from tallystick.contract.signing import SignerObject, default_credentials, load_signer
from tallystick.mock.clock import Clock
from tallystick.mock.message import Request
from tallystick.mock.parameters import cookies, pairs
from tallystick.mock.refusal import Refused

DEFAULT_VALUES = ("test-key", "test-other")
"""Without configured credentials these keys and tokens are good, each a tenant of its own; HTTP basic takes one as
user and as password. Nothing else is good, so that a client's handling of a wrong key can be tried out."""

_DEFAULT_PAIRS = tuple(f"{value}:{value}" for value in DEFAULT_VALUES)

Credentials = Mapping[str, Sequence[Mapping[str, str]]]
"""Security scheme -> the credentials it takes; a key, token or password has the one name `value`."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `credential` names the credential without giving it away; it is empty for anybody."""

    credential: str = ""


ANYBODY = Caller()
Check = Callable[[Request], str | None]
"""Returns the credential that a request proves, `None` when it proves none."""


class Guard:
    """Checks requests against an operation's security requirements."""

    def __init__(self, contract: Contract, *, folder: Path | None, clock: Clock, known: Credentials) -> None:
        self._clock = clock
        self._known = known
        self._schemes = contract.security_schemes
        self._checks = {n: self._check(s, folder) for n, s in contract.security_schemes.items()}

    def admit(self, operation: Operation, request: Request) -> Caller:
        """Return who calls. Raises `Refused` when the request meets none of the operation's alternatives."""
        if not operation.security:
            return ANYBODY
        open_to_all = False
        for alternative in operation.security:
            if not alternative:
                open_to_all = True
                continue
            proven = [self._proven(need.scheme, request) for need in alternative]
            if None not in proven:
                return Caller("+".join(cast("list[str]", proven)))
        if open_to_all:
            return ANYBODY
        raise Refused(
            "unauthenticated", "The credentials are missing or not valid.", headers=self._challenge(operation)
        )

    def _proven(self, scheme: str, request: Request) -> str | None:
        check = self._checks.get(scheme)
        return check(request) if check is not None else ""  # nobody can meet a scheme that isn't declared

    def _check(self, scheme: SecurityScheme, folder: Path | None) -> Check:
        if scheme.signer is not None and folder is not None:
            return self._signed(scheme, load_signer(folder, scheme.signer))
        if scheme.kind == "apiKey":
            return lambda request: self._known_value(scheme.name, _api_key(scheme, request))
        if scheme.kind == "http" and scheme.scheme == "basic":
            return lambda request: self._known_value(scheme.name, _basic(request))
        if scheme.kind == "mutualTLS":
            return lambda _: ""
        word = scheme.scheme if scheme.kind == "http" else "bearer"
        return lambda request: self._known_value(scheme.name, _token(request, word))

    def _known_value(self, scheme: str, value: str | None) -> str | None:
        if not value:
            return None
        if scheme in self._known:
            good = any(value == credential.get("value") for credential in self._known[scheme])
        else:
            good = value in DEFAULT_VALUES or value in _DEFAULT_PAIRS
        return _alias(value) if good else None

    def _signed(self, scheme: SecurityScheme, signer_class: Callable[..., SignerObject]) -> Check:
        assert scheme.signer is not None
        listed = self._known.get(scheme.name, [default_credentials(scheme.signer)])
        signers: list[tuple[str, SignerObject]] = [
            (next(iter(credential.values()), ""), signer_class(**cast("dict[str, Any]", dict(credential))))
            for credential in listed
        ]

        def check(request: Request) -> str | None:
            for name, signer in signers:
                try:
                    signer.verify(
                        method=request.method,
                        target=request.target,
                        headers=request.headers,
                        body=request.body,
                        now=self._clock.moment(),
                    )
                except ValueError:
                    continue
                return name
            return None

        return check

    def _challenge(self, operation: Operation) -> dict[str, str]:
        """Return the `WWW-Authenticate` header of an operation that takes HTTP authentication."""
        schemes = (self._schemes.get(need.scheme) for alternative in operation.security for need in alternative)
        words = [scheme.scheme for scheme in schemes if scheme is not None and scheme.kind == "http"]
        return {"WWW-Authenticate": ", ".join(dict.fromkeys(word.capitalize() for word in words))} if words else {}


@lru_cache(maxsize=1024)
def _alias(credential: str) -> str:
    """Return a name for a credential that doesn't give it away, for stores, journals and logs."""
    return sha256(credential.encode()).hexdigest()[:16]


def _api_key(scheme: SecurityScheme, request: Request) -> str | None:
    if scheme.location == "header":
        value = request.headers.get(scheme.parameter.lower(), "")
        if scheme.parameter.lower() != "authorization":
            return value
        return _basic(request) or value.rpartition(" ")[2]
    found = pairs(request.query) if scheme.location == "query" else cookies(request.headers.get("cookie", ""))
    return next((value for name, value in found if name == scheme.parameter), None)


def _token(request: Request, word: str) -> str | None:
    given, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if given.lower() == word else None


def _basic(request: Request) -> str | None:
    encoded = _token(request, "basic")
    try:
        return base64.b64decode(encoded or "", validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def defaults_in_words(contract: Contract) -> str:
    """Return what callers can use when no credentials were configured, for people; empty when nobody has to."""
    words: list[str] = []
    for scheme in contract.security_schemes.values():
        if scheme.signer is not None:
            words.append(", ".join(f"{name} {value}" for name, value in default_credentials(scheme.signer).items()))
        elif scheme.kind == "http" and scheme.scheme == "basic":
            words.append(" or ".join(_DEFAULT_PAIRS))
        elif scheme.kind != "mutualTLS":
            words.append(f"{scheme.parameter or scheme.name} {' or '.join(DEFAULT_VALUES)}")
    return "; ".join(dict.fromkeys(words))
