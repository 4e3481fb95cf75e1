"""What is announced about the end of something: `deprecated`, `x-sunset`, `x-stability-level`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from tallystick.load import Json

STABILITIES = {"draft": 0, "alpha": 1, "beta": 2, "stable": 3}
"""The values of `x-stability-level`, the least promising first."""
UNPROMISED = frozenset(("draft", "alpha"))
"""Stabilities that promise nothing: what has them may change freely."""


def sunset_of(node: Mapping[str, Json]) -> str:
    """Return the sunset of an operation, parameter or schema as it is written, empty when there is none."""
    value = node.get("x-sunset")
    return str(value) if value is not None else ""


def parsed(sunset: str) -> date | None:
    """Return the day that a sunset names (a date, or a date and time), `None` when it names none."""
    try:
        return date.fromisoformat(sunset)
    except ValueError:
        try:
            return datetime.fromisoformat(sunset).date()
        except ValueError:
            return None


def removal(node: Mapping[str, Json], today: date, *, deprecated: bool) -> str | None:
    """Return the circumstance under which something went: empty, `deprecated`, `before-sunset` or `invalid`.

    `None` when its sunset has passed: nobody may rely on it any more.
    """
    if not deprecated:
        return ""
    sunset = sunset_of(node)
    if not sunset:
        return "deprecated"
    day = parsed(sunset)
    if day is None:
        return "invalid"
    return "before-sunset" if today < day else None
