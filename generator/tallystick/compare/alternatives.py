"""Which subschemas of two lists are about the same thing."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tallystick.compare.likeness import Likeness
from tallystick.contract import Schema
from tallystick.load.pointer import NoSuchMember, get

_Pair = tuple[Schema, Schema]


@dataclass(frozen=True, slots=True)
class Matched:
    """Pairs to compare further, each with a label, and what stands in one list only."""

    pairs: tuple[tuple[str, Schema, Schema], ...]
    removed: tuple[Schema, ...]
    added: tuple[Schema, ...]


def matched(old: Sequence[Schema], new: Sequence[Schema], likeness: Likeness) -> Matched:
    """Match subschemas: by the component they refer to, by what they say, by title; one left on each side is a pair.

    Two components of different names are matched by what they say only where one was renamed.
    """
    pairs: list[_Pair] = []
    left, right = list(old), list(new)
    for name in (_reference, _text, likeness, _title):
        found = _by_name(left, right, name)
        pairs += found
        left = [s for s in left if all(s is not before for before, _ in found)]
        right = [s for s in right if all(s is not after for _, after in found)]
    if len(left) == len(right) == 1 and _is_nameless(left[0]) and _is_nameless(right[0]):
        pairs.append((left[0], right[0]))
        left, right = [], []
    return Matched(tuple((label(b, old), b, a) for b, a in pairs), tuple(left), tuple(right))


def _by_name(left: Sequence[Schema], right: Sequence[Schema], name: Callable[[Schema], str | None]) -> list[_Pair]:
    named: dict[str | None, list[Schema]] = defaultdict(list)
    if not left or not right:
        return []
    for schema in right:
        named[name(schema)].append(schema)
    pairs: list[_Pair] = []
    for before in left:
        key = name(before)
        fitting = [a for a in named[key] if _may_be_one(before, a)] if key is not None else []
        if fitting:
            named[key].remove(fitting[0])
            pairs.append((before, fitting[0]))
    return pairs


def _may_be_one(old: Schema, new: Schema) -> bool:
    """Say whether names don't tell two subschemas apart: no two components that both exist on one side."""
    if old.ref is None or new.ref is None or old.ref == new.ref:
        return True
    return not _has(new, old.ref) and not _has(old, new.ref)


def _has(schema: Schema, pointer: str) -> bool:
    try:
        get(schema.document, pointer)
    except NoSuchMember:
        return False
    return True


def label(schema: Schema, among: Sequence[Schema]) -> str:
    """Return what messages call a subschema: its component, its title, or its number counted from 1."""
    if schema.ref is not None:
        return schema.ref.rpartition("/")[2]
    return schema.text("title") or f"#{list(among).index(schema) + 1}"


def _reference(schema: Schema) -> str | None:
    return schema.ref


def _text(schema: Schema) -> str | None:
    return json.dumps(schema.data, sort_keys=True) if schema.ref is None else None


def _title(schema: Schema) -> str | None:
    return schema.text("title") or None if schema.ref is None else None


def _is_nameless(schema: Schema) -> bool:
    return schema.ref is None and not schema.text("title")
