"""Proving who we are: credentials by security scheme, put on the finished request.

Requests are signed last, after every mutation, so that each is validly signed unless a check is about that.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

import requests
from requests.auth import AuthBase

from tallystick.contract import Contract
from tallystick.contract.model import Operation, SecurityScheme
from tallystick.contract.signing import SignerObject, default_credentials, load_signer
from tallystick.verify.server.routes import Routes

PREFIX = "TALLYSTICK"
OTHER = "OTHER"
"""Suffix of the variables with a second caller's credentials, for checks that need two."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The values of one caller: security scheme -> name of a value -> value. They are never shown."""

    values: Mapping[str, Mapping[str, str]] = field(repr=False)

    @property
    def given(self) -> bool:
        """Whether there is any value at all."""
        return any(self.values.values())

    def covers(self, needs: tuple[str, ...]) -> bool:
        """Say whether there are values for all of these schemes."""
        return all(need in self.values for need in needs)

    def replaced(self, scheme: str, values: Mapping[str, str]) -> Credentials:
        """Return the credentials with other values for one scheme."""
        return Credentials({**self.values, scheme: values})

    def secrets(self) -> tuple[str, ...]:
        """Return every value, longest first: what reports must not show."""
        return tuple(sorted({v for part in self.values.values() for v in part.values() if v}, key=len, reverse=True))

    def hidden(self) -> tuple[str, ...]:
        """Return the values that only the caller and the server know: not names and ids, which answers may show."""
        return tuple(v for part in self.values.values() for n, v in part.items() if not n.endswith(("name", "id")))


def proofs(contract: Contract, operation: Operation) -> frozenset[tuple[str, str]]:
    """Return where an operation takes keys: place and name in lower case. Some documents list those as parameters."""
    schemes = taken_by(contract, operation)
    return frozenset((s.location, s.parameter.lower()) for s in schemes if s.kind == "apiKey")


def taken_by(contract: Contract, operation: Operation) -> tuple[SecurityScheme, ...]:
    """Return the schemes in all alternatives of an operation, as far as the document describes them."""
    named = {need.scheme for alternative in operation.security for need in alternative}
    return tuple(scheme for name, scheme in contract.security_schemes.items() if name in named)


