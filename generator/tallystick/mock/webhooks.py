"""The provider's webhooks: made when something happens, signed as the provider signs, delivered and retried."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from tallystick.contract import Contract, Schema
from tallystick.contract.model import Lifecycle, Operation
from tallystick.load import Json
from tallystick.mock.behaviour import Behaviour, Resource
from tallystick.mock.clock import Clock
from tallystick.mock.compose import ABSENT, Composer, example_of
from tallystick.mock.encoding import encode
from tallystick.mock.generate import Unsatisfiable
from tallystick.mock.lifecycle import stamp
from tallystick.mock.records import Record
from tallystick.mock.security import Credentials, SignerObject, default_credentials, load_signer
from tallystick.mock.store import Store

_log = logging.getLogger("tallystick.mock")
_DELIVERIES: Final = "delivery"
_TARGETS: Final = "target"
_TIMEOUT: Final = 10.0
_KEPT: Final = 5000
"""How many deliveries are kept."""
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")

Post = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]
"""Sends a request and returns the answer's status. Raises `OSError` when there is none."""


@dataclass(frozen=True, slots=True)
class Target:
    """Who gets webhooks. `events` empty means all; `copies` above 1 sends each several times, `late` holds it back
    for some seconds, `reordered` sends what is due together in the opposite order.
    """

    url: str
    id: str = ""
    events: tuple[str, ...] = ()
    copies: int = 1
    late: float = 0.0
    reordered: bool = False


@dataclass(slots=True)
class Delivery:
    """One webhook on its way to one target. `state` is `waiting`, `delivered`, `failed` or `no target`."""

    id: str
    webhook: str
    url: str
    body: str
    at: float
    about: str
    state: str = "waiting"
    reordered: bool = False
    attempts: list[dict[str, Json]] = field(default_factory=list)


