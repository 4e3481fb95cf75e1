"""Whether two schemas say the same in other words: written out or referred to, in another order, with other texts."""

from __future__ import annotations

import json
from hashlib import sha256

from tallystick.compare.view import View, is_demand, unwrapped, view
from tallystick.contract import Schema
from tallystick.contract.schema import as_mapping

_DEPTH = 6
"""How many levels of subschemas are looked at. What is deeper is compared by the walk, not here."""
_ONE = (
    "items",
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_MANY = ("prefixItems",)
_ANY_ORDER = ("allOf", "anyOf", "oneOf")
_NAMED = ("properties", "patternProperties", "dependentSchemas")
_SETS = frozenset(("enum", "required", "type"))


class Likeness:
    """Gives schemas of equal meaning the same key; remembers what it gave, so that each is looked at a few times."""

    def __init__(self) -> None:
        self._known: dict[tuple[Schema, int], str] = {}

    def __call__(self, schema: Schema) -> str:
        """Return the key of a schema."""
        return self._key(schema, _DEPTH)

    def _key(self, schema: Schema, depth: int) -> str:
        if depth == 0:
            return ""
        if (schema, depth) not in self._known:
            shown = view(unwrapped(schema))
            below = {k: self._below(shown, k, depth - 1) for k in shown.data if is_demand(k)}
            said = json.dumps([shown.wrapped, below], sort_keys=True, default=str)
            self._known[schema, depth] = sha256(said.encode()).hexdigest()
        return self._known[schema, depth]

    def _below(self, shown: View, keyword: str, depth: int) -> object:
        value = shown.get(keyword)
        one = shown.one(keyword) if keyword in _ONE else None
        if one is not None:
            return self._key(one, depth)
        if keyword in _ANY_ORDER:
            return sorted(self._key(part, depth) for part in shown.many(keyword))
        if keyword in _MANY:
            return [self._key(part, depth) for part in shown.many(keyword)]
        if keyword in _NAMED:
            return {name: self._key(part, depth) for name, part in shown.named(keyword).items()}
        if keyword in _SETS:
            values = value if isinstance(value, list) else [value]
            return sorted(json.dumps(v, sort_keys=True) for v in values)
        if keyword == "discriminator":
            told = as_mapping(value)  # what the names stand for is compared where the alternatives are
            return [told.get("propertyName"), sorted(as_mapping(told.get("mapping")))]
        return value
