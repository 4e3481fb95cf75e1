"""What a house rule is: a record with an id, a purpose and a function. Listing, docs and selection read records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tallystick.diagnostics import Severity
from tallystick.lint.subject import Subject

RuleSet = Literal["recommended", "strict"]
RULE_SETS: tuple[RuleSet, ...] = ("recommended", "strict")
"""`recommended` is for anybody's document, `strict` adds what a curated contract is held to."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What a rule found at a place, given as a pointer into the bundled document."""

    pointer: str
    message: str
    expected: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One house rule. `id` never changes; `purpose` is one sentence; `subject` is the kind of thing it looks at.

    `severity` is what its findings have in the set `recommended`; in `strict` each is an error, and so is each of a
    rule that is in no other set.
    """

    id: str
    purpose: str
    subject: str
    severity: Severity
    least: RuleSet
    find: Callable[[Subject], Iterator[Issue]]

    def severity_in(self, chosen: RuleSet) -> Severity:
        """Return how bad its findings are when a set is chosen."""
        return Severity.ERROR if "strict" in (chosen, self.least) else self.severity

    def belongs_to(self, chosen: RuleSet) -> bool:
        """Say whether a set has this rule; `strict` has them all."""
        return chosen == "strict" or self.least == "recommended"


def rule(
    id_: str, purpose: str, *, subject: str, severity: Severity = Severity.WARNING, least: RuleSet = "recommended"
) -> Callable[[Callable[[Subject], Iterator[Issue]]], Rule]:
    """Make a rule of the function that finds its issues."""

    def make(find: Callable[[Subject], Iterator[Issue]]) -> Rule:
        return Rule(id_, purpose, subject, severity, least, find)

    return make
