"""Every rule of the comparison, in the order in which it is listed.

A request that may hold less, and a response that may hold more, break. What no rule names affects nobody.
"""

from __future__ import annotations

from tallystick.compare.rule import Rules
from tallystick.compare.rules import (
    behaviour,
    bodies,
    limits,
    members,
    operations,
    shapes,
    surroundings,
    types,
    values,
)

RULES = Rules.of(
    (
        *operations.RULES,
        *bodies.RULES,
        *members.RULES,
        *types.RULES,
        *values.RULES,
        *limits.RULES,
        *shapes.RULES,
        *surroundings.RULES,
        *behaviour.RULES,
    )
)
