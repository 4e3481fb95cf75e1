"""Which subschemas of two lists are about the same thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.contract import Schema


@dataclass(frozen=True, slots=True)
class Matched:
    """Pairs to compare further, each with a label, and what stands in one list only."""

    pairs: tuple[tuple[str, Schema, Schema], ...]
    removed: tuple[Schema, ...]
    added: tuple[Schema, ...]


def matched(old: Sequence[Schema], new: Sequence[Schema]) -> Matched:
    """Match subschemas: by the component they refer to, by equal text, by title; one left on each side is a pair."""
    pairs: list[tuple[str, Schema, Schema]] = []
    left, right = list(old), list(new)
    for same in (_same_reference, _same_text, _same_title):
        for before in list(left):
            after = next((s for s in right if same(before, s)), None)
            if after is not None:
                left.remove(before)
                right.remove(after)
                pairs.append((label(before, old), before, after))
    if len(left) == len(right) == 1 and _plain(left[0]) and _plain(right[0]):
        pairs.append((label(left[0], old), left[0], right[0]))
        left, right = [], []
    return Matched(tuple(pairs), tuple(left), tuple(right))


def label(schema: Schema, among: Sequence[Schema]) -> str:
    """Return what messages call a subschema: its component, its title, or its number counted from 1."""
    if schema.ref is not None:
        return schema.ref.rpartition("/")[2]
    return schema.text("title") or f"#{list(among).index(schema) + 1}"


def _same_reference(old: Schema, new: Schema) -> bool:
    return old.ref is not None and old.ref == new.ref


def _same_text(old: Schema, new: Schema) -> bool:
    return old.ref is None and old.data == new.data


def _same_title(old: Schema, new: Schema) -> bool:
    return old.ref is None and new.ref is None and bool(old.text("title")) and old.text("title") == new.text("title")


def _plain(schema: Schema) -> bool:
    return schema.ref is None and not schema.text("title")
