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
from tallystick.mock.refusal import Refused
from tallystick.mock.wire.parameters import cookies, pairs

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
    """Checks requests against an operation's security requirements.

    `anybody` makes any key, token or password good whose scheme is not among `known`: it only has to be there.
    """

    def __init__(
        self, contract: Contract, *, folder: Path | None, clock: Clock, known: Credentials, anybody: bool
    ) -> None:
        self._clock = clock
        self._known = known
        self._anybody = anybody
        self._schemes = contract.security_schemes
        self._checks = {n: self._check(s, folder) for n, s in contract.security_schemes.items()}
        self._ways = {o.id: self._ways_of(o) for o in contract.operations}

    def admit(self, operation: Operation, request: Request) -> Caller:
        """Return who calls. Raises `Refused` when the request meets none of the operation's alternatives."""
        if not operation.security:
            return ANYBODY
        for checks in self._ways[operation.id]:
            proven = [p for check in checks if (p := check(request)) is not None]
            if len(proven) == len(checks):
                return _caller("+".join(dict.fromkeys(proven)))  # one key may stand for two schemes
        if not all(operation.security):
            return ANYBODY
        raise Refused(
            "unauthenticated", "The credentials are missing or not valid.", headers=self._challenge(operation)
        )

    def _ways_of(self, operation: Operation) -> list[list[Check]]:
        """Return the ways in which a caller can prove to be somebody, each a list of checks.

        Nobody can meet a scheme that isn't declared, so it counts as met.
        """
        return [[self._checks.get(n.scheme, _met) for n in needs] for needs in operation.security if needs]

    def _check(self, scheme: SecurityScheme, folder: Path | None) -> Check:
        if scheme.signer is not None and folder is not None:
            return self._signed(scheme, load_signer(folder, scheme.signer))
        if scheme.kind == "mutualTLS":
            return _met
        given = _where(scheme)
        if scheme.name in self._known:
            values = [value for credential in self._known[scheme.name] if (value := credential.get("value"))]
        elif self._anybody:
            return lambda request: "" if given(request) else None
        else:
            values = [*DEFAULT_VALUES, *_DEFAULT_PAIRS]
        good = {value: _alias(value) for value in values}
        return lambda request: good.get(given(request) or "")

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


def _met(request: Request) -> str:
    """Take any caller for nobody in particular."""
    del request
    return ""


@lru_cache(maxsize=1024)
def _caller(credential: str) -> Caller:
    return Caller(credential)


def _alias(credential: str) -> str:
    """Return a name for a credential that doesn't give it away, for stores, journals and logs."""
    return sha256(credential.encode()).hexdigest()[:16]


def _where(scheme: SecurityScheme) -> Check:
    """Return what reads a scheme's key, token, or user and password from a request, as it was given."""
    if scheme.kind == "http" and scheme.scheme == "basic":
        return _basic
    if scheme.kind != "apiKey":
        word = scheme.scheme if scheme.kind == "http" else "bearer"
        return lambda request: _token(request, word)
    if scheme.location != "header":
        return lambda request: _among(scheme, request)
    name = scheme.parameter.lower()
    if name != "authorization":
        return lambda request: request.headers.get(name)
    return lambda request: _basic(request) or request.headers.get(name, "").rpartition(" ")[2]


def _among(scheme: SecurityScheme, request: Request) -> str | None:
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


def defaults_in_words(contract: Contract, *, anybody: bool) -> str:
    """Return what callers can use when no credentials were configured, for people; empty when nobody has to.

    `anybody` says that any key, token or password is good.
    """
    words: list[str] = []
    for scheme in contract.security_schemes.values():
        if scheme.signer is not None:
            words.append(", ".join(f"{name} {value}" for name, value in default_credentials(scheme.signer).items()))
        elif scheme.kind == "http" and scheme.scheme == "basic":
            words.append("any user and password" if anybody else " or ".join(_DEFAULT_PAIRS))
        elif scheme.kind != "mutualTLS":
            good = "with any value" if anybody else " or ".join(DEFAULT_VALUES)
            words.append(f"{scheme.parameter or scheme.name} {good}")
    return "; ".join(dict.fromkeys(words))
