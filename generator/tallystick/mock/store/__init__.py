"""Where state lives: one small interface, several places behind it.

Values are plain JSON. A space is a set of entries by key, in the order in which they were put.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from tallystick.errors import ConfigurationError, UsageError
from tallystick.load import Json
from tallystick.mock.store.memory import MemoryStore

__all__ = ["MemoryStore", "Store", "claim", "open_store"]


class Store(Protocol):
    """What the mock asks of a store. `shared` says whether several processes look at the same state."""

    shared: bool

    def get(self, space: str, key: str) -> Json:
        """Return an entry's value, `None` when there is none."""
        ...

    def put(self, space: str, key: str, value: Json) -> None:
        """Set an entry."""
        ...

    def add(self, space: str, key: str, value: Json) -> bool:
        """Set an entry only when there is none, and say whether it was set. Atomic across processes."""
        ...

    def delete(self, space: str, key: str) -> None:
        """Remove an entry, if it is there."""
        ...

    def items(self, space: str) -> Iterator[tuple[str, Json]]:
        """Yield the entries of a space, oldest first."""
        ...

    def beyond(self, space: str, limit: int) -> list[tuple[str, Json]]:
        """Return the oldest entries of a space: all but the newest `limit`."""
        ...

    def newest(self, space: str, limit: int) -> list[tuple[str, Json]]:
        """Return the newest entries of a space, no more than `limit`, oldest first."""
        ...

    def append(self, log: str, value: Json, limit: int) -> None:
        """Add to the end of a log and drop its oldest entries beyond the limit."""
        ...

    def log(self, log: str) -> list[Json]:
        """Return a log, oldest first."""
        ...

    def forget(self, log: str) -> None:
        """Forget a log."""
        ...

    def schedule(self, at: float, task: Json) -> None:
        """Put a task on the agenda for a moment."""
        ...

    def due(self, now: float) -> Json:
        """Take the earliest task that is due off the agenda and return it, `None` when none is."""
        ...

    def cancel(self, at: float, task: Json) -> None:
        """Take a task that was put on the agenda for a moment off it, wherever it is there."""
        ...

    def next_due(self) -> float | None:
        """Return when the next task is due, `None` with an empty agenda."""
        ...

    def count(self, name: str) -> int:
        """Return the next number of a counter, beginning with 1. Atomic across processes."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def dump(self) -> dict[str, Json]:
        """Return all state as one JSON value."""
        ...

    def load(self, state: dict[str, Json]) -> None:
        """Replace all state by what `dump` returned."""
        ...

    def transaction(self) -> AbstractContextManager[object]:
        """Keep other processes out while the block runs."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...


def claim(store: Store, contract: str) -> None:
    """Keep a store for a contract. Raises `ConfigurationError` when another's state is in it."""
    if store.shared and not store.add("control", "contract", contract):
        owner = store.get("control", "contract")
        if owner != contract:
            hint = "give another file or database with --store, or empty this one"
            raise ConfigurationError(f"the store keeps the state of {owner}, not of {contract}", hint=hint)


def open_store(address: str) -> Store:
    """Return the store at an address: `memory:`, `sqlite:///FILE` or `redis://HOST:PORT/DATABASE`.

    Raises `UsageError` for any other address, and `ConfigurationError` when the store can't be opened.
    """
    scheme = address.partition(":")[0]
    if scheme == "memory":
        return MemoryStore()
    if scheme == "sqlite":
        from tallystick.mock.store.sqlite import SqliteStore

        return SqliteStore.open(address)
    if scheme == "redis":
        from tallystick.mock.store.redis import RedisStore

        return RedisStore.open(address)
    hint = "use memory:, sqlite:///FILE or redis://HOST:PORT/DATABASE"
    raise UsageError(f"there is no store {address!r}", hint=hint)
