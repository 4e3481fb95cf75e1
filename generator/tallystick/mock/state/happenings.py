"""What happens to resources outside of operations: events, and what time does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import cast

from tallystick.contract import expression as expressions
from tallystick.contract.expression import Expression
from tallystick.contract.life import Event, Lifecycle
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.mock.behaviour import Behaviour, Happening, Resource
from tallystick.mock.moments import stamp
from tallystick.mock.refusal import Refused
from tallystick.mock.state.holdings import Holdings
from tallystick.mock.state.records import Record
from tallystick.mock.store import Store

Emit = Callable[[str, Lifecycle, Record, float], None]
"""Called with the name of a webhook that is to be sent, what it is about, and when that happened."""
CallBack = Callable[[str, str, Lifecycle, Record, float], None]
"""Called with the name of a callback that is to be made, its address, what it is about, and when that happened."""


class Happenings:
    """Lets events happen, and does what was put off when its time has come."""

    def __init__(
        self, holdings: Holdings, *, store: Store, behaviour: Behaviour, emit: Emit, call_back: CallBack
    ) -> None:
        self._holdings = holdings
        self._store = store
        self._behaviour = behaviour
        self._emit = emit
        self._call_back = call_back

    def happen(self, resource: str, record: Record, name: str, now: float) -> Event:
        """Let an event happen to a resource. Raises `Refused` when its state doesn't allow it, or it is unknown."""
        lifecycle = self._holdings.lifecycles[resource]
        event = next((e for e in lifecycle.events if e.name == name), None)
        if event is None:
            known = ", ".join(e.name for e in lifecycle.events) or "none"
            raise Refused("invalid", f"A {resource} knows no event {name!r}, but {known}.")
        if record.state not in event.source_states:
            raise Refused("state-conflict", f"The {resource} is {record.state}.", value=record.state)
        self.move(lifecycle, record, event.target_state, now)
        hook = self._behaviour.events.get(f"{resource}.{name}")
        if hook is not None:
            happening = Happening(name, now)
            hook(happening, record.resource)
            for later, seconds in happening.later.items():
                self.later(now + seconds, {"do": "event", "event": later}, lifecycle, record)
            for other in happening.also:
                self._happen_too(other, record, now)
            for callback, address in happening.callbacks.items():
                self._call_back(callback, address, lifecycle, record, now)
        self._holdings.records[resource].save(record)
        self.send(event.webhooks, lifecycle, record, now)
        return event

    def _happen_too(self, name: str, record: Record, now: float) -> None:
        resource, _, event = name.partition(".")
        companion = self._holdings.find(self._holdings.lifecycles[resource], record.tenant, record.key)
        if companion is not None:
            with suppress(Refused):  # it has moved on by itself
                self.happen(resource, companion, event, now)

    def due(self, task: Mapping[str, Json]) -> None:
        """Do what was put off until now: let a resource expire, or an event happen."""
        resource, tenant, key = (str(task[n]) for n in ("resource", "tenant", "key"))
        at = cast("float", task["at"])
        record = self._holdings.records[resource].find(tenant, key) if resource in self._holdings.records else None
        if record is None:
            return
        if task["do"] == "event":
            with suppress(Refused):  # something else has happened in the meantime
                self.happen(resource, record, str(task["event"]), at)
        else:
            self._expire(self._holdings.lifecycles[resource], record, at)

    def _expire(self, lifecycle: Lifecycle, record: Record, at: float) -> None:
        expiry = lifecycle.expiry
        if expiry is None or record.state not in expiry.source_states:
            return
        if record.expires is None or record.expires > at:
            return
        self.move(lifecycle, record, expiry.target_state, at)
        self._holdings.records[lifecycle.resource].save(record)
        self.send(expiry.webhooks, lifecycle, record, at)

    def move(self, lifecycle: Lifecycle, record: Record, state: str, now: float) -> None:
        """Put a record into a state, and say in it when that was."""
        record.state = state
        if lifecycle.state_member:
            record.resource[lifecycle.state_member] = state
        if lifecycle.updated_member in record.resource:
            like = record.resource[lifecycle.updated_member]
            record.resource[lifecycle.updated_member] = stamp(now, text=isinstance(like, str))

    def later(self, at: float, task: dict[str, Json], lifecycle: Lifecycle, record: Record) -> None:
        """Put off what is to be done to a record."""
        self._store.schedule(at, self._holdings.records[lifecycle.resource].task(task, record, at))

    def send(self, webhooks: tuple[str, ...], lifecycle: Lifecycle, record: Record, now: float) -> None:
        """Send webhooks about a record."""
        for name in webhooks:
            self._emit(name, lifecycle, record, now)

    def return_address(self, resource: str, record: Record, name: str) -> tuple[str, dict[str, str]] | None:
        """Return where the hosted page sends the browser, and the query it adds; `None` when it sends it nowhere."""
        returns = next((r for r in self._holdings.lifecycles[resource].returns if r.name == name), None)
        address = record.resource.get(returns.url_member) if returns is not None else None
        if returns is None or not isinstance(address, str):
            return None
        query = {name: _resolved(value, record.resource) for name, value in returns.query.items()}
        return address, {name: str(value) for name, value in query.items() if value is not None}


def _resolved(value: Json, resource: Resource) -> Json:
    source: Expression | None = expressions.parse(value) if isinstance(value, str) else None
    if source is None:
        return value
    try:
        return cast("Json", get(resource, source.pointer))
    except NoSuchMember:
        return None
