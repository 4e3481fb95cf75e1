"""What a schema says across members, and what random breaches seldom hit: needed company, unknown members, null."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from tallystick.contract import Schema
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.verify.walks.caller import Caller, Stop, Walk
from tallystick.verify.walks.life import fresh, sample_of

_UNKNOWN = "tallystickUnknown"


def run(caller: Caller) -> None:
    """Break each constraint of each body once, keeping all the others."""
    for operation in caller.session.operations:
        schema = _schema(operation)
        if schema is not None:
            with suppress(Stop):
                _break(Walk(caller, "constraints"), operation, schema)


def _schema(operation: Operation) -> Schema | None:
    media = operation.body.media if operation.body is not None else ()
    return next((m.schema for m in media if "json" in m.content_type), None)


def _break(walk: Walk, operation: Operation, schema: Schema) -> None:
    session = walk.session
    validators = session.knowledge.validators
    for full in (True, False):
        sample = sample_of(session, operation, full=full)
        if not isinstance(sample.body, dict) or not validators.is_valid(schema, sample.body, "request"):
            continue
        for what, body in _breaches(schema, sample.body):
            if validators.is_valid(schema, body, "request"):
                continue  # another rule allows it
            walk.restart()
            broken = fresh(session, operation, replace(sample, body=body))
            reply = walk.send(operation, broken, note=what)
            walk.refused(reply, f"A body {what}", "invalid", "malformed")


def _breaches(schema: Schema, body: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield bodies that break one rule each."""
    for name in sorted(schema.required_members()):
        yield f"without {name}", {k: v for k, v in body.items() if k != name}
    for part in schema.parts():
        needs = part.get("dependentRequired")
        for name, others in needs.items() if isinstance(needs, dict) else ():
            for other in others if isinstance(others, list) else ():
                if name in body:
                    yield f"with {name} but without {other}", {k: v for k, v in body.items() if k != other}
    yield "with an unknown member", {**body, _UNKNOWN: 1}
    for name, value in body.items():
        yield f"in which {name} is null", {**body, name: None}
        yield f"in which {name} is of another type", {**body, name: _other_type(value)}
        for inner, changed in _inside(value):
            yield f"in which {name} {inner}", {**body, name: changed}


def _other_type(value: Json) -> Json:
    if isinstance(value, (dict, list)):
        return "text"
    return [value] if isinstance(value, str) else {"value": value}


def _inside(value: Json) -> Iterator[tuple[str, Json]]:
    """Yield changes of the first level inside an object or a list of objects."""
    if isinstance(value, dict):
        yield "has an unknown member", {**value, _UNKNOWN: 1}
        for name, member in value.items():
            yield f"lacks {name}", {k: v for k, v in value.items() if k != name}
            yield f"has a {name} of another type", {**value, name: _other_type(member)}
    elif isinstance(value, list) and value:
        for what, changed in _inside(value[0]):
            yield f"has an item that {what}", [changed, *value[1:]]
        yield "has an item of another type", [_other_type(value[0]), *value[1:]]
