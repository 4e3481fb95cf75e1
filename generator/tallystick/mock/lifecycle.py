"""Resources and their lives: what operations, events and time do to them, as `x-lifecycle` declares it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast
from urllib.parse import quote

from tallystick.contract import Contract, Schema
from tallystick.contract import expression as expressions
from tallystick.contract.convention import names
from tallystick.contract.expression import Expression
from tallystick.contract.model import Effect, Event, Lifecycle, Media, Operation
from tallystick.contract.schema import as_mapping
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.mock.behaviour import Behaviour, Call, Happening, Resource
from tallystick.mock.compose import ABSENT, Composer, example_of, with_defaults
from tallystick.mock.encoding import decode, encode
from tallystick.mock.generate import Unsatisfiable
from tallystick.mock.journal import masked
from tallystick.mock.keys import Keys
from tallystick.mock.listing import Listing, place_of, placed
from tallystick.mock.patch import followed, is_steps, merged
from tallystick.mock.records import Record, Records
from tallystick.mock.refusal import Refused, Situation
from tallystick.mock.store import Store

PAGES: Final = "/_tallystick/pages"
"""Where the hosted pages are: `/<resource>/<tenant>/<key>` below it."""
_KEY_TRIES: Final = 50
_GONE: Final = ("deleted", "is_deleted", "isDeleted", "archived")
_GONE_AT: Final = ("deleted_at", "deletedAt", "archived_at", "archivedAt")

Emit = Callable[[str, Lifecycle, Record, float], None]
"""Called with the name of a webhook that is to be sent, what it is about, and when that happened."""
CallBack = Callable[[str, str, Lifecycle, Record, float], None]
"""Called with the name of a callback that is to be made, its address, what it is about, and when that happened."""


@dataclass(frozen=True, slots=True)
class _View:
    """How an operation shows a resource: its media type, with what is needed to compose it.

    `holder` is the member of the answer that the resource is in, empty when the answer is the resource itself.
    `settable` are members that its request sets, `fixed` those that it may only repeat. `located` says whether the
    answer can tell where a new resource is: in a header that is declared, or where nothing else is said.
    """

    media: Media | None
    schema: Schema | None
    example: object
    members: Mapping[str, Schema]
    texts: frozenset[str]
    own: bytes
    settable: frozenset[str]
    fixed: frozenset[str]
    holder: str
    located: bool

    def unwrapped(self, value: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return the resource that a request or an answer is about."""
        inner = value.get(self.holder) if self.holder else None
        return inner if isinstance(inner, dict) else value


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
        self._keys = Keys(contract, composer.generator, seed)
        self._views: dict[str, _View] = {}
        self._listings: dict[str, Listing] = {}

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
        self._require_parent(call, lifecycle)
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
                record.resource = {**resource, **view.unwrapped(body)}
            if self.records[lifecycle.resource].add(record):
                break
        else:
            raise Refused("duplicate", f"Another one has this {lifecycle.key} already.", f"/{lifecycle.key}")
        if expires is not None and lifecycle.expiry is not None:
            self._later(expires, {"do": "expire"}, lifecycle, record)
        self._send(effect.webhooks, lifecycle, record, call.now)
        if view.located:
            call.told["Location"] = f"{call.request.path.rstrip('/')}/{quote(record.key, safe='')}"
        return body

    def _begin(self, call: Call, lifecycle: Lifecycle, view: _View, resource: Resource) -> float | None:
        """Set the first state and the times of a new resource; return when it expires."""
        said = as_mapping(call.body)
        if lifecycle.state_member:
            resource[lifecycle.state_member] = lifecycle.initial
        for name in (lifecycle.created_member, lifecycle.updated_member):
            if name and (name == lifecycle.updated_member or name not in said):
                resource[name] = stamp(call.now, text=name in view.texts)
        expiry = lifecycle.expiry
        if expiry is None:
            return None
        if expiry.base and expiry.base in view.members and expiry.base not in said:
            resource[expiry.base] = stamp(call.now, text=expiry.base in view.texts)
        begun = moment_of(resource.get(expiry.base)) if expiry.base else None
        begun = call.now if begun is None else begun
        asked = moment_of(said.get(expiry.at)) if expiry.at else None
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
        self._require_parent(call, lifecycle)
        key = call.value(effect.key) if effect.key is not None else None
        if not lifecycle.key:
            return self._only(call, lifecycle)
        record = self.find(lifecycle, self._tenant(call, lifecycle), str(key))
        if record is None:
            pointer = effect.key.pointer or f"/{effect.key.name}" if effect.key is not None else ""
            raise Refused("unknown-resource", _missing(lifecycle), pointer, key)
        return record

    def _only(self, call: Call, lifecycle: Lifecycle) -> Record:
        """Return what there is only one of: as it was left, else as the contract shows it."""
        tenant = self._tenant(call, lifecycle)
        record = self.records[lifecycle.resource].find(tenant, "")
        if record is not None:
            return record
        view = self._view(self._contract.by_id[lifecycle.effects[0].operation_id])
        shown = self._compose(view, ABSENT, seed=f"{tenant}:{lifecycle.resource}")
        return Record("", tenant, lifecycle.initial, None, shown if isinstance(shown, dict) else {})

    def _require_parent(self, call: Call, lifecycle: Lifecycle) -> None:
        """Raise `Refused` when what the path says that a resource lies in isn't there."""
        parent = self.lifecycles.get(lifecycle.within)
        if parent is None:
            return
        owner, places = self._owner(call, lifecycle), _places(call, lifecycle.depth)
        if self.find(parent, _joined(owner, places[: parent.depth]), places[parent.depth]) is None:
            name = names(call.operation.path)[parent.depth]
            key = places[parent.depth]
            raise Refused("unknown-resource", _missing(parent), f"/{name}", key)

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

    def kept(self, resource: str) -> Iterator[Record]:
        """Yield the resources of a kind of all tenants, oldest first, with those that came into being with others."""
        lifecycle = self.lifecycles[resource]
        if not lifecycle.of or lifecycle.of not in self.lifecycles:
            yield from self.records[resource].all()
            return
        for origin in self.kept(lifecycle.of):
            record = self.find(lifecycle, origin.tenant, origin.key)
            if record is not None:
                yield record

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
        key = {n: v for n, v in record.resource.items() if n == lifecycle.key}
        record.resource = {**self._changed(call, record.resource), **key}
        self._move(lifecycle, record, record.state, call.now)
        self._hooked(call, record)
        self.records[lifecycle.resource].save(record)

    def _changed(self, call: Call, resource: Resource) -> Resource:
        """Return a resource as a request changes it: PUT replaces what can be set, others merge, or say each step."""
        view = self._view(call.operation)
        if is_steps(call.body):
            changed = followed(resource, cast("list[Json]", call.body))
            return changed if isinstance(changed, dict) else resource
        if call.operation.method == "PUT":
            return {n: v for n, v in resource.items() if n not in view.settable} | self._asked(call)
        body = view.unwrapped(as_mapping(call.body))
        sent = {n: v for n, v in body.items() if n not in view.fixed}
        nulls = {n: None for n, v in sent.items() if v is None and self._takes_null(view, n)}
        return {**cast("Resource", merged(resource, sent)), **nulls}

    def _takes_null(self, view: _View, name: str) -> bool:
        types = view.members[name].resolved.types if name in view.members else ("null",)
        return not types or "null" in types

    def _delete(self, call: Call, lifecycle: Lifecycle, effect: Effect, record: Record) -> None:
        record.resource.update(_ended(self._view(call.operation), call.now))
        self.records[lifecycle.resource].delete(record)
        self._send(effect.webhooks, lifecycle, record, call.now)

    def _list(self, call: Call, lifecycle: Lifecycle) -> Json:
        self._require_parent(call, lifecycle)
        tenant = self._tenant(call, lifecycle)
        view = self._view(call.operation)
        if view.schema is None:
            return None
        path, items = place_of(view.schema, lifecycle.key)
        if items is None:
            return self._compose(view, ABSENT, seed="list")
        listing = self._listings.get(call.operation.id)
        if listing is None:
            listing = self._listings[call.operation.id] = Listing(call.operation, items, lifecycle.key)
        kept = [r.resource for r in self.records[lifecycle.resource].all() if r.tenant == tenant]
        page = listing.page(call, kept)
        if (target := listing.target(call, page)) is not None:
            call.told["Link"] = f'<{target}>; rel="next"'
        shown: list[Json] = []
        for r in page.items:
            with suppress(Unsatisfiable):  # the contract leaves an item no valid form, but the list has one
                shown.append(self._composer.compose(items, r, ABSENT, seed=f"{tenant}:{r.get(lifecycle.key)}"))
        given = placed(path, shown, listing.facts(view.schema, call, page)) if path else shown
        return self._composer.compose(view.schema, given, ABSENT, seed="list")

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
        wrapped = {view.holder: given} if view.holder and given is not ABSENT else given
        return self._composer.compose(view.schema, wrapped, view.example, seed=seed)

    def _view(self, operation: Operation) -> _View:
        if operation.id not in self._views:
            self._views[operation.id] = self._looked_at(operation)
        return self._views[operation.id]

    def _looked_at(self, operation: Operation) -> _View:
        media = next((m for o in operation.successes for m in o.media), None)
        schema = media.schema if media is not None else None
        members = self._composer.shape(schema).members if schema is not None else {}
        shown = example_of(media) if media is not None else ABSENT
        lifecycle = self._effects[operation.id][0]
        holder = _wrapper(self._composer, members, lifecycle.key)
        if holder:
            members = self._composer.shape(members[holder]).members
        body = operation.body.media[0].schema if operation.body is not None else None
        sent = self._composer.shape(body).members if body is not None else {}
        if holder in sent:
            sent = self._composer.shape(sent[holder]).members
        fixed = frozenset(n for n, m in sent.items() if m.flag("readOnly"))
        example = as_mapping(cast("Json", shown))
        example = as_mapping(example.get(holder)) if holder else example
        return _View(
            media=media,
            schema=schema,
            example=shown,
            members=members,
            texts=frozenset(n for n, m in members.items() if "string" in m.resolved.types),
            own=encode({n: v for n, v in example.items() if n not in sent or n in fixed}),
            settable=frozenset(sent) - fixed,
            fixed=fixed,
            holder=holder,
            located=media is None
            or any(h.name.lower() == "location" for o in operation.successes for h in o.headers),
        )

    def _asked(self, call: Call) -> Resource:
        """Return what a request says about the resource, with the defaults of what it leaves out."""
        schema = call.operation.body.media[0].schema if call.operation.body is not None else None
        value = with_defaults(self._composer, schema, call.body) if schema is not None else call.body
        if not isinstance(value, dict):
            return {}
        view = self._view(call.operation)
        asked = dict(view.unwrapped(value))
        for name in view.fixed:
            asked.pop(name, None)
        return asked

    def _own_members(self, view: _View) -> Resource:
        """Return the members of the answer's example that no request can set."""
        return cast("Resource", decode(view.own))

    def _new_key(self, lifecycle: Lifecycle, view: _View) -> Json:
        example = as_mapping(cast("Json", view.example)).get(lifecycle.key)
        number = self._store.count(lifecycle.resource)
        return self._keys.new(lifecycle, number, view.members.get(lifecycle.key), example)

    def _tenant(self, call: Call, lifecycle: Lifecycle) -> str:
        """Return whose resource a call is about, and in what it lies."""
        owner = self._owner(call, lifecycle)
        return _joined(owner, _places(call, lifecycle.depth)) if lifecycle.depth else owner

    def _owner(self, call: Call, lifecycle: Lifecycle) -> str:
        if lifecycle.tenant == "credential":
            return call.caller.credential
        source = expressions.parse(lifecycle.tenant)
        return quote(str(call.value(source)), safe=" ") if source is not None else ""

    def _page(self, call: Call, lifecycle: Lifecycle, record: Record) -> str:
        return f"{call.request.base}{PAGES}/{lifecycle.resource}/{record.tenant or '-'}/{record.key}"


