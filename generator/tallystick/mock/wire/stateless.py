"""Answers without state: any valid request gets a valid answer, steered by `Prefer` (RFC 7240)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from tallystick.contract import Schema
from tallystick.contract.model import Media, Operation, Outcome
from tallystick.load import Json
from tallystick.mock.media_types import is_json, sent_as
from tallystick.mock.message import Request
from tallystick.mock.refusal import Refused
from tallystick.mock.values.compose import ABSENT, Composer, example_of
from tallystick.mock.values.generate import Generator, Unsatisfiable
from tallystick.mock.wire.exchange import acceptable
from tallystick.mock.wire.preferences import Preferences

_NOT_SPOKEN: Final = "This is where another protocol begins, such as WebSocket, which the mock does not speak."
_UPGRADE: Final = {"Upgrade": "websocket", "Connection": "Upgrade, close"}
"""What an answer 426 has to say (RFC 9110, 15.5.22). OpenAPI has no words for which protocol it is."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which of an operation's answers it will be: a status, what the contract says of it, and the media type."""

    status: int
    outcome: Outcome
    media: Media | None


def choose(operation: Operation, request: Request, wanted: Preferences) -> Chosen:
    """Return the answer that a request gets: the preferred one, else the first success, else the first of all.

    Raises `Refused` for a code or example that the contract doesn't have, when `Accept` takes none, and where all
    that the contract has is the way to another protocol.
    """
    outcome, status = _outcome(operation, wanted)
    media = outcome.media
    if wanted.example:
        media = tuple(m for m in media if any(e.name == wanted.example for e in m.examples))
        if not media:
            known = ", ".join(dict.fromkeys(e.name for m in outcome.media for e in m.examples)) or "none at all"
            asked = f"there is no example {wanted.example!r} of the answer {status}"
            raise Refused("invalid", f"Prefer: {asked}, but {known}.")
    return Chosen(status, outcome, acceptable(media, request.headers.get("accept")))


def _outcome(operation: Operation, wanted: Preferences) -> tuple[Outcome, int]:
    final = [o for o in operation.outcomes if o.status[0] != "1"]
    if wanted.code:
        outcome = operation.outcome(wanted.code)
        if outcome not in final:
            known = ", ".join(o.status for o in final)
            raise Refused("invalid", f"Prefer: there is no answer {wanted.code} here, but {known}.")
        return outcome, wanted.code
    holders = [o for o in operation.successes if any(e.name == wanted.example for m in o.media for e in m.examples)]
    candidates = (*(holders if wanted.example else ()), *operation.successes)
    others = [o for o in final if not o.is_success]
    redirects = [o for o in others if o.status[0] == "3"]
    default = [o for o in others if o.status == "default"]
    outcome = next(iter((*candidates, *redirects, *default, *others)), None)
    if outcome is None and operation.outcomes:  # an answer 1XX is none yet: it leads to another protocol
        raise Refused("invalid", _NOT_SPOKEN, headers=_UPGRADE, status=426)
    if outcome is None:
        return Outcome("200", operation.pointer, ""), 200
    return outcome, concrete(outcome.status)


def concrete(status: str) -> int:
    """Return a status that falls under `200`, `2XX` or `default`."""
    if status.isdecimal():
        return int(status)
    return 200 if status == "default" else int(status[0]) * 100


def body(chosen: Chosen, composer: Composer, wanted: Preferences, *, seed: str) -> Json:
    """Return the body of an answer: the preferred or first example, else one that fits the schema.

    An example that breaks its own schema is passed over. Raises `Unsatisfiable` when there is no value.
    """
    media, generator = chosen.media, composer.generator
    if media is None:
        return None
    if not wanted.dynamic:
        example = example_of(media, wanted.example or None)
        if example is not ABSENT and (shown := _example(media, composer, cast("Json", example))) is not None:
            return shown[0]
    if media.schema is None:
        return {} if is_json(sent_as(media.content_type)) else ""
    made = generator.value(media.schema, "response", seed=f"{seed}:{wanted.seed}", examples=not wanted.dynamic)
    return composer.answered(media.schema, made)


def _example(media: Media, composer: Composer, example: Json) -> tuple[Json] | None:
    """Return what an answer may show of an example, in a tuple of one; `None` when that breaks its schema."""
    if media.schema is None or not is_json(sent_as(media.content_type)):
        return (example,)
    generator = composer.generator
    shown = generator.strictly(media.schema, composer.answered(media.schema, example))
    return (shown,) if generator.fits(media.schema, shown, "response") else None


def headers(outcome: Outcome, generator: Generator, *, seed: str) -> dict[str, str]:
    """Return the headers that an answer must have, made up."""
    found = (h for h in outcome.headers if h.required)
    return {h.name: header_text(h.schema, generator, seed=seed, explode=h.explode) for h in found}


def asked_headers(operation: Operation, generator: Generator, *, seed: str) -> dict[str, str]:
    """Return the headers that a request must have, made up."""
    asked = (p for p in operation.parameters if p.location == "header" and p.required)
    return {p.name: header_text(p.schema, generator, seed=seed, explode=p.explode) for p in asked}


def header_text(schema: Schema | None, generator: Generator, *, seed: str, explode: bool) -> str:
    """Return a header's value, made up; empty when there is none."""
    if schema is None:
        return ""
    try:
        value = generator.value(schema, "response", seed=seed)
    except Unsatisfiable:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(str(v) for v in value)
    if isinstance(value, dict):
        joiner = "=" if explode else ","
        return ",".join(f"{n}{joiner}{v}" for n, v in value.items())
    return str(value)
