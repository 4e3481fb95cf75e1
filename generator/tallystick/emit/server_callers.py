"""The authenticator of a server package: a method for each scheme by which callers say who they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.contract import Contract
from tallystick.contract.model import SecurityScheme
from tallystick.emit import layout
from tallystick.emit.naming import settle
from tallystick.names import member_name

_SHOWN = {
    "apiKey": "key: str",
    "oauth2": "token: str, scopes: tuple[str, ...]",
    "openIdConnect": "token: str, scopes: tuple[str, ...]",
    "signature": "request: Received",
    "mutualTLS": "request: Received",
}
_HTTP = {"basic": "username: str, password: str", "bearer": "token: str"}


@dataclass(frozen=True, slots=True)
class CheckView:
    """A method of the authenticator: one scheme."""

    name: str
    scheme: str
    signature: tuple[str, ...]
    docstring: tuple[str, ...]


def checks(contract: Contract) -> Iterator[CheckView]:
    """Yield a method for each scheme that an operation asks for, by name."""
    used = {need.scheme for operation in contract.operations for needs in operation.security for need in needs}
    known = {name: scheme for name, scheme in contract.security_schemes.items() if name in used}
    methods, _ = settle({name: [member_name(name)] for name in known})
    for name, scheme in sorted(known.items()):
        asked = ["self", "*", *_shows(scheme).split(", ", maxsplit=1)]
        text = layout.prose(scheme.description or f"Say who calls with the scheme {name}.", width=92)
        yield CheckView(
            methods[name],
            name,
            tuple(layout.call(f"async def {methods[name]}", "(", asked, ") -> Caller_co | None:", indent=4)),
            tuple(layout.docstring([*text, "", "Give `None` for credentials that are not valid."], 8)),
        )


def _shows(scheme: SecurityScheme) -> str:
    if scheme.signer:
        return _SHOWN["signature"]
    return _HTTP.get(scheme.scheme, "credentials: str") if scheme.kind == "http" else _SHOWN[scheme.kind]


def imports(checks: tuple[CheckView, ...]) -> Iterator[str]:
    """Yield what the module of the authenticator has to import, line by line."""
    written = " ".join(line for check in checks for line in check.signature)
    names = ["Caller_co", *(["Received"] if "Received" in written else [])]
    yield f"from ._runtime.server_security import {', '.join(names)}"
