"""What is announced about the end of something: `deprecated`, `x-sunset`, `x-stability-level`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tallystick.load import Json

STABILITIES = {"draft": 0, "alpha": 1, "beta": 2, "stable": 3}
"""The values of `x-stability-level`, the least promising first."""
UNPROMISED = frozenset(("draft", "alpha"))
"""Stabilities that promise nothing: what has them may change freely."""
_UNSAID = "stable"
"""What holds where no stability is said."""


def is_stability(level: str) -> bool:
    """Say whether a text is one of the levels."""
    return level in STABILITIES


def stability_change(old: str, new: str) -> str:
    """Return `raised` or `lowered` for two levels, empty where they are equal or never promised anything."""
    before, after = old or _UNSAID, new or _UNSAID
    if before == after or {before, after} <= UNPROMISED or not {before, after} <= STABILITIES.keys():
        return ""
    return "raised" if STABILITIES[after] > STABILITIES[before] else "lowered"


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


@dataclass(frozen=True, slots=True)
class Announcement:
    """What was announced: a facet and its change, a phrase that completes the subject, and the date if any."""

    facet: str
    change: str
    what: str
    names: tuple[str, ...] = ()


def announcements(old: tuple[bool, str], new: tuple[bool, str], today: date) -> Iterator[Announcement]:
    """Yield what changed between two states, each whether something is deprecated and the sunset it has."""
    (was, before), (is_, after) = old, new
    if was and not is_:
        yield Announcement("deprecated", "off", "is no longer deprecated")
    if not is_ or (was and before == after):
        return
    if was and before and not after:
        yield Announcement("sunset", "removed", f"no longer ends on {before}", (before,))
    elif problem := _problem(before if was else "", after, today):
        yield Announcement("sunset", problem, f"has {after!r} as sunset", (after,))
    elif not was:
        yield Announcement("deprecated", "on", f"is deprecated{f' and ends on {after}' if after else ''}")


def _problem(before: str, after: str, today: date) -> str:
    if not after:
        return ""
    day, earlier = parsed(after), parsed(before)
    if day is None:
        return "invalid"
    return "too-soon" if day < (today if earlier is None else earlier) else ""


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
