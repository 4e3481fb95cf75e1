"""State in Redis, for several processes on several machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Final, cast

from tallystick.errors import ConfigurationError
from tallystick.load import Json
from tallystick.mock.encoding import decode, encode
from tallystick.mock.store.shared import SharedStore

_PREFIX: Final = "tallystick:"
_HELD: Final = 30
"""Seconds after which the lock of a process that is gone is let go."""
_TAKE_DUE: Final = """
local found = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, 1)
if #found == 0 then return false end
redis.call('ZREM', KEYS[1], found[1])
return found[1]
"""


class RedisStore(SharedStore):
    """A store in a Redis database. Keys begin with `tallystick:`; others in the database are left alone.

    A space is a hash of values and a sorted set that remembers their order.
    """

    def __init__(self, client: Any) -> None:
        super().__init__()
        self._redis = client
        self._lock = client.lock(f"{_PREFIX}lock", timeout=_HELD)
        self._take_due = client.register_script(_TAKE_DUE)

    @classmethod
    def open(cls, address: str) -> RedisStore:
        """Return the store at `redis://HOST:PORT/DATABASE`. Raises `ConfigurationError` when it can't be reached."""
        try:
            import redis
        except ImportError:
            raise ConfigurationError("redis-py is not installed", hint="pip install 'tallystick[redis]'") from None
        try:
            client = redis.Redis.from_url(address)
            client.ping()
        except (redis.RedisError, ValueError) as error:
            raise ConfigurationError(f"can't use {address.rpartition('@')[2]} as a store: {error}") from None
        return cls(client)

    def get(self, space: str, key: str) -> Json:
        """Return an entry's value, `None` when there is none."""
        found = self._redis.hget(_values(space), key)
        return decode(found) if found is not None else None

    def put(self, space: str, key: str, value: Json) -> None:
        """Set an entry."""
        if self._redis.hset(_values(space), key, encode(value)):
            self._remember(space, key)

    def add(self, space: str, key: str, value: Json) -> bool:
        """Set an entry only when there is none, and say whether it was set. Atomic across processes."""
        if not self._redis.hsetnx(_values(space), key, encode(value)):
            return False
        self._remember(space, key)
        return True

    def delete(self, space: str, key: str) -> None:
        """Remove an entry, if it is there."""
        self._redis.hdel(_values(space), key)
        self._redis.zrem(_order(space), key)

    def items(self, space: str) -> Iterator[tuple[str, Json]]:
        """Yield the entries of a space, oldest first."""
        for key in self._redis.zrange(_order(space), 0, -1):
            found = self._redis.hget(_values(space), key)
            if found is not None:
                yield key.decode(), decode(found)

    def beyond(self, space: str, limit: int) -> list[tuple[str, Json]]:
        """Return the oldest entries of a space: all but the newest `limit`."""
        return self._between(space, 0, -limit - 1)

    def newest(self, space: str, limit: int) -> list[tuple[str, Json]]:
        """Return the newest entries of a space, no more than `limit`, oldest first."""
        return self._between(space, -limit, -1)

    def _between(self, space: str, first: int, last: int) -> list[tuple[str, Json]]:
        keys = [key.decode() for key in self._redis.zrange(_order(space), first, last)]
        values = self._redis.hmget(_values(space), keys) if keys else []
        return [(key, decode(value)) for key, value in zip(keys, values, strict=True) if value is not None]

    def append(self, log: str, value: Json, limit: int) -> None:
        """Add to the end of a log and drop its oldest entries beyond the limit."""
        self._redis.sadd(f"{_PREFIX}logs", log)
        self._redis.rpush(_log(log), encode(value))
        self._redis.ltrim(_log(log), -limit, -1)

    def log(self, log: str) -> list[Json]:
        """Return a log, oldest first."""
        return [decode(value) for value in self._redis.lrange(_log(log), 0, -1)]

    def forget(self, log: str) -> None:
        """Forget a log."""
        self._redis.delete(_log(log))

    def schedule(self, at: float, task: Json) -> None:
        """Put a task on the agenda for a moment."""
        # The number makes equal tasks different, and keeps the order of those for the same moment.
        member = f"{self.count('agenda'):016d}:".encode() + encode(task)
        self._redis.zadd(f"{_PREFIX}agenda", {member: at})

    def due(self, now: float) -> Json:
        """Take the earliest task that is due off the agenda and return it, `None` when none is."""
        found = self._take_due(keys=[f"{_PREFIX}agenda"], args=[now])
        return decode(found.partition(b":")[2]) if found is not None else None

    def cancel(self, at: float, task: Json) -> None:
        """Take a task that was put on the agenda for a moment off it, wherever it is there."""
        due = self._redis.zrange(f"{_PREFIX}agenda", at, at, byscore=True)
        said = [member for member in due if member.partition(b":")[2] == encode(task)]
        if said:
            self._redis.zrem(f"{_PREFIX}agenda", *said)

    def next_due(self) -> float | None:
        """Return when the next task is due, `None` with an empty agenda."""
        found = self._redis.zrange(f"{_PREFIX}agenda", 0, 0, withscores=True)
        return float(found[0][1]) if found else None

    def count(self, name: str) -> int:
        """Return the next number of a counter, beginning with 1. Atomic across processes."""
        return int(self._redis.hincrby(f"{_PREFIX}counters", name, 1))

    def clear(self) -> None:
        """Forget everything."""
        held = f"{_PREFIX}lock".encode()
        keys = [key for key in self._redis.scan_iter(f"{_PREFIX}*", count=1000) if key != held]
        for start in range(0, len(keys), 1000):
            self._redis.delete(*keys[start : start + 1000])

    def dump(self) -> dict[str, Json]:
        """Return all state as one JSON value."""
        with self.transaction():
            spaces = [name.decode() for name in self._redis.smembers(f"{_PREFIX}spaces")]
            logs = [name.decode() for name in self._redis.smembers(f"{_PREFIX}logs")]
            agenda = self._redis.zrange(f"{_PREFIX}agenda", 0, -1, withscores=True)
            counters = self._redis.hgetall(f"{_PREFIX}counters")
            return {
                "spaces": {space: dict(self.items(space)) for space in sorted(spaces)},
                "logs": {log: self.log(log) for log in sorted(logs)},
                "agenda": [[at, int(m.partition(b":")[0]), decode(m.partition(b":")[2])] for m, at in agenda],
                "counters": {name.decode(): int(value) for name, value in counters.items()},
            }

    def _alone(self) -> AbstractContextManager[Any]:
        return cast("AbstractContextManager[Any]", self._lock)

    def _set_counter(self, name: str, value: int) -> None:
        self._redis.hset(f"{_PREFIX}counters", name, value)

    def close(self) -> None:
        """Close the connection."""
        self._redis.close()

    def _remember(self, space: str, key: str) -> None:
        self._redis.sadd(f"{_PREFIX}spaces", space)
        self._redis.zadd(_order(space), {key: self.count(f"order {space}")})


def _values(space: str) -> str:
    return f"{_PREFIX}values:{space}"


def _order(space: str) -> str:
    return f"{_PREFIX}order:{space}"


def _log(log: str) -> str:
    return f"{_PREFIX}log:{log}"
