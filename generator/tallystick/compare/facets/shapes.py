"""Subschemas that came, went or changed as a whole: conditions, alternatives, tuples, other members."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.compare.pair import Fact, Pair
from tallystick.compare.typesets import in_words
from tallystick.compare.view import View, demands_nothing
from tallystick.contract.schema import as_mapping
from tallystick.load import Json

_SINGLE = ("contains", "contentSchema", "else", "if", "not", "propertyNames", "then")
_REST = ("items", "additionalProperties", "unevaluatedItems", "unevaluatedProperties")
_REST_CHANGES = {
    ("free", "refused"): "added",
    ("free", "bound"): "added",
    ("bound", "refused"): "narrowed",
    ("refused", "bound"): "widened",
    ("bound", "free"): "removed",
    ("refused", "free"): "removed",
}
"""How the freedom of what is not described otherwise changed, by what it was and is."""
_FREEDOM = {"free": "may be anything", "bound": "has one shape only", "refused": "is refused"}
_SHOWN = 8
"""How many alternatives are named where many came or went at once."""
_NAMED = ("dependentSchemas", "patternProperties")


def conditions(pair: Pair) -> Iterator[Fact]:
    """Yield subschemas that came or went. What changed inside `if` and `not` can't be judged by what it narrows."""
    for keyword in _SINGLE:
        before, after = keyword in pair.old, keyword in pair.new
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


def rest(pair: Pair) -> Iterator[Fact]:
    """Yield how what no other keyword describes is treated: free, bound to a schema, or refused.

    Items of what is a list on one side only are a matter of its type, and two schemas are compared as such.
    """
    for keyword in _REST:
        if keyword == "items" and pair.old.types != pair.new.types:
            continue
        if all(isinstance(v.get(keyword), dict) for v in (pair.old, pair.new)):
            continue
        before, after = _freedom(pair.old, keyword), _freedom(pair.new, keyword)
        if change := _REST_CHANGES.get((before, after)):
            what = f"says with {keyword!r} that what is not described otherwise {_FREEDOM[after]}"
            yield pair.fact(keyword, change, what, keyword, when="bound" if before == "bound" else "")


def _freedom(shown: View, keyword: str) -> str:
    value = shown.get(keyword, True)
    return "refused" if value is False else "bound" if isinstance(value, dict) and value else "free"


def alternatives(pair: Pair) -> Iterator[Fact]:
    """Yield members of `allOf`, `anyOf` and `oneOf` that came or went."""
    if pair.lists_types or pair.wrapped_in_alternatives:
        return
    if pair.renamed_choice == "oneOf":
        yield pair.fact("oneOf", "narrowed", "must fit one alternative alone instead of one or more")
    elif pair.renamed_choice == "anyOf":
        yield pair.fact("anyOf", "widened", "may fit several alternatives instead of one alone")
    for keyword, found in pair.alternatives.items():
        for change, verb, left in (("removed", "lost", found.removed), ("added", "got", found.added)):
            told = [(name, keyword == "allOf" and demands_nothing(schema)) for name, schema in left]
            for idle, when in ((False, ""), (True, "annotation")):
                if names := [name for name, is_idle in told if is_idle is idle]:
                    yield pair.fact(keyword, change, f"{verb} {_few(names)} in {keyword}", *names, when=when)


def _few(names: list[str]) -> str:
    left = len(names) - _SHOWN
    return in_words([*names[:_SHOWN], f"{left:,} more"]) if left > 1 else in_words(names)


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
