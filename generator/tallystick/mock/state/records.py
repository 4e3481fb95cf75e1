"""Resources as they are kept: one record each, kept apart by tenant, with an index of values that must be unique."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from tallystick.contract.life import Lifecycle
from tallystick.load import Json
from tallystick.mock.behaviour import Resource
from tallystick.mock.encoding import encode
from tallystick.mock.refusal import Refused
from tallystick.mock.store import Store

KEPT: Final = 200_000
"""How many resources of a kind are kept; the oldest are forgotten."""
SWEEP: Final = 1000
"""How many new ones there may be, in each process, before it is looked whether there are too many."""
_SEPARATOR = "\x1f"
_UNIQUE = "unique"


@dataclass(slots=True)
class Record:
    """A resource, whose it is, its state, and when it expires (seconds since 1970-01-01 UTC, `None` for never)."""

    key: str
    tenant: str
    state: str
    expires: float | None
    resource: Resource


class Records:
    """The records of one kind of resource in a store."""

    def __init__(self, store: Store, lifecycle: Lifecycle) -> None:
        self._store = store
        self._lifecycle = lifecycle
        self._space = f"resource{_SEPARATOR}{lifecycle.resource}"
        self._added = 0

    def find(self, tenant: str, key: str) -> Record | None:
        """Return a record, `None` when this tenant has none with the key."""
        found = self._store.get(self._space, f"{tenant}{_SEPARATOR}{key}")
        return _record(f"{tenant}{_SEPARATOR}{key}", found) if found is not None else None

    def add(self, record: Record) -> bool:
        """Keep a new record and say whether its key was new.

        Raises `Refused` when another resource of the tenant has one of the values that must be unique.
        """
        taken: list[str] = []
        for member in self._lifecycle.unique:
            if member not in record.resource:
                continue
            entry = self._unique_entry(record, member)
            if not self._store.add(_UNIQUE, entry, record.key):
                self._release(taken)
                value = record.resource[member]
                raise Refused("duplicate", f"Another one has this {member} already.", f"/{member}", value)
            taken.append(entry)
        if self._store.add(self._space, f"{record.tenant}{_SEPARATOR}{record.key}", _entry(record)):
            self._added += 1
            if self._added % SWEEP == 0:
                self._forget_oldest()
            return True
        self._release(taken)
        return False

    def save(self, record: Record) -> None:
        """Keep a changed record."""
        self._store.put(self._space, f"{record.tenant}{_SEPARATOR}{record.key}", _entry(record))

    def delete(self, record: Record) -> None:
        """Forget a record."""
        held = (member for member in self._lifecycle.unique if member in record.resource)
        self._release([self._unique_entry(record, member) for member in held])
        self._store.delete(self._space, f"{record.tenant}{_SEPARATOR}{record.key}")
        if record.expires is not None:
            self._store.cancel(record.expires, self.task({"do": "expire"}, record, record.expires))

    def task(self, what: dict[str, Json], record: Record, at: float) -> Json:
        """Return what is to be done to a record at a moment, as it stands on the agenda."""
        return {**what, "resource": self._lifecycle.resource, "tenant": record.tenant, "key": record.key, "at": at}

    def _forget_oldest(self) -> None:
        for place, entry in self._store.beyond(self._space, KEPT):
            self.delete(_record(place, entry))

    def all(self) -> Iterator[Record]:
        """Yield the records of all tenants, oldest first."""
        for key, found in self._store.items(self._space):
            yield _record(key, found)

    def newest(self, limit: int) -> Iterator[Record]:
        """Yield the newest records of all tenants, no more than `limit`, oldest first."""
        for key, found in self._store.newest(self._space, limit):
            yield _record(key, found)

    def _unique_entry(self, record: Record, member: str) -> str:
        value = encode(record.resource[member]).decode()
        return _SEPARATOR.join((self._lifecycle.resource, record.tenant, member, value))

    def _release(self, entries: list[str]) -> None:
        for entry in entries:
            self._store.delete(_UNIQUE, entry)


def _entry(record: Record) -> Json:
    return {"s": record.state, "x": record.expires, "r": record.resource}


def _record(place: str, entry: Json) -> Record:
    tenant, _, key = place.partition(_SEPARATOR)
    fields = cast("dict[str, Any]", entry)
    return Record(key, tenant, fields["s"], fields["x"], fields["r"])
