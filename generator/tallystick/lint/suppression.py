"""`x-tallystick-ignore: {rule-id: reason}`: a rule set aside for an object and what stands below it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from tallystick.diagnostics import Finding
from tallystick.lint.rule import Issue, Rule
from tallystick.lint.subject import Subject
from tallystick.load import Json
from tallystick.load.pointer import join

KEYWORD = "x-tallystick-ignore"


@dataclass(frozen=True, slots=True)
class Suppression:
    """One rule set aside at one object. `pointer` is the object's, `entry` that of the line that says so."""

    rule: str
    pointer: str
    entry: str

    def covers(self, pointer: str) -> bool:
        """Say whether a place is the object or below it."""
        return pointer == self.pointer or pointer.startswith(self.pointer + "/")


def suppressions(subject: Subject) -> tuple[Suppression, ...]:
    """Return the well-formed suppressions of a document, in its order."""
    return tuple(
        Suppression(name, node.pointer, join(node.pointer, KEYWORD, name))
        for node in subject.nodes
        for name, reason in _entries(node.data.get(KEYWORD))
        if _is_reason(reason)
    )


def misuse(subject: Subject, known: Collection[str]) -> Iterator[Finding]:
    """Yield suppressions that are malformed, have no reason, or name a rule that does not exist."""
    for node in subject.nodes:
        if KEYWORD not in node.data:
            continue
        pointer = join(node.pointer, KEYWORD)
        value = node.data[KEYWORD]
        if not isinstance(value, dict) or not value:
            yield _finding(subject, "ignore-malformed", "this must be a map of rule ids to reasons", pointer)
        for name, reason in _entries(value):
            entry = join(pointer, name)
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {close[0]!r}?" if close else "`tallystick check --list-rules` lists the rules"
                yield _finding(subject, "ignore-unknown", f"there is no rule {name!r}", entry, hint)
            elif not _is_reason(reason):
                hint = "write why the rule does not apply here"
                yield _finding(subject, "ignore-unexplained", f"{name} is ignored without a reason", entry, hint)


def unused(subject: Subject, ran: Iterable[Rule], used: Collection[Suppression]) -> Iterator[Finding]:
    """Yield suppressions of rules that ran and found nothing there."""
    ids = {rule.id for rule in ran}
    for suppression in suppressions(subject):
        if suppression.rule in ids and suppression not in used:
            message = f"{suppression.rule} finds nothing here"
            yield _finding(subject, "ignore-unused", message, suppression.entry, "remove the line")


def covering(known: Iterable[Suppression], rule: Rule, issue: Issue) -> list[Suppression]:
    """Return the suppressions that set an issue aside, none when it counts."""
    return [s for s in known if s.rule == rule.id and s.covers(issue.pointer)]


def _entries(value: Json) -> Iterator[tuple[str, Json]]:
    return iter(value.items() if isinstance(value, dict) else ())


def _is_reason(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _finding(subject: Subject, id_: str, message: str, pointer: str, hint: str = "") -> Finding:
    return Finding(id_, message, subject.contract.place(pointer), hint=hint)
