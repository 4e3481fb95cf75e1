"""Takes secrets out of what reports show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from tallystick.contract import Contract
from tallystick.contract.model import SecurityScheme
from tallystick.load import Json
from tallystick.resolve import grammar
from tallystick.verify.outcome.disguise import proves_nothing, stand_ins
from tallystick.verify.result import Message
from tallystick.verify.server.auth import Credentials, value_names, variable

HIDDEN = "[hidden]"
_LONGEST = 4000
_MOST = 60
"""Headers of a message to show."""
_NOISE = frozenset(("x-schemathesis-testcaseid",))
_ALWAYS = frozenset(("authorization", "cookie", "set-cookie", "proxy-authorization"))


class Redaction:
    """Knows what must not be shown: credentials, the values of sensitive members, and what carries a signature."""

    def __init__(self, contract: Contract, callers: Mapping[str, Credentials]) -> None:
        self._stand_ins = _stand_ins(contract, callers)
        self._members = frozenset(_sensitive_members(contract))
        schemes = contract.security_schemes.values()
        self._signature = next((_signature_of(scheme) for scheme in schemes if scheme.signer is not None), "")

    def text(self, text: str) -> str:
        """Return a text without the secrets that this run used, and with nothing that UTF-8 can't write."""
        text = text.encode(errors="backslashreplace").decode()
        for secret in self._stand_ins:
            text = text.replace(secret, HIDDEN)
        return text

    def sent(self, text: str) -> str:
        """Return a text that we sent, with the shell words that bring back its credentials."""
        text = text.encode(errors="backslashreplace").decode()
        if not self._stand_ins:
            return text
        pattern = "|".join(map(re.escape, self._stand_ins))
        return re.sub(pattern, lambda found: self._stand_ins[found[0]], text)

    def headers(self, headers: Iterable[tuple[str, str]], *, ours: bool = False) -> tuple[tuple[str, str], ...]:
        """Return headers with a stand-in for each that proves who the caller is."""
        show = self._sent_header if ours else self._header
        shown = [(name, show(name, value)) for name, value in headers if name.lower() not in _NOISE]
        more = [("…", f"and {len(shown) - _MOST} more")] if len(shown) > _MOST else []
        return (*shown[:_MOST], *more)

    def _header(self, name: str, value: str) -> str:
        return HIDDEN if name.lower() in _ALWAYS else self.text(value)

    def _sent_header(self, name: str, value: str) -> str:
        if name.lower() == "authorization" and self._signature and not proves_nothing(name, value):
            return self._signature
        shown = self.sent(value := value.strip())
        told = shown != value or name.lower() not in _ALWAYS or proves_nothing(name, value)
        return shown if told else HIDDEN

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
        text = self.sent(text) if ours else self.text(text)
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
        return Message(self.headers(headers, ours=ours), self.body(body, ours=ours))


def _sensitive_members(contract: Contract) -> Iterator[str]:
    for pointer, kind, _ in grammar.walk(grammar.ROOT, contract.document):
        if kind == "schema":
            for name, member in contract.schema(pointer).properties.items():
                if member.sensitive:
                    yield name


def _stand_ins(contract: Contract, callers: Mapping[str, Credentials]) -> dict[str, str]:
    """Return what may be sent of any caller's credentials, longest first, with the words that stand for it."""
    found: dict[str, str] = {}
    for suffix, caller in callers.items():
        for scheme in contract.security_schemes.values():
            for secret, words in stand_ins(scheme, caller.values.get(scheme.name, {}), suffix):
                found.setdefault(secret, words)
    return {secret: found[secret] for secret in sorted(found, key=lambda text: (-len(text), text))}


def _signature_of(scheme: SecurityScheme) -> str:
    """Return what a report shows in place of a signature: the variables that it is made with."""
    return f"[signed with {', '.join(f'${variable(scheme.name, n)}' for n in value_names(scheme))}]"
