"""The coverage statement: what of the contract a run exercised, and what not, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

KINDS = ("operation", "status", "keyword", "enum value", "link", "transition", "convention", "webhook")
"""What the statement counts, in the order in which it is shown."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the contract says. `why` says what kept it from being exercised, empty when it was."""

    kind: str
    subject: str
    exercised: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Everything that could be exercised, sorted by kind and subject."""

    items: tuple[Item, ...] = ()

    @classmethod
    def of(cls, items: Iterable[Item]) -> Coverage:
        """Return the statement over items; one that any of several equal ones exercised counts as exercised."""
        best: dict[tuple[str, str], Item] = {}
        for item in items:
            known = best.get((item.kind, item.subject))
            if known is None or (item.exercised and not known.exercised):
                best[item.kind, item.subject] = item
        return cls(tuple(sorted(best.values(), key=lambda i: (KINDS.index(i.kind), i.subject))))

    def counts(self) -> tuple[tuple[str, int, int], ...]:
        """Return (kind, exercised, all) for each kind of which there is something."""
        rows = ((k, [i for i in self.items if i.kind == k]) for k in KINDS)
        return tuple((kind, sum(i.exercised for i in items), len(items)) for kind, items in rows if items)

    def missing(self) -> tuple[Item, ...]:
        """Return what was not exercised."""
        return tuple(i for i in self.items if not i.exercised)

    def sentence(self) -> str:
        """Return the counts in one line: `operations 5/5, statuses 9/12`."""
        return ", ".join(f"{_plural(kind)} {done}/{total}" for kind, done, total in self.counts())


def _plural(kind: str) -> str:
    return f"{kind}es" if kind.endswith("s") else f"{kind}s"
