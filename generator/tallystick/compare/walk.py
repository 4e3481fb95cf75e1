"""Two schemas side by side, in depth: every facet is compared where both have a schema, then what is below it.

A named schema is compared once in each kind of place, however many operations use it; what differs in it is then
found along the references that lead to it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.compare.context import Context
from tallystick.compare.facets import FACETS, MEMBER_FACETS
from tallystick.compare.likeness import Likeness
from tallystick.compare.pair import Fact, Pair
from tallystick.compare.rules import RULES
from tallystick.compare.same import Sameness
from tallystick.compare.view import View, views
from tallystick.contract import Schema

_FIRST = ("items",)
_THEN = (
    "additionalProperties",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "then",
    "else",
    "contentSchema",
)
_NAMED = ("patternProperties", "dependentSchemas")

_MAX_PLACES = 8
"""At how many places of one body a named schema is reported; beyond `_MANY` steps at the nearest only."""
_MANY = 500

_Key = tuple[object, ...]
_Identity = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Reach:
    """What a walk finds before it comes to named schemas, and the named pairs it comes to."""

    facts: tuple[Fact, ...]
    exits: tuple[tuple[tuple[str, ...], _Key], ...]


class Schemas:
    """Compares schemas of two documents and remembers what it found out about named ones."""

    def __init__(self, same: Sameness) -> None:
        self._same = same
        self._likeness = Likeness()
        self._pairs: dict[_Key, Pair] = {}
        self._reaches: dict[_Key, _Reach] = {}
        self._found: dict[_Key, tuple[Fact, ...]] = {}
        self._fertile: dict[_Key, bool] = {}

    def facts(self, old: Schema, new: Schema, context: Context) -> tuple[Fact, ...]:
        """Return all facts about the difference between two schemas and what is below them."""
        if self._same(old.data, new.data):
            return ()
        pair = Pair(context, self._likeness, *views(old, new))
        key = pair.key
        if key is None:
            return tuple(self._follow(self._local(pair), ()))
        if key not in self._found:
            self._pairs[key] = pair
            self._found[key] = tuple(self._follow(self._reach(key), (pair.identity,)))
        return self._found[key]

    def _reach(self, key: _Key) -> _Reach:
        if key not in self._reaches:
            self._reaches[key] = self._local(self._pairs[key])
        return self._reaches[key]

    def _follow(self, start: _Reach, above: tuple[_Identity, ...]) -> Iterator[Fact]:
        """Yield the facts along all exits, the nearest first, no named pair inside itself."""
        queue: deque[tuple[tuple[str, ...], _Reach, tuple[_Identity, ...]]] = deque([((), start, above)])
        visits: Counter[_Identity] = Counter()
        steps = 0
        while queue:
            path, reach, above = queue.popleft()
            yield from (fact.below(path) for fact in reach.facts)
            for step, key in reach.exits:
                identity = self._pairs[key].identity
                limit = _MAX_PLACES if steps < _MANY else 1
                if identity in above or visits[identity] >= limit or not self._leads_somewhere(key):
                    continue
                visits[identity] += 1
                steps += 1
                queue.append(((*path, *step), self._reach(key), (*above, identity)))

    def _leads_somewhere(self, key: _Key) -> bool:
        """Say whether there is a fact below a named pair. What was looked at before is known with all below it."""
        if key not in self._fertile:
            users: dict[_Key, list[_Key]] = {}
            new, stack = {key: False}, [key]
            while stack:
                here = stack.pop()
                reach = self._reach(here)
                new[here] = bool(reach.facts)
                for _, below in reach.exits:
                    if below in self._fertile:
                        new[here] |= self._fertile[below]
                        continue
                    users.setdefault(below, []).append(here)
                    if below not in new:
                        new[below] = False
                        stack.append(below)
            rising = [here for here, fertile in new.items() if fertile]
            while rising:
                for user in users.get(rising.pop(), ()):
                    if not new[user]:
                        new[user] = True
                        rising.append(user)
            self._fertile.update(new)
        return self._fertile[key]

    def _local(self, start: Pair) -> _Reach:
        """Compare a pair and what is written inside it, up to the references."""
        facts: list[Fact] = []
        exits: list[tuple[tuple[str, ...], _Key]] = []
        stack: list[tuple[Pair, frozenset[_Identity]]] = [(start, frozenset())]
        while stack:
            pair, above = stack.pop()
            for facet in FACETS:
                facts.extend(facet(pair))
            inline: list[tuple[Pair, frozenset[_Identity]]] = []
            for below in self._differing(pair):
                for facet in MEMBER_FACETS:
                    facts.extend(facet(below))
                if (key := below.key) is not None:
                    self._pairs.setdefault(key, below.alone())
                    exits.append((below.path, key))
                elif below.identity not in above:
                    inline.append((below, above | {below.identity}))
            stack.extend(reversed(inline))
        return _Reach(tuple(f for f in facts if _matters(start.flow, f)), tuple(exits))

    def _differing(self, pair: Pair) -> Iterator[Pair]:
        """Yield the pairs one step down that are not the same."""
        if pair.wrapped_in_alternatives:
            return
        for step, member, before, after in _below(pair):
            if not self._same(before.data, after.data):
                yield pair.below(*views(before, after), step, member=member)


def _matters(flow: str, fact: Fact) -> bool:
    """Say whether a rule judges a fact. The many that none does are dropped before they are led to every use."""
    return RULES.judge(flow, fact.place, fact.facet, fact.change, fact.when) is not None


def _below(pair: Pair) -> Iterator[tuple[str, str, Schema, Schema]]:
    """Yield (step, member name, old, new) of the subschemas on both sides."""
    old, new = pair.old, pair.new
    for keyword, found in pair.alternatives.items():
        for label, before, after in found.pairs:
            yield f"{keyword}[{label}]", "", before, after
    yield from _single(old, new, _FIRST)
    for name, before, after in _common(old, new, "properties"):
        yield name, name, before, after
    for index, (before, after) in enumerate(zip(old.many("prefixItems"), new.many("prefixItems"), strict=False)):
        yield f"prefixItems[{index}]", "", before, after
    yield from _single(old, new, _THEN)
    for keyword in _NAMED:
        for name, before, after in _common(old, new, keyword):
            yield f"{keyword}[{name}]", "", before, after


def _single(old: View, new: View, keywords: tuple[str, ...]) -> Iterator[tuple[str, str, Schema, Schema]]:
    """Yield what both sides describe by a keyword; `true` and `false` say whether there is something, not what."""
    for keyword in keywords:
        before, after = old.one(keyword), new.one(keyword)
        if before is None or after is None or isinstance(before.data, bool) or isinstance(after.data, bool):
            continue
        yield keyword, "", before, after


def _common(old: View, new: View, keyword: str) -> Iterator[tuple[str, Schema, Schema]]:
    before, after = old.named(keyword), new.named(keyword)
    return ((name, before[name], after[name]) for name in before if name in after)
