"""Bodies and types that are none of the contract's, and the ways of asking for one that is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tallystick.contract.model import Operation, RequestBody
from tallystick.verify.bodies import NOTHING, parsed
from tallystick.verify.resource import roles
from tallystick.verify.samples import Sample
from tallystick.verify.session import Session
from tallystick.verify.walks.caller import Caller, Reply, Stop, Walk
from tallystick.verify.walks.life import Life, create, fresh, keyed_sample, lives, sample_of

_STRANGE = "application/x-tallystick-unknown"
_WELCOME = ("*/*", "application/*;q=0.5", "text/html, application/json;q=0.9, */*;q=0.1", "APPLICATION/JSON")


def run(caller: Caller) -> None:
    """Send bodies that are no JSON and ask for types in several ways, on every operation."""
    session = caller.session
    known = {
        operation.id: life for life in lives(session) for operation in (life.create, *(o for o, _ in life.keyed))
    }
    for operation in session.operations:
        walk = Walk(caller, "negotiation")
        with suppress(Stop):
            _broken_bodies(walk, operation)
        with suppress(Stop):
            _accept(walk, operation, known.get(operation.id))


def _broken_bodies(walk: Walk, operation: Operation) -> None:
    body = operation.body
    if body is None or not any(m.content_type == "application/json" for m in body.media):
        return
    sample = sample_of(walk.session, operation)
    for what, raw in _no_json():
        if _is_fine(walk, body, what, raw):
            continue
        walk.restart()
        reply = walk.send(operation, sample, raw=raw, note=what)
        walk.refused(reply, f"A body that is {what}", "malformed", "invalid")
    walk.restart()
    if any("*" in m.content_type or m.content_type == _STRANGE for m in body.media):
        return
    strange = fresh(walk.session, operation, sample).with_header("Content-Type", _STRANGE)
    reply = walk.send(operation, strange, note=f"Content-Type {_STRANGE}")
    walk.refused(reply, "A body of an unknown type", "unsupported-media-type")


def _is_fine(walk: Walk, body: RequestBody, what: str, raw: bytes) -> bool:
    """Say whether the contract allows a body after all."""
    if what == "missing":
        return not body.required
    schemas = [m.schema for m in body.media if "json" in m.content_type]
    value = parsed(raw)
    return value is not NOTHING and any(
        schema is None or walk.session.knowledge.validators.is_valid(schema, value, "request") for schema in schemas
    )


def _no_json() -> Iterator[tuple[str, bytes]]:
    yield "missing", b""
    yield "cut off", b'{"a": '
    yield "no JSON", b"a=1&b=2"
    yield "not UTF-8", b'{"\xff\xfe": 1}'
    yield "followed by more", b"{} {}"
    yield "an array", b"[]"
    yield "null", b"null"


def _accept(walk: Walk, operation: Operation, life: Life | None) -> None:
    """Ask for the answer in ways that all mean JSON, and once for a type that no answer has."""
    if not _answers_json(operation):
        return
    for accept in _WELCOME:
        walk.restart()
        sample = _fresh_sample(walk, operation, life)
        if sample is None:
            return
        reply = walk.send(operation, sample.with_header("Accept", accept), note=f"Accept: {accept}")
        if reply.accepted or life is not None or _is_about_accept(walk, operation, sample, reply):
            walk.require(reply, f"Accept: {accept}")
    walk.restart()
    sample = _fresh_sample(walk, operation, life)
    if sample is not None:
        reply = walk.send(operation, sample.with_header("Accept", _STRANGE), note=f"Accept: {_STRANGE}")
        if not reply.accepted:
            walk.refused(reply, "Asking for an unknown type", "not-acceptable")


def _is_about_accept(walk: Walk, operation: Operation, sample: Sample, refused: Reply) -> bool:
    """Say whether a request was refused for what it accepts: what it is about may be gone meanwhile."""
    if refused.status == 406:
        return True
    plain = walk.send(operation, sample.with_header("Accept", "application/json"), note="the same, asking for JSON")
    return plain.accepted


def _answers_json(operation: Operation) -> bool:
    return any("application/json" in m.content_type for o in operation.successes for m in o.media)


def _fresh_sample(walk: Walk, operation: Operation, life: Life | None) -> Sample | None:
    """Return a request that is accepted as far as is known, `None` when none is."""
    session: Session = walk.session
    if life is not None and operation is not life.create:
        found = next(((o, e) for o, e in life.keyed if o is operation), None)
        if found is None or life.lifecycle.initial not in (found[1].source_states or (life.lifecycle.initial,)):
            return None
        return keyed_sample(session, *found, life.key_of(create(walk, life)))
    if session.samples.first(operation) is None:
        return None
    if any(role.effect.key is not None for role in roles(session.contract, operation)):
        return None
    return fresh(session, operation, sample_of(session, operation))
