"""Which subschemas of two lists are about the same thing."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tallystick.compare.likeness import Likeness
from tallystick.compare.view import unwrapped
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
        told = {id(schema) for pair in found for schema in pair}
        left, right = ([s for s in rest if id(s) not in told] for rest in (left, right))
    if len(left) == len(right) == 1 and _is_nameless(left[0]) and _is_nameless(right[0]):
        pairs.append((left[0], right[0]))
        left, right = [], []
    names = labels(old)
    return Matched(tuple((names[b.pointer], b, a) for b, a in pairs), tuple(left), tuple(right))


def _by_name(left: Sequence[Schema], right: Sequence[Schema], name: Callable[[Schema], str | None]) -> list[_Pair]:
    if not left or not right:
        return []  # without asking for names, which takes long
    named: dict[str | None, list[Schema]] = defaultdict(list)
    for schema in right:
        named[name(schema)].append(schema)
    pairs: list[_Pair] = []
    for before in left:
        key = name(before)
        candidates = named[key] if key is not None else []
        fitting = next((i for i, after in enumerate(candidates) if _may_be_one(before, after)), None)
        if fitting is not None:
            pairs.append((before, candidates.pop(fitting)))
    return pairs


def _may_be_one(old: Schema, new: Schema) -> bool:
    """Say whether names don't tell two subschemas apart: no two components that both exist on one side."""
    before, after = _reference(old), _reference(new)
    if before is None or after is None or before == after:
        return True
    return not _has(new, before) and not _has(old, after)


def _has(schema: Schema, pointer: str) -> bool:
    try:
        get(schema.document, pointer)
    except NoSuchMember:
        return False
    return True


def labels(schemas: Sequence[Schema]) -> dict[str, str]:
    """Return, by pointer, what messages call subschemas: component, title, or number counted from 1."""
    return {s.pointer: _component(s) or s.text("title") or f"#{number}" for number, s in enumerate(schemas, 1)}


def _component(schema: Schema) -> str:
    return (_reference(schema) or "").rpartition("/")[2]


def _reference(schema: Schema) -> str | None:
    return unwrapped(schema).ref


def _text(schema: Schema) -> str | None:
    return json.dumps(schema.data, sort_keys=True) if _reference(schema) is None else None


def _title(schema: Schema) -> str | None:
    return schema.text("title") or None if _reference(schema) is None else None


def _is_nameless(schema: Schema) -> bool:
    return _reference(schema) is None and not schema.text("title")
