"""What the mock sends by itself: kept, signed as the provider signs, delivered and retried on the mock's clock."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from tallystick.contract import Contract, Schema
from tallystick.contract.model import Media, Operation
from tallystick.contract.signing import SignerObject, default_credentials, load_signer
from tallystick.load import Json
from tallystick.mock.clock import Clock
from tallystick.mock.media_types import is_json
from tallystick.mock.store import Store
from tallystick.mock.webhooks.addresses import host_of, is_here
from tallystick.mock.webhooks.couriers import Couriers
from tallystick.mock.webhooks.posting import Post, post
from tallystick.mock.wire.security import Credentials

_log = logging.getLogger("tallystick.mock")

_DELIVERIES: Final = "delivery"
_TARGETS: Final = "target"
_KEPT: Final = 5000
"""How many deliveries are kept."""
_ATTEMPTS: Final = 50
"""How many attempts of a delivery are told, at least; all of those that the provider makes are."""
_HELD: Final = "held"
_OVERTAKEN: Final = 60.0
"""Seconds that what goes to a reordered target waits for something that overtakes it."""
_FORBIDDEN: Final = "callbacks go to this machine and to the hosts of targets; add a target with this host"


@dataclass(frozen=True, slots=True)
class Target:
    """Who gets webhooks. `events` empty means all; `copies` above 1 sends each several times, `late` holds it back
    for some seconds, `reordered` lets every second one overtake the one before it. `verified` says whether it has
    given back what the provider asks new targets for; `None` where that isn't asked.
    """

    url: str
    id: str = ""
    events: tuple[str, ...] = ()
    copies: int = 1
    late: float = 0.0
    reordered: bool = False
    verified: bool | None = None


@dataclass(slots=True)
class Delivery:
    """One webhook or callback on its way.

    `state` is `waiting`, `delivered`, `failed`, `no target` or `not allowed`; `headers` are those that the contract
    asks for.
    """

    id: str
    webhook: str
    url: str
    body: str
    at: float
    about: str
    state: str = "waiting"
    headers: dict[str, str] = field(default_factory=dict)
    attempts: list[dict[str, Json]] = field(default_factory=list)


class Deliveries:
    """Keeps and delivers what webhooks and callbacks have made. `post` is how requests leave; it can be replaced.

    `operations` are the requests that can be made, by the name that deliveries and targets call them; `repeated` are
    the headers of some whose value the answer's body has to be.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        *,
        store: Store,
        clock: Clock,
        retries: tuple[float, ...],
        repeated: Mapping[str, str],
        signers: Mapping[str, SignerObject],
        new_id: Callable[[str], str],
    ) -> None:
        self._operations = operations
        self._store = store
        self._clock = clock
        self._retries = retries
        self._repeated = repeated
        self._told = max(_ATTEMPTS, len(retries) + 1)
        self._signers = signers
        self._new_id = new_id
        self._couriers = Couriers()
        self.post: Post = post

    # -- targets ------------------------------------------------------------------------------------------------

    def add_target(self, target: Target) -> Target:
        """Add a target; it gets an id when it has none."""
        named = replace(target, id=target.id or self._new_id("target"))
        self._store.put(_TARGETS, named.id, cast("Json", asdict(named)))
        return named

    def targets(self) -> list[Target]:
        """Return all targets."""
        return [_target(value) for _, value in self._store.items(_TARGETS)]

    def _wanting(self, name: str) -> list[Target]:
        return [t for t in self.targets() if not t.events or name in t.events]

    def remove_target(self, id_: str) -> None:
        """Remove a target, if it is there."""
        self._store.delete(_TARGETS, id_)

    def permitted(self, url: str) -> Target | None:
        """Return how an address that a caller has named may be called, `None` when it may not be.

        This machine may be, and the host of a target that somebody named, in the way that the target asks for.
        """
        host = host_of(url)
        if not host:
            return None
        known = next((t for t in self.targets() if host_of(t.url) == host), None)
        if known is not None:
            return replace(known, url=url)
        return Target(url) if is_here(host) else None

    # -- putting on the way -------------------------------------------------------------------------------------

    def send(self, name: str, body: str, now: float, about: str, headers: dict[str, str]) -> None:
        """Put a webhook with this body on its way to all targets that want it."""
        wanted = self._wanting(name)
        if not wanted:
            self._save(Delivery(self._next(), name, "", body, now, about, "no target", headers))
        for target in wanted:
            self._put(name, target, body, now, about, headers)

    def call(self, name: str, url: str, body: str, now: float, about: str, headers: dict[str, str]) -> None:
        """Put a callback with this body on its way to an address that a caller has named, if that may be called."""
        target = self.permitted(url)
        if target is not None:
            self._put(name, target, body, now, about, headers)
            return
        refused: dict[str, Json] = {"at": now, "status": 0, "error": _FORBIDDEN}
        self._save(
            Delivery(self._next(), name, url, body, now, about, "not allowed", headers=headers, attempts=[refused])
        )

    async def ask(self, name: str, target: Target, body: str, now: float, headers: dict[str, str]) -> None:
        """Send a webhook to one target at once, and only once."""
        delivery = Delivery(self._next(), name, target.url, body, now, f"target {target.id}", headers=headers)
        self._save(delivery)
        await self._attempt(delivery, is_last=True)

    def _put(self, name: str, target: Target, body: str, now: float, about: str, headers: dict[str, str]) -> None:
        made = [
            Delivery(self._next(), name, target.url, body, now, about, headers=headers) for _ in range(target.copies)
        ]
        for delivery in made:
            self._save(delivery)
        ids = [delivery.id for delivery in made]
        if target.reordered:
            self._overtake(target, ids, now)
        else:
            self._schedule(ids, now + target.late)

    def _overtake(self, target: Target, ids: list[str], now: float) -> None:
        """Send deliveries before the ones that wait for it, or let them wait when none do."""
        held = self._store.get(_HELD, target.id)
        earlier, until = cast("tuple[list[str], float]", held) if held is not None else ([], now)
        if until <= now:
            until = now + target.late + _OVERTAKEN
            self._store.put(_HELD, target.id, [cast("Json", ids), until])
            self._schedule(ids, until)
            return
        self._store.delete(_HELD, target.id)
        for id_ in earlier:
            self._store.cancel(until, _task(id_))
        self._schedule([*ids, *earlier], now + target.late)

    def _schedule(self, ids: list[str], at: float) -> None:
        for id_ in ids:
            self._store.schedule(at, _task(id_))

    # -- delivering ---------------------------------------------------------------------------------------------

    def due(self, task: Mapping[str, Json]) -> None:
        """Take note of a delivery whose time has come; `start` and `deliver` send it.

        When it is tried for the next time is put down now, so that none is lost with the process.
        """
        delivery, retry = self.find(str(task["delivery"])), cast("int", task["retry"])
        if delivery is None or delivery.state != "waiting":
            return
        again: float | None = None
        if retry < len(self._retries):
            again = self._clock.now() + self._retries[retry]
            self._store.schedule(again, _task(delivery.id, retry + 1))
        receiver = urlsplit(delivery.url).netloc
        self._couriers.give(receiver, partial(self._try, delivery, retry, again))

    @property
    def pending(self) -> bool:
        """Whether something waits for `deliver`, or is on its way."""
        return self._couriers.pending

    def start(self) -> None:
        """Begin to send what is due: to one receiver in order, to different ones at once."""
        self._couriers.start()

    async def deliver(self) -> None:
        """Send what is due, and return once that and what was on its way is done."""
        await self._couriers.finish()

    def stop(self) -> None:
        """Forget what is on its way; what the store has of it stays."""
        self._couriers.stop()

    async def _try(self, noted: Delivery, retry: int, again: float | None) -> None:
        """Send a delivery that still waits, and once more at `again` unless it is taken."""
        delivery = self._kept(noted)
        if delivery is not None and delivery.state == "waiting":
            delivery = await self._attempt(delivery, is_last=again is None)
        if again is not None and (delivery is None or delivery.state != "waiting"):
            self._store.cancel(again, _task(noted.id, retry + 1))

    async def redeliver(self, id_: str) -> Delivery | None:
        """Send a delivery once more, whatever became of it; `None` when there is none with this id.

        What was planned for it stays planned until it has been taken. One that nobody wanted goes to the first
        target that wants it now.
        """
        delivery = self.find(id_)
        if delivery is None:
            return None
        if not delivery.url:
            delivery.url = next((t.url for t in self._wanting(delivery.webhook)), "")
            self._save(delivery)
        if delivery.url and (delivery.state != "not allowed" or self.permitted(delivery.url) is not None):
            return await self._attempt(delivery, is_last=delivery.state != "waiting")
        return delivery

    def find(self, id_: str) -> Delivery | None:
        """Return a delivery, `None` when there is none with this id."""
        found = self._store.get(_DELIVERIES, id_)
        return Delivery(**cast("dict[str, Any]", found)) if found is not None else None

    def newest(self, limit: int = _KEPT) -> list[Delivery]:
        """Return the newest deliveries, no more than `limit`, oldest first."""
        found = self._store.newest(_DELIVERIES, limit)
        return [Delivery(**cast("dict[str, Any]", value)) for _, value in found]

    @property
    def names(self) -> list[str]:
        """What deliveries and targets call what can be sent: webhooks and callbacks."""
        return list(self._operations)

    def schema(self, name: str) -> Schema | None:
        """Return the schema of what is sent under a name."""
        media = media_of(self._operations[name]) if name in self._operations else None
        return media.schema if media is not None else None

    async def _attempt(self, delivery: Delivery, *, is_last: bool) -> Delivery | None:
        """Send a delivery and return what has become of it, `None` when it was forgotten in the meantime."""
        at = self._clock.now()
        status, error = await self._sent(delivery)
        taken = not error and _taken(self._operations[delivery.webhook], status)
        with self._store.transaction():
            kept = self._kept(delivery)
            if kept is None:
                return None
            kept.attempts.append({"at": at, "status": status, "error": error})
            del kept.attempts[: -self._told]
            if taken:
                kept.state = "delivered"
            elif is_last and kept.state != "delivered":
                kept.state = "failed"
            self._save(kept)
            if delivery.webhook in self._repeated:
                self._judge(delivery.url, verified=taken)
        return kept

    async def _sent(self, delivery: Delivery) -> tuple[int, str]:
        """Send a delivery and return the status of its answer, 0 without one, and what was wrong besides that."""
        repeated = self._repeated.get(delivery.webhook)
        try:
            operation = self._operations[delivery.webhook]
            headers = self._headers(operation, delivery)
            reply = await self.post(operation.method, delivery.url, headers, delivery.body.encode())
        except OSError as problem:
            return 0, str(problem) or type(problem).__name__
        except Exception:
            _log.exception("%s could not be sent", delivery.webhook)
            return 0, "the mock could not send it; see its log"
        is_repeated = repeated is None or reply.body == delivery.headers[repeated].encode()
        return reply.status, "" if is_repeated else f"the answer's body is not the value of {repeated}"

    def _judge(self, url: str, *, verified: bool) -> None:
        for target in self.targets():
            if target.url == url:
                self.add_target(replace(target, verified=verified))

    def _kept(self, delivery: Delivery) -> Delivery | None:
        """Return a delivery as it is kept now, `None` when it no longer is; after a reset others have its id."""
        kept = self.find(delivery.id)
        return kept if kept is not None and (kept.at, kept.body) == (delivery.at, delivery.body) else None

    def _headers(self, operation: Operation, delivery: Delivery) -> dict[str, str]:
        media, body = media_of(operation), delivery.body.encode()
        content = {"Content-Type": media.content_type} if media is not None else {}
        headers = {**content, "User-Agent": "tallystick", **delivery.headers}
        parts = urlsplit(delivery.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        for need in operation.security[0] if operation.security else ():
            signer = self._signers.get(need.scheme)
            if signer is not None:
                headers |= signer.sign(
                    method=operation.method, target=target, headers=headers, body=body, now=self._clock.moment()
                )
        return headers

    def _next(self) -> str:
        """Return the number of a new delivery, and forget the oldest one when there are too many."""
        number = self._store.count(_DELIVERIES)
        self._store.delete(_DELIVERIES, str(number - _KEPT))
        return str(number)

    def _save(self, delivery: Delivery) -> None:
        self._store.put(_DELIVERIES, delivery.id, cast("Json", asdict(delivery)))


def media_of(operation: Operation) -> Media | None:
    """Return the media type of what is sent: JSON where there is a choice."""
    offered = operation.body_media
    return next((m for m in offered if is_json(m.content_type)), next(iter(offered), None))


def value_of(delivery: Delivery) -> Json:
    """Return the body of a delivery as its value."""
    try:
        return cast("Json", json.loads(delivery.body)) if delivery.body else None
    except ValueError:
        return delivery.body


def _task(id_: str, retry: int = 0) -> Json:
    """Return the entry of the agenda that sends a delivery, for the first time or for another."""
    return {"do": "deliver", "delivery": id_, "retry": retry}


def _taken(operation: Operation, status: int) -> bool:
    """Say whether an answer's status is one that the contract calls a success; any 2xx where it names none."""
    if not operation.successes:
        return 200 <= status < 300
    return any(o.matches(status) for o in operation.successes)


def _target(value: Json) -> Target:
    fields = cast("dict[str, Any]", value)
    return Target(**{**fields, "events": tuple(fields["events"])})


def signers(
    contract: Contract, operations: Mapping[str, Operation], folder: Path | None, known: Credentials
) -> dict[str, SignerObject]:
    """Return the provider's signers for what it sends, by security scheme; none without the contract's folder."""
    wanted = {n.scheme for o in operations.values() for a in o.security for n in a} if folder is not None else set()
    found: dict[str, SignerObject] = {}
    for name in sorted(wanted):
        scheme = contract.security_schemes.get(name)
        if scheme is not None and scheme.signer is not None and folder is not None:
            credentials = next(iter(known.get(name, ())), default_credentials(scheme.signer))
            found[name] = load_signer(folder, scheme.signer)(**dict(credentials))
    return found
