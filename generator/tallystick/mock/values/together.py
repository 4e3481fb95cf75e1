"""Schemas that one value has to meet at once, and what they ask of it between them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Final

from tallystick.contract import Schema
from tallystick.contract.schema import as_mapping
from tallystick.contract.validation import Direction

TYPES: Final = ("object", "array", "string", "integer", "number", "boolean", "null")
_TELLING: Final = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "contains"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}
_NOT_TRAVELLING: Final = {"request": "readOnly", "response": "writeOnly"}
_FAR: Final = 10**30
"""Steps from zero beyond which no number is looked for."""
_MOST_ITEMS: Final = 1000
"""How many items are made for `contains` at most, whatever it asks for."""


class Unsatisfiable(Exception):
    """No value was found for a schema."""


class Together:
    """Schemas that hold at once, their references and alternatives taken apart already."""

    def __init__(self, atoms: Sequence[Schema], direction: Direction) -> None:
        self.atoms = tuple(atoms)
        self._direction: Direction = direction

    def and_(self, *more: Schema) -> Together:
        """Return these schemas and some more."""
        return Together((*self.atoms, *more), self._direction)

    # -- of any value -------------------------------------------------------------------------------------------

    def types(self) -> list[str]:
        """Return the types that a value may have, all of them where nothing is said. Raises `Unsatisfiable`."""
        allowed = set(TYPES)
        for atom in self.atoms:
            if atom.types:
                allowed &= set(atom.types) | ({"integer"} if "number" in atom.types else set())
        if not allowed:
            raise Unsatisfiable
        if {"integer", "number"} <= allowed and len(allowed) < len(TYPES):
            allowed.discard("integer")
        return [t for t in TYPES if t in allowed]

    def likely_type(self) -> str:
        """Return the type that the keywords are about, where none is named."""
        told = (t for t, keywords in _TELLING.items() if any(k in a for a in self.atoms for k in keywords))
        return next(told, "string")

    def least(self, keyword: str) -> int:
        """Return the largest of the lower limits, 0 without any."""
        return max((int(n) for n in self._numbers(keyword)), default=0)

    def most(self, keyword: str) -> int | None:
        """Return the smallest of the upper limits, `None` without any."""
        return min((int(n) for n in self._numbers(keyword)), default=None)

    def texts(self, keyword: str) -> list[str]:
        """Return the values of a keyword that are text."""
        return [text for a in self.atoms if isinstance(text := a.get(keyword), str)]

    def each(self, keyword: str) -> list[Schema]:
        """Return the schemas that a keyword holds."""
        return [schema for a in self.atoms if (schema := a.one(keyword)) is not None]

    def _numbers(self, keyword: str) -> Iterator[int | float]:
        return (n for a in self.atoms if isinstance(n := a.get(keyword), (int, float)))

    # -- of objects ---------------------------------------------------------------------------------------------

    @cached_property
    def members(self) -> dict[str, list[Schema]]:
        """The schemas of each declared member."""
        found: dict[str, list[Schema]] = {}
        for atom in self.atoms:
            for name, member in atom.properties.items():
                found.setdefault(name, []).append(member)
        return found

    def required(self) -> set[str]:
        """Return the members that have to be there, in this direction."""
        names = set().union(*(a.required for a in self.atoms))
        return {name for name in names if not self.stays(name)}

    def stays(self, name: str) -> bool:
        """Say whether a member doesn't travel in this direction, or can't be there at all."""
        hidden = _NOT_TRAVELLING[self._direction]
        return any(m.data is False or m.flag(hidden) for m in self.members.get(name, ()))

    def deprecated(self, name: str) -> bool:
        """Say whether a member is on its way out."""
        return any(m.flag("deprecated") for m in self.members.get(name, ()))

    def member(self, name: str) -> tuple[Schema, ...]:
        """Return all schemas that a member has to meet."""
        found: list[Schema] = []
        for atom in self.atoms:
            matching = [s for p, s in atom.named("patternProperties").items() if _searches(p, name)]
            own = as_mapping(atom.get("properties"))
            if name in own:
                matching.insert(0, atom.child("properties", name))
            if not matching and (rest := atom.one("additionalProperties")) is not None:
                matching = [rest]
            found += matching
        return tuple(found)

    def brought_by(self, name: str) -> tuple[set[str], list[Schema]]:
        """Return the members that another one brings with it, and what then holds too."""
        names: set[str] = set()
        schemas: list[Schema] = []
        for atom in self.atoms:
            listed = as_mapping(atom.get("dependentRequired")).get(name)
            names.update(n for n in listed if isinstance(n, str)) if isinstance(listed, list) else None
            dependent = atom.named("dependentSchemas").get(name)
            if dependent is not None:
                names |= dependent.required_members()
                schemas += dependent.parts()
        return names, schemas

    # -- of arrays ----------------------------------------------------------------------------------------------

    def contained(self) -> list[Schema]:
        """Return the schemas of items that have to be among others."""
        return [contains for a in self.atoms if (contains := a.one("contains")) for _ in range(_least_contained(a))]

    def item(self, index: int) -> list[Schema]:
        """Return the schemas that the item at an index has to meet."""
        found: list[Schema] = []
        for atom in self.atoms:
            prefix = atom.many("prefixItems")
            here = prefix[index] if index < len(prefix) else atom.one("items")
            found += [here] if here is not None else []
        return found

    # -- of numbers ---------------------------------------------------------------------------------------------

    def number(self, wanted: Decimal, *, whole: bool) -> int | float:
        """Return the number that is nearest to a wanted one. Raises `Unsatisfiable`."""
        lowest, highest = self._bound("minimum", max), self._bound("maximum", min)
        above, below = self._bound("exclusiveMinimum", max), self._bound("exclusiveMaximum", min)
        step = self._step(whole=whole)
        if step:
            first = max(
                math.ceil(lowest / step) if lowest is not None else -_FAR,
                math.floor(above / step) + 1 if above is not None else -_FAR,
            )
            last = min(
                math.floor(highest / step) if highest is not None else _FAR,
                math.ceil(below / step) - 1 if below is not None else _FAR,
            )
            if first > last:
                raise Unsatisfiable
            value = step * min(max(math.ceil(wanted / step), first), last)
        else:
            low = max((b for b in (lowest, above) if b is not None), default=wanted)
            high = min((b for b in (highest, below) if b is not None), default=max(wanted, low + 2))
            low = min(low, high - 2) if lowest is None and above is None else low
            value = min(max(wanted, low), high)
            if value in (above, below):
                value = (low + high) / 2
        return int(value) if value == int(value) else float(value)

    def _bound(self, keyword: str, strictest: Callable[[Iterable[Decimal]], Decimal]) -> Decimal | None:
        given = [Decimal(str(n)) for n in self._numbers(keyword)]
        return strictest(given) if given else None

    def _step(self, *, whole: bool) -> Decimal:
        """Return what a number has to be a multiple of, 0 when that doesn't matter."""
        step = max(
            (abs(Decimal(str(n))) for n in self._numbers("multipleOf") if n), default=Decimal(1 if whole else 0)
        )
        if whole and step != int(step):
            step *= next((n for n in range(1, 10_001) if (step * n) % 1 == 0), 1)
        return step


def _searches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def _least_contained(schema: Schema) -> int:
    least = schema.get("minContains", 1)
    return min(int(least), _MOST_ITEMS) if isinstance(least, (int, float)) else 1
