"""Which resource a request means: whose it is, and in what it lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from tallystick.contract import expression as expressions
from tallystick.contract.convention import names
from tallystick.contract.life import Effect, Lifecycle
from tallystick.mock.behaviour import Call, Resource
from tallystick.mock.refusal import Refused
from tallystick.mock.state.records import Record, Records
from tallystick.mock.store import Store


class Holdings:
    """All resources of all kinds, found as requests name them."""

    def __init__(self, lifecycles: tuple[Lifecycle, ...], store: Store) -> None:
        self.lifecycles: Mapping[str, Lifecycle] = {lc.resource: lc for lc in lifecycles}
        self.records: Mapping[str, Records] = {lc.resource: Records(store, lc) for lc in lifecycles}

    def named(self, call: Call, lifecycle: Lifecycle, effect: Effect) -> Record:
        """Return the record that a request names by its key. Raises `Refused` when there is none."""
        self.require_parent(call, lifecycle)
        key = call.value(effect.key) if effect.key is not None else None
        record = self.find(lifecycle, self.tenant(call, lifecycle), str(key))
        if record is None:
            pointer = effect.key.pointer or f"/{effect.key.name}" if effect.key is not None else ""
            raise Refused("unknown-resource", _missing(lifecycle), pointer, key)
        return record

    def find(self, lifecycle: Lifecycle, tenant: str, key: str) -> Record | None:
        """Return a tenant's resource; one that comes into being with another is there as soon as that is."""
        record = self.records[lifecycle.resource].find(tenant, key)
        if record is not None or not lifecycle.of or lifecycle.of not in self.lifecycles:
            return record
        parent = self.lifecycles[lifecycle.of]
        origin = self.find(parent, tenant, key)
        if origin is None:
            return None
        begun = origin.resource.get(parent.created_member)
        resource: Resource = {lifecycle.state_member: lifecycle.initial} if lifecycle.state_member else {}
        if begun is not None:
            resource |= {n: begun for n in (lifecycle.created_member, lifecycle.updated_member) if n}
        return Record(key, tenant, lifecycle.initial, None, resource)

    def kept(self, resource: str, newest: int | None = None) -> Iterator[Record]:
        """Yield the resources of a kind of all tenants, oldest first, with those that came into being with others.

        `newest` leaves all but so many of the newest out.
        """
        lifecycle = self.lifecycles[resource]
        if not lifecycle.of or lifecycle.of not in self.lifecycles:
            records = self.records[resource]
            yield from records.all() if newest is None else records.newest(newest)
            return
        for origin in self.kept(lifecycle.of, newest):
            record = self.find(lifecycle, origin.tenant, origin.key)
            if record is not None:
                yield record

    def tenant(self, call: Call, lifecycle: Lifecycle) -> str:
        """Return whose resource a call is about, and in what it lies."""
        owner = self._owner(call, lifecycle)
        return _joined(owner, _places(call, lifecycle.depth)) if lifecycle.depth else owner

    def require_parent(self, call: Call, lifecycle: Lifecycle) -> None:
        """Raise `Refused` when what the path says that a resource lies in isn't there."""
        parent = self.lifecycles.get(lifecycle.within)
        if parent is None:
            return
        owner, places = self._owner(call, lifecycle), _places(call, lifecycle.depth)
        if self.find(parent, _joined(owner, places[: parent.depth]), places[parent.depth]) is None:
            name = names(call.operation.path)[parent.depth]
            key = places[parent.depth]
            raise Refused("unknown-resource", _missing(parent), f"/{name}", key)

    def _owner(self, call: Call, lifecycle: Lifecycle) -> str:
        if lifecycle.tenant == "credential":
            return call.caller.credential
        source = expressions.parse(lifecycle.tenant)
        return quote(str(call.value(source)), safe=" ") if source is not None else ""


def by_convention(lifecycle: Lifecycle) -> bool:
    """Say whether a lifecycle was guessed from paths and methods."""
    return not lifecycle.pointer.startswith("/x-lifecycle")


def _missing(lifecycle: Lifecycle) -> str:
    """Return in words that there is no such resource; those kept by convention are called after their path."""
    return f"There is no {'item of ' if by_convention(lifecycle) else ''}{lifecycle.resource} with this id."


def _places(call: Call, depth: int) -> list[str]:
    """Return the first values of a path, as many as say in what a resource lies."""
    return [str(call.parameters.get(("path", name))) for name in names(call.operation.path)[:depth]]


def _joined(owner: str, places: list[str]) -> str:
    return "/".join((owner, *(quote(place, safe=" ") for place in places)))
