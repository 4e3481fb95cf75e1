"""The mock's time: real, frozen, set or moved ahead. Everything that depends on time asks this one object."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

EARLIEST, LATEST = 0.0, 253_402_300_799.0
"""What can be set: from 1970 to the end of 9999, in seconds since 1970-01-01 UTC."""


@dataclass(slots=True)
class Clock:
    """Tells the time in seconds since 1970-01-01 UTC.

    A running clock is real time plus `offset`; a frozen one stands at `frozen` until it is advanced or released.
    """

    offset: float = 0.0
    frozen: float | None = None

    def now(self) -> float:
        """Return the mock's time."""
        return self.frozen if self.frozen is not None else time.time() + self.offset

    def moment(self) -> datetime:
        """Return the mock's time as a date and time in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def freeze(self, at: float | None = None) -> None:
        """Stop the clock, at a moment or where it is. Raises `ValueError` for a moment out of range."""
        self.frozen = _checked(self.now() if at is None else at)

    def release(self) -> None:
        """Let a frozen clock run on from where it stands."""
        if self.frozen is not None:
            self.offset, self.frozen = self.frozen - time.time(), None

    def set(self, to: float) -> None:
        """Move to a moment; a frozen clock stays frozen. Raises `ValueError` for a moment out of range."""
        if self.frozen is not None:
            self.frozen = _checked(to)
        else:
            self.offset = _checked(to) - time.time()

    def advance(self, seconds: float) -> None:
        """Move on by some seconds, back by a negative number. Raises `ValueError` when that is out of range."""
        self.set(self.now() + seconds)


def _checked(moment: float) -> float:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("the clock can be set from 1970-01-01 to 9999-12-31")
    return moment
