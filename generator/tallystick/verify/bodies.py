"""Bodies as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, cast

from tallystick.load import Json

NOTHING: Final[Any] = object()
"""Stands for a body that is no JSON; `null` is JSON."""


def parsed(body: bytes) -> Json:
    """Return a body as JSON, `NOTHING` when it is none."""
    try:
        return cast("Json", json.loads(body))
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
