"""Types, formats, null, and how text inside is read."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.compare.pair import Fact, Pair
from tallystick.compare.typesets import format_within, in_words, listed_types, within
from tallystick.compare.view import View, is_demand, view

_BYTES = {"byte": ("contentEncoding", "base64"), "binary": ("contentMediaType", "application/octet-stream")}
"""Formats of 3.0, and the keyword and value that say the same in 3.1."""
_TYPING = frozenset(("type", "format"))
_COMPOSITE = frozenset(("array", "object"))


def types(pair: Pair) -> Iterator[Fact]:
    """Yield how type and format changed: widened, narrowed, compatible as text, or simply changed."""
    if pair.wrapped_in_alternatives or _same_bytes(pair):
        return
    old, new = listed_types(pair.old), listed_types(pair.new)
    if pair.lists_types:
        assert old is not None
        assert new is not None
        yield from _choice(pair, old.types, new.types)
        return
    before, after = _described(pair.old), _described(pair.new)
    if before == after:
        return
    change = _verdict(pair)
    what = f"changed its type from {before} to {after}"
    keyword = "type" if pair.old.types != pair.new.types else "format"
    yield pair.fact("type", change, what, before, after, keyword=keyword)


def _choice(pair: Pair, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Fact]:
    gone = [t for t in old if t not in new]
    come = [t for t in new if t not in old]
    keyword = next((k for k in ("oneOf", "anyOf") if k in pair.old or k in pair.new), "type")
    first_gone = gone and (pair.flow == "request" or not come)
    if first_gone:
        what = f"no longer takes {in_words(gone)}"
        yield pair.fact("type", "narrowed", what, in_words(gone), pair.context.media_type, keyword=keyword)
    elif come:
        what = f"also takes {in_words(come)}"
        yield pair.fact("type", "widened", what, in_words(come), pair.context.media_type, keyword=keyword)


def _described(shown: View) -> str:
    types = in_words(shown.types) or "any"
    return f"{types} ({shown.get('format')})" if _format(shown) else types


def _format(shown: View) -> str:
    value = shown.get("format")
    return value if isinstance(value, str) else ""


def _verdict(pair: Pair) -> str:
    if pair.root_place == "parameter-property":
        return _parameter_member(pair)
    if pair.flow == "request":
        return _widening(pair, pair.old, pair.new)
    if pair.old.types and not pair.new.types:
        return "changed"  # anything may come: no reader is prepared for that
    opposite = _widening(pair, pair.new, pair.old)
    if opposite == "widened":
        return "narrowed"
    if opposite == "changed" and _contains(pair.old, pair.new) and _format_contains(pair.old, pair.new):
        return "widened"
    return opposite


def _parameter_member(pair: Pair) -> str:
    """A parameter's members may be written as JSON or as plain text, which the document doesn't say."""
    if _accepts(pair.old, pair.new, strong=True):
        return "widened"
    return "changed" if _accepts(pair.old, pair.new, strong=False) else "narrowed"


def _widening(pair: Pair, narrow: View, wide: View) -> str:
    strong = pair.context.strongly_typed
    if not _accepts(narrow, wide, strong=strong) and not _is_list_of_one(pair, narrow, wide):
        return "changed"
    swapped = narrow.types != wide.types and narrow.types and wide.types and not _contains(narrow, wide)
    return "compatible" if swapped and pair.context.place != "parameter" else "widened"


def _accepts(narrow: View, wide: View, *, strong: bool) -> bool:
    """Say whether `wide` takes all that `narrow` allows; without strong types, text takes every single value."""
    as_text = not strong and wide.types == ("string",) and _COMPOSITE.isdisjoint(narrow.types)
    same_types = narrow.types == wide.types
    return (same_types or as_text or _contains(narrow, wide)) and _format_contains(narrow, wide)


def _contains(narrow: View, wide: View) -> bool:
    return not wide.types or within(narrow.types, wide.types)


def _format_contains(narrow: View, wide: View) -> bool:
    return format_within(wide.types, _format(narrow), _format(wide))


def _is_list_of_one(pair: Pair, narrow: View, wide: View) -> bool:
    """Say whether a parameter became a list of what it was, written so that one value is a list of one.

    Values are text there, so items may be of a wider type; whatever else is demanded of them must be as it was.
    """
    items = wide.one("items")
    if "exploded-form" not in pair.context.traits or wide.types != ("array",) or items is None or not narrow.types:
        return False
    item = view(items)
    demands = {k for k in (*narrow.data, *item.data) if is_demand(k)} - _TYPING
    same = all(narrow.get(k) == item.get(k) for k in demands)
    return same and _accepts(narrow, item, strong=False)


def _same_bytes(pair: Pair) -> bool:
    """Say whether both sides mean bytes, one in the words of 3.0 (`format`), the other in those of 3.1."""
    by_format = [_BYTES.get(_format(v)) for v in (pair.old, pair.new)]
    said = next((f for f in by_format if f), None)
    other = pair.new if by_format[0] else pair.old
    if said is None or all(by_format) or _format(other) or other.types not in ((), ("string",)):
        return False
    return other.get(said[0]) == said[1]


def null(pair: Pair) -> Iterator[Fact]:
    """Yield whether null came or went. Where a type says nothing about null, nothing is said here either."""
    before, after = pair.old.null, pair.new.null
    unsaid = (before is None and not pair.new.wrapped) or (after is None and not pair.old.wrapped)
    if not unsaid and bool(before) != bool(after):
        what = "may be null" if after else "can no longer be null"
        yield pair.fact("nullable", "on" if after else "off", what, keyword="type")


def readings(pair: Pair) -> Iterator[Fact]:
    """Yield changes of `contentEncoding` and `contentMediaType`."""
    if _same_bytes(pair):
        return
    for keyword in ("contentEncoding", "contentMediaType"):
        before, after = pair.old.get(keyword), pair.new.get(keyword)
        if before != after:
            old, new = str(before or "none"), str(after or "none")
            yield pair.fact(keyword, "changed", f"changed {keyword} from {old} to {new}", old, new)
