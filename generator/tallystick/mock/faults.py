"""Faults that wait for the requests they will spoil."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, cast

from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.mock.message import Answer
from tallystick.mock.refusal import Refused, Situation
from tallystick.mock.store import Store
from tallystick.mock.wire.problems import situations

Kind = Literal["status", "delay", "drop", "malformed", "stale"]
_SPACE: Final = "control"
_KEY: Final = "faults"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the next `times` requests of an operation, or of any when `operation` is empty.

    `status` answers with it and does nothing; `delay` waits `seconds` first; `drop` closes the connection;
    `malformed` breaks off the answer's body; `stale` answers what the same request was answered the last time.
    """

    kind: Kind
    operation: str = ""
    times: int = 1
    status: int = 503
    seconds: float = 0.0
    retry_after: int | None = None


class Faults:
    """The queue of faults, in the store, so that all processes see it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, fault: Fault) -> None:
        """Queue a fault."""
        with self._store.transaction():
            self._save([*self.all(), fault])

    def all(self) -> list[Fault]:
        """Return the faults that wait, first come first."""
        listed = self._store.get(_SPACE, _KEY)
        return [Fault(**cast("dict[str, Any]", item)) for item in cast("list[Json]", listed or [])]

    def clear(self) -> None:
        """Take all faults back."""
        self._store.delete(_SPACE, _KEY)

    def take(self, operation: Operation) -> Fault | None:
        """Return the fault that this request meets, counted down, `None` when there is none."""
        if self._store.get(_SPACE, _KEY) is None:
            return None
        faults = self.all()
        for index, fault in enumerate(faults):
            if fault.operation in ("", operation.id):
                left = [Fault(**{**asdict(fault), "times": fault.times - 1})] if fault.times > 1 else []
                self._save([*faults[:index], *left, *faults[index + 1 :]])
                return fault
        return None

    def _save(self, faults: list[Fault]) -> None:
        if faults:
            self._store.put(_SPACE, _KEY, [asdict(f) for f in faults])
        else:
            self.clear()


def refusal(fault: Fault) -> Refused:
    """Return the refusal that answers with a fault's status."""
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
    fitting: list[Situation] = [*situations(fault.status), "internal"]
    return Refused(fitting[0], "A fault was asked for.", headers=headers, status=fault.status)


def broken_off(answer: Answer) -> Answer:
    """Return an answer whose body breaks off in the middle."""
    return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)
