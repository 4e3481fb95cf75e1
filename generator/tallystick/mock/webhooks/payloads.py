"""The provider's webhooks: made when something happens to a resource."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Final, cast

from tallystick.contract import Contract, Schema
from tallystick.contract.life import Lifecycle
from tallystick.contract.model import Operation
from tallystick.mock.behaviour import Behaviour, Resource
from tallystick.mock.encoding import encode
from tallystick.mock.moments import stamp
from tallystick.mock.state.records import Record
from tallystick.mock.values.compose import ABSENT, Composer, example_of
from tallystick.mock.values.generate import Unsatisfiable
from tallystick.mock.webhooks.deliveries import Deliveries, Target, media_of
from tallystick.mock.wire.stateless import asked_headers

_log = logging.getLogger("tallystick.mock")
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


class Webhooks:
    """Makes webhooks and hands them over for delivery."""

    def __init__(
        self,
        contract: Contract,
        *,
        deliveries: Deliveries,
        composer: Composer,
        behaviour: Behaviour,
        seed: str,
        new_id: Callable[[str], str],
    ) -> None:
        self._seed = seed
        self._operations = {w.name: w.operation for w in contract.webhooks}
        self._deliveries = deliveries
        self._composer = composer
        self._behaviour = behaviour
        self._new_id = new_id

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
        about = f"{lifecycle.resource} {record.key}"
        self._deliveries.send(name, encode(payload).decode(), now, about, self._headers(name, operation))

    def announce(self, name: str, body: object, now: float) -> None:
        """Make a webhook that nothing has caused, with a body or, when that is `ABSENT`, a made-up one."""
        operation = self._operations[name]
        self._deliveries.send(name, self._text(name, body), now, "on request", self._headers(name, operation))

    async def verify(self, target: Target, now: float) -> None:
        """Send a new target what it has to give back, where the provider makes sure of targets that way."""
        for name in self._behaviour.repeated:
            operation = self._operations[name]
            text, headers = self._text(name, ABSENT), self._headers(name, operation)
            await self._deliveries.ask(name, target, text, now, headers)

    def _text(self, name: str, body: object) -> str:
        media = media_of(self._operations[name])
        if body is ABSENT and media is not None and media.schema is not None:
            body = self._composer.compose(media.schema, ABSENT, example_of(media), seed=name)
        return "" if body is ABSENT else encode(body).decode()

    def _headers(self, name: str, operation: Operation) -> dict[str, str]:
        asked = asked_headers(operation, self._composer.generator, seed=self._seed)
        repeated = self._behaviour.repeated.get(name)
        return asked if repeated is None else {**asked, repeated: self._new_id("verification")}

    def payload(
        self, name: str, operation: Operation, lifecycle: Lifecycle, resource: Resource, now: float
    ) -> Resource:
        """Return the body of a webhook about a resource. Raises `Unsatisfiable`."""
        media = media_of(operation)
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
        if member == "id" and "string" in schema.known_types:
            return {member: self._new_id("event")}
        if schema.resolved.get("format") == "date-time" or (isinstance(example, str) and _RFC_3339.match(example)):
            return {member: stamp(now, text=True)}
        return {}


def _holder(composer: Composer, schema: Schema, lifecycle: Lifecycle) -> str | None:
    """Return which member of a payload holds the resource, `None` when the payload is the resource itself."""
    for name, member in composer.shape(schema).members.items():
        inner = composer.shape(member).members
        if lifecycle.key in inner and (not lifecycle.state_member or lifecycle.state_member in inner):
            return name
    return None
