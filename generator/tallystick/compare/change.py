"""What a comparison finds: changes, each judged, and the version bump that they imply."""

from __future__ import annotations

from dataclasses import dataclass

from tallystick.compare.version import Bump, Versions
from tallystick.diagnostics import Place, Severity

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference that somebody may care about.

    `rule` is the stable id of the rule that judged it; `kind` is `<side>.<place>.<facet>.<change>`. `direction` is
    `request` or `response`, empty for what does not travel. `operation` is `METHOD /path`, empty for the document
    as a whole. `names` are what it is about: property, parameter, status, values. `old` and `new` are where it
    stands in the two documents, `None` in the one without it. `subject`, `what`, `member` and `breaks` are the parts
    of `message`; `member` is the path of what came or went, empty for other changes.
    """

    rule: str
    kind: str
    severity: Severity
    direction: str
    operation: str
    names: tuple[str, ...]
    subject: str
    what: str
    breaks: str
    old: Place | None
    new: Place | None
    member: str = ""

    @property
    def message(self) -> str:
        """One sentence: what happened to what, who breaks, and why."""
        words = f"{self.subject} {self.what}{f' {self.member!r}' if self.member else ''}"
        return f"{words[:1].upper()}{words[1:]}: {self.breaks}"

    @property
    def breaking(self) -> bool:
        """Whether a client or server that honours the old contract can stop working."""
        return self.severity is not Severity.INFO

    def sort_key(self) -> tuple[int, str, str, tuple[str, ...], str]:
        """Return what changes are ordered by: the worst first, then operation, kind and names."""
        return (_ORDER[self.severity], self.operation, self.kind, self.names, self.message)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes between two contracts, the worst first.

    `identical` says whether the documents are the same, examples and descriptions included. `versions` are what they
    call themselves. `notes` name what could not be compared.
    """

    changes: tuple[Change, ...]
    identical: bool
    versions: Versions
    notes: tuple[str, ...] = ()

    @property
    def breaking(self) -> tuple[Change, ...]:
        """The changes that can break somebody: errors and warnings."""
        return tuple(c for c in self.changes if c.breaking)

    @property
    def bump(self) -> Bump:
        """The version bump: major when something breaks, minor for other changes, patch for wording alone."""
        if self.breaking:
            return Bump.MAJOR
        if self.changes:
            return Bump.MINOR
        return Bump.NONE if self.identical else Bump.PATCH
