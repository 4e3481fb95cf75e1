"""Which members of a request a server has to keep, where nothing but the schemas says so.

Servers set members of their own and write values in their own way, so only a value that is really another counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isclose

from tallystick.contract import Schema
from tallystick.load import Json
from tallystick.verify.facts.resource import same

_SERVERS = re.compile(
    r"(?:.*_)?(?:id|status|state|phase|stage|version|revision|etag|href|self|links?|uri|url|count|total|position|order|"
    r"at|on|date|time|timestamp|expires|expiry|created|updated|modified|deleted|by)"
)
"""Names, in snake case, of members that servers tend to set themselves whatever was sent."""
_SECRET = re.compile(
    r"(?:.*_)?(?:pass(?:word|code|phrase)?|secret|token|pin|cvv|cvc|iban|pan|credentials?|"
    r"(?:card|account)_?number|(?:api|private)_?key)(?:_.*)?"
)
"""Names of members that servers tend to hide or to mask."""
_MOMENTS = frozenset(("date", "date-time", "time", "duration"))
_MASK = re.compile(r"[*•…]|x{3}|X{3}")


def changed_members(
    sent: dict[str, Json], shown: dict[str, Json], request: Schema, answer: Schema, *, sure: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Yield the members that were sent and are shown otherwise, or not at all, with a sentence that says how.

    `sure` names those of which it is known that the server keeps them as they are; of the others, a missing one is
    passed over, and so is one that client and server share a schema for without its being required.
    """
    shared = request.resolved.pointer == answer.resolved.pointer
    for name in comparable(request, answer):
        if name not in sent or sent[name] in (None, "", [], {}):
            continue
        known = name in sure
        if name not in shown:
            if known:
                yield name, f"It was sent as {sent[name]!r}; the answer lacks it."
        elif not alike(sent[name], shown[name]) and (known or not shared or name in request.required_members()):
            yield name, f"It was sent as {sent[name]!r}; the answer has {shown[name]!r}."


def kept_members(sent: dict[str, Json], shown: dict[str, Json], request: Schema, answer: Schema) -> frozenset[str]:
    """Return the members that an answer shows as they were sent."""
    return frozenset(n for n in comparable(request, answer) if n in sent and n in shown and alike(sent[n], shown[n]))


def comparable(request: Schema, answer: Schema) -> Iterator[str]:
    """Yield the members that a client sets and an answer shows: same name, same type, nobody else's."""
    shown = answer.members()
    for name, member in request.members().items():
        plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower()
        if name not in shown or _SERVERS.fullmatch(plain) or _SECRET.fullmatch(plain):
            continue
        if member.flag("readOnly") or shown[name].flag("readOnly") or shown[name].flag("writeOnly"):
            continue
        parts = [*member.parts(), *shown[name].parts()]
        if any(part.get("format") in _MOMENTS or part.sensitive or part.flag("writeOnly") for part in parts):
            continue
        if _types(member) & _types(shown[name]):
            yield name


def _types(schema: Schema) -> frozenset[str]:
    named = {t for part in schema.parts() for t in part.types}
    return frozenset(named) or frozenset(("string", "number", "integer", "boolean", "object", "array"))


def alike(sent: Json, got: Json) -> bool:
    """Say whether a value may be what a server makes of the one that was sent.

    Texts may differ in letter case, spaces and punctuation, and may be masked; numbers by rounding; objects may lack
    members; lists may be sorted and have more items.
    """
    if isinstance(sent, str) and isinstance(got, str):
        return same_text(sent, got)
    if isinstance(sent, float) and isinstance(got, (int, float)):
        return isclose(sent, got, rel_tol=1e-6, abs_tol=0.01)
    if isinstance(sent, dict) and isinstance(got, dict):
        return all(name not in got or alike(value, got[name]) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(got, list):
        return all(any(alike(item, other) for other in got) for item in sent)
    return same(sent, got)


def same_text(sent: str, got: str) -> bool:
    """Say whether two texts are the same but for letter case, spaces, punctuation, masks and unusual characters."""
    if not sent.isascii() or _MASK.search(got):
        return True
    return _plain(sent) == _plain(got)


def _plain(text: str) -> str:
    return "".join(mark for mark in text if mark.isalnum()).casefold()
