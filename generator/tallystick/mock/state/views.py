"""How operations show resources and speak of them: the resource itself, or a member of the body that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from tallystick.contract import Contract, Schema
from tallystick.contract.life import Lifecycle
from tallystick.contract.model import Media, Operation, Outcome
from tallystick.contract.schema import as_mapping
from tallystick.load import Json
from tallystick.mock.behaviour import Call, Resource
from tallystick.mock.encoding import decode, encode
from tallystick.mock.moments import stamp
from tallystick.mock.state.records import Record
from tallystick.mock.values.compose import ABSENT, CONTAINERS, Composer, example_of, with_defaults
from tallystick.mock.wire.masking import masked

_WHOLE: Final = ("uri", "url", "iri")
_GONE: Final = ("deleted", "is_deleted", "isDeleted", "archived")
_STATES: Final = ("status", "state")
_FINAL: Final = ("deleted", "removed", "archived", "cancelled", "canceled", "revoked", "deactivated", "disabled")
"""States of what was deleted and is still shown, surest first."""
_GONE_AT: Final = ("deleted_at", "deletedAt", "archived_at", "archivedAt")


@dataclass(frozen=True, slots=True)
class View:
    """How an operation shows a resource: its media type, with what is needed to compose it.

    `holder` is the member of the answer that the resource is in, empty when the answer is the resource itself.
    `own` are the members of the answer's example that no request can set; those that have parts are `own_nested`,
    encoded, so that each resource gets parts of its own. `begun` are members that say when a resource came into being
    unless a request has said so. `settable` are members that its request sets, `fixed` those
    that it may only repeat. `located` says whether the answer tells where a new resource is, in a header that is
    declared, or where its body doesn't say it; `absolutely` whether that header wants a whole address.
    """

    media: Media | None
    schema: Schema | None
    example: object
    members: Mapping[str, Schema]
    texts: frozenset[str]
    own: Mapping[str, Json]
    own_nested: bytes
    begun: tuple[str, ...]
    settable: frozenset[str]
    fixed: frozenset[str]
    holder: str
    located: bool
    absolutely: bool

    def unwrapped(self, value: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return the resource that a request or an answer is about."""
        inner = value.get(self.holder) if self.holder else None
        return inner if isinstance(inner, dict) else value

    def own_members(self) -> Resource:
        """Return the members of the answer's example that no request can set."""
        return {**self.own, **cast("Resource", decode(self.own_nested))}

    def takes_null(self, name: str) -> bool:
        """Say whether a member may be `null`; one that nobody knows may be anything."""
        types = self.members[name].known_types if name in self.members else ("null",)
        return not types or "null" in types

    def key(self, name: str, text: str) -> Json:
        """Return a key from a path as the type that its member has."""
        types = self.members[name].known_types if name in self.members else ()
        return int(text) if "string" not in types and "integer" in types and text.isdecimal() else text

    def final_state(self, key: str, read: Mapping[str, Schema]) -> Resource:
        """Return the state in which the answer to a deletion shows what was deleted, and reading it can show it too.

        Empty where either can't: then what is deleted is gone.
        """
        for name in (n for n in _STATES if n in self.members and n in read and key in self.members):
            values = [v for v in _FINAL if v in (self.members[name].resolved.enum or ())]
            if values and values[0] in (read[name].resolved.enum or ()):
                return {name: values[0]}
        return {}

    def ended(self, now: float) -> Resource:
        """Return what the answer to a deletion can say about it."""
        said: Resource = {n: True for n, m in self.members.items() if n in _GONE and "boolean" in m.known_types}
        moments = (n for n in self.members if n in _GONE_AT)
        return {**said, **{n: stamp(now, text=n in self.texts) for n in moments}}


