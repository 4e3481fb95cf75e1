"""Bodies and types that are none of the contract's, and the ways of asking for one that is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import requests
from requests.auth import AuthBase

from tallystick.contract.model import Operation, RequestBody
from tallystick.verify.data.samples import Sample
from tallystick.verify.facts.bodies import CUT_OFF, FORM, NOTHING, parsed
from tallystick.verify.facts.resource import roles
from tallystick.verify.server.auth import Signature
from tallystick.verify.session import Session
from tallystick.verify.walks.caller import Caller, Reply, Stop, Walk
from tallystick.verify.walks.life import Life, create, fresh, keyed_sample, lives_by_operation, sample_of

_STRANGE = "application/x-tallystick-unknown"
_OTHER_TYPES = {
    _STRANGE: "an unknown type",
    "text/plain": "type text/plain",
    "application/x-www-form-urlencoded": "a form's type",
}
_WELCOME = ("*/*", "application/*;q=0.5", "text/html, application/json;q=0.9, */*;q=0.1", "APPLICATION/JSON")
_LOUD, _WITH_CHARSET = "Application/JSON", "application/json; charset=utf-8"
"""Types are the same in any letter case (RFC 9110, section 8.3.1); a charset says nothing of JSON (RFC 8259, 11)."""


def run(caller: Caller) -> None:
    """Send bodies that are no JSON and ask for types in several ways, on every operation."""
    session = caller.session
    known = lives_by_operation(session)
    for operation in session.operations:
        walk = Walk(caller, "negotiation")
        with suppress(Stop):
            _broken_bodies(walk, operation)
        with suppress(Stop):
            _say_otherwise(walk, operation, known.get(operation.id))
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
    for media_type, what in _OTHER_TYPES.items():
        if not any("*" in m.content_type or m.content_type == media_type for m in body.media):
            strange = fresh(walk.session, operation, sample).with_header("Content-Type", media_type)
            reply = walk.send(operation, strange, note=f"Content-Type {media_type}")
            walk.refused(reply, f"A body of {what}", "unsupported-media-type")
            walk.restart()


def _is_fine(walk: Walk, body: RequestBody, what: str, raw: bytes) -> bool:
    """Say whether the contract allows a body after all, or could mean to: several alternatives at once take it."""
    if what == "missing":
        return not body.required
    schemas = [m.schema for m in body.media if "json" in m.content_type]
    value, validators = parsed(raw), walk.session.knowledge.validators
    return value is not NOTHING and any(
        schema is None or all(v.is_ambiguous for v in validators.violations(schema, value, "request"))
        for schema in schemas
    )


def _no_json() -> Iterator[tuple[str, bytes]]:
    yield "missing", b""
    yield "cut off", CUT_OFF
    yield "no JSON", FORM
    yield "not UTF-8", b'{"\xff\xfe": 1}'
    yield "followed by more", b"{} {}"
    yield "an array", b"[]"
    yield "null", b"null"


def _accept(walk: Walk, operation: Operation, life: Life | None) -> None:
    """Ask for a type that no answer has."""
    if not _answers_json(operation):
        return
    walk.restart()
    sample = _fresh_sample(walk, operation, life)
    if sample is not None:
        reply = walk.send(operation, sample.with_header("Accept", _STRANGE), note=f"Accept: {_STRANGE}")
        if not reply.accepted:
            walk.refused(reply, "Asking for an unknown type", "not-acceptable")


def _say_otherwise(walk: Walk, operation: Operation, life: Life | None) -> None:
    """Ask for the same in ways that all mean it."""
    for way in _ways(operation, curated=life is not None):
        walk.restart()
        sample = _fresh_sample(walk, operation, life)
        if sample is None:
            return
        said = sample.with_header(way.header, way.value) if way.header else sample
        raw = b" %s\r\n\t" % json.dumps(sample.body, indent=2).encode() if way.spaced else None
        who = _Unasking(walk.session.knowledge.signature) if way.unasking else None
        reply = walk.send(operation, said, raw=raw, who=who, note=way.what)
        if reply.accepted or life is not None or _is_about_the_way(walk, operation, sample, reply):
            walk.require(reply, way.what)


@dataclass(frozen=True, slots=True)
class _Way:
    """A way of saying a request: with another header, with blanks in its body, or without saying what it accepts."""

    what: str
    header: str = ""
    value: str = ""
    spaced: bool = False
    unasking: bool = False


def _ways(operation: Operation, *, curated: bool) -> Iterator[_Way]:
    if _answers_json(operation):
        for accept in _WELCOME:
            yield _Way(f"Accept: {accept}", "Accept", accept)
        yield _Way("A request without Accept", unasking=True)
    body = operation.body
    if body is not None and any(m.content_type == "application/json" for m in body.media):
        # many a small server compares the letters; where the contract says how resources live, more is expected
        for same in (_WITH_CHARSET, _LOUD) if curated else (_WITH_CHARSET,):
            yield _Way(f"Content-Type: {same}", "Content-Type", same)
        yield _Way("A body with blanks in it", spaced=True)


@dataclass(frozen=True, slots=True, repr=False)
class _Unasking(AuthBase):
    """Proves who it is, and does not say what it accepts: anything (RFC 9110, section 12.5.1)."""

    signature: Signature

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request, signed."""
        request.headers.pop("Accept", None)
        return self.signature(request)


def _is_about_the_way(walk: Walk, operation: Operation, sample: Sample, refused: Reply) -> bool:
    """Say whether a request was refused for how it was said: what it is about may be gone meanwhile."""
    if refused.status == 406:
        return True
    plain = walk.send(operation, sample.with_header("Accept", "application/json"), note="the same, said plainly")
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
