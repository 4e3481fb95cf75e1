"""What operations do to resources, as `x-lifecycle` declares it."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from typing import Final, cast
from urllib.parse import quote

from tallystick.contract import Contract
from tallystick.contract.life import Effect, Lifecycle
from tallystick.contract.model import Operation
from tallystick.contract.schema import as_mapping
from tallystick.load import Json
from tallystick.mock.behaviour import Behaviour, Call, Resource
from tallystick.mock.moments import moment_of, stamp
from tallystick.mock.refusal import Refused, Situation
from tallystick.mock.state.happenings import CallBack, Emit, Happenings
from tallystick.mock.state.holdings import Holdings, by_convention
from tallystick.mock.state.keys import Keys
from tallystick.mock.state.listing import Listing, place_of, placed
from tallystick.mock.state.patch import followed, is_steps, merged
from tallystick.mock.state.records import Record
from tallystick.mock.state.views import View, Views
from tallystick.mock.store import Store
from tallystick.mock.values.compose import ABSENT, Composer
from tallystick.mock.values.generate import Unsatisfiable

PAGES: Final = "/_tallystick/pages"
"""Where the hosted pages are: `/<resource>/<tenant>/<key>` below it."""
_KEY_TRIES: Final = 50


class Engine:
    """Does to resources what operations do, and says what the answer's body is."""

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
        self._effects = {e.operation_id: (lc, e) for lc in lifecycles for e in lc.effects}
        self._keys = Keys(contract, composer.generator, seed)
        self._listings: dict[str, Listing] = {}
        self.holdings = Holdings(lifecycles, store)
        self.views = Views(contract, composer, {id_: lc for id_, (lc, _) in self._effects.items()})
        self.happenings = Happenings(self.holdings, store=store, behaviour=behaviour, emit=emit, call_back=call_back)

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
        if _may_create(call.operation, lifecycle, effect) and (key := self._free(call, lifecycle, effect)):
            return self._create(call, lifecycle, effect, key)
        record = self.holdings.named(call, lifecycle, effect) if lifecycle.key else self._only(call, lifecycle)
        match effect.effect:
            case "use":
                return self._use(call, lifecycle, effect, record)
            case "transition":
                self._transition(call, lifecycle, effect, record)
            case "update":
                self._update(call, lifecycle, record)
            case "delete":
                self._delete(call, lifecycle, effect, record)
        return self.views.shown(call.operation, record, call.status)

    def _free(self, call: Call, lifecycle: Lifecycle, effect: Effect) -> str:
        """Return the key that a `PUT` is to put something new at, empty when there is something, or no key."""
        key = call.value(effect.key) if effect.key is not None else None
        call.status = _status(call.operation, created=False)
        if key is None or self.holdings.find(lifecycle, self.holdings.tenant(call, lifecycle), str(key)) is not None:
            return ""
        call.status = _status(call.operation, created=True)
        return str(key)

    def _create(self, call: Call, lifecycle: Lifecycle, effect: Effect, at: str = "") -> Json:
        """Create a resource; `at` is its key where the path says it."""
        self.holdings.require_parent(call, lifecycle)
        view = self.views.of(call.operation, call.status)
        asked = self.views.asked(call)
        resource: Resource = {**view.own_members(), **asked}
        expires = self._begin(call, lifecycle, view, resource)
        tenant = self.holdings.tenant(call, lifecycle)
        hook = self._behaviour.operations.get(call.operation.id)
        for _ in range(_KEY_TRIES):
            key = view.key(lifecycle.key, at) if at else asked.get(lifecycle.key) if effect.key else None
            key = key if key is not None else self._new_key(lifecycle, view)
            resource[lifecycle.key] = key
            record = Record(str(key), tenant, lifecycle.initial, expires, resource)
            if lifecycle.page_member:
                resource[lifecycle.page_member] = self._page(call, lifecycle, record)
            if hook is not None:
                hook(call, resource)
            body = self.views.compose(view, resource, seed=record.key)
            if isinstance(body, dict):
                resource.update(view.unwrapped(body))
            if self.holdings.records[lifecycle.resource].add(record):
                break
        else:
            raise Refused("duplicate", f"Another one has this {lifecycle.key} already.", f"/{lifecycle.key}")
        if expires is not None and lifecycle.expiry is not None:
            self.happenings.later(expires, {"do": "expire"}, lifecycle, record)
        self.happenings.send(effect.webhooks, lifecycle, record, call.now)
        if view.located:
            path = (call.request.base if view.absolutely else "") + call.request.path.rstrip("/")
            call.told["Location"] = path if at else f"{path}/{quote(record.key, safe='')}"
        return body

    def _begin(self, call: Call, lifecycle: Lifecycle, view: View, resource: Resource) -> float | None:
        """Set the first state and the times of a new resource; return when it expires."""
        said = as_mapping(call.body)
        if lifecycle.state_member:
            resource[lifecycle.state_member] = lifecycle.initial
        for name in view.begun:
            if name not in said or name == lifecycle.updated_member:
                resource[name] = stamp(call.now, text=name in view.texts)
        expiry = lifecycle.expiry
        if expiry is None:
            return None
        begun = moment_of(resource.get(expiry.base)) if expiry.base else None
        begun = call.now if begun is None else begun
        asked = moment_of(said[expiry.at]) if expiry.at in said else None
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

    def _only(self, call: Call, lifecycle: Lifecycle) -> Record:
        """Return what there is only one of: as it was left, else as the contract shows it."""
        self.holdings.require_parent(call, lifecycle)
        tenant = self.holdings.tenant(call, lifecycle)
        record = self.holdings.records[lifecycle.resource].find(tenant, "")
        if record is not None:
            return record
        view = self.views.of(self._contract.by_id[lifecycle.effects[0].operation_id])
        shown = self.views.compose(view, ABSENT, seed=f"{tenant}:{lifecycle.resource}")
        return Record("", tenant, lifecycle.initial, None, shown if isinstance(shown, dict) else {})

    def _use(self, call: Call, lifecycle: Lifecycle, effect: Effect, record: Record) -> Json:
        _require_state(lifecycle, effect, record)
        body = self.views.compose(self.views.of(call.operation), ABSENT, seed=f"{record.tenant}:{record.key}")
        hook = self._behaviour.operations.get(call.operation.id)
        if hook is not None and isinstance(body, dict):
            body = deepcopy(body)
            hook(call, body)
            return self.views.compose(self.views.of(call.operation), body, seed=f"{record.tenant}:{record.key}")
        return body

    def _transition(self, call: Call, lifecycle: Lifecycle, effect: Effect, record: Record) -> None:
        _require_state(lifecycle, effect, record)
        record.resource.update(
            {n: v for n, v in as_mapping(call.body).items() if n in record.resource and n != lifecycle.key}
        )
        self.happenings.move(lifecycle, record, effect.target_state, call.now)
        self._hooked(call, record)
        self.holdings.records[lifecycle.resource].save(record)
        self.happenings.send(effect.webhooks, lifecycle, record, call.now)

    def _update(self, call: Call, lifecycle: Lifecycle, record: Record) -> None:
        key = {n: v for n, v in record.resource.items() if n == lifecycle.key}
        record.resource = {**self._changed(call, record.resource), **key}
        self.happenings.move(lifecycle, record, record.state, call.now)
        self._hooked(call, record)
        self.holdings.records[lifecycle.resource].save(record)

    def _changed(self, call: Call, resource: Resource) -> Resource:
        """Return a resource as a request changes it: PUT replaces what can be set, others merge, or say each step."""
        view = self.views.of(call.operation)
        if is_steps(call.body):
            changed = followed(resource, cast("list[Json]", call.body))
            return changed if isinstance(changed, dict) else resource
        if call.operation.method == "PUT":
            return {n: v for n, v in resource.items() if n not in view.settable} | self.views.asked(call)
        body = view.unwrapped(as_mapping(call.body))
        sent = {n: v for n, v in body.items() if n not in view.fixed}
        nulls = {n: None for n, v in sent.items() if v is None and view.takes_null(n)}
        return {**cast("Resource", merged(resource, sent)), **nulls}

    def _delete(self, call: Call, lifecycle: Lifecycle, effect: Effect, record: Record) -> None:
        view = self.views.of(call.operation)
        state = {} if lifecycle.state_member else view.final_state(lifecycle.key, self._read(lifecycle).members)
        record.resource.update(state)
        if state:
            self.happenings.move(lifecycle, record, record.state, call.now)
            self.holdings.records[lifecycle.resource].save(record)
        else:
            record.resource.update(view.ended(call.now))
            self.holdings.records[lifecycle.resource].delete(record)
        self.happenings.send(effect.webhooks, lifecycle, record, call.now)

    def _read(self, lifecycle: Lifecycle) -> View:
        """Return how a resource is shown when it is read; as the first of its operations does where none reads it."""
        reading = next((e for e in lifecycle.effects if e.effect == "read"), lifecycle.effects[0])
        return self.views.of(self._contract.by_id[reading.operation_id])

    def _list(self, call: Call, lifecycle: Lifecycle) -> Json:
        self.holdings.require_parent(call, lifecycle)
        tenant = self.holdings.tenant(call, lifecycle)
        view = self.views.of(call.operation)
        if view.schema is None:
            return None
        path, items = place_of(view.schema, lifecycle.key)
        if items is None:
            return self.views.compose(view, ABSENT, seed="list")
        listing = self._listings.get(call.operation.id)
        if listing is None:
            listing = self._listings[call.operation.id] = Listing(call.operation, items, lifecycle.key)
        kept = [r.resource for r in self.holdings.records[lifecycle.resource].all() if r.tenant == tenant]
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

    def _new_key(self, lifecycle: Lifecycle, view: View) -> Json:
        example = as_mapping(cast("Json", view.example)).get(lifecycle.key)
        number = self._store.count(lifecycle.resource)
        member = view.members.get(lifecycle.key) or self._read(lifecycle).members.get(lifecycle.key)
        return self._keys.new(lifecycle, number, member, example)

    def _page(self, call: Call, lifecycle: Lifecycle, record: Record) -> str:
        return f"{call.request.base}{PAGES}/{lifecycle.resource}/{record.tenant or '-'}/{record.key}"


