"""Takes secrets out of what reports show."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from tallystick.contract import Contract
from tallystick.contract.model import SecurityScheme
from tallystick.load import Json
from tallystick.resolve import grammar
from tallystick.verify.auth import value_names, variable
from tallystick.verify.result import Message

HIDDEN = "[hidden]"
_LONGEST = 4000
_SHORTEST = 4
_MOST = 60
"""Headers of a message to show."""
_NOISE = frozenset(("x-schemathesis-testcaseid",))
_ALWAYS = frozenset(("authorization", "cookie", "set-cookie", "proxy-authorization"))


class Redaction:
    """Knows what must not be shown: credentials, the values of sensitive members, and what carries a signature."""

    def __init__(self, contract: Contract, secrets: Iterable[str]) -> None:
        self._secrets = tuple(s for s in secrets if len(s) >= _SHORTEST)
        self._members = frozenset(_sensitive_members(contract))
        schemes = contract.security_schemes.values()
        self._headers: Mapping[str, str] = {
            _carrier(scheme).lower(): _stand_in(scheme) for scheme in schemes if scheme.location in ("header", "")
        }

    def text(self, text: str) -> str:
        """Return a text without the secrets that this run used, and with nothing that UTF-8 can't write."""
        text = text.encode(errors="backslashreplace").decode()
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Return headers with a stand-in for each that proves who the caller is."""
        shown = [(name, self._header(name, value)) for name, value in headers if name.lower() not in _NOISE]
        more = [("…", f"and {len(shown) - _MOST} more")] if len(shown) > _MOST else []
        return (*shown[:_MOST], *more)

    def _header(self, name: str, value: str) -> str:
        stand_in = self._headers.get(name.lower())
        if stand_in is not None or name.lower() in _ALWAYS:
            return stand_in or HIDDEN
        return self.text(value)

    def body(self, body: bytes, *, ours: bool = False) -> str:
        """Return a body as text: cut when it is long, described when it is no text.

        Sensitive members are hidden in what a server says; what we send is made up, and needed to send it again.
        """
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return f"({len(body)} bytes that are no text)"
        if self._members and not ours:
            text = self._without_members(text)
        text = self.text(text)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(body)} bytes)"

    def _without_members(self, text: str) -> str:
        try:
            value: Json = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return json.dumps(self._hide(value), ensure_ascii=False)

    def _hide(self, value: Json) -> Json:
        if isinstance(value, dict):
            return {k: HIDDEN if k in self._members else self._hide(v) for k, v in value.items()}
        return [self._hide(v) for v in value] if isinstance(value, list) else value

    def message(self, headers: Iterable[tuple[str, str]], body: bytes, *, ours: bool = False) -> Message:
        """Return a message as reports show it."""
        return Message(self.headers(headers), self.body(body, ours=ours))


def _sensitive_members(contract: Contract) -> Iterator[str]:
    for pointer, kind, _ in grammar.walk(grammar.ROOT, contract.document):
        if kind == "schema":
            for name, member in contract.schema(pointer).properties.items():
                if member.sensitive:
                    yield name


def _carrier(scheme: SecurityScheme) -> str:
    return scheme.parameter if scheme.kind == "apiKey" else "Authorization"


def _stand_in(scheme: SecurityScheme) -> str:
    """Return what a report shows in place of a credential: the variable that has to hold it."""
    if scheme.signer is not None:
        return f"[signed with {', '.join(f'${variable(scheme.name, n)}' for n in value_names(scheme))}]"
    names = [f"${variable(scheme.name, n)}" for n in value_names(scheme)]
    if scheme.kind == "apiKey":
        return names[0]
    return f"Bearer {names[0]}" if len(names) == 1 else f'Basic $(printf %s "{":".join(names)}" | base64)'
