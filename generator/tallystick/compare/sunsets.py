"""Deprecation and sunset of parameters and headers."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.compare import lifetime
from tallystick.compare.ledger import Ledger, Scope
from tallystick.load import Json

Announced = tuple[bool, Mapping[str, Json], str]
"""Whether something is deprecated, its object, and the pointer of that."""


def enter_sunset(ledger: Ledger, scope: Scope, old: Announced, new: Announced) -> None:
    """Enter that something was deprecated or is so no longer, and what became of the date on which it ends."""
    (was, before_node, before_place), (is_, after_node, after_place) = old, new
    before, after = lifetime.sunset_of(before_node), lifetime.sunset_of(after_node)
    if was and not is_:
        ledger.enter(scope, "deprecated", "off", "is no longer deprecated", old=before_place, new=after_place)
        return
    if not is_:
        return
    if was and before and not after:
        what = f"no longer ends on {before}"
        ledger.enter(scope, "sunset", "removed", what, before, old=before_place, new=after_place)
    if was and before == after:
        return
    broken = problem(ledger, before if was else "", after)
    if broken:
        what = f"has {after!r} as sunset"
        ledger.enter(scope, "sunset", broken, what, after, old=before_place, new=after_place)
    elif not was:
        what = f"is deprecated{f' and ends on {after}' if after else ''}"
        ledger.enter(scope, "deprecated", "on", what, old=before_place, new=after_place)


def problem(ledger: Ledger, before: str, after: str) -> str:
    """Return what is wrong with a new sunset: `invalid`, `too-soon`, or nothing."""
    if not after:
        return ""
    day, earlier = lifetime.parsed(after), lifetime.parsed(before)
    if day is None:
        return "invalid"
    return "too-soon" if day < ledger.today and (earlier is None or day < earlier) else ""
