"""What a security scheme asks of the caller, and how the client builds the proof."""

from __future__ import annotations

from dataclasses import dataclass

from tallystick.contract.model import Contract, Operation, SecurityScheme
from tallystick.emit.literals import quoted
from tallystick.emit.naming import settle
from tallystick.names import member_name

Alternatives = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Credential:
    """One scheme as the client's constructor sees it.

    `arguments` are (name, type) pairs; `expression` builds the proof from them or gives `None`.
    """

    scheme: str
    arguments: tuple[tuple[str, str], ...]
    expression: str
    description: str
    signer: tuple[str, str] | None = None  # module of the provider's runtime, class in it

    def hint(self, prefix: str) -> str:
        """Return how to give it, for the message when it is missing."""
        return " and ".join(f"{name}=... (or {prefix}_{name.upper()})" for name, _ in self.arguments)


def credentials(contract: Contract) -> tuple[Credential, ...]:
    """Return the schemes that some operation uses, those that sign last: they sign what the others add."""
    used = {name for o in contract.operations for names in alternatives(o, contract) for name in names}
    schemes = [scheme for name, scheme in sorted(contract.security_schemes.items()) if name in used]
    wanted = {f"{s.name} {part}": names for s in schemes for part, names in _arguments(s).items()}
    named, _ = settle(wanted, TAKEN)
    found = [_credential(scheme, named) for scheme in schemes]
    return tuple(sorted(found, key=lambda credential: credential.signer is not None))


TAKEN = frozenset(
    (
        *("self", "config", "environment", "base_url", "user_agent", "http_client", "timeout", "retries", "headers"),
        *("query", "body", "idempotency_key", "strict", "read", "known", "keyring", "partial", "located"),
        *("signature", "basic_from", "token_from", "environment_variable"),
    )
)
"""What a client takes whatever the contract, and what its constructor is written with."""


def alternatives(operation: Operation, contract: Contract) -> Alternatives:
    """Return the sets of schemes an operation accepts; an empty set: nothing to prove.

    A client certificate is not among them: it belongs to the HTTP client that is passed in.
    """
    schemes = contract.security_schemes
    kept = (
        tuple(n.scheme for n in needs if n.scheme in schemes and schemes[n.scheme].kind != "mutualTLS")
        for needs in operation.security
    )
    return tuple(dict.fromkeys(kept)) or ((),)


def _arguments(scheme: SecurityScheme) -> dict[str, list[str]]:
    """Return what a scheme needs, and the names the arguments would like."""
    own = member_name(scheme.name)
    if scheme.signer:
        return {part: [member_name(part), f"{own}_{member_name(part)}"] for part in scheme.signer.credentials}
    if scheme.kind == "http" and scheme.scheme == "basic":
        return {part: [part, f"{own}_{part}"] for part in ("username", "password")}
    return {"value": [own]}


def _credential(scheme: SecurityScheme, named: dict[str, str]) -> Credential:
    names = [named[f"{scheme.name} {part}"] for part in _arguments(scheme)]
    values = [f'{name} or read("{name}")' for name in names]
    if scheme.signer:
        kind = "str | None"
        pairs = zip(_arguments(scheme), values, strict=True)
        expression = f"signature({scheme.signer.class_name}, {', '.join(f'{p}={v}' for p, v in pairs)})"
    elif scheme.kind == "http" and scheme.scheme == "basic":
        kind, expression = "str | None", f"basic_from({', '.join(values)})"
    elif scheme.kind == "apiKey":
        place = "" if scheme.location == "header" else f", {quoted(scheme.location)}"
        kind, expression = "Secret | None", f"token_from({values[0]}, {quoted(scheme.parameter)}{place})"
    else:  # bearer, OAuth 2 and OpenID Connect show a token; other HTTP schemes show what they are given
        prefix = "Bearer" if scheme.kind != "http" or scheme.scheme == "bearer" else scheme.scheme.capitalize()
        kind, expression = "Secret | None", f'token_from({values[0]}, "authorization", prefix="{prefix} ")'
    arguments = tuple((name, kind) for name in names)
    signer = (scheme.signer.module, scheme.signer.class_name) if scheme.signer else None
    return Credential(scheme.name, arguments, expression, scheme.description, signer)
