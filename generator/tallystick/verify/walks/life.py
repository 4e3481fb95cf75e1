"""The steps that walks over a lifecycle are made of: create, read, move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from requests.auth import AuthBase

from tallystick.contract import Schema
from tallystick.contract.expression import Expression
from tallystick.contract.life import Effect, Lifecycle
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.load.pointer import split
from tallystick.verify.data.samples import Sample, from_examples
from tallystick.verify.facts.bodies import NOTHING, put
from tallystick.verify.facts.media import body_member
from tallystick.verify.result import Problem
from tallystick.verify.server.auth import proofs
from tallystick.verify.session import Session
from tallystick.verify.walks.caller import Reply, Stop, Walk


@dataclass(frozen=True, slots=True)
class Life:
    """A lifecycle with the operations that act in it. `read` is `None` when nothing shows a resource again.

    `origin` is the lifecycle whose creation brings it into being: its own, or that of the one it comes with.
    """

    lifecycle: Lifecycle
    origin: Lifecycle
    create: Operation
    read: Operation | None
    keyed: tuple[tuple[Operation, Effect], ...]

    @property
    def moves(self) -> tuple[tuple[Operation, Effect], ...]:
        """The operations that change a resource's state."""
        return tuple((o, e) for o, e in self.keyed if e.effect == "transition")

    def key_of(self, reply: Reply) -> Json:
        """Return the key that the answer to a creation shows."""
        return reply.member(self.origin.key)

    @property
    def own(self) -> bool:
        """Whether the answer to the creation shows the resource itself."""
        return self.lifecycle is self.origin


def lives(session: Session) -> Iterator[Life]:
    """Yield the lifecycles of which this run may create resources."""
    by_id = session.contract.by_id
    by_name = {lifecycle.resource: lifecycle for lifecycle in session.contract.lifecycles}
    for lifecycle in session.contract.lifecycles:
        origin = by_name.get(lifecycle.of, lifecycle)
        keyed = tuple((by_id[e.operation_id], e) for e in lifecycle.effects if e.operation_id in by_id and e.key)
        ids = [e.operation_id for e in origin.effects if e.effect == "create"]
        creates = [by_id[i] for i in ids if i in by_id and by_id[i] in session.operations]
        if creates:
            read = next((o for o, e in keyed if e.effect == "read"), None)
            yield Life(lifecycle, origin, creates[0], read, keyed)


def lives_by_operation(session: Session) -> dict[str, Life]:
    """Return the lifecycle of each operation that creates a resource, or names one by its key."""
    return {o.id: life for life in lives(session) for o in (life.create, *(o for o, _ in life.keyed))}


def sample_of(session: Session, operation: Operation, *, full: bool = False) -> Sample:
    """Return a request of an operation that should be accepted: one that was, or the contract's example."""
    samples = session.samples
    seen = samples.fullest(operation) if full else samples.first(operation)
    sample = seen or from_examples(operation).unproven(proofs(session.contract, operation))
    rule = operation.idempotency
    return sample.without(rule.header) if rule is not None else sample


def fresh(session: Session, operation: Operation, sample: Sample) -> Sample:
    """Return the sample with unique members that were not used before and moments inside their window."""
    return replace(sample, body=session.knowledge.adapter.body(operation, sample.body))


def create(
    walk: Walk,
    life: Life,
    *,
    who: AuthBase | None = None,
    change: Mapping[str, Json] | None = None,
    full: bool = False,
    note: str = "",
) -> Reply:
    """Create a resource and return the answer. Raises `Stop` when that is refused, or the answer has no key."""
    sample = fresh(walk.session, life.create, sample_of(walk.session, life.create, full=full))
    if change:
        sample = changed(sample, change)
    reply = walk.send(life.create, sample, who=who, note=note or f"create a {life.lifecycle.resource}")
    if not reply.accepted or not isinstance(life.key_of(reply), (str, int)):
        problem = f"creating one was answered with {reply.status}"
        walk.session.problems.append(Problem(f"{walk.name} of {life.lifecycle.resource}", problem))
        raise Stop
    return reply


def changed(sample: Sample, change: Mapping[str, Json]) -> Sample:
    """Return the sample with members of its body set, and without those that are set to `NOTHING`."""
    body: dict[str, Json] = dict(sample.body) if isinstance(sample.body, dict) else {}
    return replace(sample, body={n: v for n, v in {**body, **change}.items() if v is not NOTHING})


def keyed_sample(session: Session, operation: Operation, effect: Effect, key: Json) -> Sample:
    """Return a request of an operation about the resource with a key."""
    assert effect.key is not None
    return place(sample_of(session, operation), effect.key, key)


def place(sample: Sample, where: Expression, value: Json) -> Sample:
    """Return the sample with a value where an expression says."""
    if where.source == "request.path":
        return replace(sample, path={**sample.path, where.name: str(value)})
    if where.source == "request.query":
        return replace(sample, query={**sample.query, where.name: value})
    if where.source == "request.header":
        return sample.with_header(where.name, str(value))
    return replace(sample, body=put(sample.body, split(where.pointer), value))


def key_fits(session: Session, operation: Operation, where: Expression | None, key: Json) -> bool:
    """Say whether a key may stand where an operation takes it."""
    schema = _place_schema(operation, where) if where is not None else None
    return schema is None or session.knowledge.validators.is_valid(schema, key, "request")


def _place_schema(operation: Operation, where: Expression) -> Schema | None:
    if where.source == "request.body":
        return body_member(operation, where.pointer.removeprefix("/"))
    found = (
        p.schema for p in operation.parameters if where.source == f"request.{p.location}" and p.name == where.name
    )
    return next(found, None)


def act(
    walk: Walk,
    operation: Operation,
    effect: Effect,
    key: Json,
    *,
    who: AuthBase | None = None,
    note: str = "",
) -> Reply:
    """Call an operation about the resource with a key."""
    return walk.send(operation, keyed_sample(walk.session, operation, effect, key), who=who, note=note)


def read(walk: Walk, life: Life, key: Json, *, who: AuthBase | None = None, note: str = "") -> Reply | None:
    """Read a resource, `None` when the contract has no operation for that."""
    found = next(((o, e) for o, e in life.keyed if o is life.read), None)
    if found is None:
        return None
    return act(walk, *found, key, who=who, note=note or f"read the {life.lifecycle.resource}")
