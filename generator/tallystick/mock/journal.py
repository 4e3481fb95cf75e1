"""What came and what went: the last requests and answers, with sensitive values masked."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple, cast

from tallystick.contract import Contract
from tallystick.contract.model import Media, Operation
from tallystick.load import Json
from tallystick.mock.media_types import choose
from tallystick.mock.message import Answer, Request
from tallystick.mock.store import Store
from tallystick.mock.wire.masking import Masking, masked

KEPT: Final = 1000
"""How many exchanges are kept."""
_LONGEST_BODY: Final = 16_384
_LONGEST_EXCHANGE: Final = 65_536
"""How long the bodies of an exchange may be, together, for it to be kept as it was."""
_LOG: Final = "journal"


class Exchange(NamedTuple):
    """A request with its answer. `note` says what the mock has to add, such as a fault that was put in."""

    number: int
    at: float
    operation: Operation | None
    request: Request
    answer: Answer | None
    note: str


class Journal:
    """The last exchanges. In a store that several processes share they are kept there, masked; else here."""

    def __init__(self, contract: Contract, store: Store) -> None:
        self._store = store
        self._exchanges: deque[Exchange | Json] = deque(maxlen=KEPT)
        self._masking = Masking(contract)
        unsigned = [
            s for s in contract.security_schemes.values() if s.signer is None
        ]  # signatures are never the same
        self._proofs = sorted({s.parameter.lower() if s.kind == "apiKey" else "authorization" for s in unsigned})

    def record(
        self, at: float, operation: Operation | None, request: Request, answer: Answer | None, note: str
    ) -> None:
        """Keep an exchange."""
        exchange = Exchange(self._store.count(_LOG), at, operation, request, answer, note)
        if self._store.shared:
            self._store.append(_LOG, {"told": self._told(exchange), "whole": self._whole(exchange)}, KEPT)
        elif len(request.body) + (len(answer.body) if answer is not None else 0) > _LONGEST_EXCHANGE:
            self._exchanges.append(self._told(exchange))
        else:
            self._exchanges.append(exchange)

    def entries(self, after: int, limit: int) -> list[Json]:
        """Return the last exchanges, those with a number above `after`, as JSON, oldest first, masked."""
        if self._store.shared:
            kept: list[Exchange | Json] = [cast("Any", line)["told"] for line in self._store.log(_LOG)]
        else:
            kept = [*self._exchanges]
        wanted = [e for e in kept if _number(e) > after][-limit:]
        return [self._told(e) if isinstance(e, Exchange) else e for e in wanted]

    def earlier(self, operation: Operation, request: Request) -> Answer | None:
        """Return what the same request of the same caller was answered the last time, as far as that is known."""
        if self._store.shared:
            asked_for = [operation.id, *self._asked(request)]
            wholes = (cast("Any", line)["whole"] for line in reversed(self._store.log(_LOG)))
            found = next((w for w in wholes if w is not None and w["asked"] == asked_for), None)
            return Answer(found["status"], found["body"].encode("latin-1"), found["headers"]) if found else None
        asked = self._asked(request)
        own = (e for e in reversed(self._exchanges) if isinstance(e, Exchange) and e.operation is operation)
        return next((e.answer for e in own if self._asked(e.request) == asked), None)

    def _asked(self, request: Request) -> list[Json]:
        """Return what makes two requests the same: target, body and caller, the last two by their digests."""
        proofs = "\n".join(request.headers.get(name, "") for name in self._proofs)
        return [request.target, *(sha256(text).hexdigest() for text in (request.body, proofs.encode()))]

    def _whole(self, exchange: Exchange) -> Json:
        """Return what a store has to keep for an answer to be given once more, `None` when that is too much."""
        operation, answer = exchange.operation, exchange.answer
        if operation is None or answer is None or len(answer.body) > _LONGEST_EXCHANGE:
            return None
        asked: list[Json] = [operation.id, *self._asked(exchange.request)]
        body = answer.body.decode("latin-1")
        return {"asked": asked, "status": answer.status, "headers": {**answer.headers}, "body": body}

    def clear(self) -> None:
        """Forget all exchanges."""
        self._exchanges.clear()
        self._store.forget(_LOG)

    def rewind(self, counters: Mapping[str, int]) -> None:
        """Forget the exchanges kept here that came after the store's counters stood like this."""
        last = counters.get(_LOG, 0)
        self._exchanges = deque((e for e in self._exchanges if _number(e) <= last), maxlen=KEPT)

    def _told(self, exchange: Exchange) -> Json:
        request, answer, operation = exchange.request, exchange.answer, exchange.operation
        return {
            "number": exchange.number,
            "at": exchange.at,
            "operation": operation.id if operation is not None else None,
            "method": request.method,
            "target": self._masking.target(operation, request),
            "headers": self._masking.headers(operation, request.headers),
            "body": _request_body(operation, request),
            "status": answer.status if answer is not None else None,
            "answerHeaders": self._masking.headers(operation, answer.headers) if answer is not None else None,
            "answerBody": _answer_body(operation, answer),
            "note": exchange.note,
        }


def _number(kept: Exchange | Json) -> int:
    return kept.number if isinstance(kept, Exchange) else int(cast("Any", kept)["number"])


def _request_body(operation: Operation | None, request: Request) -> Json:
    offered = operation.body.media if operation is not None and operation.body is not None else ()
    media = choose(offered, request.headers.get("content-type", ""))
    if media is None:
        # Nobody knows what is sensitive in it.
        return f"({len(request.body)} bytes)" if request.body else None
    return _body(request.body, media)


def _answer_body(operation: Operation | None, answer: Answer | None) -> Json:
    if answer is None:
        return None
    outcome = operation.outcome(answer.status) if operation is not None else None
    offered = outcome.media if outcome is not None else ()
    return _body(answer.body, choose(offered, answer.headers.get("Content-Type", "")))


def _body(body: bytes, media: Media | None) -> Json:
    if not body:
        return None
    if len(body) > _LONGEST_BODY:
        return f"({len(body)} bytes)"
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        # What can't be taken apart can't be masked either.
        return f"({len(body)} bytes that are not JSON)"
    return masked(value, media.schema if media is not None else None)
