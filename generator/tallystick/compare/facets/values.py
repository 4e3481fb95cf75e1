"""Which values are allowed: enum, const, default, pattern."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tallystick.compare.pair import Fact, Pair
from tallystick.load import Json

_ANYTHING = frozenset((".*", "^.*$", ""))
"""Patterns that every text matches."""
_SHOWN = 80


def shown(value: Json) -> str:
    """Return a value as messages show it: text as it is, all else as JSON, cut when long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def enum(pair: Pair) -> Iterator[Fact]:
    """Yield each value that came or went, and whether there is a list at all now.

    Values are compared one by one even when the whole list came or went: what is generated from it changes with
    each. A listed null is left to the facet of null.
    """
    before, after = _listed(pair, "enum")
    if _same_single_value(pair):
        return
    if before is None and after is not None:
        place = "header-property" if pair.inner and "header-parameter" in pair.context.traits else ""
        yield pair.fact("enum", "on", "is now one of a list of values", place=place)
    old, new = {_identity(v): v for v in before or []}, {_identity(v): v for v in after or []}
    is_open = any(v.holder("enum").open_enum or v.flag("x-open-enum") for v in (pair.old, pair.new))
    for value in (v for i, v in old.items() if i not in new):
        what = f"no longer lists {shown(value)!r}"
        yield pair.fact("enum", "value-removed", what, shown(value))
    for value in (v for i, v in new.items() if i not in old):
        when = "open" if is_open and pair.flow == "response" else ""
        yield pair.fact("enum", "value-added", f"lists {shown(value)!r} now", shown(value), when=when)


def _same_single_value(pair: Pair) -> bool:
    """Say whether one side lists the only value that is the other's `const`."""
    values = [
        v.get("enum") if "enum" in v else [v.get("const")] if "const" in v else None for v in (pair.old, pair.new)
    ]
    lists = [v for v in values if isinstance(v, list) and len(v) == 1]
    return len(lists) == 2 and _identity(lists[0][0]) == _identity(lists[1][0])


def _listed(pair: Pair, keyword: str) -> tuple[list[Json] | None, list[Json] | None]:
    return _values(pair.old.get(keyword)), _values(pair.new.get(keyword))


def _identity(value: Json) -> str:
    """Return what is equal for equal values: 1 and 1.0 are, 1 and true are not."""
    whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if whole else value, sort_keys=True)  # type: ignore[arg-type]


def _values(listed: Json) -> list[Json] | None:
    return [v for v in listed if v is not None] if isinstance(listed, list) else None


def extensible_enum(pair: Pair) -> Iterator[Fact]:
    """Yield values that went from `x-extensible-enum`, which lists values without excluding others."""
    before, after = _listed(pair, "x-extensible-enum")
    if before is None or after is None:
        return
    kept = {_identity(v) for v in after}
    for value in (v for v in before if _identity(v) not in kept):
        what = f"no longer lists {shown(value)!r}"
        yield pair.fact("x-extensible-enum", "value-removed", what, shown(value))


def marks(pair: Pair) -> Iterator[Fact]:
    """Yield whether a list of values is open to others, and whether a value must not be shown."""
    for keyword, meaning in (
        ("x-open-enum", "open to values that are not listed"),
        ("x-sensitive", "not to be shown"),
    ):
        before, after = pair.old.flag(keyword), pair.new.flag(keyword)
        if before != after:
            yield pair.fact(keyword, "on" if after else "off", f"is {'now' if after else 'no longer'} {meaning}")


def const(pair: Pair) -> Iterator[Fact]:
    """Yield how the only allowed value changed."""
    if _same_single_value(pair):
        return
    yield from _single(pair, "const", "the only value")


def default(pair: Pair) -> Iterator[Fact]:
    """Yield how the default changed. A required parameter's default means nothing."""
    if pair.context.place == "parameter" and "required" in pair.context.traits:
        return
    yield from _single(pair, "default", "default")


def _single(pair: Pair, keyword: str, noun: str) -> Iterator[Fact]:
    before, after = keyword in pair.old, keyword in pair.new
    old, new = shown(pair.old.get(keyword)), shown(pair.new.get(keyword))
    if before and after and pair.old.get(keyword) != pair.new.get(keyword):
        yield pair.fact(keyword, "changed", f"has {new!r} as {noun} instead of {old!r}", old, new)
    elif after and not before:
        yield pair.fact(keyword, "added", f"has {new!r} as {noun} now", new)
    elif before and not after:
        yield pair.fact(keyword, "removed", f"no longer has {old!r} as {noun}", old)


def pattern(pair: Pair) -> Iterator[Fact]:
    """Yield how the pattern changed; whether one pattern contains another is only told for `.*`.

    It is judged on read-only properties too: clients that send back what they read send these as well.
    """
    before, after = pair.old.get("pattern"), pair.new.get("pattern")
    if before == after:
        return
    old, new = str(before or ""), str(after or "")
    place = pair.root_place
    if not before:
        yield pair.fact("pattern", "added", f"must match {new!r} now", new, place=place)
    elif not after:
        yield pair.fact("pattern", "removed", f"need not match {old!r} any more", old, place=place)
    else:
        change = "widened" if new in _ANYTHING and pair.flow == "request" else "changed"
        yield pair.fact("pattern", change, f"must match {new!r} instead of {old!r}", old, new, place=place)
