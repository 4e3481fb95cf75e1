"""Moments as members say them: whole seconds, or RFC 3339 text."""

from __future__ import annotations

from datetime import UTC, datetime

from tallystick.load import Json


def stamp(moment: float, *, text: bool) -> Json:
    """Return a moment as whole seconds, or as RFC 3339 text."""
    if not text:
        return int(moment)
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(value: Json) -> float | None:
    """Return the moment that a member's value names, in seconds since 1970-01-01 UTC, `None` when it names none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
