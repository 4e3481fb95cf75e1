"""Requests that a careless server fails at: whatever is sent, the answer is none of 5XX."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice

from tallystick.contract import Schema
from tallystick.contract.model import Operation
from tallystick.load.pointer import split
from tallystick.verify.data.samples import Sample
from tallystick.verify.data.variants import leaves
from tallystick.verify.facts.bodies import put
from tallystick.verify.facts.media import body_schema
from tallystick.verify.session import Session
from tallystick.verify.walks.caller import Caller, Stop, Walk
from tallystick.verify.walks.life import fresh, sample_of

_MOST = 120
"""Requests at most."""
_PLACES = 3
"""Places of a body, and parameters, that are tried at most, of each operation."""
_DEEP = 250
"""Levels of nesting: what parsers and validators take, and careless code behind them does not. More is an attack on
these: jsonschema-rs gives up at 256, Python's own `json` at about a thousand. That is no fault of a contract."""
_NUMBERS = {"-1": "negative", "9" * 30: "of 30 digits", "9" * 300: "of 300 digits"}
"""Numbers that a double can still hold: RFC 8259 (6) expects no more of those who read JSON."""
_MOMENTS = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")
"""Moments that RFC 3339 can write, and that lie outside of years 1 to 9999 in UTC."""
_MARK = "tallystick-mark"

Try = tuple[str, Operation, Sample, bytes | None]
"""Words for it, the operation, the request, and what is sent in place of its body."""


def run(caller: Caller) -> None:
    """Send what is too deep, too large, too old or said twice; nothing but a failing server is a failure."""
    for what, operation, sample, raw in islice(_tries(caller.session), _MOST):
        with suppress(Stop), caller.session.samples.paused():
            Walk(caller, "robustness", declared=False).send(operation, sample, raw=raw, note=what)


def _tries(session: Session) -> Iterator[Try]:
    """Yield the first request of every operation, then the second, and so on: each gets its part of the limit."""
    waiting = [_of(session, operation) for operation in session.operations]
    while waiting:
        found = [(tries, next(tries, None)) for tries in waiting]
        yield from (one for _, one in found if one is not None)
        waiting = [tries for tries, one in found if one is not None]


def _of(session: Session, operation: Operation) -> Iterator[Try]:
    for what, sample, raw in (*_deep(session, operation), *_parameters(session, operation)):
        yield what, operation, sample, raw
    for what, sample, raw in _places(session, operation):
        yield what, operation, sample, raw


def _deep(session: Session, operation: Operation) -> Iterator[tuple[str, Sample, bytes]]:
    sample = sample_of(session, operation)
    if body_schema(operation) is None or not sample.media_type:
        return
    yield f"a list nested {_DEEP} times", sample, b"[" * _DEEP + b"]" * _DEEP
    yield f"an object nested {_DEEP} times", sample, b'{"a":' * _DEEP + b"1" + b"}" * _DEEP


def _parameters(session: Session, operation: Operation) -> Iterator[tuple[str, Sample, None]]:
    """Yield query parameters that come twice, and numbers in them and in paths that are none of this world."""
    sample = fresh(session, operation, sample_of(session, operation))
    named = [p for p in operation.parameters if p.location == "query"][:_PLACES]
    for name in [p.name for p in named] or [_MARK]:
        value = sample.query.get(name, "1")
        yield f"{name} twice in the query", replace(sample, query={**sample.query, name: [value, "2"]}), None
    for parameter in [p for p in operation.parameters if p.location in ("query", "path")][:_PLACES]:
        if parameter.schema is not None and _is_number(parameter.schema):
            for text, words in _NUMBERS.items():
                what = f"{parameter.name} {words} in the {parameter.location}"
                given = {parameter.name: text}
                if parameter.location == "path":
                    yield what, replace(sample, path={**sample.path, **given}), None
                else:
                    yield what, replace(sample, query={**sample.query, **given}), None


def _places(session: Session, operation: Operation) -> Iterator[tuple[str, Sample, bytes]]:
    """Yield bodies in which a number or a moment is one that computers have trouble with."""
    schema = body_schema(operation)
    sample = sample_of(session, operation, full=True)
    if schema is None or not sample.media_type:
        return
    telling = [(pointer, place) for pointer, place, _ in leaves(schema, sample.body) if _literals(place)]
    for pointer, place in telling[:_PLACES]:
        for literal, words in _literals(place).items():
            body = fresh(session, operation, sample).body
            raw = json.dumps(put(body, split(pointer), _MARK)).replace(f'"{_MARK}"', literal)
            yield f"{pointer[1:]} {words}", sample, raw.encode()


def _literals(schema: Schema) -> dict[str, str]:
    """Return what to write in place of a value, as JSON, with words for each."""
    if _is_number(schema):
        return _NUMBERS
    is_moment = any(part.get("format") == "date-time" for part in schema.parts())
    return {json.dumps(moment): f"as {moment}" for moment in _MOMENTS} if is_moment else {}


def _is_number(schema: Schema) -> bool:
    return not {"integer", "number"}.isdisjoint(schema.known_types)
