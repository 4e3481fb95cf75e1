"""Credentials as somebody types them: `SCHEME:NAME=VALUE,…`, held against the schemes of a contract."""

from __future__ import annotations

from collections.abc import Iterable

from tallystick.contract import Contract
from tallystick.contract.signing import default_credentials
from tallystick.errors import UsageError
from tallystick.mock.wire.security import Credentials


def credentials_of(given: Iterable[str], contract: Contract) -> Credentials:
    """Return the credentials that are typed, by scheme.

    Raises `UsageError` for one of another form, of a scheme that the contract hasn't got, or with parts that the
    scheme hasn't got.
    """
    found: dict[str, list[dict[str, str]]] = {}
    for option in given:
        scheme, colon, rest = option.partition(":")
        parts = {name: value for name, _, value in (part.partition("=") for part in rest.split(","))}
        if not (colon and scheme and all("=" in part and part[0] != "=" for part in rest.split(","))):
            raise UsageError(
                "a credential is not of the form SCHEME:NAME=VALUE,…",
                hint="for a key or token: apiKey:value=KEY; for a signature: v1HMAC:key_id=ID,secret=SECRET",
            )
        _require_parts(scheme, parts, contract)
        found.setdefault(scheme, []).append(parts)
    return found


def _require_parts(name: str, parts: Iterable[str], contract: Contract) -> None:
    scheme = contract.security_schemes.get(name)
    if scheme is None:
        known = ", ".join(contract.security_schemes)
        hint = f"it has {known}" if known else "it has none, and takes every request"
        raise UsageError(f"{contract.name} has no security scheme {name!r}", hint=hint)
    wanted = list(default_credentials(scheme.signer)) if scheme.signer else ["value"]
    if sorted(parts) != sorted(wanted):
        form = ",".join(f"{part}=…" for part in wanted)
        hint = f"write --credential {name}:{form}"
        raise UsageError(f"a credential of {name} has other parts than these", hint=hint)
