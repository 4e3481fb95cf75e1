"""A rule: which kinds of change it judges, how, and who breaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product

from tallystick.diagnostics import Severity

ANY = "*"
"""In a rule's kinds: any place, or any facet."""

UNTRAVELLED = frozenset(("read-only-property", "write-only-property"))
"""Places whose values do not travel in the direction that is judged: only rules that name them apply, so that nothing
there breaks anybody."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One judgement.

    `kinds` are patterns `<side>.<place>.<facet>.<change>`; each part may list alternatives with `|`, and `*` stands
    for any. `request` and `response` as side mean what a client sends and what it is sent: webhooks and callbacks
    are judged by them too, the other way round. `purpose` says what the rule is about, `breaks` who breaks and why,
    as a clause. `when` is a circumstance that the kind does not tell; a rule without one applies in the others.
    """

    id: str
    severity: Severity
    purpose: str
    breaks: str
    kinds: tuple[str, ...]
    when: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The rule that judges a change, and the place that the change is told at."""

    rule: Rule
    place: str


_Key = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Rules:
    """A table of rules; of those that match a change, the one that names its place and facet exactly wins."""

    items: tuple[Rule, ...]
    _index: Mapping[_Key, Rule] = field(repr=False)
    _judged: dict[_Key, Judgement | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, items: Iterable[Rule]) -> Rules:
        """Return the table. Raises `ValueError` when two rules claim the same kind or share an id."""
        rules = tuple(items)
        index: dict[_Key, Rule] = {}
        for rule in rules:
            for kind in rule.kinds:
                parts = (part.split("|") for part in kind.split("."))
                for side, place, facet, change in product(*parts):
                    key = (side, place, facet, change, rule.when)
                    if key in index:
                        raise ValueError(f"{rule.id} and {index[key].id} both judge {kind}")
                    index[key] = rule
        if len({rule.id for rule in rules}) != len(rules):
            raise ValueError("two rules have one id")
        return cls(rules, index)

    def judge(self, side: str, place: str, facet: str, change: str, when: str = "") -> Judgement | None:
        """Return the rule for a change and the place it is told at; `None` when nobody can notice it."""
        key = (side, place, facet, change, when)
        if key not in self._judged:
            self._judged[key] = self._judge(*key)
        return self._judged[key]

    def _judge(self, side: str, place: str, facet: str, change: str, when: str) -> Judgement | None:
        rule = self._matching(side, place, facet, change, when)
        if rule is not None:
            return Judgement(rule, place)
        if place not in UNTRAVELLED or facet == "type":
            return None
        rule = self._matching(side, "property", facet, change, when)
        mild = rule is not None and rule.severity is Severity.INFO  # what doesn't travel can't break
        return Judgement(rule, "property") if rule is not None and mild else None

    def _matching(self, side: str, place: str, facet: str, change: str, when: str) -> Rule | None:
        places = (place,) if place in UNTRAVELLED else (place, ANY)
        for circumstance in dict.fromkeys((when, "")):
            for where, what in product(places, (facet, ANY)):
                rule = self._index.get((side, where, what, change, circumstance))
                if rule is not None:
                    return rule
        return None
