"""A finding, an ordered set of findings, and how they are printed.

One type serves load, resolve, contract, lint, emission and comparison, so that every command speaks alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, assert_never

Format = Literal["text", "json", "github"]
FORMATS: tuple[Format, ...] = ("text", "json", "github")


class Severity(StrEnum):
    """How bad a finding is. Only errors make a command exit with 1, unless it is told otherwise."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is: a file, a line and column counted from 1 (0 when unknown), and a JSON Pointer.

    `text` is the source line itself, empty when there is none to show.
    """

    file: str
    line: int = 0
    column: int = 0
    pointer: str = ""
    text: str = ""

    def __str__(self) -> str:
        """Return `file:line:col`, shortened to what is known."""
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnostic about the user's files.

    `id` is stable and kebab-case; `message` says what is wrong in one line; `expected` says what was expected
    and `hint` how to fix it, each in one line or empty.
    """

    id: str
    message: str
    place: Place
    severity: Severity = Severity.ERROR
    expected: str = ""
    hint: str = ""

    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        """Return what findings are ordered by: file, position, id."""
        return (
            self.place.file,
            self.place.line,
            self.place.column,
            self.place.pointer,
            self.id,
            self.message,
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """A sorted set of findings without duplicates. Adding returns a new set."""

    items: tuple[Finding, ...] = field(default=())

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Findings:
        """Return the findings sorted by place, each once."""
        return cls(tuple(sorted(set(findings), key=Finding.sort_key)))

    def __add__(self, other: Findings | Iterable[Finding]) -> Findings:
        """Return both sets as one."""
        return Findings.of((*self.items, *other))

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make a run fail."""
        return tuple(f for f in self.items if f.severity is Severity.ERROR)


def render(findings: Findings, form: Format = "text") -> str:
    """Return the findings as text that ends in a line feed, or an empty string when there are none.

    `text` is for people, `json` for tools (always one document, `[]` when empty), `github` for annotations in a
    workflow run.
    """
    match form:
        case "text":
            return "".join(_as_text(f) for f in findings)
        case "json":
            return json.dumps([_as_json(f) for f in findings], indent=2, ensure_ascii=False) + "\n"
        case "github":
            return "".join(_as_github(f) for f in findings)
        case _:
            assert_never(form)


def _as_text(finding: Finding) -> str:
    label = "" if finding.severity is Severity.ERROR else f"{finding.severity}: "
    lines = [f"{finding.place}: {finding.id}: {label}{one_line(finding.message)}"]
    if finding.place.text:
        shown, column = _window(finding.place.text, finding.place.column)
        lines.append(f"    {shown}")
        if column:
            lines.append("    " + " " * (column - 1) + "^")
    if finding.expected:
        lines.append(f"  expected: {one_line(finding.expected)}")
    if finding.hint:
        lines.append(f"  hint: {one_line(finding.hint)}")
    return "\n".join(lines) + "\n"


_WIDTH = 120


def _window(text: str, column: int) -> tuple[str, int]:
    """Return the part of a long source line around `column`, without control characters, and the column in it."""
    start = max(0, column - _WIDTH // 2) if len(text) > _WIDTH else 0
    shown = "".join(c if c.isprintable() else " " for c in text[start : start + _WIDTH])
    stripped = shown.lstrip()
    return stripped.rstrip(), max(0, column - start - (len(shown) - len(stripped)))


def one_line(text: str) -> str:
    """Return a text that a document chose so that it can't pass for lines of ours, or steer a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _as_json(finding: Finding) -> dict[str, object]:
    place = finding.place
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "message": finding.message,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "pointer": place.pointer,
        "expected": finding.expected,
        "hint": finding.hint,
    }


_GITHUB_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def _as_github(finding: Finding) -> str:
    place = finding.place
    fields = {"file": place.file, "line": place.line, "col": place.column, "title": finding.id}
    properties = ",".join(f"{k}={_escape(str(v), property_=True)}" for k, v in fields.items() if v)
    text = ". ".join(t.rstrip(".") for t in (finding.message, finding.expected, finding.hint) if t)
    return f"::{_GITHUB_LEVEL[finding.severity]} {properties}::{_escape(text)}\n"


def _escape(text: str, *, property_: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property_ else text
