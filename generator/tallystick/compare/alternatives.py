"""Which subschemas of two lists are about the same thing."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tallystick.compare.likeness import Likeness
from tallystick.compare.view import spread, unwrapped
from tallystick.contract import Schema
from tallystick.load.pointer import NoSuchMember, get

_Pair = tuple[Schema, Schema]


@dataclass(frozen=True, slots=True)
class Matched:
    """Pairs to compare further, and what stands in one list only, each with a label."""

    pairs: tuple[tuple[str, Schema, Schema], ...]
    removed: tuple[tuple[str, Schema], ...]
    added: tuple[tuple[str, Schema], ...]


def matched(old: Sequence[Schema], new: Sequence[Schema], likeness: Likeness, *, all_hold: bool = False) -> Matched:
    """Match subschemas: by the component they refer to, by what they say, by title; one left on each side is a pair.

    Two components of different names are matched by what they say only where one was renamed. `all_hold` says that
    they stand in an `allOf`: what is left is then also looked for in an `allOf` inside, which says the same.
    """
    pairs, left, right = _by_names(old, new, likeness)
    if all_hold and (left or right):
        left, right = ([part for schema in rest for part in spread(schema)] for rest in (left, right))
        more, left, right = _by_names(left, right, likeness)
        pairs += more
    if len(left) == len(right) == 1 and _is_nameless(left[0]) and _is_nameless(right[0]):
        pairs.append((left[0], right[0]))
        left, right = [], []
    called, called_now = labels(old), labels(new)
    return Matched(
        tuple((called.get(b.pointer) or _label(b), b, a) for b, a in pairs),
        tuple((called.get(s.pointer) or _label(s), s) for s in left),
        tuple((called_now.get(s.pointer) or _label(s), s) for s in right),
    )


def _by_names(
    old: Sequence[Schema], new: Sequence[Schema], likeness: Likeness
) -> tuple[list[_Pair], list[Schema], list[Schema]]:
    """Return the pairs that have a name in common, and what is left of both lists."""
    pairs: list[_Pair] = []
    left, right = list(old), list(new)
    for name in (_reference, _text, likeness, _title):
        found = _by_name(left, right, name)
        pairs += found
        told = {id(schema) for pair in found for schema in pair}
        left, right = ([s for s in rest if id(s) not in told] for rest in (left, right))
    return pairs, left, right


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
    return {s.pointer: _label(s, number) for number, s in enumerate(schemas, 1)}


def _label(schema: Schema, number: int = 0) -> str:
    """Return component, title or number; what stands deeper is counted where it stands."""
    return _component(schema) or schema.text("title") or f"#{number or int(schema.pointer.rpartition('/')[2]) + 1}"


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
