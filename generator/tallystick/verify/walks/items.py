"""Items of a collection: creating them, reading them, finding them in lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import sleep
from typing import Any, TypeVar

from requests.auth import AuthBase

from tallystick.contract import Schema
from tallystick.contract.model import Operation, Parameter
from tallystick.load import Json, is_number
from tallystick.verify.data.samples import Sample, from_examples, some
from tallystick.verify.facts.convention import Collection
from tallystick.verify.facts.media import body_schema, json_of
from tallystick.verify.session import Session
from tallystick.verify.walks.caller import Caller, Reply, Stop, Walk
from tallystick.verify.walks.life import sample_of

_PAUSES = (0.1, 0.4, 1.0)
"""Seconds to wait before looking again: a server may need a moment until it shows what it did."""
_PAGING = re.compile(
    r"(?:.*[_.\[-])?(?:limit|page|pages?_?size|per_?page|page_?limit|size|offset|cursor|after|before|start|"
    r"starting_?after|ending_?before|first|last|top|skip|count|max|marker|token|page_?token|next|from|since)\]?",
    re.IGNORECASE,
)
_LENGTHS = frozenset((5, 10, 12, 15, 20, 24, 25, 30, 40, 50, 100, 200, 250, 500, 1000))
"""Lengths that pages tend to have."""
_MORE = re.compile(r"(?:has_?)?(?:more|next)(?:_?(?:page|token|cursor|link|url|page_?token))?", re.IGNORECASE)

T = TypeVar("T")


def until(look: Callable[[], T], good: Callable[[T], bool]) -> T:
    """Return what is seen as soon as it is good, and after some looks whatever it is."""
    seen = look()
    for pause in _PAUSES:
        if good(seen):
            break
        sleep(pause)
        seen = look()
    return seen


@dataclass(frozen=True, slots=True)
class Item:
    """Something that was created: its key, the path parameters that lead to it, what was sent and answered."""

    collection: Collection
    key: Json
    path: dict[str, Any]
    sent: dict[str, Json]
    reply: Reply

    def named(self, key: Json) -> Item:
        """Return the item that another key would name."""
        return replace(self, key=key, path={**self.path, self.collection.parameter: str(key)})

    def but(self, change: dict[str, Json]) -> Item:
        """Return the item without the members of a change."""
        return replace(self, sent={n: v for n, v in self.sent.items() if n not in change})

    def sample(self, walk: Walk, operation: Operation, body: Json = None) -> Sample:
        """Return a request of an operation about this item."""
        sample = _plain(operation, sample_of(walk.session, operation), self.path)
        if body is None:
            return sample
        return replace(sample, body=body, media_type=_json_type(operation))


def _plain(operation: Operation, sample: Sample, path: dict[str, Any]) -> Sample:
    """Return a sample with nothing in it that is not required, about what a path leads to."""
    required = {(p.location, p.name.lower()) for p in operation.parameters if p.required}
    return replace(
        sample,
        path={n: v for n, v in {**sample.path, **path}.items() if f"{{{n}}}" in operation.path},
        query={n: v for n, v in sample.query.items() if ("query", n.lower()) in required},
        headers={n: v for n, v in sample.headers.items() if ("header", n.lower()) in required},
    )


class Maker:
    """Creates items of a collection, each as different from the others as its schema lets it be."""

    def __init__(self, caller: Caller, collection: Collection) -> None:
        self.collection = collection
        self._parent = Maker(caller, collection.parent) if collection.parent is not None else None
        self._home: Item | None = None
        self._refused = False

    def make(self, walk: Walk, *, who: AuthBase | None = None, note: str = "") -> Item:
        """Create an item. Raises `Stop`, after noting why, when the server does not do it at once."""
        if self._refused:
            raise Stop
        status = 0
        for sample in self._tries(walk):
            reply = walk.send(self.collection.create, sample, who=who, note=note or "create one")
            status = reply.status
            key = reply.member(self.collection.lifecycle.key)
            if reply.accepted and status != 202 and isinstance(key, (str, int)):
                path = {**sample.path, self.collection.parameter: str(key)}
                return Item(self.collection, key, path, sample.body if isinstance(sample.body, dict) else {}, reply)
        if who is None:
            self._refused = True
            walk.session.unmade.add(self.collection.name)
            missing = " and no id" if 200 <= status < 300 else ""
            walk.session.unable(
                "convention", self.collection.promises(), f"creating one is answered with {status}{missing}"
            )
        raise Stop

    def _tries(self, walk: Walk) -> Iterator[Sample]:
        """Yield requests that may be accepted: one that was, with new texts and as it is, and the examples."""
        path = self._home_of(walk)
        operation, session = self.collection.create, walk.session
        plain = sample_of(session, operation)
        full = _filled(session, operation, sample_of(session, operation, full=True))
        for sample in (*(_varied(session, operation, s) for s in (full, plain)), plain, from_examples(operation)):
            yield replace(sample, path={**sample.path, **path})

    def _home_of(self, walk: Walk) -> dict[str, Any]:
        """Return the path parameters that lead to the item in which this collection lies."""
        if self._parent is None:
            return {}
        if self._home is None:
            self._home = self._parent.make(walk)
        return self._home.path


def read(walk: Walk, item: Item, *, who: AuthBase | None = None, note: str = "") -> Reply:
    """Read an item."""
    return walk.send(item.collection.read, item.sample(walk, item.collection.read), who=who, note=note or "read it")


# -- bodies -------------------------------------------------------------------------------------------------------


def answer_schema(reply: Reply) -> Schema | None:
    """Return the schema of an answer's JSON body, `None` when it has none."""
    outcome = reply.operation.outcome(reply.status)
    media = json_of(outcome.media) if outcome is not None else None
    return media.schema if media is not None else None