def _missing(lifecycle: Lifecycle) -> str:
    """Return in words that there is no such resource; those kept by convention are called after their path."""
    by_convention = not lifecycle.pointer.startswith("/x-lifecycle")
    return f"There is no {'item of ' if by_convention else ''}{lifecycle.resource} with this id."


def _places(call: Call, depth: int) -> list[str]:
    """Return the first values of a path, as many as say in what a resource lies."""
    return [str(call.parameters.get(("path", name))) for name in names(call.operation.path)[:depth]]


def _joined(owner: str, places: list[str]) -> str:
    return "/".join((owner, *(quote(place, safe=" ") for place in places)))


def _wrapper(composer: Composer, members: Mapping[str, Schema], key: str) -> str:
    """Return the member of an answer that the resource is in, empty when the answer is the resource itself."""
    if not key or key in members:
        return ""
    return next((name for name, member in members.items() if key in composer.shape(member).members), "")


def _ended(view: _View, now: float) -> Resource:
    """Return what the answer to a deletion can say about it."""
    said: Resource = {n: True for n, m in view.members.items() if n in _GONE and "boolean" in m.resolved.types}
    moments = (n for n in view.members if n in _GONE_AT)
    return {**said, **{n: stamp(now, text=n in view.texts) for n in moments}}


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
