"""Deprecation and sunset of operations, parameters and headers."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.compare import lifetime
from tallystick.compare.ledger import Ledger, Scope
from tallystick.load import Json

Announced = tuple[bool, Mapping[str, Json], str]
"""Whether something is deprecated, its object, and the pointer of that."""


def enter_sunset(ledger: Ledger, scope: Scope, old: Announced, new: Announced) -> None:
    """Enter that something was deprecated or is so no longer, and what became of the date on which it ends."""
    before, after = ((deprecated, lifetime.sunset_of(node)) for deprecated, node, _ in (old, new))
    for said in lifetime.announcements(before, after, ledger.today):
        ledger.enter(scope, said.facet, said.change, said.what, *said.names, old=old[2], new=new[2])
