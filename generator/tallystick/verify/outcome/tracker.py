"""Watches the exchanges of a run and says in the end what of the contract they exercised."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from tallystick.contract import Contract, Schema
from tallystick.contract.model import Media, Operation
from tallystick.contract.validation import Direction, Validators
from tallystick.load import Json
from tallystick.verify.coverage import Coverage, Item
from tallystick.verify.facts import reach
from tallystick.verify.facts.bodies import NOTHING, parsed
from tallystick.verify.facts.convention import collections
from tallystick.verify.facts.media import essence
from tallystick.verify.facts.resource import at, roles
from tallystick.verify.outcome.links import LinkWatch
from tallystick.verify.server.routes import Routes, label
from tallystick.verify.server.wire import Exchange

_CHANGING = frozenset(("create", "update", "delete", "transition"))
_MOST_ALTERNATIVES = 100
"""Schemas of alternatives to hold one value against."""
_PROVOKED = ("2", "4")


class Tracker:
    """Collects what was exercised. Call it with each exchange; tell it transitions and webhooks by name."""

    def __init__(self, contract: Contract, routes: Routes, operations: tuple[Operation, ...], prefix: str) -> None:
        self._contract = contract
        self._routes = routes
        self._operations = operations
        self._links = LinkWatch(contract.operations, prefix)
        self._validators = Validators(contract)
        self._bodies: set[tuple[str, str, bytes]] = set()
        self._seen: set[tuple[str, str]] = set()
        self._kept: set[tuple[str, str]] = set()
        self._broken: set[tuple[str, str]] = set()
        self._values: set[tuple[str, str]] = set()
        self.reasons: dict[tuple[str, str], str] = {}
        self.answered = 0

    def __call__(self, exchange: Exchange) -> None:
        """Take one exchange in."""
        operation = self._routes.find(exchange.method, exchange.url)
        if operation is None or exchange.failed:
            return
        self.answered += 1
        self.saw("operation", label(operation))
        for link in self._links.request(operation, exchange):
            self.saw("link", link)
        self._links.answer(operation, exchange)
        if 200 <= exchange.status < 300:
            for role in roles(self._contract, operation):
                self.saw("transition", f"{role.lifecycle.resource}: {operation.id}")
        outcome = operation.outcome(exchange.status)
        if outcome is not None:
            self.saw("status", f"{label(operation)} {outcome.status}")
            self._body(_media(outcome.media, exchange.header("content-type")), exchange.body, "response")
        if operation.body is not None:
            media = _media(operation.body.media, exchange.request_header("content-type"))
            self._body(media, exchange.request_body, "request")

    def saw(self, kind: str, subject: str) -> None:
        """Note that something was exercised."""
        self._seen.add((kind, subject))

    def _body(self, media: Media | None, body: bytes, direction: Direction) -> None:
        if media is None or media.schema is None or (media.pointer, direction, body) in self._bodies:
            return
        self._bodies.add((media.pointer, direction, body))
        value = parsed(body)
        if value is not NOTHING and self._validators.can_check(media.schema, direction):
            self._note(media.schema, value, direction)

    def _note(self, schema: Schema, value: Json, direction: Direction) -> None:
        broken = set(self._violated(schema, value, direction))
        self._broken |= broken
        for here, part in reach.Reach(self._validators, direction).visit(schema, value):
            self._kept |= {(here.pointer, k) for k in reach.assertions(here)} - broken
            if here.enum is not None and isinstance(part, (str, int, float, bool)) and part in here.enum:
                self._values.add((here.pointer, json.dumps(part)))

    def _violated(self, schema: Schema, value: Json, direction: Direction) -> Iterator[tuple[str, str]]:
        """Yield the place and name of each keyword that a value breaks, in alternatives that it does not fit too."""
        stack = [(schema, value)]
        for _ in range(_MOST_ALTERNATIVES):
            if not stack:
                return
            here, part = stack.pop()
            for found in self._validators.violations(here, part, direction):
                place = found.schema_pointer.rpartition("/")[0]
                yield place, found.keyword
                if found.keyword in ("oneOf", "anyOf"):
                    alternatives = Schema.at(self._contract.document, place).many(found.keyword)
                    stack += [(alternative, at(part, found.pointer)) for alternative in alternatives]

    def statement(self) -> Coverage:
        """Return what was exercised and what not.

        Of operations that another part of the run is for, it has what sequences of this part exercised on their way.
        """
        mine = (*self._operation_items(self._operations), *self._schema_items(self._operations))
        others = [o for o in self._contract.operations if o not in self._operations]
        more = (*self._operation_items(others), *self._schema_items(others))
        passed = (item for item in more if item.exercised and item.kind != "operation")
        return Coverage.of([*mine, *passed, *self._named_items()])

    def _item(self, kind: str, subject: str, why: str) -> Item:
        done = (kind, subject) in self._seen
        return Item(kind, subject, done, "" if done else self.reasons.get((kind, subject), why))

    def _operation_items(self, operations: Sequence[Operation]) -> Iterator[Item]:
        for operation in operations:
            yield self._item("operation", label(operation), "no request of it was answered")
            for outcome in operation.outcomes:
                subject = f"{label(operation)} {outcome.status}"
                yield self._item("status", subject, _unprovoked(outcome.status))
                for link in outcome.links:
                    yield self._item("link", f"{subject} {link.name}", "no answer led there")

    def _named_items(self) -> Iterator[Item]:
        for lifecycle in self._contract.lifecycles:
            names = [e.operation_id for e in lifecycle.effects if e.effect in _CHANGING]
            names += [f"event {e.name}" for e in lifecycle.events]
            names += ["expiry"] if lifecycle.expiry is not None else []
            for name in names:
                yield self._item("transition", f"{lifecycle.resource}: {name}", "nothing in this run could cause it")
        for collection in collections(self._contract):
            for subject in collection.promises():
                yield self._item("convention", subject, "nothing in this run tried it")
        for webhook in self._contract.webhooks:
            yield self._item("webhook", webhook.name, "none was received")

    def _schema_items(self, operations: Sequence[Operation]) -> Iterator[Item]:
        asked = [m for o in operations for m in o.body_media]
        given = [m for o in operations for outcome in o.successes for m in outcome.media]
        yield from self._media_items(asked, "request")
        yield from self._media_items(given, "response")

    def _media_items(self, media: Iterable[Media], direction: Direction) -> Iterator[Item]:
        schemas = [m.schema for m in media if m.schema is not None and "json" in m.content_type]
        for schema in reach.parts(*schemas):
            for keyword in reach.assertions(schema):
                yield self._keyword_item(schema, keyword, direction)
            if schema.enum is not None and direction == "request":
                for value in schema.enum:
                    text = json.dumps(value)
                    done = (schema.pointer, text) in self._values
                    yield Item("enum value", f"{schema.pointer} {text}", done, "" if done else "never sent")

    def _keyword_item(self, schema: Schema, keyword: str, direction: Direction) -> Item:
        place = (schema.pointer, keyword)
        subject = f"{direction} {schema.pointer}/{keyword}"
        if place not in self._kept:
            return Item("keyword", subject, False, "no value reached it")
        if direction == "request" and place not in self._broken:
            return Item("keyword", subject, False, "no value broke it")
        return Item("keyword", subject, True)


def _unprovoked(status: str) -> str:
    if status[0] in _PROVOKED:
        return "no request led to it"
    return "only a fault of the server leads to it" if status[0] == "5" else "no request led to it"


def _media(media: tuple[Media, ...], content_type: str | None) -> Media | None:
    wanted = essence(content_type or "")
    exact = next((m for m in media if m.content_type == wanted), None)
    return exact or next((m for m in media if _covers(m.content_type, wanted)), None)


def _covers(pattern: str, content_type: str) -> bool:
    kind, _, sub = pattern.partition("/")
    return sub == "*" and (kind == "*" or content_type.startswith(f"{kind}/"))
