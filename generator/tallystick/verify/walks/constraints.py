"""What a schema forbids, one rule at a time, kept everywhere else: also across members and deep inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from tallystick.contract import Schema
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.load.pointer import split
from tallystick.verify.data.breaches import breaches
from tallystick.verify.data.samples import Sample
from tallystick.verify.data.variants import leaves
from tallystick.verify.facts.bodies import merged, put
from tallystick.verify.facts.media import body_schema
from tallystick.verify.session import Session
from tallystick.verify.walks.caller import Caller, Stop, Walk
from tallystick.verify.walks.life import fresh, sample_of


def run(caller: Caller) -> None:
    """Break each constraint of each body and of its own members once, keeping all the others."""
    _run(caller, deep=False)


def run_deep(caller: Caller) -> None:
    """Do the same with what lies deeper."""
    _run(caller, deep=True)


def _run(caller: Caller, *, deep: bool) -> None:
    for operation in caller.session.operations:
        schema = body_schema(operation)
        if schema is not None:
            with suppress(Stop):
                _break(Walk(caller, "constraints"), operation, schema, deep=deep)


def _break(walk: Walk, operation: Operation, schema: Schema, *, deep: bool) -> None:
    session = walk.session
    validators = session.knowledge.validators
    tried: set[str] = set()
    for full in (True, False):
        sample = sample_of(session, operation, full=full)
        if sample.body is None or not validators.is_valid(schema, sample.body, "request"):
            continue
        for what, body in (_broken_inside if deep else _broken)(schema, sample.body):
            if what in tried or validators.allows(schema, body, "request"):
                continue  # another rule allows it
            tried.add(what)
            walk.restart()
            reply = walk.send(
                operation, fresh(session, operation, _renewed(session, operation, sample, body)), note=what
            )
            walk.refused(reply, f"A body {what}", "invalid", "malformed")


def _renewed(session: Session, operation: Operation, sample: Sample, body: Json) -> Sample:
    """Return the sample with a broken body in which unique values are new, also under another name."""
    new = fresh(session, operation, sample).body
    if not isinstance(body, dict) or not isinstance(sample.body, dict) or not isinstance(new, dict):
        return replace(sample, body=body)
    changed = [(old, new[name]) for name, old in sample.body.items() if isinstance(old, str) and new[name] != old]
    renewed = {name: next((n for old, n in changed if old == value), value) for name, value in body.items()}
    return replace(sample, body=renewed)


def _broken(schema: Schema, body: Json) -> Iterator[tuple[str, Json]]:
    """Yield bodies that break one rule each, those across members first."""
    if isinstance(body, dict):
        for name in sorted(schema.required_members()):
            yield f"without {name}", {k: v for k, v in body.items() if k != name}
        yield from _company(schema, body)
    for what, changed in breaches(schema, body):
        if type(changed) is type(body):
            yield f"that {what}", changed
    yield from _broken_places(schema, body, deep=False)


def _broken_inside(schema: Schema, body: Json) -> Iterator[tuple[str, Json]]:
    """Yield bodies that break one rule each below their own members or items."""
    return _broken_places(schema, body, deep=True)


def _broken_places(schema: Schema, body: Json, *, deep: bool) -> Iterator[tuple[str, Json]]:
    for pointer, place, value in leaves(schema, body):
        if (pointer.count("/") > 1) is deep:
            for what, changed in breaches(place, value):
                yield f"in which {pointer[1:]} {what}", put(body, split(pointer), changed)


def _company(schema: Schema, body: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield bodies in which a member lacks those that it needs: always, or with some value."""
    for part in schema.parts():
        needs = part.get("dependentRequired")
        for name, others in needs.items() if isinstance(needs, dict) else ():
            for other in others if isinstance(others, list) else ():
                if name in body:
                    yield f"with {name} but without {other}", {k: v for k, v in body.items() if k != other}
        condition, then = part.one("if"), part.one("then")
        if condition is not None and then is not None:
            yield from _conditional(body, _constants(condition), then)


def _conditional(body: dict[str, Json], given: dict[str, Json], then: Schema) -> Iterator[tuple[str, Json]]:
    """Yield bodies to which a condition applies and that break what it asks for."""
    fitting = merged(given, body)
    assert isinstance(fitting, dict)
    for name in sorted(then.required):
        yield f"with {given} but without {name}", {k: v for k, v in fitting.items() if k != name}
    for pointer, place, value in leaves(then, fitting):
        for what, changed in breaches(place, value):
            yield f"with {given} in which {pointer[1:]} {what}", put(fitting, split(pointer), changed)


def _constants(condition: Schema) -> dict[str, Json]:
    """Return the values that a condition asks for, at any depth."""
    found: dict[str, Json] = {}
    for name, member in condition.properties.items():
        inner = _constants(member)
        if "const" in member or inner:
            found[name] = member.get("const") if "const" in member else inner
    return found
