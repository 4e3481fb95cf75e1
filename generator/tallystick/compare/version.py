"""What two documents call themselves, and whether that rises as much as their changes ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_SEMANTIC = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?", re.ASCII)


class Bump(StrEnum):
    """What semantic versioning asks for: the part of the version that must rise."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    NONE = "none"


_PART = {Bump.MAJOR: 1, Bump.MINOR: 2, Bump.PATCH: 3}
"""How many numbers of a version, from the left, must have risen together."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The `info.version` of both documents."""

    old: str
    new: str

    def suffice(self, bump: Bump) -> bool | None:
        """Say whether the version rose as asked for; `None` where one of them is no semantic version.

        Before 1.0.0 the second number has the role of the first, and the third that of the second.
        """
        before, after = _numbers(self.old), _numbers(self.new)
        if before is None or after is None:
            return None
        if bump is Bump.NONE:
            return after >= before
        parts = _PART[bump] if before[0] else min(_PART[bump] + 1, 3)
        return after[:parts] > before[:parts]


def _numbers(version: str) -> tuple[int, ...] | None:
    match = _SEMANTIC.fullmatch(version)
    return tuple(int(part) for part in match.groups()) if match else None