def _may_create(operation: Operation, lifecycle: Lifecycle, effect: Effect) -> bool:
    """Say whether an update puts something new where nothing is: a `PUT` whose answer can be 201.

    Where 201 is its only success and 404 another answer, 201 may be meant for what is replaced. Where nothing else
    creates, a `PUT` does.
    """
    if effect.effect != "update" or operation.method != "PUT" or not lifecycle.key:
        return False
    statuses = {o.status for o in operation.outcomes}
    only = by_convention(lifecycle) and all(e.effect != "create" for e in lifecycle.effects)
    return only or ("201" in statuses and (len(operation.successes) > 1 or "404" not in statuses))


def _status(operation: Operation, *, created: bool) -> int | None:
    """Return the status that tells what is new from what is replaced, as far as the contract has both."""
    statuses = [o.status for o in operation.successes if o.status.isdecimal()]
    status = next((s for s in statuses if (s == "201") is created), next(iter(statuses), None))
    return int(status) if status is not None else None


def _require_state(lifecycle: Lifecycle, effect: Effect, record: Record) -> None:
    if effect.source_states and record.state not in effect.source_states:
        expired = lifecycle.expiry is not None and record.state == lifecycle.expiry.target_state
        situation: Situation = "expired" if expired else "state-conflict"
        raise Refused(situation, f"The {lifecycle.resource} is {record.state}.", value=record.state)
