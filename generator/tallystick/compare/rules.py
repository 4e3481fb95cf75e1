"""Every rule of the comparison, in the order in which it is listed."""

from __future__ import annotations

from tallystick.compare import rules_api, rules_schema
from tallystick.compare.rule import Rules

RULES = Rules.of(
    (
        *rules_api.OPERATIONS,
        *rules_api.BODIES,
        *rules_api.MEMBERS,
        *rules_schema.TYPES,
        *rules_schema.VALUES,
        *rules_schema.LIMITS,
        *rules_schema.SHAPES,
        *rules_api.SURROUNDINGS,
    )
)
