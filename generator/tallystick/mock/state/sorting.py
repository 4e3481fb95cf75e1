"""The order of a list, where the values that its parameters take say plainly what they sort by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from tallystick.contract import Schema
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.mock.behaviour import Call, Resource
from tallystick.mock.values.text import words

_BY: Final = ("sort", "sort_by", "order_by", "order", "ordering", "sort_field", "sort_key", "sorted_by")
_WAY: Final = ("sort_order", "sort_direction", "sort_dir", "order_direction", "direction", "dir", "order", "sort")
_WAYS: Final = {"asc": False, "ascending": False, "desc": True, "descending": True}

_Key = tuple[str, bool | None]
"""A member, and whether the highest value comes first; `None` where the value doesn't say."""


class Sorting:
    """How one operation sorts: worked out once. Without lists of values that say so it doesn't."""

    def __init__(self, operation: Operation, members: Mapping[str, Schema]) -> None:
        query = {words(p.name): p for p in operation.parameters if p.location == "query" and p.schema is not None}
        listed = {word: (p.name, values) for word, p in query.items() if (values := _values(p.schema))}
        spelled = {words(name): name for name in members}
        self._by, self._keys = "", dict[str, _Key]()
        self._way = next((listed[w][0] for w in _WAY if w in listed and _are_ways(listed[w][1])), "")
        for word in _BY:
            if word in listed and (keys := _keys(listed[word][1], spelled)):
                self._by, self._keys = listed[word][0], keys
                break

    @property
    def parameters(self) -> tuple[str, str]:
        """The parameters that say what is sorted by, and which way; empty where there is none."""
        return self._by, self._way

    def sorted(self, call: Call, kept: list[Resource]) -> list[Resource]:
        """Return what is kept in the order that a call asks for; what lacks the member comes last."""
        asked = call.parameters.get(("query", self._by)) if self._by else None
        way = call.parameters.get(("query", self._way)) if self._way else None
        turned = _WAYS.get(str(way).lower())
        chosen = [self._keys[str(one)] for one in (asked if isinstance(asked, list) else [asked]) if one is not None]
        if not chosen:
            return kept[::-1] if turned else kept
        for name, descending in reversed(chosen):
            down = bool(turned if descending is None else descending)
            there = [r for r in kept if r.get(name) is not None]
            there.sort(key=lambda r, name=name: _rank(r[name]), reverse=down)  # type: ignore[misc]
            kept = [*there, *(r for r in kept if r.get(name) is None)]
        return kept


def _values(schema: Schema | None) -> tuple[str, ...]:
    """Return the texts that a parameter, or each item of it, is one of; none when it may be anything."""
    if schema is None:
        return ()
    items = schema.resolved.one("items")
    listed = (items if items is not None else schema).resolved.enum or ()
    return tuple(value for value in listed if isinstance(value, str))


def _are_ways(values: tuple[str, ...]) -> bool:
    return all(value.lower() in _WAYS for value in values)


def _keys(values: tuple[str, ...], spelled: Mapping[str, str]) -> dict[str, _Key]:
    """Return what each value sorts by, nothing unless all of them say so."""
    found = {value: key for value in values if (key := _key(value, spelled)) is not None}
    return found if len(found) == len(values) else {}


def _key(value: str, spelled: Mapping[str, str]) -> _Key | None:
    plain = words(value.lstrip("+-"))
    if plain in spelled:
        return spelled[plain], True if value[0] == "-" else False if value[0] == "+" else None
    match = re.fullmatch(r"(.+)_(asc|ascending|desc|descending)", plain)
    return (spelled[match[1]], _WAYS[match[2]]) if match is not None and match[1] in spelled else None


def _rank(value: Json) -> tuple[int, int | float, str]:
    """Return what values of any type can be compared by: numbers come before texts."""
    if isinstance(value, (int, float)):
        return 0, value, ""
    return 1, 0, str(value)
