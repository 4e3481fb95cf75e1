"""Bodies as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final, cast

from tallystick.load import Json

NOTHING: Final[Any] = object()
"""Stands for a body that is no JSON; `null` is JSON."""
CUT_OFF: Final = b'{"a": '
"""A body of JSON that ends too early."""
FORM: Final = b"a=1&b=2"
"""A body that is a form, and no JSON."""
DEEPEST: Final = 200
"""Levels of nesting in a body from which on it is nobody's data, and too deep for most parsers."""
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def is_deep(body: bytes | bytearray) -> bool:
    """Say whether a body is nested deeper than `DEEPEST`, were it JSON."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for found in _BRACKETS.finditer(body):
        mark = found[0]
        depth += (mark in (b"[", b"{")) - (mark in (b"]", b"}"))
        if depth > DEEPEST:
            return True
    return False


def parsed(body: bytes) -> Json:
    """Return a body as JSON, `NOTHING` when it is none or too deep to be judged.

    Halves of characters, which UTF-8 can't write, become `?`.
    """
    if is_deep(body):
        return cast("Json", NOTHING)
    try:
        value = json.loads(body)
        if _SURROGATE.search(body):
            value = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
        return cast("Json", value)
    except (ValueError, RecursionError):
        return cast("Json", NOTHING)


def put(value: Json, tokens: Sequence[str], new: Json) -> Json:
    """Return a value with another one at the end of a path of names and indices; what is above it is there."""
    if not tokens:
        return new
    if isinstance(value, list):
        return [put(item, tokens[1:], new) if i == int(tokens[0]) else item for i, item in enumerate(value)]
    members = value if isinstance(value, dict) else {}
    return {**members, tokens[0]: put(members.get(tokens[0]), tokens[1:], new)}


def merged(value: Json, more: Json) -> Json:
    """Return a value with what another has beside it; where both have something, it is that of the first."""
    if isinstance(value, dict) and isinstance(more, dict):
        return {**more, **{name: merged(member, more.get(name)) for name, member in value.items()}}
    return more if value is None else value