class Views:
    """The views of all operations on resources, each worked out once. `about` has the lifecycle of each operation."""

    def __init__(self, contract: Contract, composer: Composer, about: Mapping[str, Lifecycle]) -> None:
        self._contract = contract
        self._composer = composer
        self._about = about
        self._views: dict[tuple[str, int | None], View] = {}

    def of(self, operation: Operation, status: int | None = None) -> View:
        """Return how an operation shows a resource, in the answer with a status where there are several."""
        view = self._views.get((operation.id, status))
        if view is None:
            outcomes = [o for o in operation.intended if status is None or o.status == str(status)]
            view = self._views[operation.id, status] = self._looked_at(operation, outcomes)
        return view

    def compose(self, view: View, given: object, *, seed: str) -> Json:
        """Return a body made of a resource, or of nothing given. Raises `Unsatisfiable`."""
        if view.schema is None:
            return given if isinstance(given, dict) else None
        wrapped = {view.holder: given} if view.holder and given is not ABSENT else given
        return self._composer.compose(view.schema, wrapped, view.example, seed=seed)

    def shown(self, operation: Operation, record: Record, status: int | None = None) -> Json:
        """Return the body that shows a record. Raises `Unsatisfiable`."""
        view = self.of(operation, status)
        return self.compose(view, record.resource, seed=f"{record.tenant}:{record.key}")

    def asked(self, call: Call) -> Resource:
        """Return what a request says about the resource, with the defaults of what it leaves out."""
        schema = call.operation.body.media[0].schema if call.operation.body is not None else None
        value = with_defaults(self._composer, schema, call.body) if schema is not None else call.body
        if not isinstance(value, dict):
            return {}
        view = self.of(call.operation)
        asked = dict(view.unwrapped(value))
        for name in view.fixed:
            asked.pop(name, None)
        return asked

    def masked(self, resource: str, record: Record) -> Json:
        """Return a record's value without what the contract calls sensitive."""
        value: Json = record.resource
        for id_, lifecycle in self._about.items():
            if lifecycle.resource == resource:
                value = masked(value, self.of(self._contract.by_id[id_]).schema)
        return value

    def _looked_at(self, operation: Operation, outcomes: list[Outcome]) -> View:
        media = next((m for o in outcomes for m in o.media), None)
        schema = media.schema if media is not None else None
        members = self._composer.shape(schema).members if schema is not None else {}
        shown = example_of(media) if media is not None else ABSENT
        lifecycle = self._about[operation.id]
        holder = _wrapper(self._composer, members, lifecycle.key)
        if holder:
            members = self._composer.shape(members[holder]).members
        body = operation.body.media[0].schema if operation.body is not None else None
        sent = self._composer.shape(body).members if body is not None else {}
        if holder in sent:
            sent = self._composer.shape(sent[holder]).members
        locations = [h for o in outcomes for h in o.headers if h.name.lower() == "location"]
        fixed = frozenset(n for n, m in sent.items() if m.flag("readOnly"))
        example = as_mapping(cast("Json", shown))
        example = as_mapping(example.get(holder)) if holder else example
        own = {n: v for n, v in example.items() if n not in sent or n in fixed}
        begun = {n: None for n in (lifecycle.created_member, lifecycle.updated_member) if n}
        if lifecycle.expiry is not None and lifecycle.expiry.base in members:
            begun[lifecycle.expiry.base] = None
        return View(
            media=media,
            schema=schema,
            example=shown,
            members=members,
            texts=frozenset(n for n, m in members.items() if "string" in m.known_types),
            own={n: v for n, v in own.items() if not isinstance(v, CONTAINERS)},
            own_nested=encode({n: v for n, v in own.items() if isinstance(v, CONTAINERS)}),
            begun=tuple(begun),
            settable=frozenset(sent) - fixed,
            fixed=fixed,
            holder=holder,
            located=lifecycle.key not in members or bool(locations),
            absolutely=any(h.schema is not None and h.schema.resolved.get("format") in _WHOLE for h in locations),
        )


def _wrapper(composer: Composer, members: Mapping[str, Schema], key: str) -> str:
    """Return the member of an answer that the resource is in, empty when the answer is the resource itself."""
    if not key or key in members:
        return ""
    return next((name for name, member in members.items() if key in composer.shape(member).members), "")
