"""Refusals as the provider's own errors: the status, shape and words that the contract gives for a situation."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final, cast

from tallystick.contract import Contract, Schema
from tallystick.contract.model import DomainError, Media, Operation, Outcome
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get, join, split
from tallystick.mock.encoding import encode
from tallystick.mock.media_types import is_json, sent_as
from tallystick.mock.message import Answer
from tallystick.mock.refusal import Refused, Situation
from tallystick.mock.values.compose import ABSENT, Composer, example_of
from tallystick.mock.values.generate import Unsatisfiable
from tallystick.mock.values.text import words
from tallystick.mock.wire.outgoing import written_as
from tallystick.mock.wire.parameters import shape_of
from tallystick.mock.wire.stateless import headers as required_headers

_log = logging.getLogger("tallystick.mock")

STATUSES: Final[Mapping[Situation, tuple[int, ...]]] = {
    "unauthenticated": (401, 403),
    "forbidden": (403, 401),
    "malformed": (400, 422),
    "invalid": (400, 422),
    "unknown-resource": (404, 410),
    "not-found": (404,),
    "method-not-allowed": (405,),
    "not-acceptable": (406,),
    "unsupported-media-type": (415,),
    "state-conflict": (409, 422, 400),
    "duplicate": (409, 422, 400),
    "idempotency-conflict": (409, 422, 400),
    "idempotency-in-progress": (409, 423),
    "expired": (410, 409, 422, 400),
    "locked": (423, 409),
    "rate-limited": (429,),
    "too-large": (413,),
    "internal": (500,),
    "unavailable": (503, 500),
}
"""What a contract without `x-error` is taken to mean: the first of these that it declares, else the first."""

_FAMILY: Final[Mapping[Situation, tuple[Situation, ...]]] = {
    "expired": ("state-conflict",),
    "unknown-resource": ("not-found",),
    "not-found": ("unknown-resource",),
    "forbidden": ("unauthenticated",),
    "unavailable": ("internal",),
    "locked": ("idempotency-in-progress",),
    "duplicate": ("invalid",),
}
"""Situations that may stand in for one the contract says nothing of."""

_MESSAGE_MEMBERS: Final = ("message", "detail", "description", "title", "error", "msg", "text")
"""What members that say what happened are called, likely ones first, also as in `error_msg` and `errorMessage`."""
_CODE_MEMBERS: Final = ("code", "error_code", "errorCode", "error", "error_name", "errorName", "reason")
_LONGEST_MESSAGE: Final = 300


@dataclass(frozen=True, slots=True)
class _Form:
    """How an error looks: its body's media type, the example to begin with, and the places in it to fill.

    Without a declared example, an error has only what its schema requires, and whatever says what happened.
    """

    media: Media | None
    example: str | None = None
    fill: Mapping[str, str] = field(default_factory=dict)
    declared: bool = False


class Problems:
    """Turns refusals into answers."""

    def __init__(self, contract: Contract, composer: Composer) -> None:
        self._contract = contract
        self._composer = composer
        self._chosen: dict[tuple[str, Situation], tuple[int, _Form]] = {}

    def answer(self, operation: Operation | None, refused: Refused, *, id_: str) -> Answer:
        """Return the provider's error for a refusal; `id_` is a new identifier for places that want one."""
        status, form = self.chosen(operation, refused.situation)
        if refused.status is not None:
            status, form = refused.status, self._asked(operation, refused.status) or form
        body, content_type = self._body(form, refused, status, id_)
        outcome = operation.outcome(status) if operation is not None else None
        asked = required_headers(outcome, self._composer.generator, seed="problem") if outcome is not None else {}
        return Answer(status, body, {**asked, "Content-Type": content_type, **refused.headers})

    def chosen(self, operation: Operation | None, situation: Situation) -> tuple[int, _Form]:
        """Return the status and form of an error, worked out once for each operation and situation."""
        key = (operation.id if operation else "", situation)
        if key not in self._chosen:
            self._chosen[key] = self._choose(operation, situation)
        return self._chosen[key]

    def _choose(self, operation: Operation | None, situation: Situation) -> tuple[int, _Form]:
        fallbacks = STATUSES[situation]
        if operation is not None:
            for alias in (situation, *_FAMILY.get(situation, ())):
                found = _declared(operation, alias)
                if found is not None:
                    outcome, error = found
                    return _status_of(outcome, fallbacks[0]), _declared_form(outcome, error)
            declared = {o.status for o in operation.outcomes}
            exact = next((s for s in fallbacks if str(s) in declared), None)
            outcome_ = operation.outcome(exact or fallbacks[0])
            if outcome_ is not None and (not outcome_.is_success):
                return exact or fallbacks[0], _Form(_json_media(outcome_), declared=True)
        return fallbacks[0], self._house_form(situation)

    def _asked(self, operation: Operation | None, status: int) -> _Form | None:
        """Return how an operation's error of this status looks, `None` when it declares none."""
        outcome = operation.outcome(status) if operation is not None else None
        if outcome is None or outcome.is_success:
            return None
        listed = outcome.errors
        error = next((e for s in situations(status) for e in listed if s in e.situations), next(iter(listed), None))
        return _declared_form(outcome, error) if error is not None else _Form(_json_media(outcome), declared=True)

    def _house_form(self, situation: Situation) -> _Form:
        """Return the form of an error that this operation doesn't declare, after the errors of others."""
        others = [(o, e) for op in self._contract.operations for o in op.outcomes for e in o.errors]
        for outcome, error in others:
            if situation in error.situations:
                return _declared_form(outcome, error)
        if others:
            fill = {place: fact for _, e in others for place, fact in e.fill.items() if fact in ("id", "message")}
            return _Form(_json_media(others[0][0]), fill=fill)
        failures = (o for op in self._contract.operations for o in op.outcomes if o.status[0] in "45d")
        shapes = (media for o in failures if (media := _json_media(o)) is not None and media.schema is not None)
        return _Form(next(shapes, None))

    def _body(self, form: _Form, refused: Refused, status: int, id_: str) -> tuple[bytes, str]:
        message = _shortened(refused.message)
        if form.media is None:
            problem = {"title": refused.situation.replace("-", " "), "status": status, "detail": message}
            return encode(problem), "application/problem+json"
        content_type = sent_as(form.media.content_type)
        types = shape_of(form.media.schema).types
        if not is_json(content_type) and ("string" in types or not types):
            return written_as(form.media, content_type, message), content_type
        facts = {
            "pointer": dotted(refused.pointer),
            "message": message,
            "value": refused.value,
            "status": status,
            "id": id_,
        }
        value = self._beginning(form)
        for place, fact in form.fill.items():
            absent = fact == "pointer" and not facts["pointer"]
            value = self._placed(form.media, value, place, ABSENT if absent else facts.get(fact, ABSENT))
        if not form.fill:
            value = self._described(form, value, message, status, refused.situation)
        if form.media.schema is not None:
            value = self._composer.generator.strictly(form.media.schema, value)
        return written_as(form.media, content_type, value), content_type

    def _beginning(self, form: _Form) -> Json:
        """Return the error before anything is filled in."""
        assert form.media is not None
        example = example_of(form.media, form.example) if form.declared else ABSENT
        schema, generator = form.media.schema, self._composer.generator
        if example is not ABSENT:
            shown = cast("Json", example)
            if form.fill or schema is None or generator.nearly_fits(schema, shown, "response"):
                return deepcopy(shown)
        if schema is None:
            return {}
        try:
            value = generator.value(schema, "response", seed="problem", examples=form.declared, optional=False)
        except Unsatisfiable:
            _log.warning("no error body can be made for the schema at %s", schema.pointer)
            return {}
        return self._begun(schema, value) if isinstance(value, dict) else value

    def _begun(self, schema: Schema, value: dict[str, Json]) -> Json:
        """Return a made-up error with a place for what happened, and an entry in each list of errors that it has."""
        members = shape_of(schema).members
        if next(_telling_places(schema, value), None) is None:
            value = self._with_teller(schema, members, value)
        for name, member in value.items():
            items = shape_of(members[name]).items if member == [] and name in members else None
            if items is None or "object" not in shape_of(items).types:
                continue
            with suppress(Unsatisfiable):
                entry = self._composer.generator.value(items, "response", seed="problem", optional=False)
                changed: dict[str, Json] = {**value, name: [entry]}
                value = changed if self._composer.generator.fits(schema, changed, "response") else value
        return value

    def _with_teller(self, schema: Schema, members: Mapping[str, Schema], value: dict[str, Json]) -> dict[str, Json]:
        """Return an error with the first member that could be left out, but that can say what happened."""
        for name, member in members.items():
            inner = shape_of(member)
            told = shape_of(inner.items) if "array" in inner.types and inner.items is not None else inner
            if name in value or not any(map(_rank, told.members)):
                continue
            with suppress(Unsatisfiable):
                made = self._composer.generator.value(member, "response", seed="problem", optional=False)
                changed: dict[str, Json] = {**value, name: made}
                if self._composer.generator.fits(schema, changed, "response"):
                    return changed
        return value

    def _described(self, form: _Form, value: Json, message: str, status: int, situation: Situation) -> Json:
        """Return an error whose message says what happened, where a member of a telling name takes it.

        Codes are those of the contract's example, else the situation or the status.
        """
        media = form.media
        assert media is not None
        if not isinstance(value, dict):
            takes = media.schema is None or self._composer.generator.fits(media.schema, message, "response")
            return message if takes else value
        shown = example_of(media) is not ABSENT or (media.schema is not None and media.schema.resolved.examples)
        for place in _telling_places(media.schema, value):
            value = self._placed(media, value, place, message)
            for name in () if form.declared and shown else _CODE_MEMBERS:
                coded = join(place.rpartition("/")[0], name)
                if coded != place and isinstance(made := _found(value, coded), (str, int)):
                    fact = situation.replace("-", "_") if isinstance(made, str) else status
                    value = self._placed(media, value, coded, fact)
        if isinstance(value.get("status"), int):  # type: ignore[union-attr]
            value = self._placed(media, value, "/status", status)
        return value

    def _placed(self, media: Media | None, value: Json, pointer: str, fact: object) -> Json:
        """Return `value` with `fact` at `pointer`, or unchanged when that is not allowed there.

        A value that fits several alternatives of a `oneOf` already may do so afterwards: none of ours fits just one.
        """
        changed = deepcopy(value)
        node: Any = changed
        *tokens, last = split(pointer)
        try:
            for token in tokens:
                node = node[int(token) if isinstance(node, list) else token]
            if fact is ABSENT:
                node.pop(last, None)
            else:
                node[int(last) if isinstance(node, list) else last] = fact
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            return value
        schema, generator = media.schema if media is not None else None, self._composer.generator
        if schema is None or generator.fits(schema, changed, "response"):
            return changed
        overlap = not generator.fits(schema, value, "response")
        return changed if overlap and generator.nearly_fits(schema, changed, "response") else value


