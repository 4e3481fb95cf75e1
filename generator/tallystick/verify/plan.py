"""What was asked for, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from tallystick.errors import UsageError
from tallystick.verify.result import PHASES

UNSAFE_METHODS = frozenset(("POST", "PUT", "PATCH", "DELETE"))


@dataclass(frozen=True, slots=True)
class Shard:
    """One part of the operations: number `index` of `total`, counted from 1."""

    index: int = 1
    total: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Return the shard that `2/8` names. Raises `UsageError`."""
        index, _, total = text.partition("/")
        if not (index.isdecimal() and total.isdecimal() and 1 <= int(index) <= int(total)):
            raise UsageError(f"{text!r} is no shard", hint="write the part and the number of parts, such as 2/8")
        return cls(int(index), int(total))

    def takes(self, position: int) -> bool:
        """Say whether the operation at a position of the contract belongs to this part."""
        return position % self.total == self.index - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """How to test. Times are in seconds; `max_time` and `rate` (requests a second) are without limit when `None`.

    `safe` leaves out every operation that may change something on the server. `wait` is how long to wait for what
    time does, where the server offers no clock. With `first_only` the run ends with the first failure.
    """

    seed: int = 1
    max_examples: int = 25
    max_time: float | None = None
    timeout: float = 10.0
    max_answer: int = 16 * 1024 * 1024
    rate: float | None = None
    safe: bool = False
    wait: float = 0.0
    shard: Shard = Shard()
    phases: tuple[str, ...] = PHASES
    first_only: bool = False
