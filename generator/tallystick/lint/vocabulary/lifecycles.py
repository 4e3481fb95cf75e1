"""Whether what `x-lifecycle` names exists: operations, states, members, webhooks, ways back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from tallystick.contract import expression
from tallystick.contract.expression import Expression
from tallystick.contract.model import Operation
from tallystick.contract.reader import names, text
from tallystick.contract.schema import Schema, as_mapping
from tallystick.diagnostics import Severity
from tallystick.lint import shape
from tallystick.lint.rule import Issue, Rule, rule
from tallystick.lint.subject import Subject
from tallystick.lint.vocabulary.near import nearest
from tallystick.load import Json
from tallystick.load.pointer import join


@dataclass(frozen=True)
class Life:
    """One lifecycle as written, with the operations that its effects name."""

    subject: Subject
    name: str
    pointer: str
    data: Mapping[str, Json]

    @property
    def states(self) -> Mapping[str, Json]:
        """The declared states."""
        return as_mapping(self.data.get("states"))

    def effects(self) -> Iterator[tuple[str, Mapping[str, Json], str]]:
        """Yield (operationId, effect, pointer)."""
        for id_, effect in as_mapping(self.data.get("operations")).items():
            yield id_, as_mapping(effect), join(self.pointer, "operations", id_)

    def moves(self) -> Iterator[tuple[Mapping[str, Json], str]]:
        """Yield (declaration, pointer) of everything that can move a resource between states."""
        for _, effect, pointer in self.effects():
            yield effect, pointer
        if "expiry" in self.data:
            yield as_mapping(self.data["expiry"]), join(self.pointer, "expiry")
        for name, event in as_mapping(self.data.get("events")).items():
            yield as_mapping(event), join(self.pointer, "events", name)

    def operations(self, *effects: str) -> Iterator[Operation]:
        """Yield the operations with one of some effects."""
        for id_, effect, _ in self.effects():
            if effect.get("effect") in effects and id_ in self.subject.contract.by_id:
                yield self.subject.contract.by_id[id_]

    def answers(self) -> list[Schema]:
        """Return the schemas of answers that show the resource."""
        shown = self.operations("create", "read", "update", "transition")
        media = [m for o in shown for outcome in o.successes for m in outcome.media]
        return [m.schema for m in media if m.schema is not None]

    def requests(self) -> list[Schema]:
        """Return the schemas of the bodies that create the resource."""
        media = [m for o in self.operations("create") for m in o.body_media]
        return [m.schema for m in media if m.schema is not None]


def _lives(subject: Subject) -> Iterator[Life]:
    for name, data in as_mapping(subject.contract.bundle.data.get("x-lifecycle")).items():
        yield Life(subject, name, join("/x-lifecycle", name), as_mapping(data))


def _on_lifecycles(id_: str, purpose: str) -> Callable[[Callable[[Life], Iterator[Issue]]], Rule]:
    def make(find: Callable[[Life], Iterator[Issue]]) -> Rule:
        def run(subject: Subject) -> Iterator[Issue]:
            for life in _lives(subject):
                yield from find(life)

        return rule(id_, purpose, subject="x-lifecycle", severity=Severity.ERROR)(run)

    return make


@_on_lifecycles("lifecycle-operation", "A lifecycle names operations that exist.")
def lifecycle_operation(life: Life) -> Iterator[Issue]:
    """Compare with the declared operationIds."""
    known = {o.id for o in life.subject.contract.operations if o.declared_id}
    for id_, _, pointer in life.effects():
        if id_ not in known:
            yield Issue(pointer, f"there is no operation {id_!r}", hint=nearest(id_, known))
    owner = life.data.get("of")
    others = as_mapping(life.subject.contract.bundle.data.get("x-lifecycle"))
    if isinstance(owner, str) and owner not in others:
        yield Issue(join(life.pointer, "of"), f"there is no lifecycle {owner!r}", hint=nearest(owner, others))


@_on_lifecycles("lifecycle-state", "A lifecycle names states that it declares.")
def lifecycle_state(life: Life) -> Iterator[Issue]:
    """Compare `initial`, `from` and `to` with `states`."""
    for state, pointer in _named_states(life):
        if state not in life.states:
            yield Issue(pointer, f"there is no state {state!r}", hint=nearest(state, life.states))


def _named_states(life: Life) -> Iterator[tuple[str, str]]:
    if isinstance(initial := life.data.get("initial"), str):
        yield initial, join(life.pointer, "initial")
    for move, pointer in life.moves():
        sources = move.get("from")
        for index, state in enumerate(sources if isinstance(sources, list) else ()):
            if isinstance(state, str):
                yield state, join(pointer, "from", index)
        if isinstance(target := move.get("to"), str):
            yield target, join(pointer, "to")


@_on_lifecycles(
    "lifecycle-reachable", "Every state can be reached and, unless terminal, left; nothing leaves a terminal one."
)
def lifecycle_reachable(life: Life) -> Iterator[Issue]:
    """Follow the moves from the initial state."""
    edges = [(source, text(m, "to"), p) for m, p in life.moves() for source in names(m, "from") if text(m, "to")]
    reached = {text(life.data, "initial")}
    while more := {target for source, target, _ in edges if source in reached} - reached:
        reached |= more
    for state, declared in life.states.items():
        terminal = as_mapping(declared).get("terminal") is True
        pointer = join(life.pointer, "states", state)
        if state not in reached:
            yield Issue(pointer, f"nothing leads to the state {state!r}", hint="say what does, or remove it")
        if not terminal and not any(source == state for source, _, _ in edges):
            yield Issue(
                pointer, f"nothing leaves the state {state!r}", hint="mark it `terminal: true`, or say what does"
            )
        for source, _, move in edges:
            if terminal and source == state:
                yield Issue(join(move, "from"), f"this leaves the terminal state {state!r}")


@_on_lifecycles("lifecycle-value", "The member that shows the state can have the states as values, and no others.")
def lifecycle_value(life: Life) -> Iterator[Issue]:
    """Compare the states with the value list of the state member."""
    member = life.data.get("state")
    for answer in life.answers() if isinstance(member, str) else ():
        found = shape.members(answer).get(cast("str", member))
        values = next((v.enum for v in shape.variants(found) if v.enum is not None), None) if found else None
        if values is None:
            continue
        for state in life.states:
            if state not in values:
                pointer = join(life.pointer, "states", state)
                yield Issue(
                    pointer, f"{member!r} can't have the value {state!r}", hint=nearest(state, map(str, values))
                )
        for value in values:
            if not isinstance(value, str) or value not in life.states:
                message = f"{member!r} can have the value {value!r}, which is no state"
                yield Issue(join(life.pointer, "states"), message)
        return


@_on_lifecycles("lifecycle-member", "A lifecycle names members that its requests and answers have.")
def lifecycle_member(life: Life) -> Iterator[Issue]:
    """Look each name up in the schemas of creation and of the answers that show the resource."""
    answers, requests = life.answers(), life.requests()
    for pointer, name, places in _named_members(life):
        schemas = {"answer": answers, "request": requests, "either": [*answers, *requests]}[places]
        known = {n for s in schemas for n in shape.members(s)}
        if schemas and name not in known:
            where = "request or answer" if places == "either" else places
            message = f"no {where} of {life.name} has a member {name!r}"
            yield Issue(pointer, message, hint=nearest(name, known))


def _named_members(life: Life) -> Iterator[tuple[str, str, str]]:
    """Yield (pointer, member, where it must be)."""
    found: list[tuple[str, Json, str]] = [
        (join(life.pointer, "key"), life.data.get("key"), "answer"),
        (join(life.pointer, "state"), life.data.get("state"), "answer"),
        (join(life.pointer, "page"), life.data.get("page"), "answer"),
    ]
    expiry = as_mapping(life.data.get("expiry"))
    found += [(join(life.pointer, "expiry", n), expiry.get(n), "either") for n in ("at", "base")]
    stamps = as_mapping(life.data.get("timestamps"))
    found += [(join(life.pointer, "timestamps", n), value, "answer") for n, value in stamps.items()]
    unique = life.data.get("unique")
    listed = unique if isinstance(unique, list) else []
    found += [(join(life.pointer, "unique", i), name, "request") for i, name in enumerate(listed)]
    for name, way in as_mapping(life.data.get("return")).items():
        found.append((join(life.pointer, "return", name, "url"), as_mapping(way).get("url"), "either"))
    return ((pointer, name, places) for pointer, name, places in found if isinstance(name, str))


@_on_lifecycles("lifecycle-key", "The expressions of a lifecycle lead somewhere in the requests they are about.")
def lifecycle_key(life: Life) -> Iterator[Issue]:
    """Look up `key`, `tenant` and the query values of the ways back."""
    tenant = life.data.get("tenant")
    for id_, effect, pointer in life.effects():
        operation = life.subject.contract.by_id.get(id_)
        if operation is None:
            continue
        for place, said in ((join(pointer, "key"), effect.get("key")), (join(life.pointer, "tenant"), tenant)):
            if isinstance(said, str) and said.startswith("$") and not leads(operation, expression.parse(said)):
                yield Issue(place, f"{said} leads nowhere in the request of {id_}")
    schemas = [*life.answers(), *life.requests()]
    for name, way in as_mapping(life.data.get("return")).items():
        for parameter, value in as_mapping(as_mapping(way).get("query")).items():
            parsed = expression.parse(value) if isinstance(value, str) and value.startswith("$") else None
            if parsed and parsed.source == "resource" and not any(shape.at(s, parsed.pointer) for s in schemas):
                yield Issue(join(life.pointer, "return", name, "query", parameter), f"{value} leads nowhere")


def leads(operation: Operation, parsed: Expression | None) -> bool:
    """Say whether an expression on the request finds something that the operation declares."""
    if parsed is None:
        return False
    if parsed.source == "request.body":
        schemas = [m.schema for m in operation.body_media if m.schema is not None]
        return any(shape.at(s, parsed.pointer) for s in schemas)
    location = parsed.source.partition(".")[2]
    return any(p.location == location and p.name.lower() == parsed.name.lower() for p in operation.parameters)


@_on_lifecycles("lifecycle-webhook", "A lifecycle names webhooks and ways back that exist.")
def lifecycle_webhook(life: Life) -> Iterator[Issue]:
    """Compare with `webhooks` of the document and `return` of the lifecycle."""
    elsewhere = as_mapping(life.subject.contract.bundle.data.get("x-webhooks"))  # where 3.0 has them
    known = {*(w.name for w in life.subject.contract.webhooks), *elsewhere}
    ways = as_mapping(life.data.get("return"))
    for move, pointer in life.moves():
        sent = move.get("webhooks")
        for index, name in enumerate(sent if isinstance(sent, list) else ()):
            if isinstance(name, str) and name not in known:
                place = join(pointer, "webhooks", index)
                yield Issue(place, f"there is no webhook {name!r}", hint=nearest(name, known))
        way = move.get("return")
        if isinstance(way, str) and way not in ways:
            yield Issue(join(pointer, "return"), f"there is no way back {way!r}", hint=nearest(way, ways))


@_on_lifecycles("lifecycle-time", "What time does is possible: the default lies between minimum and maximum.")
def lifecycle_time(life: Life) -> Iterator[Issue]:
    """Compare the three numbers, as far as they are given."""
    expiry = as_mapping(life.data.get("expiry"))
    given = [(n, v) for n in ("minimum", "default", "maximum") if isinstance(v := expiry.get(n), int)]
    for (lower, low), (upper, high) in pairwise(given):
        if low > high:
            message = f"the {lower} of {low} seconds is above the {upper} of {high}"
            yield Issue(join(life.pointer, "expiry", lower), message)