def situations(status: int) -> list[Situation]:
    """Return what an answer of this status may be about, the likeliest first."""
    return sorted((s for s, known in STATUSES.items() if status in known), key=lambda s: STATUSES[s].index(status))


def _found(value: Json, pointer: str) -> object:
    try:
        return get(value, pointer)
    except NoSuchMember:
        return None


def _shortened(message: str) -> str:
    """Return a message without the middle of what is too long: what is wrong stands at its end."""
    if len(message) <= _LONGEST_MESSAGE:
        return message
    half = _LONGEST_MESSAGE // 2 - 3
    return f"{message[:half]} ... {message[-half:]}"


def dotted(pointer: str) -> str:
    """Return a JSON Pointer as people write paths: `a.b[1]`."""
    path = ""
    for token in split(pointer):
        path += f"[{token}]" if re.fullmatch(r"\d+", token) else f".{token}"
    return path.removeprefix(".")


def _declared(operation: Operation, situation: Situation) -> tuple[Outcome, DomainError] | None:
    listed: Iterator[tuple[Outcome, DomainError]] = (
        (o, e) for o in operation.outcomes for e in o.errors if situation in e.situations
    )
    return next(listed, None)


def _telling_places(schema: Schema | None, value: dict[str, Json]) -> Iterator[str]:
    """Yield where an error may say what happened: at the top, in a member, and in a member's first item."""
    yield from _telling_members("", schema, value)
    members = shape_of(schema).members
    for name, member in value.items():
        inner = members.get(name)
        if isinstance(member, dict):
            yield from _telling_members(join("", name), inner, member)
        elif isinstance(member, list) and member and isinstance(member[0], dict):
            items = shape_of(inner).items if inner is not None else None
            yield from _telling_members(join("", name, 0), items, member[0])


