"""Numbers that bound a value: the limits of 2020-12, multiples, and whether items may repeat."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from tallystick.compare.pair import Fact, Pair
from tallystick.compare.view import View
from tallystick.load import is_number

_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_IMPLIED = {"minLength": 0, "minContains": 1}
"""Limits that hold where nothing is written, as far as a change from them is called raised or lowered."""
_IDLE_AT_ZERO = frozenset(("minItems", "minProperties"))
"""Limits that are the same as none where they are zero."""
_TWIN = {
    "maximum": "exclusiveMaximum",
    "exclusiveMaximum": "maximum",
    "minimum": "exclusiveMinimum",
    "exclusiveMinimum": "minimum",
}


def limits(pair: Pair) -> Iterator[Fact]:
    """Yield limits that appeared, went, rose or fell."""
    for keyword in (*_MOST, *_LEAST):
        if keyword.endswith("Contains") and not ("contains" in pair.old and "contains" in pair.new):
            continue  # without `contains` they mean nothing; with it, its coming or going is told
        before, after = _number(pair.old, keyword), _number(pair.new, keyword)
        if before == after:
            continue
        if before is None and not _bounded(pair.old, keyword, after):
            yield pair.fact(keyword, "introduced", f"has {keyword} {_shown(after)} now", _shown(after))
        elif after is None and not _bounded(pair.new, keyword, before):
            yield pair.fact(keyword, "removed", f"no longer has {keyword} {_shown(before)}", _shown(before))
        elif before is not None and after is not None:
            change = "raised" if after > before else "lowered"
            old, new = _shown(before), _shown(after)
            yield pair.fact(keyword, change, f"has {keyword} {change} from {old} to {new}", old, new)


def _number(shown: View, keyword: str) -> float | int | None:
    value = shown.get(keyword, _IMPLIED.get(keyword))
    if value == 0 and keyword in _IDLE_AT_ZERO:
        return None
    return value if is_number(value) else None


def _bounded(shown: View, keyword: str, limit: float | int | None) -> bool:
    """Say whether the keyword's twin bounds the value as tightly already: `minimum: 5` and `exclusiveMinimum: 5`."""
    twin = _TWIN.get(keyword)
    bound = None if twin is None else _number(shown, twin)
    if bound is None or limit is None:
        return False
    tighter = bound < limit if keyword in _MOST else bound > limit
    return tighter or (bound == limit and twin is not None and twin.startswith("exclusive"))


def _shown(number: float | int | None) -> str:
    return f"{number:g}" if isinstance(number, float) else str(number)


def multiples(pair: Pair) -> Iterator[Fact]:
    """Yield how the step between numbers changed: widened when all old numbers fit the new step, narrowed when all
    new ones fit the old."""
    before, after = _number(pair.old, "multipleOf"), _number(pair.new, "multipleOf")
    if before == after:
        return
    if before is None:
        yield pair.fact("multipleOf", "introduced", f"has multipleOf {_shown(after)} now", _shown(after))
    elif after is None:
        yield pair.fact("multipleOf", "removed", f"no longer has multipleOf {_shown(before)}", _shown(before))
    else:
        fits = _fits(before, after) if pair.flow == "request" else _fits(after, before)
        change = "changed" if not fits else "widened" if pair.flow == "request" else "narrowed"
        old, new = _shown(before), _shown(after)
        yield pair.fact("multipleOf", change, f"has multipleOf {new} instead of {old}", old, new)


def _fits(number: float | int, step: float | int) -> bool:
    """Say whether a number is a multiple of a step, both taken as they are written: 0.1 is a tenth, and no less."""
    return step > 0 and Fraction(str(number)) % Fraction(str(step)) == 0


def unique(pair: Pair) -> Iterator[Fact]:
    """Yield whether items may repeat."""
    before, after = pair.old.flag("uniqueItems"), pair.new.flag("uniqueItems")
    if before != after:
        what = "has different items only" if after else "may repeat items"
        yield pair.fact("uniqueItems", "introduced" if after else "removed", what)
