"""What stores that several processes look at have in common: nested transactions, and putting a state back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

from tallystick.load import Json


class SharedStore(ABC):
    """The part of a store that doesn't depend on where it is."""

    shared = True

    def __init__(self) -> None:
        self._inside = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep other processes out while the block runs. Blocks may be nested."""
        if self._inside:
            yield
            return
        with self._alone():
            self._inside = True
            try:
                yield
            finally:
                self._inside = False

    def load(self, state: dict[str, Json]) -> None:
        """Replace all state by what `dump` returned."""
        parts = cast("dict[str, Any]", state)
        with self.transaction():
            self.clear()
            for space, entries in parts["spaces"].items():
                for key, value in entries.items():
                    self.put(space, key, value)
            for log, lines in parts["logs"].items():
                for value in lines:
                    self.append(log, value, len(lines))
            for at, _, task in parts["agenda"]:
                self.schedule(at, task)
            for name, value in parts["counters"].items():
                self._set_counter(name, value)

    @abstractmethod
    def _alone(self) -> AbstractContextManager[Any]:
        """Keep other processes out while a block runs."""

    @abstractmethod
    def _set_counter(self, name: str, value: int) -> None:
        """Set a counter."""

    @abstractmethod
    def clear(self) -> None:
        """Forget everything."""

    @abstractmethod
    def put(self, space: str, key: str, value: Json) -> None:
        """Set an entry."""

    @abstractmethod
    def append(self, log: str, value: Json, limit: int) -> None:
        """Add to the end of a log and drop its oldest entries beyond the limit."""

    @abstractmethod
    def schedule(self, at: float, task: Json) -> None:
        """Put a task on the agenda for a moment."""