def _telling_members(place: str, schema: Schema | None, value: dict[str, Json]) -> Iterator[str]:
    declared = shape_of(schema).members
    for name in sorted(dict.fromkeys((*value, *declared)), key=_rank, reverse=True):
        if not _rank(name):
            return
        if isinstance(value.get(name), str) or (name in declared and "string" in shape_of(declared[name]).types):
            yield join(place, name)
            return


def _rank(name: str) -> int:
    """Say how likely it is that a member of this name says what happened, 0 for one that doesn't."""
    plain = words(name).replace("_", "")
    prefixed = plain.removeprefix("error") or plain
    told = next((n for n, known in enumerate(_MESSAGE_MEMBERS) if known in (plain, prefixed)), None)
    return 0 if told is None else len(_MESSAGE_MEMBERS) - told


def _status_of(outcome: Outcome, fallback: int) -> int:
    if outcome.status.isdecimal():
        return int(outcome.status)
    if outcome.status == "default" or outcome.status[0] == str(fallback)[0]:
        return fallback
    return int(outcome.status[0]) * 100


def _json_media(outcome: Outcome) -> Media | None:
    return next(
        (m for m in outcome.media if is_json(sent_as(m.content_type))), outcome.media[0] if outcome.media else None
    )


def _declared_form(outcome: Outcome, error: DomainError) -> _Form:
    return _Form(_json_media(outcome), error.example or None, error.fill, declared=True)
