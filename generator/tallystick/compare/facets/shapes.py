"""Subschemas that came, went or changed as a whole: conditions, alternatives, tuples, other members."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.compare.alternatives import label, matched
from tallystick.compare.pair import Fact, Pair
from tallystick.compare.typesets import in_words
from tallystick.compare.view import View, demands_nothing
from tallystick.contract.schema import as_mapping
from tallystick.load import Json

_SINGLE = ("contains", "contentSchema", "else", "if", "not", "propertyNames", "then")
_CLOSING = ("unevaluatedItems", "unevaluatedProperties")
_NAMED = ("dependentSchemas", "patternProperties")


def conditions(pair: Pair) -> Iterator[Fact]:
    """Yield subschemas that came or went. What changed inside `if` and `not` can't be judged by what it narrows."""
    for keyword in (*_SINGLE, *_CLOSING):
        before, after = _holds(pair.old, keyword), _holds(pair.new, keyword)
        if before != after:
            yield pair.fact(keyword, "added" if after else "removed", _came(after, keyword), keyword)
        elif before and keyword in ("if", "not") and pair.old.get(keyword) != pair.new.get(keyword):
            yield pair.fact(keyword, "changed", f"has another {keyword!r} now", keyword)
    for keyword in _NAMED:
        old, new = pair.old.named(keyword), pair.new.named(keyword)
        for name in (n for n in old if n not in new):
            yield pair.fact(keyword, "removed", f"has no {keyword} for {name!r} any more", name)
        for name in (n for n in new if n not in old):
            yield pair.fact(keyword, "added", f"has {keyword} for {name!r} now", name)


def _holds(shown: View, keyword: str) -> bool:
    """Say whether a keyword has an effect: `unevaluatedItems: true` has none."""
    return keyword in shown and not (keyword in _CLOSING and shown.get(keyword) is True)


def items(pair: Pair) -> Iterator[Fact]:
    """Yield whether the items of what is a list on both sides got or lost their schema."""
    before, after = "items" in pair.old, "items" in pair.new
    if before != after and pair.old.types == pair.new.types:
        yield pair.fact("items", "added" if after else "removed", _came(after, "items"))


def _came(after: bool, keyword: str) -> str:
    return f"has {keyword!r} now" if after else f"has no {keyword!r} any more"


def dependencies(pair: Pair) -> Iterator[Fact]:
    """Yield what must stand beside which member."""
    old, new = as_mapping(pair.old.get("dependentRequired")), as_mapping(pair.new.get("dependentRequired"))
    for name in dict.fromkeys((*old, *new)):
        before, after = _names(old.get(name)), _names(new.get(name))
        if before == after:
            continue
        change = "added" if name not in old else "removed" if name not in new else "changed"
        needed = in_words(after or before)
        what = f"needs {needed} beside {name!r}" if after else f"needs nothing beside {name!r} any more"
        yield pair.fact("dependentRequired", change, what, name, *(after or before))


def _names(value: Json) -> list[str]:
    return sorted(str(v) for v in value) if isinstance(value, list) else []


def additional(pair: Pair) -> Iterator[Fact]:
    """Yield whether members that are not declared became forbidden, or bound to a schema."""
    before, after = (v.get("additionalProperties", True) for v in (pair.old, pair.new))
    if after is False and before is not False:
        yield pair.fact("additionalProperties", "off", "takes declared members only")
    elif before in (True, {}) and isinstance(after, dict) and after:
        yield pair.fact("additionalProperties", "narrowed", "takes other members of one shape only")


def alternatives(pair: Pair) -> Iterator[Fact]:
    """Yield members of `allOf`, `anyOf` and `oneOf` that came or went."""
    if pair.lists_types or pair.wrapped_in_alternatives:
        return
    for keyword in ("allOf", "anyOf", "oneOf"):
        old, new = pair.old.many(keyword), pair.new.many(keyword)
        if not old and not new:
            continue
        found = matched(old, new)
        for change, verb, left, among in (
            ("removed", "lost", found.removed, old),
            ("added", "got", found.added, new),
        ):
            groups = [(left, "")]
            if keyword == "allOf":
                idle = tuple(s for s in left if demands_nothing(s))
                groups = [(tuple(s for s in left if s not in idle), ""), (idle, "annotation")]
            for group, when in groups:
                if group:
                    names = [label(s, among) for s in group]
                    yield pair.fact(keyword, change, f"{verb} {in_words(names)} in {keyword}", *names, when=when)


def tuples(pair: Pair) -> Iterator[Fact]:
    """Yield positions of a list that got or lost a schema of their own."""
    old, new = len(pair.old.many("prefixItems")), len(pair.new.many("prefixItems"))
    if old != new:
        change, verb = ("added", "got") if new > old else ("removed", "lost")
        names = [f"#{i + 1}" for i in range(min(old, new), max(old, new))]
        what = f"{verb} a schema of its own for {in_words(names)}"
        yield pair.fact("prefixItems", change, what, *names)


def discriminator(pair: Pair) -> Iterator[Fact]:
    """Yield how alternatives are told apart now."""
    old, new = as_mapping(pair.old.get("discriminator")), as_mapping(pair.new.get("discriminator"))
    if bool(old) != bool(new):
        yield pair.fact("discriminator", "added" if new else "removed", _came(bool(new), "discriminator"))
        return
    before, after = str(old.get("propertyName", "")), str(new.get("propertyName", ""))
    if before != after:
        what = f"tells alternatives apart by {after!r} instead of {before!r}"
        yield pair.fact("discriminator-propertyName", "changed", what, before, after, keyword="discriminator")
    yield from _mapping(pair, as_mapping(old.get("mapping")), as_mapping(new.get("mapping")))


def _mapping(pair: Pair, old: object, new: object) -> Iterator[Fact]:
    before, after = dict(as_mapping(old)), dict(as_mapping(new))  # type: ignore[arg-type]
    gone, come = [n for n in before if n not in after], [n for n in after if n not in before]
    for change, names in (("removed", gone), ("added", come)):
        if names:
            what = f"has the mapping of {in_words(names)} {change}"
            yield pair.fact("discriminator-mapping", change, what, *names, keyword="discriminator")
    for name in (n for n in before if n in after and before[n] != after[n]):
        what = f"maps {name!r} to {after[name]} instead of {before[name]}"
        names = [name, str(before[name]), str(after[name])]
        yield pair.fact("discriminator-mapping", "changed", what, *names, keyword="discriminator")
