"""Valid data in all its variety: each value that a list names, each limit, each member alone, and back unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from tallystick.contract import Schema
from tallystick.load import Json
from tallystick.load.pointer import split
from tallystick.verify.data.samples import Sample, some
from tallystick.verify.data.variants import filled, leaves, variants
from tallystick.verify.facts.bodies import NOTHING, merged, put
from tallystick.verify.facts.media import body_schema
from tallystick.verify.facts.resource import at
from tallystick.verify.session import Session
from tallystick.verify.walks.caller import Caller, Reply, Stop, Walk
from tallystick.verify.walks.life import Life, fresh, lives, read, sample_of
from tallystick.verify.walks.lifecycle import compare

_FIRST, _MOST = 40, 300
"""Requests in which every member has another of its values: at first, and in all. The engine tries what is left."""


def run(caller: Caller) -> None:
    """Create resources with every member that the contract allows, some values of each, and read them back."""
    for sweep in _sweeps(caller):
        with suppress(Stop):
            sweep.run()


def run_rest(caller: Caller) -> None:
    """Do the same with all other values."""
    for sweep in _sweeps(caller):
        with suppress(Stop):
            sweep.run_rest()


def _sweeps(caller: Caller) -> Iterator[_Sweep]:
    for life in lives(caller.session):
        schema = body_schema(life.create)
        if life.own and schema is not None and isinstance(schema.resolved.data, dict):
            yield _Sweep(caller, life, schema)


@dataclass(frozen=True, slots=True)
class _Change:
    """One place in a body, and what to put there."""

    pointer: str
    value: Json


class _Sweep:
    """Changes many members at once; when that is refused, looks for the one that is to blame."""

    def __init__(self, caller: Caller, life: Life, schema: Schema) -> None:
        self._caller = caller
        self._session: Session = caller.session
        self._life = life
        self._schema = schema
        self._media = life.create.body_media
        self._sample: Sample = sample_of(caller.session, life.create, full=True)

    def run(self) -> None:
        """Send all members at once, the first values of each, and each alone."""
        start = self._start()
        if start is not None:
            body = self._with_all_members(start)
            self._try(start, [_Change(f"/{n}", v) for n, v in body.items() if v != start.get(n)])
            self._vary(body, 0, _FIRST)
            for alone in self._alone(body):
                self._try(alone, [])

    def run_rest(self) -> None:
        """Send all other values of each member."""
        start = self._start()
        if start is not None:
            self._vary(self._with_all_members(start), _FIRST, _MOST)

    def _start(self) -> dict[str, Json] | None:
        """Return the body to begin with, `None` when there is no valid one."""
        body = self._sample.body
        return body if isinstance(body, dict) and self._fits(self._schema, body) else None

    def _vary(self, body: dict[str, Json], first: int, end: int) -> None:
        """Send the body again and again: in what holds others, then in all else, every place has another value."""
        found = list(leaves(self._schema, body))
        for inner in (False, True):  # both can't be changed at once
            mine = [(p, s, v) for p, s, v in found if isinstance(v, (dict, list)) is inner]
            places = [(p, values) for p, s, v in mine if (values := variants(s, v, self._fits))]
            self._vary_places(body, places, first, end)

    def _vary_places(self, body: dict[str, Json], places: list[tuple[str, list[Json]]], first: int, end: int) -> None:
        for number in range(first, min(end, max((len(values) for _, values in places), default=0))):
            changes = [_Change(p, values[number % len(values)]) for p, values in places]
            self._try(body, self._together(body, changes))

    def _fits(self, schema: Schema, value: Json) -> bool:
        return self._session.knowledge.validators.is_valid(schema, value, "request")

    def _with_all_members(self, body: dict[str, Json]) -> dict[str, Json]:
        """Return the body with all members that it may have beside the ones it has, at any depth."""
        given = [e.value for m in self._media for e in m.examples if isinstance(e.value, dict)]
        for name, member in self._schema.members().items():
            shown = [example[name] for example in given if name in example]
            for value in (merged(body.get(name), filled(member)), *shown, some(member)):
                fuller = {**body, name: value}
                if self._fits(self._schema, fuller):
                    body = fuller
                    break
        return body

    def _alone(self, body: dict[str, Json]) -> Iterator[dict[str, Json]]:
        """Yield the required members alone, then each other one beside them."""
        required = self._schema.required_members()
        least = {name: value for name, value in body.items() if name in required}
        for name in ("", *body):
            alone = {**least, **({name: body[name]} if name else {})}
            if (not name or name not in required) and self._fits(self._schema, alone):
                yield alone

    def _together(self, body: dict[str, Json], changes: list[_Change]) -> list[_Change]:
        """Return those of the changes that can be made together and leave the body valid."""
        if self._fits(self._schema, _changed(body, changes)):
            return changes
        kept: list[_Change] = []
        for change in changes:
            if self._fits(self._schema, _changed(body, [*kept, change])):
                kept.append(change)
        return kept

    def _try(self, body: dict[str, Json], changes: list[_Change]) -> None:
        """Create a resource with some changes; a refusal is traced to as few of them as can be."""
        refused = self._refusal(body, changes)
        smaller = refused
        while smaller is not None and len(changes) > 1:
            half = len(changes) // 2
            for part in (changes[:half], changes[half:]):
                smaller = self._refusal(body, part) if self._fits(self._schema, _changed(body, part)) else None
                if smaller is not None:
                    refused, changes = smaller, part
                    break
        if refused is not None:
            walk, reply = refused
            what = ", ".join(f"{c.pointer} {_short(c.value)}" for c in changes[:3]) or f"only {', '.join(body)}"
            walk.fail(f"Valid data is refused: {what}", f"The answer is {reply.status}.", self._life.create)

    def _refusal(self, body: dict[str, Json], changes: list[_Change]) -> tuple[Walk, Reply] | None:
        """Create a resource; return the refusal, `None` when it was accepted, and is read as it was created."""
        walk = Walk(self._caller, "values")
        sample = fresh(self._session, self._life.create, replace(self._sample, body=_changed(body, changes)))
        reply = walk.send(self._life.create, sample, note="valid data")
        if not reply.accepted:
            return (walk, reply) if reply.status < 500 else None  # others are reported as what they are
        seen = read(walk, self._life, self._life.key_of(reply))
        if seen is not None and seen.accepted:
            compare(walk, reply.body, seen, "Reading does not give what was created")
        return None


def _short(value: Json) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:56]}\u2026 ({len(text)} letters)"


def _changed(body: dict[str, Json], changes: list[_Change]) -> dict[str, Json]:
    """Return the body with changes made, as far as the places are still there after the ones before."""
    made: Json = body
    for change in changes:
        if at(made, change.pointer) is not NOTHING or change.pointer.count("/") == 1:
            made = put(made, split(change.pointer), change.value)
    assert isinstance(made, dict)
    return made
