"""Where differences are entered as they are found: each is judged by the rules, and those that matter are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from tallystick.compare.change import Change
from tallystick.compare.context import Context
from tallystick.compare.pair import Fact
from tallystick.compare.rules import RULES
from tallystick.compare.same import Sameness
from tallystick.compare.walk import Schemas
from tallystick.contract import Contract, Schema
from tallystick.diagnostics import Place

Locate = Callable[[str], Place]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two contracts, and how its nodes are located for people."""

    contract: Contract
    locate: Locate


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the API that is being compared.

    `side` begins the kinds of what is found here. `flow` says which rules judge it: `request` for what a client
    sends, `response` for what it is sent, else the side itself. `names` stand in every change found here, and
    `subject` is what messages call it. `media_type` and `traits` are those of the context of schemas.
    """

    side: str
    flow: str
    operation: str = ""
    place: str = ""
    names: tuple[str, ...] = ()
    subject: str = ""
    media_type: str = ""
    traits: frozenset[str] = frozenset()

    def at(
        self, place: str, subject: str, *names: str, media_type: str = "", traits: frozenset[str] = frozenset()
    ) -> Scope:
        """Return the scope of a part of this one."""
        return replace(
            self,
            place=place,
            subject=subject,
            names=(*self.names, *names),
            media_type=media_type or self.media_type,
            traits=traits,
        )

    @property
    def direction(self) -> str:
        """`request`, `response`, or empty for what does not travel."""
        return self.flow if self.flow in ("request", "response") else ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The two contracts, the date to judge sunsets by, and the changes so far."""

    old: Side
    new: Side
    today: date
    same: Sameness
    schemas: Schemas
    changes: list[Change] = field(default_factory=list)

    def enter(
        self,
        scope: Scope,
        facet: str,
        change: str,
        what: str,
        *names: str,
        old: str | None,
        new: str | None,
        place: str | None = None,
        when: str = "",
        member: str = "",
    ) -> None:
        """Keep a difference if a rule says that somebody can notice it.

        `what` completes the subject to a sentence: "has no maxLength". `old` and `new` are pointers, `None` in the
        document that doesn't have it. `member` closes the sentence where something with a name came or went.
        """
        judged = RULES.judge(scope.flow, scope.place if place is None else place, facet, change, when)
        if judged is None:
            return
        rule = judged.rule
        kind = ".".join(part for part in (scope.side, judged.place, facet, change) if part)
        self.changes.append(
            Change(
                rule=rule.id,
                kind=kind,
                severity=rule.severity,
                direction=scope.direction,
                operation=scope.operation,
                names=tuple(dict.fromkeys((*names, *scope.names))),
                subject=scope.subject,
                what=what,
                breaks=rule.breaks,
                old=None if old is None else self.old.locate(old),
                new=None if new is None else self.new.locate(new),
                member=member,
            )
        )

    def enter_schemas(self, scope: Scope, old: Schema, new: Schema) -> None:
        """Compare two schemas in depth and enter what differs."""
        context = Context(scope.flow, scope.place, self.today, scope.media_type, scope.traits)
        for fact in self.schemas.facts(old, new, context):
            self.enter(
                _about(scope, fact),
                fact.facet,
                fact.change,
                fact.what,
                *fact.names,
                old=fact.old,
                new=fact.new,
                place=fact.place,
                when=fact.when,
                member="/".join(fact.path) if fact.closing else "",
            )


def _about(scope: Scope, fact: Fact) -> Scope:
    """Return the scope of what a fact is about: the place itself, or what its path leads to."""
    if not fact.path:
        return scope
    name = "/".join(fact.path)
    subject = scope.subject if fact.closing else f"{name!r} of {scope.subject}"
    return replace(scope, subject=subject, names=(name, *scope.names))
