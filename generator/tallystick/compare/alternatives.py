"""Which subschemas of two lists are about the same thing."""

from __future__ import annotations

import json
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
    for name in (_reference, _text, _title):
        named: dict[str, Schema] = {}
        for schema in reversed(right):
            if (key := name(schema)) is not None:
                named[key] = schema
        for before in list(left):
            after = named.pop(name(before) or "", None)
            if after is not None:
                left.remove(before)
                right.remove(after)
                pairs.append((label(before, old), before, after))
    if len(left) == len(right) == 1 and _is_nameless(left[0]) and _is_nameless(right[0]):
        pairs.append((label(left[0], old), left[0], right[0]))
        left, right = [], []
    return Matched(tuple(pairs), tuple(left), tuple(right))


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
