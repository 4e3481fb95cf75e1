"""State in a SQLite file: it survives a restart and serves several processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from tallystick.errors import ConfigurationError, UsageError
from tallystick.load import Json
from tallystick.mock.encoding import decode, encode
from tallystick.mock.store.shared import SharedStore

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
  number INTEGER PRIMARY KEY, space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, UNIQUE (space, key)
);
CREATE INDEX IF NOT EXISTS entry_order ON entry (space, number);
CREATE TABLE IF NOT EXISTS line (number INTEGER PRIMARY KEY AUTOINCREMENT, log TEXT NOT NULL, value BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS line_log ON line (log, number);
CREATE TABLE IF NOT EXISTS task (number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, value BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS task_at ON task (at, number);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
_TABLES = ("entry", "line", "task", "counter")
_TRIES = 100
_PATIENCE = 30.0
"""Seconds to wait for another process to let go of the file."""


class SqliteStore(SharedStore):
    """A store in a file. Every process opens it for itself."""

    def __init__(self, path: Path) -> None:
        """Open or create the file. Raises `ConfigurationError` when it is no store, or can't be opened."""
        super().__init__()
        try:
            self._db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            self._log_ahead()
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            hint = "give the path of a file that is a store already, or of none"
            raise ConfigurationError(f"can't use {path} as a store: {error}", hint=hint) from None

    def _log_ahead(self) -> None:
        """Let readers and a writer work side by side. Where several ask for that at once, SQLite turns some away."""
        for _ in range(_TRIES):
            try:
                self._db.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                self._db.execute("BEGIN IMMEDIATE")  # which waits for the others, as the pragma doesn't
                self._db.execute("COMMIT")
            else:
                return
        raise ConfigurationError("the store is busy", hint="try again")

    @classmethod
    def open(cls, address: str) -> SqliteStore:
        """Return the store at `sqlite:///FILE`; four slashes begin an absolute path. Raises `ConfigurationError`."""
        path = address.removeprefix("sqlite:///")
        if path == address or not path:
            raise UsageError(f"there is no store {address!r}", hint="write sqlite:///FILE")
        return cls(Path(path))

    def get(self, space: str, key: str) -> Json:
        """Return an entry's value, `None` when there is none."""
        row = self._db.execute("SELECT value FROM entry WHERE space = ? AND key = ?", (space, key)).fetchone()
        return decode(row[0]) if row is not None else None

    def put(self, space: str, key: str, value: Json) -> None:
        """Set an entry."""
        self._db.execute(
            "INSERT INTO entry (space, key, value) VALUES (?, ?, ?)"
            " ON CONFLICT (space, key) DO UPDATE SET value = excluded.value",
            (space, key, encode(value)),
        )

    def add(self, space: str, key: str, value: Json) -> bool:
        """Set an entry only when there is none, and say whether it was set. Atomic across processes."""
        done = self._db.execute(
            "INSERT OR IGNORE INTO entry (space, key, value) VALUES (?, ?, ?)", (space, key, encode(value))
        )
        return done.rowcount == 1

    def delete(self, space: str, key: str) -> None:
        """Remove an entry, if it is there."""
        self._db.execute("DELETE FROM entry WHERE space = ? AND key = ?", (space, key))

    def items(self, space: str) -> Iterator[tuple[str, Json]]:
        """Yield the entries of a space, oldest first."""
        rows = self._db.execute("SELECT key, value FROM entry WHERE space = ? ORDER BY number", (space,)).fetchall()
        for key, value in rows:
            yield key, decode(value)

    def beyond(self, space: str, limit: int) -> list[tuple[str, Json]]:
        """Return the oldest entries of a space: all but the newest `limit`."""
        rows = self._db.execute(
            "SELECT key, value FROM entry WHERE space = ? AND number <= "
            "(SELECT number FROM entry WHERE space = ? ORDER BY number DESC LIMIT 1 OFFSET ?) ORDER BY number",
            (space, space, limit),
        )
        return [(key, decode(value)) for key, value in rows]

    def newest(self, space: str, limit: int) -> list[tuple[str, Json]]:
        """Return the newest entries of a space, no more than `limit`, oldest first."""
        rows = self._db.execute(
            "SELECT key, value FROM entry WHERE space = ? ORDER BY number DESC LIMIT ?", (space, limit)
        ).fetchall()
        return [(key, decode(value)) for key, value in reversed(rows)]

    def append(self, log: str, value: Json, limit: int) -> None:
        """Add to the end of a log and drop its oldest entries beyond the limit."""
        self._db.execute("INSERT INTO line (log, value) VALUES (?, ?)", (log, encode(value)))
        self._db.execute(
            "DELETE FROM line WHERE log = ? AND number <= "
            "(SELECT number FROM line WHERE log = ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (log, log, limit),
        )

    def log(self, log: str) -> list[Json]:
        """Return a log, oldest first."""
        return [
            decode(v) for (v,) in self._db.execute("SELECT value FROM line WHERE log = ? ORDER BY number", (log,))
        ]

    def forget(self, log: str) -> None:
        """Forget a log."""
        self._db.execute("DELETE FROM line WHERE log = ?", (log,))

    def schedule(self, at: float, task: Json) -> None:
        """Put a task on the agenda for a moment."""
        self._db.execute("INSERT INTO task (at, value) VALUES (?, ?)", (at, encode(task)))

    def due(self, now: float) -> Json:
        """Take the earliest task that is due off the agenda and return it, `None` when none is."""
        row = self._db.execute(
            "DELETE FROM task WHERE number = (SELECT number FROM task WHERE at <= ? ORDER BY at, number LIMIT 1)"
            " RETURNING value",
            (now,),
        ).fetchone()
        return decode(row[0]) if row is not None else None

    def cancel(self, at: float, task: Json) -> None:
        """Take a task that was put on the agenda for a moment off it, wherever it is there."""
        self._db.execute("DELETE FROM task WHERE at = ? AND value = ?", (at, encode(task)))

    def next_due(self) -> float | None:
        """Return when the next task is due, `None` with an empty agenda."""
        row = self._db.execute("SELECT min(at) FROM task").fetchone()
        return cast("float | None", row[0])

    def count(self, name: str) -> int:
        """Return the next number of a counter, beginning with 1. Atomic across processes."""
        row = self._db.execute(
            "INSERT INTO counter (name, value) VALUES (?, 1)"
            " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (name,),
        ).fetchone()
        return int(row[0])

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in _TABLES:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608  # names of our own

    def dump(self) -> dict[str, Json]:
        """Return all state as one JSON value."""
        with self.transaction():
            spaces = [s for (s,) in self._db.execute("SELECT DISTINCT space FROM entry").fetchall()]
            logs = [s for (s,) in self._db.execute("SELECT DISTINCT log FROM line").fetchall()]
            agenda = self._db.execute("SELECT at, number, value FROM task ORDER BY at, number").fetchall()
            return {
                "spaces": {space: dict(self.items(space)) for space in spaces},
                "logs": {log: self.log(log) for log in logs},
                "agenda": [[at, number, decode(value)] for at, number, value in agenda],
                "counters": dict(self._db.execute("SELECT name, value FROM counter").fetchall()),
            }

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def _set_counter(self, name: str, value: int) -> None:
        self._db.execute("INSERT INTO counter (name, value) VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Close the file."""
        self._db.close()
