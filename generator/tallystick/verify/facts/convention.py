"""Collections and their items, for documents without lifecycles: what their operations promise by convention."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.contract import Contract
from tallystick.contract.convention import inferred
from tallystick.contract.life import Effect, Lifecycle
from tallystick.contract.model import Operation
from tallystick.verify.facts.media import body_member

READ = "reading gives what was created"
OWN_ID = "each has an id of its own"
UNKNOWN = "an unknown id is not found"
LISTED = "the list shows what was created"
APART = "another caller does not get it"


@dataclass(frozen=True, slots=True)
class Collection:
    """Operations on a collection and on its items; `parent` is the collection in one of whose items it lies."""

    lifecycle: Lifecycle
    create: Operation
    read: Operation
    place: Effect
    changes: tuple[Operation, ...]
    delete: Operation | None
    listing: Operation | None
    parent: Collection | None

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.lifecycle.resource

    @property
    def parameter(self) -> str:
        """The path parameter that names an item."""
        return self.place.key.name if self.place.key is not None else ""

    def subject(self, promise: str) -> str:
        """Return what the coverage statement calls a promise about this collection."""
        return f"{self.name}: {promise}"

    def promises(self) -> Iterator[str]:
        """Yield the subjects of everything that convention says of this collection."""
        yield from map(self.subject, (READ, OWN_ID, UNKNOWN))
        yield from (self.subject(shown_by(operation)) for operation in (*self.changes, self.delete) if operation)
        yield from (self.subject(LISTED),) if self.listing is not None else ()
        yield from (self.subject(APART),) if self.create.security and self.read.security else ()


def shown_by(operation: Operation) -> str:
    """Return the promise of an operation that changes an item."""
    return "what is deleted is gone" if operation.method == "DELETE" else f"reading shows what {operation.method} did"


def collections(contract: Contract) -> tuple[Collection, ...]:
    """Return the collections of a document, those that lie in others after them."""
    by_path: dict[str, Collection] = {}
    posted = (one for one in inferred(contract) if any(effect.effect == "create" for effect in one.effects))
    for lifecycle in sorted(posted, key=lambda one: one.resource):
        made = _collection(contract, lifecycle, by_path)
        by_path[made.read.path.rstrip("/")] = made
    return tuple(by_path.values())


def choosing(contract: Contract) -> frozenset[str]:
    """Return the ids of operations whose caller chooses the key of what they create: it may be taken."""
    made = ((one.lifecycle.key, one.create) for one in collections(contract))
    return frozenset(create.id for key, create in made if body_member(create, key) is not None)


def _collection(contract: Contract, lifecycle: Lifecycle, known: dict[str, Collection]) -> Collection:
    operations = {effect.operation_id: contract.by_id[effect.operation_id] for effect in lifecycle.effects}
    place = next(e for e in lifecycle.effects if e.effect == "read")
    of = {kind: [operations[e.operation_id] for e in lifecycle.effects if e.effect == kind] for kind in _KINDS}
    create = of["create"][0]
    parents = (known[path] for path in sorted(known, key=len, reverse=True) if create.path.startswith(f"{path}/"))
    return Collection(
        lifecycle,
        create,
        operations[place.operation_id],
        place,
        tuple(of["update"]),
        next(iter(of["delete"]), None),
        next(iter(of["list"]), None),
        next(parents, None),
    )


_KINDS = ("create", "update", "delete", "list")