class Webhooks:
    """Makes, keeps and delivers webhooks. `post` is how requests leave; it can be replaced."""

    def __init__(
        self,
        contract: Contract,
        *,
        store: Store,
        clock: Clock,
        composer: Composer,
        behaviour: Behaviour,
        folder: Path | None,
        known: Credentials,
        new_id: Callable[[str], str],
    ) -> None:
        self._operations = {w.name: w.operation for w in contract.webhooks}
        self._store = store
        self._clock = clock
        self._composer = composer
        self._behaviour = behaviour
        self._new_id = new_id
        self._signers = _signers(contract, folder, known)
        self._outbox: list[str] = []
        self._sending = asyncio.Lock()
        self.post: Post = post

    # -- targets ------------------------------------------------------------------------------------------------

    def add_target(self, target: Target) -> Target:
        """Add a target; it gets an id when it has none."""
        named = Target(**{**asdict(target), "id": target.id or self._new_id("target")})
        self._store.put(_TARGETS, named.id, cast("Json", asdict(named)))
        return named

    def targets(self) -> list[Target]:
        """Return all targets."""
        return [_target(value) for _, value in self._store.items(_TARGETS)]

    def remove_target(self, id_: str) -> None:
        """Remove a target, if it is there."""
        self._store.delete(_TARGETS, id_)

    # -- making -------------------------------------------------------------------------------------------------

    def emit(self, name: str, lifecycle: Lifecycle, record: Record, now: float) -> None:
        """Make a webhook about a resource and put it on its way to all targets that want it."""
        operation = self._operations.get(name)
        if operation is None:
            _log.warning("the contract has no webhook %s", name)
            return
        try:
            payload = self.payload(name, operation, lifecycle, record.resource, now)
        except Unsatisfiable as error:
            _log.error("the webhook %s could not be made: %s", name, error)
            return
        self.send(name, encode(payload).decode(), now, f"{lifecycle.resource} {record.key}")

    def send(self, name: str, body: str, now: float, about: str) -> list[Delivery]:
        """Put a webhook with this body on its way."""
        wanted = [t for t in self.targets() if not t.events or name in t.events]
        if not wanted:
            return [self._kept(Delivery(self._next(), name, "", body, now, about, "no target"))]
        made: list[Delivery] = []
        for target in wanted:
            for _ in range(target.copies):
                delivery = Delivery(self._next(), name, target.url, body, now, about, reordered=target.reordered)
                self._kept(delivery)
                self._store.schedule(now + target.late, {"do": "deliver", "delivery": delivery.id})
                made.append(delivery)
        return made

    def payload(
        self, name: str, operation: Operation, lifecycle: Lifecycle, resource: Resource, now: float
    ) -> Resource:
        """Return the body of a webhook about a resource. Raises `Unsatisfiable`."""
        media = operation.body.media[0] if operation.body is not None else None
        if media is None or media.schema is None:
            return dict(resource)
        example = example_of(media)
        known = deepcopy(example) if isinstance(example, dict) else {}
        given: Resource = cast("Resource", known)
        members = self._composer.shape(media.schema).members
        holder = _holder(self._composer, media.schema, lifecycle)
        if holder is None:
            given |= resource
        else:
            shown = self._composer.compose(
                members[holder], resource, known.get(holder, ABSENT), seed=str(resource.get(lifecycle.key))
            )
            given[holder] = shown
            for member, schema in members.items():
                if member != holder:
                    given |= self._envelope(member, schema, known.get(member), now)
        payload = self._composer.compose(media.schema, given, example, seed=name)
        assert isinstance(payload, dict)
        hook = self._behaviour.webhooks.get(name)
        if hook is not None:
            hook(payload, resource)
        return payload

    def _envelope(self, member: str, schema: Schema, example: object, now: float) -> Resource:
        """Return a member of what is around the resource when it has to be new: its id, and when it happened."""
        if member == "id" and "string" in schema.resolved.types:
            return {member: self._new_id("event")}
        if schema.resolved.get("format") == "date-time" or (isinstance(example, str) and _RFC_3339.match(example)):
            return {member: stamp(now, text=True)}
        return {}

    # -- delivering ---------------------------------------------------------------------------------------------

    def due(self, task: Mapping[str, Json]) -> None:
        """Take note of a delivery whose time has come; `deliver` sends it."""
        self._outbox.append(str(task["delivery"]))

    @property
    def pending(self) -> bool:
        """Whether something waits for `deliver`."""
        return bool(self._outbox)

    async def deliver(self) -> None:
        """Send what is due, one after the other."""
        async with self._sending:
            batch, self._outbox = self._outbox, []
            deliveries = [d for d in (self.find(id_) for id_ in batch) if d is not None]
            later = [d for d in deliveries if d.reordered]
            for delivery in (*(d for d in deliveries if not d.reordered), *reversed(later)):
                await self._attempt(delivery)

    async def redeliver(self, id_: str) -> Delivery | None:
        """Send a delivery once more, whatever became of it; `None` when there is none with this id."""
        delivery = self.find(id_)
        if delivery is not None and delivery.url:
            await self._attempt(delivery)
        return delivery

    def find(self, id_: str) -> Delivery | None:
        """Return a delivery, `None` when there is none with this id."""
        found = self._store.get(_DELIVERIES, id_)
        return Delivery(**cast("dict[str, Any]", found)) if found is not None else None

    def deliveries(self) -> list[Delivery]:
        """Return all deliveries, oldest first."""
        return [Delivery(**cast("dict[str, Any]", value)) for _, value in self._store.items(_DELIVERIES)]

    def schema(self, name: str) -> Schema | None:
        """Return the schema of a webhook's body."""
        operation = self._operations.get(name)
        return operation.body.media[0].schema if operation is not None and operation.body is not None else None

    @staticmethod
    def value(delivery: Delivery) -> Json:
        """Return the body of a delivery as its value."""
        return cast("Json", json.loads(delivery.body))

    async def _attempt(self, delivery: Delivery) -> None:
        operation = self._operations[delivery.webhook]
        body = delivery.body.encode()
        status, error = 0, ""
        try:
            status = await self.post(delivery.url, self._headers(operation, delivery.url, body), body)
        except OSError as problem:
            error = str(problem) or type(problem).__name__
        now = self._clock.now()
        delivery.attempts.append({"at": now, "status": status, "error": error})
        outcome = operation.outcome(status) if status else None
        if outcome is not None and outcome.is_success:
            delivery.state = "delivered"
        elif len(delivery.attempts) <= len(self._behaviour.retries):
            pause = self._behaviour.retries[len(delivery.attempts) - 1]
            self._store.schedule(now + pause, {"do": "deliver", "delivery": delivery.id})
        else:
            delivery.state = "failed"
        self._save(delivery)

    def _headers(self, operation: Operation, url: str, body: bytes) -> dict[str, str]:
        content_type = operation.body.media[0].content_type if operation.body is not None else "application/json"
        headers = {"Content-Type": content_type, "User-Agent": "tallystick"}
        parts = urlsplit(url)
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

    def _kept(self, delivery: Delivery) -> Delivery:
        self._save(delivery)
        return delivery

    def _save(self, delivery: Delivery) -> None:
        self._store.put(_DELIVERIES, delivery.id, cast("Json", asdict(delivery)))


async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Send a POST over HTTP and return the answer's status. Raises `OSError` when there is no answer."""
    import httpx2

    try:
        async with httpx2.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
            return (await client.post(url, headers=dict(headers), content=body)).status_code
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise OSError(str(error) or type(error).__name__) from error


def _holder(composer: Composer, schema: Schema, lifecycle: Lifecycle) -> str | None:
    """Return which member of a payload holds the resource, `None` when the payload is the resource itself."""
    for name, member in composer.shape(schema).members.items():
        inner = composer.shape(member).members
        if lifecycle.key in inner and (not lifecycle.state_member or lifecycle.state_member in inner):
            return name
    return None


def _target(value: Json) -> Target:
    fields = cast("dict[str, Any]", value)
    return Target(**{**fields, "events": tuple(fields["events"])})


def _signers(contract: Contract, folder: Path | None, known: Credentials) -> dict[str, SignerObject]:
    if folder is None:
        return {}
    wanted = {n.scheme for w in contract.webhooks for a in w.operation.security for n in a}
    found: dict[str, SignerObject] = {}
    for name in sorted(wanted):
        scheme = contract.security_schemes.get(name)
        if scheme is not None and scheme.signer is not None:
            credentials = next(iter(known.get(name, ())), default_credentials(scheme.signer))
            found[name] = load_signer(folder, scheme.signer)(**dict(credentials))
    return found