def variable(scheme: str, name: str = "", suffix: str = "") -> str:
    """Return the environment variable of a credential: `TALLYSTICK_API_KEY`, `TALLYSTICK_V1HMAC_KEY_ID`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", "_", scheme)
    return "_".join(part.upper().strip("_") for part in (PREFIX, spaced, name, suffix) if part)


def value_names(scheme: SecurityScheme) -> tuple[str, ...]:
    """Return the names of the values that a scheme takes: one without a name for keys and tokens."""
    if scheme.signer is not None:
        return scheme.signer.credentials
    if scheme.kind == "mutualTLS":
        return ()  # the connection proves it, not the request
    if scheme.kind == "http" and scheme.scheme == "basic":
        return ("username", "password")
    return ("",)


def from_environment(
    contract: Contract, environment: Mapping[str, str] | None = None, *, suffix: str = ""
) -> Credentials:
    """Return the credentials that environment variables hold; schemes of which a value is missing are left out."""
    variables = os.environ if environment is None else environment
    found: dict[str, dict[str, str]] = {}
    for scheme in contract.security_schemes.values():
        names = value_names(scheme)
        values = {name: variables.get(variable(scheme.name, name, suffix), "") for name in names}
        if all(values.values()):
            found[scheme.name] = values
    return Credentials(found)


def test_credentials(contract: Contract, caller: str = "key") -> Credentials:
    """Return what our own mock takes when nobody told it otherwise, for a caller of some name."""
    found: dict[str, dict[str, str]] = {}
    for scheme in contract.security_schemes.values():
        if scheme.signer is not None:
            found[scheme.name] = default_credentials(scheme.signer)
        else:
            found[scheme.name] = dict.fromkeys(value_names(scheme), f"test-{caller}")
    return Credentials(found)


class Signature(AuthBase):
    """Puts a caller's credentials on requests, as the operation of each asks.

    `now` gives the time to sign with, `date` a header Date in its place; `folder` is the contract's own, with its
    signer modules.
    """

    def __init__(
        self,
        contract: Contract,
        credentials: Credentials,
        routes: Routes,
        *,
        folder: Path | None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        date: str | None = None,
    ) -> None:
        self._arguments = (contract, credentials, routes, folder)
        self._date = date
        self._contract = contract
        self._credentials = credentials
        self._routes = routes
        self._now = now
        self._usual = contract.operations[0].security if contract.operations else ()
        self._signers = {
            scheme.name: load_signer(folder, scheme.signer)(**credentials.values[scheme.name])
            for scheme in contract.security_schemes.values()
            if scheme.signer is not None and folder is not None and scheme.name in credentials.values
        }

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(sorted(self._credentials.values))})"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with credentials; untouched when the operation needs none, or ones we don't have."""
        return self.signed(request, self.operation(request))

    def operation(self, request: requests.PreparedRequest) -> Operation | None:
        """Return the operation of a finished request, `None` when the contract has none."""
        return self._routes.find(request.method or "", request.url or "")

    def signed(self, request: requests.PreparedRequest, operation: Operation | None) -> requests.PreparedRequest:
        """Return the request with the credentials that an operation asks for."""
        for scheme in self.schemes(operation):
            if value_names(scheme):
                self._apply(scheme, request)
        return request

    def at(self, moment: datetime) -> Signature:
        """Return the same caller, signing at another time."""
        contract, credentials, routes, folder = self._arguments
        return Signature(contract, credentials, routes, folder=folder, now=lambda: moment)

    def dated(self, date: str) -> Signature:
        """Return the same caller, signing with a header Date of this text; without one when it is empty."""
        contract, credentials, routes, folder = self._arguments
        return Signature(contract, credentials, routes, folder=folder, now=self._now, date=date)

    def weakened(self, digest: str) -> Signature:
        """Return the same caller, signing with another digest in place of SHA-256."""
        contract, credentials, routes, folder = self._arguments
        weak = Signature(contract, credentials, routes, folder=folder, now=self._now)
        for signer in weak._signers.values():
            # every loading of a signer makes a module of its own, so this is the only one that changes
            vars(sys.modules[type(signer).__module__])["hashlib"] = _Digests(digest)
        return weak

    def accepts(self, scheme: str, request: requests.PreparedRequest) -> bool:
        """Say whether the provider's own verifier takes a request as signed by this caller."""
        headers = {name: header_text(value) for name, value in request.headers.items()}
        method, target, body = request.method or "", target_of(request), body_of(request)
        signer = self._signers[scheme]
        return not verified(signer, method=method, target=target, headers=headers, body=body, now=self._now())

    def signer(self, scheme: str) -> SignerObject | None:
        """Return what signs for this caller by a scheme, `None` when it is no signature."""
        return self._signers.get(scheme)

    def schemes(self, operation: Operation | None) -> tuple[SecurityScheme, ...]:
        """Return the first alternative of an operation for which there are credentials."""
        alternatives = operation.security if operation is not None else self._usual
        for alternative in alternatives:
            needed = tuple(need.scheme for need in alternative)
            if needed and self._credentials.covers(needed):
                return tuple(self._contract.security_schemes[n] for n in needed)
        return ()

    def _apply(self, scheme: SecurityScheme, request: requests.PreparedRequest) -> None:
        values = self._credentials.values[scheme.name]
        signer = self._signers.get(scheme.name)
        if signer is not None:
            self._sign(signer, request)
        elif scheme.kind == "apiKey":
            _set_key(request, scheme.location, scheme.parameter, values[""])
        elif scheme.scheme == "basic":
            pair = f"{values['username']}:{values['password']}"
            request.headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            request.headers["Authorization"] = f"Bearer {values['']}".strip()

    def _sign(self, signer: SignerObject, request: requests.PreparedRequest) -> None:
        headers = {
            k: header_text(v) for k, v in request.headers.items() if k.lower() not in ("date", "authorization")
        }
        if self._date is not None:
            headers["Date"] = self._date
            request.headers.pop("Date", None)
        request.headers.update({"Date": self._date} if self._date else {})
        request.headers.update(
            signer.sign(
                method=request.method or "",
                target=target_of(request),
                headers=headers,
                body=body_of(request),
                now=self._now(),
            )
        )


class _Digests:
    """Stands in for the module hashlib: what asks for SHA-256 gets another digest."""

    def __init__(self, digest: str) -> None:
        self.sha256 = getattr(hashlib, digest)

    def __getattr__(self, name: str) -> object:
        return getattr(hashlib, name)


def verified(
    signer: SignerObject, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> str:
    """Return why a provider's verifier does not take a request as signed, empty when it does."""
    try:
        signer.verify(method=method, target=target, headers=headers, body=body, now=now)
    except ValueError as error:
        return str(error) or "the signature is not valid"
    return ""


def target_of(request: requests.PreparedRequest) -> str:
    """Return the path of a finished request with its query, as sent."""
    url = urlsplit(request.url or "")
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def body_of(request: requests.PreparedRequest) -> bytes:
    """Return the body of a finished request as bytes."""
    body = request.body
    return body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""


def header_text(value: str | bytes) -> str:
    """Return a header's value as text."""
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _set_key(request: requests.PreparedRequest, location: str, name: str, value: str) -> None:
    if location == "header":
        request.headers[name] = value
    elif location == "cookie":
        others = header_text(request.headers.get("Cookie", ""))
        request.headers["Cookie"] = f"{others}; {name}={value}" if others else f"{name}={value}"
    else:
        url = urlsplit(request.url or "")
        kept = [pair for pair in url.query.split("&") if pair and unquote_plus(pair.partition("=")[0]) != name]
        pair = f"{quote(name, safe='')}={quote(value, safe='')}"
        request.url = urlunsplit(url._replace(query="&".join((*kept, pair))))
