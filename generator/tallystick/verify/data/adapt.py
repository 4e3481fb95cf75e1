"""Makes generated requests mean something to a server that keeps its own rules.

A document cannot say in a schema that no two resources share a reference, or that a moment lies in a window after
another. Without care, valid data would be refused for such reasons, and invalid data for the wrong one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from tallystick.contract import Contract, Schema
from tallystick.contract.life import Expiry, Lifecycle
from tallystick.contract.model import Operation
from tallystick.contract.validation import Validators
from tallystick.load import Json, is_number
from tallystick.verify.facts.media import body_member

_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz0123456789", "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SHORTEST = 6


@dataclass(slots=True)
class Fresh:
    """Gives values that were not sent before: the value itself the first time, else a variant of the same length.

    The variants depend only on the seed and on how many were given before.
    """

    seed: int
    _given: set[tuple[str, str]] = field(default_factory=set)
    _count: int = 0

    def value(self, name: str, like: str, fits: Callable[[str], bool] = lambda _: True) -> str:
        """Return a value for the member or header `name` that `fits`; `like` itself when no variant does."""
        if (name, like) in self._given:
            like = next((v for v in self._variants(like) if (name, v) not in self._given and fits(v)), like)
        self._given.add((name, like))
        return like

    def other(self, name: str, than: str, fits: Callable[[str], bool]) -> str:
        """Return a value for the member `name` that was not sent before, if there is one that `fits`."""
        self._given.add((name, than))
        return self.value(name, than, fits)

    def _variants(self, like: str) -> Iterator[str]:
        self._count += 1
        yield str(UUID(int=(self.seed << 64 | self._count) % 2**128, version=4)) if _is_uuid(like) else like
        for alphabet in _ALPHABETS:
            mark = _digits(self.seed % 997, alphabet) + _digits(self._count, alphabet).rjust(_SHORTEST, alphabet[0])
            yield like[: max(0, len(like) - len(mark))] + mark


def _digits(number: int, alphabet: str) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, len(alphabet))
        digits = alphabet[rest] + digits
    return digits


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


class Adapter:
    """Changes requests in place: unique members and idempotency keys are fresh, windows of time are kept.

    `now` gives the server's time in seconds since 1970-01-01 UTC.
    """

    def __init__(self, contract: Contract, fresh: Fresh, now: Callable[[], float] = time.time) -> None:
        self._fresh = fresh
        self._validators = Validators(contract)
        self.now = now
        self._creates: dict[str, Lifecycle] = {
            effect.operation_id: lifecycle
            for lifecycle in contract.lifecycles
            for effect in lifecycle.effects
            if effect.effect in ("create", "update")
        }

    def another(self, name: str, than: str, fits: Callable[[str], bool]) -> str:
        """Return a value for a member that was not sent before, if there is one that `fits`."""
        return self._fresh.other(name, than, fits)

    def headers(self, operation: Operation, headers: MutableMapping[str, str]) -> None:
        """Give a request an idempotency key of its own, when it has one at all."""
        rule = operation.idempotency
        if rule is not None and headers.get(rule.header):
            headers[rule.header] = self._fresh.value(rule.header, headers[rule.header])

    def body(self, operation: Operation, body: Json) -> Json:
        """Return the body with fresh unique members and moments inside their window."""
        lifecycle = self._creates.get(operation.id)
        if lifecycle is None or not isinstance(body, dict):
            return body
        changed = dict(body)
        for member in lifecycle.unique:
            value = changed.get(member)
            if isinstance(value, str):
                fits = partial(self._fits, operation, member)
                changed[member] = self._fresh.value(f"{lifecycle.resource}/{member}", value, fits)
        if lifecycle.expiry is not None:
            _keep_window(lifecycle.expiry, changed, self.now())
        return changed

    def _fits(self, operation: Operation, member: str, value: str) -> bool:
        schema = body_member(operation, member)
        return schema is None or self._validators.allows(schema, value, "request")


def _keep_window(expiry: Expiry, body: dict[str, Json], now: float) -> None:
    """Set the moment of creation to now, and that of expiry to one that the contract allows after it.

    Within a second they stay so, both by the same, so that they are as far apart as they should be.
    """
    base, at = body.get(expiry.base), body.get(expiry.at)
    start = int(now) + next((_fraction(moment) for moment in (base, at) if _is_moment(moment)), 0)
    if _is_moment(base):
        body[expiry.base] = like(base, start)
    if _is_moment(at):
        seconds = expiry.default or expiry.minimum or expiry.maximum or 3600
        body[expiry.at] = like(at, start + seconds)


def _fraction(moment: Json) -> float:
    """Return half a second for a moment within a second: floats that far from 1970 hold it exactly."""
    return 0.5 if (moment_of(moment) or 0) % 1 else 0


def _is_moment(value: Json) -> bool:
    if isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
        return True
    return is_number(value)


def like(value: Json, moment: float) -> Json:
    """Return a moment in the form of another: seconds as a number, or an RFC 3339 text."""
    if isinstance(value, str):
        return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
    return moment


def moment_of(value: Json) -> float | None:
    """Return a moment in seconds since 1970-01-01 UTC, `None` when the value is none or has no time zone."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return moment.timestamp() if moment.tzinfo is not None else None
    return float(value) if is_number(value) else None


def written_as(schema: Schema | None, moment: int) -> Json:
    """Return a moment as a schema wants it."""
    text = schema is not None and "string" in schema.known_types
    return like("" if text else 0, moment)
