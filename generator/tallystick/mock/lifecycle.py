"""Resources and their lives: what operations, events and time do to them, as `x-lifecycle` declares it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final, cast

from tallystick.contract import Contract, Schema
from tallystick.contract import expression as expressions
from tallystick.contract.expression import Expression
from tallystick.contract.model import Effect, Event, Lifecycle, Media, Operation
from tallystick.contract.schema import as_mapping
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.mock.behaviour import Behaviour, Call, Happening, Resource
from tallystick.mock.compose import ABSENT, Composer, example_of, with_defaults
from tallystick.mock.encoding import decode, encode
from tallystick.mock.journal import masked
from tallystick.mock.records import Record, Records
from tallystick.mock.refusal import Refused, Situation
from tallystick.mock.store import Store
from tallystick.mock.text import identifier

PAGES: Final = "/_tallystick/pages"
"""Where the hosted pages are: `/<resource>/<tenant>/<key>` below it."""
_KEY_TRIES: Final = 50
_NARROWING: Final = frozenset(
    ("$ref", "pattern", "format", "enum", "const", "minLength", "maxLength", "allOf", "oneOf", "anyOf", "not")
)
"""Keywords that make a key something else than any text."""

Emit = Callable[[str, Lifecycle, Record, float], None]
"""Called with the name of a webhook that is to be sent, what it is about, and when that happened."""
CallBack = Callable[[str, str, Lifecycle, Record, float], None]
"""Called with the name of a callback that is to be made, its address, what it is about, and when that happened."""


@dataclass(frozen=True, slots=True)
class _View:
    """How an operation shows a resource: its media type, with what is needed to compose it."""

    media: Media | None
    schema: Schema | None
    example: object
    members: Mapping[str, Schema]
    texts: frozenset[str]
    free: frozenset[str]
    own: bytes


class Engine:
    """Does to resources what operations, events and time do, and says what the answer's body is."""

    def __init__(
        self,
        contract: Contract,
        *,
        store: Store,
        composer: Composer,
        behaviour: Behaviour,
        lifecycles: tuple[Lifecycle, ...],
        seed: str,
        emit: Emit,
        call_back: CallBack,
    ) -> None:
        self._contract = contract
        self._store = store
        self._composer = composer
        self._behaviour = behaviour
        self._seed = seed
        self._emit = emit
        self._call_back = call_back
        self.lifecycles: Mapping[str, Lifecycle] = {lc.resource: lc for lc in lifecycles}
        self.records: Mapping[str, Records] = {lc.resource: Records(store, lc) for lc in lifecycles}
        self._effects = {e.operation_id: (lc, e) for lc in lifecycles for e in lc.effects}
        self._views: dict[str, _View] = {}

    def handles(self, operation: Operation) -> bool:
        """Say whether an operation touches a resource."""
        return operation.id in self._effects

    def perform(self, call: Call) -> Json:
        """Do what an operation does and return the answer's body, valid by the contract.

        Raises `Refused`, and `Unsatisfiable` when there is no valid body.
        """
        lifecycle, effect = self._effects[call.operation.id]
        if effect.effect == "create":
            return self._create(call, lifecycle, effect)
        if effect.effect == "list":
            return self._list(call, lifecycle)
        record = self._named(call, lifecycle, effect)
        match effect.effect:
            case "use":
                return self._use(call, lifecycle, effect, record)
            case "transition":
                self._transition(call, lifecycle, effect, record)
            case "update":
                self._update(call, lifecycle, record)
            case "delete":
                self._delete(call, lifecycle, effect, record)
        return self._shown(call.operation, record)

    # -- operations ---------------------------------------------------------------------------------------------

    def _create(self, call: Call, lifecycle: Lifecycle, effect: Effect) -> Json:
        view = self._view(call.operation)
        asked = self._asked(call)
        resource: Resource = {**self._own_members(view), **asked}
        expires = self._begin(call, lifecycle, view, resource)
        tenant = self._tenant(call, lifecycle)
        hook = self._behaviour.operations.get(call.operation.id)
        for _ in range(_KEY_TRIES):
            key = asked.get(lifecycle.key) if effect.key else None
            key = key if key is not None else self._new_key(lifecycle, view)
            resource[lifecycle.key] = key
            record = Record(str(key), tenant, lifecycle.initial, expires, resource)
            if lifecycle.page_member:
                resource[lifecycle.page_member] = self._page(call, lifecycle, record)
            if hook is not None:
                hook(call, resource)
            body = self._compose(view, resource, seed=record.key)
            if isinstance(body, dict):
                record.resource = {**resource, **body}
            if self.records[lifecycle.resource].add(record):
                break
        else:
            raise Refused("duplicate", f"Another one has this {lifecycle.key} already.", f"/{lifecycle.key}")
        if expires is not None and lifecycle.expiry is not None:
            self._later(expires, {"do": "expire"}, lifecycle, record)
        self._send(effect.webhooks, lifecycle, record, call.now)
        return body

    def _begin(self, call: Call, lifecycle: Lifecycle, view: _View, resource: Resource) -> float | None:
        """Set the first state and the times of a new resource; return when it expires."""
        if lifecycle.state_member:
            resource[lifecycle.state_member] = lifecycle.initial
        for name in (lifecycle.created_member, lifecycle.updated_member):
            if name and (name == lifecycle.updated_member or name not in as_mapping(call.body)):
                resource[name] = stamp(call.now, text=name in view.texts)
        expiry = lifecycle.expiry
        if expiry is None:
            return None
        if expiry.base and expiry.base in view.members and expiry.base not in as_mapping(call.body):
            resource[expiry.base] = stamp(call.now, text=expiry.base in view.texts)
        begun = moment_of(resource.get(expiry.base)) if expiry.base else None
        begun = call.now if begun is None else begun
        asked = moment_of(as_mapping(call.body).get(expiry.at)) if expiry.at else None
        if asked is None:
            if expiry.default is None:
                return None
            asked = begun + expiry.default
            if expiry.at:
                resource[expiry.at] = stamp(asked, text=expiry.at in view.texts)
        elif not (expiry.minimum or 0) <= asked - begun <= (expiry.maximum or float("inf")):
            window = f"{expiry.minimum or 0} to {expiry.maximum} seconds"
            raise Refused("invalid", f"{expiry.at} must be {window} after creation.", f"/{expiry.at}", asked)
        return asked

    def _named(self, call: Call, lifecycle: Lifecycle, effect: Effect) -> Record:
        """Return the record that a request names. Raises `Refused` when there is none."""
        key = call.value(effect.key) if effect.key is not None else None
        record = self.find(lifecycle, self._tenant(call, lifecycle), str(key))
        if record is None:
            pointer = effect.key.pointer or f"/{effect.key.name}" if effect.key is not None else ""
            raise Refused("unknown-resource", f"There is no {lifecycle.resource} with this id.", pointer, key)
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

    def _use(self, call: Call, lifecycle: Lifecycle, effect: Effect, record: Record) -> Json:
        _require_state(lifecycle, effect, record)
        body = self._compose(self._view(call.operation), ABSENT, seed=f"{record.tenant}:{record.key}")
        hook = self._behaviour.operations.get(call.operation.id)
        if hook is not None and isinstance(body, dict):
            body = deepcopy(body)
            hook(call, body)
            return self._compose(self._view(call.operation), body, seed=f"{record.tenant}:{record.key}")
        return body

    def _transition(self, call: Call, lifecycle: Lifecycle, effect: Effect, record: Record) -> None:
        _require_state(lifecycle, effect, record)
        record.resource.update(
            {n: v for n, v in as_mapping(call.body).items() if n in record.resource and n != lifecycle.key}
        )
        self._move(lifecycle, record, effect.target_state, call.now)
        self._hooked(call, record)
        self.records[lifecycle.resource].save(record)
        self._send(effect.webhooks, lifecycle, record, call.now)

    def _update(self, call: Call, lifecycle: Lifecycle, record: Record) -> None:
        record.resource.update({n: v for n, v in as_mapping(call.body).items() if n != lifecycle.key})
        self._move(lifecycle, record, record.state, call.now)
        self._hooked(call, record)
        self.records[lifecycle.resource].save(record)

    def _delete(self, call: Call, lifecycle: Lifecycle, effect: Effect, record: Record) -> None:
        self.records[lifecycle.resource].delete(record)
        self._send(effect.webhooks, lifecycle, record, call.now)

    def _list(self, call: Call, lifecycle: Lifecycle) -> Json:
        tenant = self._tenant(call, lifecycle)
        found = [r for r in self.records[lifecycle.resource].all() if r.tenant == tenant]
        view = self._view(call.operation)
        if view.schema is None:
            return None
        name, items = _listing(view.schema, lifecycle.key)
        if items is None:
            return self._compose(view, ABSENT, seed="list")
        shown: list[Json] = [
            self._composer.compose(items, r.resource, ABSENT, seed=f"{r.tenant}:{r.key}") for r in found
        ]
        return shown if name is None else self._composer.compose(view.schema, {name: shown}, ABSENT, seed="list")

    def _hooked(self, call: Call, record: Record) -> None:
        hook = self._behaviour.operations.get(call.operation.id)
        if hook is not None:
            hook(call, record.resource)

    # -- events and time ----------------------------------------------------------------------------------------

    def happen(self, resource: str, record: Record, name: str, now: float) -> Event:
        """Let an event happen to a resource. Raises `Refused` when its state doesn't allow it, or it is unknown."""
        lifecycle = self.lifecycles[resource]
        event = next((e for e in lifecycle.events if e.name == name), None)
        if event is None:
            raise Refused("invalid", f"A {resource} knows no event {name!r}.")
        if record.state not in event.source_states:
            raise Refused("state-conflict", f"The {resource} is {record.state}.", value=record.state)
        self._move(lifecycle, record, event.target_state, now)
        hook = self._behaviour.events.get(f"{resource}.{name}")
        if hook is not None:
            happening = Happening(name, now)
            hook(happening, record.resource)
            for later, seconds in happening.later.items():
                self._later(now + seconds, {"do": "event", "event": later}, lifecycle, record)
            for other in happening.also:
                self._happen_too(other, record, now)
            for callback, address in happening.callbacks.items():
                self._call_back(callback, address, lifecycle, record, now)
        self.records[resource].save(record)
        self._send(event.webhooks, lifecycle, record, now)
        return event

    def _happen_too(self, name: str, record: Record, now: float) -> None:
        resource, _, event = name.partition(".")
        companion = self.find(self.lifecycles[resource], record.tenant, record.key)
        if companion is not None:
            with suppress(Refused):  # it has moved on by itself
                self.happen(resource, companion, event, now)

    def due(self, task: Mapping[str, Json]) -> None:
        """Do what was put off until now: let a resource expire, or an event happen."""
        resource, tenant, key = (str(task[n]) for n in ("resource", "tenant", "key"))
        at = cast("float", task["at"])
        record = self.records[resource].find(tenant, key) if resource in self.records else None
        if record is None:
            return
        if task["do"] == "event":
            with suppress(Refused):  # something else has happened in the meantime
                self.happen(resource, record, str(task["event"]), at)
        else:
            self._expire(self.lifecycles[resource], record, at)

    def _expire(self, lifecycle: Lifecycle, record: Record, at: float) -> None:
        expiry = lifecycle.expiry
        if expiry is None or record.state not in expiry.source_states:
            return
        if record.expires is None or record.expires > at:
            return
        self._move(lifecycle, record, expiry.target_state, at)
        self.records[lifecycle.resource].save(record)
        self._send(expiry.webhooks, lifecycle, record, at)

    def _move(self, lifecycle: Lifecycle, record: Record, state: str, now: float) -> None:
        record.state = state
        if lifecycle.state_member:
            record.resource[lifecycle.state_member] = state
        if lifecycle.updated_member in record.resource:
            like = record.resource[lifecycle.updated_member]
            record.resource[lifecycle.updated_member] = stamp(now, text=isinstance(like, str))

    def _later(self, at: float, task: dict[str, Json], lifecycle: Lifecycle, record: Record) -> None:
        about: dict[str, Json] = {"resource": lifecycle.resource, "tenant": record.tenant, "key": record.key}
        self._store.schedule(at, {**task, **about, "at": at})

    def _send(self, webhooks: tuple[str, ...], lifecycle: Lifecycle, record: Record, now: float) -> None:
        for name in webhooks:
            self._emit(name, lifecycle, record, now)

    def masked(self, resource: str, record: Record) -> Json:
        """Return a record's value without what the contract calls sensitive."""
        value: Json = record.resource
        for id_, (lifecycle, _) in self._effects.items():
            if lifecycle.resource == resource:
                value = masked(value, self._view(self._contract.by_id[id_]).schema)
        return value

    # -- what is shown ------------------------------------------------------------------------------------------

    def return_address(self, resource: str, record: Record, name: str) -> tuple[str, dict[str, str]] | None:
        """Return where the hosted page sends the browser, and the query it adds; `None` when it sends it nowhere."""
        returns = next((r for r in self.lifecycles[resource].returns if r.name == name), None)
        address = record.resource.get(returns.url_member) if returns is not None else None
        if returns is None or not isinstance(address, str):
            return None
        query = {name: _resolved(value, record.resource) for name, value in returns.query.items()}
        return address, {name: str(value) for name, value in query.items() if value is not None}

    def _shown(self, operation: Operation, record: Record) -> Json:
        view = self._view(operation)
        return self._compose(view, record.resource, seed=f"{record.tenant}:{record.key}")

    def _compose(self, view: _View, given: object, *, seed: str) -> Json:
        if view.schema is None:
            return given if isinstance(given, dict) else None
        return self._composer.compose(view.schema, given, view.example, seed=seed)

    def _view(self, operation: Operation) -> _View:
        if operation.id not in self._views:
            media = next((m for o in operation.successes for m in o.media), None)
            schema = media.schema if media is not None else None
            members = self._composer.shape(schema).members if schema is not None else {}
            body = operation.body.media[0].schema if operation.body is not None else None
            settable = self._composer.shape(body).members if body is not None else {}
            shown = example_of(media) if media is not None else ABSENT
            example = shown if isinstance(shown, dict) else {}
            self._views[operation.id] = _View(
                media=media,
                schema=schema,
                example=shown,
                members=members,
                texts=frozenset(n for n, m in members.items() if "string" in m.resolved.types),
                free=frozenset(n for n, m in members.items() if _is_free(m)),
                own=encode({n: v for n, v in example.items() if n not in settable}),
            )
        return self._views[operation.id]

    def _asked(self, call: Call) -> Resource:
        """Return what a request says about the resource, with the defaults of what it leaves out."""
        schema = call.operation.body.media[0].schema if call.operation.body is not None else None
        value = with_defaults(self._composer, schema, call.body) if schema is not None else call.body
        return dict(value) if isinstance(value, dict) else {}

    def _own_members(self, view: _View) -> Resource:
        """Return the members of the answer's example that no request can set."""
        return cast("Resource", decode(view.own))

    def _new_key(self, lifecycle: Lifecycle, view: _View) -> Json:
        number = self._store.count(lifecycle.resource)
        member = view.members.get(lifecycle.key)
        seed = f"{self._seed}:{lifecycle.resource}:{number}"
        if member is not None and lifecycle.key not in view.texts and (types := member.resolved.types):
            return number if "integer" in types or "number" in types else seed
        example = view.example.get(lifecycle.key) if isinstance(view.example, dict) else None
        like = example if isinstance(example, str) else None
        key = identifier(int.from_bytes(blake2b(seed.encode(), digest_size=32).digest()), like)
        if member is None or lifecycle.key in view.free or self._composer.generator.fits(member, key, "response"):
            return key
        return self._composer.generator.value(member, "response", seed=seed, examples=False)

    def _tenant(self, call: Call, lifecycle: Lifecycle) -> str:
        source = expressions.parse(lifecycle.tenant)
        return str(call.value(source)) if source is not None else call.caller.credential

    def _page(self, call: Call, lifecycle: Lifecycle, record: Record) -> str:
        return f"{call.request.base}{PAGES}/{lifecycle.resource}/{record.tenant or '-'}/{record.key}"