def _json_type(operation: Operation) -> str:
    media = json_of(operation.body_media)
    return media.content_type if media is not None else "application/json"


def _filled(session: Session, operation: Operation, sample: Sample) -> Sample:
    """Return a sample with values for the simple members that its body leaves out."""
    schema = body_schema(operation)
    if schema is None or not isinstance(sample.body, dict):
        return sample
    body: dict[str, Json] = sample.body
    for name, member in schema.members().items():
        if name not in body and not member.flag("readOnly"):
            value = some(member)
            fuller = {**body, name: value}
            if value and _is_simple(value) and session.knowledge.validators.is_valid(schema, fuller, "request"):
                body = fuller
    return replace(sample, body=body)


def _is_simple(value: Json) -> bool:
    return isinstance(value, (str, int, float, bool))


def _varied(session: Session, operation: Operation, sample: Sample) -> Sample:
    """Return a sample with other values for the texts of its body that are free."""
    schema = body_schema(operation)
    if schema is None or not isinstance(sample.body, dict):
        return sample
    body: dict[str, Json] = dict(sample.body)
    for name, member in schema.members().items():
        if isinstance(body.get(name), str) and name not in kinds(schema):
            body[name] = next(iter(another_value(session, member, name, body[name])), body[name])
    valid = session.knowledge.validators.is_valid(schema, body, "request")
    return replace(sample, body=body) if valid else sample


def kinds(schema: Schema) -> frozenset[str]:
    """Return the names of the members that say by which schema an object is to be read."""
    said = (part.get("discriminator") for part in schema.parts())
    return frozenset(str(one["propertyName"]) for one in said if isinstance(one, dict) and "propertyName" in one)


def another_value(session: Session, schema: Schema, name: str, value: Json) -> Iterator[Json]:
    """Yield values of a member other than this one: texts that were not used before, neighbours of numbers."""
    valid = session.knowledge.validators.is_valid
    if any(part.enum is not None or "const" in part for part in schema.parts()):
        return
    if value is None or isinstance(value, str):
        fresh = session.knowledge.adapter.another(name, value or "tallystick", lambda v: valid(schema, v, "request"))
        if fresh != value and valid(schema, fresh, "request"):
            yield fresh
    if is_number(value):
        yield from (n for n in (value + 1, value - 1) if valid(schema, n, "request"))


# -- lists --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """The keys that a list shows; whether it has to be `whole`, and whether nothing could be filtered out of it."""

    keys: frozenset[str]
    whole: bool
    unfiltered: bool

    def lacks(self, items: Sequence[Item]) -> list[Json]:
        """Return the keys of items that the list has to show and doesn't."""
        missing = [item.key for item in items if not self.has(item.key)]
        return missing if self.whole or (self.unfiltered and len(missing) < len(items)) else []

    def has(self, key: Json) -> bool:
        """Say whether the list shows this key."""
        return str(key) in self.keys


def listed(walk: Walk, item: Item, *, who: AuthBase | None = None) -> Listed:
    """Read the list of the collection that an item is in. Raises `Stop` when that is refused."""
    collection = item.collection
    assert collection.listing is not None
    sample = item.sample(walk, collection.listing)
    reply = walk.send(collection.listing, sample, who=who, note="list them")
    found = _entries(reply.body, collection.lifecycle.key)
    if not reply.accepted or found is None:
        why = (
            f"listing them is answered with {reply.status}"
            if not reply.accepted
            else "its entries do not show their ids"
        )
        walk.session.unable("convention", [collection.subject("the list shows what was created")], why)
        raise Stop
    query = [p for p in collection.listing.parameters if p.location == "query"]
    filtered = any(_has_default(p) and not _PAGING.fullmatch(p.name) for p in query)
    paged = any(_PAGING.fullmatch(p.name) for p in query) and len(found) in _LENGTHS
    unfiltered = not filtered and not sample.query
    return Listed(frozenset(found), unfiltered and not paged and not _has_more(reply), unfiltered)


def _has_default(parameter: Parameter) -> bool:
    return parameter.schema is not None and any("default" in part for part in parameter.schema.parts())


def _entries(body: Json, key: str) -> list[str] | None:
    """Return the keys of a list's entries, wherever in the answer the list is; `None` when none shows its key."""
    if isinstance(body, list):
        shown = [str(entry[key]) for entry in body if isinstance(entry, dict) and key in entry]
        return shown if len(shown) == len(body) else None
    if not isinstance(body, dict):
        return None
    inside = [found for part in body.values() if (found := _entries(part, key)) is not None]
    return max(inside, key=len, default=None)


def _has_more(reply: Reply) -> bool:
    """Say whether an answer names a next page."""
    members: list[tuple[str, Json]] = list(reply.body.items()) if isinstance(reply.body, dict) else []
    members += [(n, v) for _, part in list(members) if isinstance(part, dict) for n, v in part.items()]
    return "next" in reply.headers.get("link", "") or any(v and _MORE.fullmatch(n) for n, v in members)
