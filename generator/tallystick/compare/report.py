"""A comparison as text for people, JSON for tools, Markdown for reviews, and GitHub annotations."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal, assert_never

from tallystick.compare.change import Change, Comparison
from tallystick.compare.revision import PREFIX
from tallystick.compare.version import Bump
from tallystick.diagnostics import Finding, Findings, Place, Severity, render

Format = Literal["text", "json", "markdown", "github"]
FORMATS: tuple[Format, ...] = ("text", "json", "markdown", "github")

_SHOWN = 4
"""How many operations are named where one change concerns many."""

_VERDICTS = {
    Bump.MAJOR: "this calls for a new major version",
    Bump.MINOR: "nothing breaks; this calls for a new minor version",
    Bump.PATCH: "nothing that travels has changed; this calls for a new patch version",
    Bump.NONE: "the documents are the same",
}
_NOWHERE = Place("")


@dataclass(frozen=True, slots=True)
class _Group:
    """One difference in the documents: the first change that it causes, and the others."""

    change: Change
    others: tuple[Change, ...]


def report(comparison: Comparison, form: Format) -> str:
    """Return the comparison as text that ends in a line feed.

    `json` has every change for every operation; the others name a difference once, with the operations it concerns.
    """
    match form:
        case "text":
            return _text(comparison)
        case "json":
            return json.dumps(_json(comparison), indent=2, ensure_ascii=False) + "\n"
        case "markdown":
            return _markdown(comparison)
        case "github":
            return _github(comparison)
        case _:
            assert_never(form)


def verdict(comparison: Comparison) -> str:
    """Return the closing sentence: how many changes of which severity, the version bump they imply, and what the
    documents say instead."""
    counts = [(s, sum(c.severity is s for c in comparison.changes)) for s in Severity]
    words = {Severity.ERROR: "breaking", Severity.WARNING: "possibly breaking", Severity.INFO: "compatible"}
    parts = [f"{number:,} {words[severity]}" for severity, number in counts if number]
    counted = f"{', '.join(parts)} {'change' if len(comparison.changes) == 1 else 'changes'}; " if parts else ""
    return f"{counted}{_VERDICTS[comparison.bump]}{_contradiction(comparison)}"


def _contradiction(comparison: Comparison) -> str:
    """Return what the documents call themselves where that rises less than asked for."""
    if comparison.versions.suffice(comparison.bump) is not False:
        return ""
    old, new = comparison.versions.old, comparison.versions.new
    return f", yet both documents say {new}" if old == new else f", yet the documents say {old} and {new}"


def _groups(comparison: Comparison) -> list[_Group]:
    grouped: dict[tuple[str, ...], list[Change]] = {}
    for change in comparison.changes:
        key = (change.rule, change.kind, change.what, _where(change.old), _where(change.new))
        grouped.setdefault(key, []).append(change)
    return [_Group(first, tuple(rest)) for first, *rest in grouped.values()]


def _where(place: Place | None) -> str:
    return "" if place is None else f"{place} {place.pointer}"


def _finding(change: Change) -> Finding:
    message = f"{change.operation}: {change.message}" if change.operation else change.message
    return Finding(change.rule, message, change.new or change.old or _NOWHERE, change.severity)


def _others(group: _Group) -> str:
    """Return where else the difference is felt: other operations, or other places of the same one."""
    here = group.change.operation
    labels = [c.operation if c.operation != here else c.member or c.subject for c in group.others]
    rest = list(dict.fromkeys(labels))
    more = f" and {len(rest) - _SHOWN:,} more" if len(rest) > _SHOWN else ""
    return ", ".join(rest[:_SHOWN]) + more


def _text(comparison: Comparison) -> str:
    lines: list[str] = []
    for group in _groups(comparison):
        lines.append(render(Findings((_finding(group.change),))).rstrip("\n"))
        if group.change.new is not None and group.change.old is not None:
            lines.append(f"  was: {group.change.old}")
        if others := _others(group):
            lines.append(f"  also: {others}")
    lines += [f"note: {note}" for note in comparison.notes]
    return "\n".join([*lines, verdict(comparison)]) + "\n"


def _json(comparison: Comparison) -> dict[str, object]:
    return {
        "bump": comparison.bump.value,
        "version": {
            "old": comparison.versions.old,
            "new": comparison.versions.new,
            "suffices": comparison.versions.suffice(comparison.bump),
        },
        "changes": [
            {
                "id": c.rule,
                "kind": c.kind,
                "breaking": c.breaking,
                "severity": c.severity.value,
                "direction": c.direction,
                "operation": c.operation,
                "names": list(c.names),
                "message": c.message,
                "old": _json_place(c.old),
                "new": _json_place(c.new),
            }
            for c in comparison.changes
        ],
        "notes": list(comparison.notes),
    }


def _json_place(place: Place | None) -> dict[str, object] | None:
    if place is None:
        return None
    return {"file": place.file, "line": place.line, "column": place.column, "pointer": place.pointer}


_HEADINGS = {
    Severity.ERROR: "Breaking changes",
    Severity.WARNING: "Possibly breaking changes",
    Severity.INFO: "Compatible changes",
}


def _markdown(comparison: Comparison) -> str:
    blocks: list[str] = []
    for severity, groups in groupby(_groups(comparison), key=lambda g: g.change.severity):
        items = [_item(group) for group in groups]
        blocks.append("\n".join([f"## {_HEADINGS[severity]}", "", *items]))
    if comparison.notes:
        blocks.append("\n".join(["## Not compared", "", *(f"- {_escaped(n)}" for n in comparison.notes)]))
    closing = verdict(comparison)
    return "\n\n".join([*blocks, f"{closing[0].upper()}{closing[1:]}."]) + "\n"


def _item(group: _Group) -> str:
    change = group.change
    operation = f"`{change.operation}` " if change.operation else ""
    others = _others(group)
    also = f"; also {_escaped(others)}" if others else ""
    places = " → ".join(f"`{place}`" for place in (change.old, change.new) if place is not None)
    return f"- {operation}{_escaped(change.message)} (`{change.rule}`, {places}{also})"


_MARKDOWN = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>|#"})


def _escaped(text: str) -> str:
    """Return text of other people's documents so that Markdown shows it as it is."""
    return " ".join(text.translate(_MARKDOWN).split())


def _github(comparison: Comparison) -> str:
    lines = [render(Findings((_annotation(group),)), "github") for group in _groups(comparison)]
    lines += [f"::notice title=not compared::{' '.join(note.split())}\n" for note in comparison.notes]
    return "".join([*lines, f"::notice title=version::{verdict(comparison)}\n"])


def _annotation(group: _Group) -> Finding:
    """Return what is told at a line of the working folder, at none where only a revision has the line."""
    finding = _finding(group.change)
    others = _others(group)
    hints = [f"Also {others}"] if others else []
    if finding.place.file.startswith(PREFIX):
        hints.append(f"It was at {finding.place}")
        finding = replace(finding, place=_NOWHERE)
    return replace(finding, hint=". ".join(hints))
