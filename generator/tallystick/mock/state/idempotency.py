"""Repeats of a request: recognised by their key, answered as the first was, refused when they differ."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, cast

from tallystick.contract import expression as expressions
from tallystick.contract.model import IdempotencyRule, Outcome
from tallystick.load import Json
from tallystick.mock.behaviour import Call
from tallystick.mock.message import Answer
from tallystick.mock.moments import stamp
from tallystick.mock.refusal import Refused
from tallystick.mock.store import Store

_SPACE: Final = "idempotency"
_ORDER: Final = "idempotency-order"
KEPT: Final = 100_000
"""How many keys are remembered; the oldest is forgotten for a new one, its lifetime notwithstanding."""
_ABANDONED: Final = 60
"""Seconds after which a request that never ended no longer blocks its key: its process is gone."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request in progress under an idempotency key."""

    entry: str
    at: float
    digest: str


class Idempotency:
    """Remembers answers by key."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, call: Call) -> Ticket | Answer | None:
        """Return the earlier answer to a repeat, a ticket for a first request, `None` for one without a key.

        Raises `Refused` when the key was used with another request, or the first one is still running.
        """
        rule = call.operation.idempotency
        key = call.request.headers.get(rule.header.lower()) if rule is not None else None
        if rule is None or key is None:
            return None
        ticket = Ticket(self._entry(call, rule, key), call.now, _digest(call))
        claim: Json = {"at": call.now, "digest": ticket.digest, "answer": None}
        if self._store.add(_SPACE, ticket.entry, claim):
            self._forget_oldest(ticket)
            return ticket
        known = cast("dict[str, Any]", self._store.get(_SPACE, ticket.entry) or claim)
        if self._over(rule, known, call.now):
            self._store.put(_SPACE, ticket.entry, claim)
            return ticket
        if rule.compares_body and known["digest"] != ticket.digest:
            raise Refused("idempotency-conflict", "This idempotency key was used with another request.")
        if known["answer"] is None:
            raise Refused("idempotency-in-progress", "The first request with this idempotency key is still running.")
        return self._replayed(call, rule, known)

    def finish(self, ticket: Ticket, answer: Answer) -> None:
        """Remember the answer to a first request; one that failed on our side is forgotten, so it can be repeated."""
        if answer.status >= 500:
            self._store.delete(_SPACE, ticket.entry)
            return
        kept: Json = [answer.status, answer.body.decode("latin-1"), cast("Json", answer.headers)]
        self._store.put(_SPACE, ticket.entry, {"at": ticket.at, "digest": ticket.digest, "answer": kept})

    def forget(self, ticket: Ticket) -> None:
        """Free the key of a request that was not done."""
        self._store.delete(_SPACE, ticket.entry)

    def _forget_oldest(self, newest: Ticket) -> None:
        """Take note of a new key, and forget the one that came `KEPT` keys before it."""
        number = self._store.count(_ORDER)
        self._store.put(_ORDER, str(number), newest.entry)
        oldest = self._store.get(_ORDER, str(number - KEPT))
        if isinstance(oldest, str):
            self._store.delete(_ORDER, str(number - KEPT))
            self._store.delete(_SPACE, oldest)

    def _entry(self, call: Call, rule: IdempotencyRule, key: str) -> str:
        source = expressions.parse(rule.scope)
        scope = str(call.value(source)) if source is not None else call.caller.credential
        # Where bodies are not compared the key alone decides, so that it can't reach across operations.
        return "\x1f".join((scope, "" if rule.compares_body else call.operation.id, key))

    def _over(self, rule: IdempotencyRule, known: dict[str, Any], now: float) -> bool:
        lifetime = _ABANDONED if known["answer"] is None else rule.lifetime
        return lifetime is not None and now > known["at"] + lifetime

    def _replayed(self, call: Call, rule: IdempotencyRule, known: dict[str, Any]) -> Answer:
        status, body, headers = known["answer"]
        answer = Answer(status, body.encode("latin-1"), dict(headers))
        outcome = call.operation.outcome(status)
        if rule.replayed and outcome is not None:
            answer.headers |= _replayed_header(outcome, rule.replayed, known["at"])
        return answer


def _digest(call: Call) -> str:
    text = json.dumps([call.operation.id, call.body], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:24]


def _replayed_header(outcome: Outcome, name: str, at: float) -> dict[str, str]:
    """Return the header that only a repeat carries, when its answer declares it.

    What it says follows from its schema: the time of the first request, in milliseconds for a whole number and as
    RFC 3339 for text, or `true`.
    """
    header = next((h for h in outcome.headers if h.name.lower() == name.lower()), None)
    if header is None:
        return {}
    types = header.schema.known_types if header.schema is not None else ()
    if "boolean" in types:
        return {name: "true"}
    return {name: str(stamp(at, text=True)) if "string" in types else str(int(at * 1000))}