def _is_free(schema: Schema) -> bool:
    return isinstance(schema.data, dict) and _NARROWING.isdisjoint(schema.data)


def _require_state(lifecycle: Lifecycle, effect: Effect, record: Record) -> None:
    if effect.source_states and record.state not in effect.source_states:
        expired = lifecycle.expiry is not None and record.state == lifecycle.expiry.target_state
        situation: Situation = "expired" if expired else "state-conflict"
        raise Refused(situation, f"The {lifecycle.resource} is {record.state}.", value=record.state)


def stamp(moment: float, *, text: bool) -> Json:
    """Return a moment as whole seconds, or as RFC 3339 text."""
    if not text:
        return int(moment)
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(value: Json) -> float | None:
    """Return the moment that a member's value names, in seconds since 1970-01-01 UTC, `None` when it names none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _resolved(value: Json, resource: Resource) -> Json:
    source: Expression | None = expressions.parse(value) if isinstance(value, str) else None
    if source is None:
        return value
    try:
        return cast("Json", get(resource, source.pointer))
    except NoSuchMember:
        return None


def _listing(schema: Schema, key: str) -> tuple[str | None, Schema | None]:
    """Return which member of a listing holds the resources (`None`: it is an array), and their schema."""
    items = next((i for p in schema.parts() if (i := p.one("items")) is not None), None)
    if items is not None:
        return None, items
    arrays = {
        name: inner
        for name, member in schema.members().items()
        for part in member.parts()
        if (inner := part.one("items")) is not None
    }
    telling = [name for name, inner in arrays.items() if key in inner.members()]
    name = next(iter([*telling, *arrays]), None)
    return (name, arrays[name]) if name is not None else (None, None)
