"""What a run hands over: the exchanges behind a failure, failures, and the result. Plain frozen values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from tallystick.verify.coverage import Coverage

PHASES = ("examples", "coverage", "walks", "fuzzing", "stateful")
"""The parts of a run, in the order in which they begin: what one request shows comes first."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer as text for people: secrets are replaced, long bodies cut."""

    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class Step:
    """One exchange. `status` is 0 when no answer came."""

    method: str
    url: str
    request: Message
    status: int
    answer: Message
    note: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which the server breaks its contract, with the exchanges that show it.

    `operation` is `POST /path`, or empty when it concerns the whole API. `place` tells it from others of the same
    title: a status, or what of an answer's body breaks which rule. `after` is the time in seconds since the start of
    the run at which it was seen; it takes no part in comparisons.
    """

    check: str
    operation: str
    title: str
    message: str
    phase: str
    steps: tuple[Step, ...]
    place: str = ""
    after: float = field(default=0.0, compare=False)

    @property
    def fingerprint(self) -> str:
        """A short name of the failure that stays the same from run to run: check, operation, title and place."""
        parts = (self.check, self.operation, self.title, *([self.place] if self.place else []))
        return sha256("\n".join(parts).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Problem:
    """What kept a part of the contract from being exercised, or what the contract does not speak of."""

    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a run. `accepted` holds failures that the baseline names; `stopped` says why it ended early."""

    contract: str
    version: str
    target: str
    seed: int
    failures: tuple[Failure, ...]
    accepted: tuple[Failure, ...]
    problems: tuple[Problem, ...]
    coverage: Coverage
    cases: int
    seconds: float = field(default=0.0, compare=False)
    stopped: str = ""

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.failures


def distinct(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    """Return the failures with one for each fingerprint, the first seen, sorted by operation and check."""
    found: dict[str, Failure] = {}
    for failure in failures:
        found.setdefault(failure.fingerprint, failure)
    return tuple(sorted(found.values(), key=lambda f: (f.operation, f.check, f.title, f.place)))
