"""State in the memory of one process, encoded, so that a hundred thousand sessions stay small."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import islice
from threading import RLock
from typing import Any, cast

from tallystick.load import Json
from tallystick.mock.encoding import decode, encode

_FEW = 1000
"""How many cancelled tasks may stay on the agenda, at least."""


def _packed(value: Json) -> bytes | str:
    """Return a value as JSON. Text stays as it is: nobody can change it, so there is nothing to be kept apart."""
    return value if isinstance(value, str) else encode(value)


def _unpacked(kept: bytes | str) -> Json:
    return kept if isinstance(kept, str) else decode(kept)


class MemoryStore:
    """The default store. What it hands out is a copy; nothing survives the process."""

    shared = False

    def __init__(self) -> None:
        self._spaces: defaultdict[str, dict[str, bytes | str]] = defaultdict(dict)
        self._logs: defaultdict[str, deque[bytes | str]] = defaultdict(deque)
        self._agenda: list[tuple[float, int, bytes | str]] = []
        self._cancelled: set[tuple[float, bytes | str]] = set()
        self._counters: defaultdict[str, int] = defaultdict(int)
        self._lock = RLock()

    def get(self, space: str, key: str) -> Json:
        """Return an entry's value, `None` when there is none."""
        kept = self._spaces[space].get(key)
        return None if kept is None else _unpacked(kept)

    def put(self, space: str, key: str, value: Json) -> None:
        """Set an entry."""
        self._spaces[space][key] = _packed(value)

    def add(self, space: str, key: str, value: Json) -> bool:
        """Set an entry only when there is none, and say whether it was set."""
        entries = self._spaces[space]
        if key in entries:
            return False
        entries[key] = _packed(value)
        return True

    def delete(self, space: str, key: str) -> None:
        """Remove an entry, if it is there."""
        self._spaces[space].pop(key, None)

    def items(self, space: str) -> Iterator[tuple[str, Json]]:
        """Yield the entries of a space, oldest first."""
        for key, kept in list(self._spaces[space].items()):
            yield key, _unpacked(kept)

    def beyond(self, space: str, limit: int) -> list[tuple[str, Json]]:
        """Return the oldest entries of a space: all but the newest `limit`."""
        entries = self._spaces[space]
        return [(key, _unpacked(kept)) for key, kept in islice(entries.items(), max(len(entries) - limit, 0))]

    def newest(self, space: str, limit: int) -> list[tuple[str, Json]]:
        """Return the newest entries of a space, no more than `limit`, oldest first."""
        found = islice(reversed(self._spaces[space].items()), limit)
        return [(key, _unpacked(kept)) for key, kept in found][::-1]

    def append(self, log: str, value: Json, limit: int) -> None:
        """Add to the end of a log and drop its oldest entries beyond the limit."""
        entries = self._logs[log]
        entries.append(_packed(value))
        while len(entries) > limit:
            entries.popleft()

    def log(self, log: str) -> list[Json]:
        """Return a log, oldest first."""
        return [_unpacked(kept) for kept in self._logs[log]]

    def forget(self, log: str) -> None:
        """Forget a log."""
        self._logs.pop(log, None)

    def schedule(self, at: float, task: Json) -> None:
        """Put a task on the agenda for a moment."""
        kept = _packed(task)
        if self._cancelled:
            self._cancelled.discard((at, kept))
        heapq.heappush(self._agenda, (at, self.count("agenda"), kept))

    def due(self, now: float) -> Json:
        """Take the earliest task that is due off the agenda and return it, `None` when none is."""
        if not self._agenda or self._agenda[0][0] > now:
            return None
        at = self.next_due()
        return _unpacked(heapq.heappop(self._agenda)[2]) if at is not None and at <= now else None

    def cancel(self, at: float, task: Json) -> None:
        """Take a task that was put on the agenda for a moment off it, wherever it is there."""
        self._cancelled.add((at, _packed(task)))
        if len(self._cancelled) > max(len(self._agenda) // 2, _FEW):
            self._tidy()

    def next_due(self) -> float | None:
        """Return when the next task is due, `None` with an empty agenda."""
        while self._cancelled and self._agenda and (self._agenda[0][0], self._agenda[0][2]) in self._cancelled:
            heapq.heappop(self._agenda)
        return self._agenda[0][0] if self._agenda else None

    def _tidy(self) -> None:
        """Leave what was cancelled out of the agenda, where it stayed because finding it takes long."""
        self._agenda = [entry for entry in self._agenda if (entry[0], entry[2]) not in self._cancelled]
        heapq.heapify(self._agenda)
        self._cancelled.clear()

    def count(self, name: str) -> int:
        """Return the next number of a counter, beginning with 1."""
        number = self._counters[name] = self._counters[name] + 1
        return number

    def clear(self) -> None:
        """Forget everything."""
        self._spaces.clear()
        self._logs.clear()
        self._agenda.clear()
        self._cancelled.clear()
        self._counters.clear()

    def dump(self) -> dict[str, Json]:
        """Return all state as one JSON value."""
        self._tidy()
        return {
            "spaces": {space: dict(self.items(space)) for space in list(self._spaces)},
            "logs": {log: self.log(log) for log in self._logs},
            "agenda": [[at, number, _unpacked(task)] for at, number, task in sorted(self._agenda)],
            "counters": dict(self._counters),
        }

    def load(self, state: dict[str, Json]) -> None:
        """Replace all state by what `dump` returned."""
        self.clear()
        parts = cast("dict[str, Any]", state)
        for space, entries in parts["spaces"].items():
            self._spaces[space] = {key: _packed(value) for key, value in entries.items()}
        for log, entries in parts["logs"].items():
            self._logs[log] = deque(_packed(value) for value in entries)
        self._agenda = [(at, number, _packed(task)) for at, number, task in parts["agenda"]]
        heapq.heapify(self._agenda)
        self._counters.update(parts["counters"])

    def transaction(self) -> AbstractContextManager[object]:
        """Keep other threads out while the block runs."""
        return self._lock

    def close(self) -> None:
        """Do nothing."""
