"""Requests checked against an operation, in the order in which servers look at them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from tallystick.contract import Schema
from tallystick.contract.model import Example, Media, Operation
from tallystick.contract.validation import Violation
from tallystick.load import Json
from tallystick.load.pointer import join
from tallystick.mock.media_types import choose, is_json, sent_as
from tallystick.mock.message import Request
from tallystick.mock.refusal import Refused
from tallystick.mock.values.generate import Generator
from tallystick.mock.wire.bodies import parse
from tallystick.mock.wire.masking import discreet
from tallystick.mock.wire.parameters import Pairs, ParameterReader, Reader, cookies, pairs
from tallystick.mock.wire.preferences import others
from tallystick.mock.wire.routing import in_query, query_of
from tallystick.mock.wire.shown import is_shown

_MISSING: Final = re.compile(r'^"((?:[^"\\]++|\\.)*+)" is a required property')
_MOST_KNOWN: Final = 32
_EXACT: Final = 2
"""How specific a type in `Accept` is that is no range."""
_UNEXPECTED: Final = re.compile(r"\('((?:[^'\\]++|\\.)*+)' (?:was|were) unexpected")


Parameters = dict[tuple[str, str], Json]
"""Values of parameters, by place and name."""


class RequestChecker:
    """Reads requests of one operation. Raises `Refused` for the first thing that is wrong."""

    def __init__(self, operation: Operation, generator: Generator, reader: Reader) -> None:
        self._operation = operation
        self._generator = generator
        self._validators = generator.validators
        self._reader = reader
        self._chosen: dict[str, Media] = {}
        path = operation.path.partition("#")[0]  # what stands behind it never reaches a server
        sent = [p for p in operation.parameters if p.location != "path" or f"{{{p.name}}}" in path]
        placed = {location: n for n, location in enumerate(dict.fromkeys(p.location for p in sent))}
        ordered = sorted(sent, key=lambda p: placed[p.location])
        self._readers = [ParameterReader(parameter, reader) for parameter in ordered]
        asked = query_of(operation.path)
        self._asked = asked if "{" in asked else ""

    def suits(self, request: Request, path_values: Mapping[str, str]) -> int:
        """Say how much of a request is valid: 0 when its parameters aren't, 1 when only they are, 2 for all of it."""
        try:
            self._parameters(request, path_values)
        except Refused:
            return 0
        try:
            self._body(request, self._media(request))
        except Refused:
            return 1
        return 2

    def read(self, request: Request, path_values: Mapping[str, str]) -> tuple[Parameters, Json]:
        """Return the parameters of a request and its body's value, once it is known to be valid."""
        media = self._media(request)
        parameters = self._parameters(request, path_values)
        return parameters, self._body(request, media)

    def _media(self, request: Request) -> Media | None:
        body = self._operation.body
        if body is None or (not request.body and not _is_form(request)):
            if body is not None and body.required and not request.body and "content-type" in request.headers:
                self._known_media(body.media, request.headers["content-type"])
            return None
        if "content-type" not in request.headers:
            anything = next((m for m in body.media if m.content_type == "*/*"), None)
            if anything is not None:
                return anything
            raise Refused("unsupported-media-type", "The body has no Content-Type.")
        return self._known_media(body.media, request.headers["content-type"])

    def _known_media(self, offered: tuple[Media, ...], content_type: str) -> Media:
        media = self._chosen.get(content_type)
        if media is None:
            media = choose(offered, content_type)
            if media is not None and len(self._chosen) < _MOST_KNOWN:
                self._chosen[content_type] = media
        if media is None:
            listed = ", ".join(m.content_type for m in offered)
            raise Refused("unsupported-media-type", f"The body must be {listed}.", headers={"Accept": listed})
        return media

    def _parameters(self, request: Request, path_values: Mapping[str, str]) -> Parameters:
        values: Parameters = {}
        query = pairs(request.query) if request.query else []
        if self._asked:
            path_values = {**path_values, **(in_query(self._asked, request.query) or {})}
        for reader in self._readers:
            name, location = reader.parameter.name, reader.parameter.location
            found = _found(reader, request, path_values, query)
            if found is not None:
                self._check_parameter(reader, location, found[0])
                values[location, name] = found[0]
            elif reader.parameter.required:
                message = f"The {location} parameter {name!r} is required."
                raise Refused("invalid", message, join("", name))
        return values

    def _check_parameter(self, reader: ParameterReader, location: str, value: Json) -> None:
        shown = (reader.parameter.media or reader.parameter).examples
        violation = self._first_violation(reader.schema, value, shown)
        if violation is not None:
            name = reader.parameter.name
            message = f"The {location} parameter {name!r} is not valid: {violation.message}"
            raise Refused("invalid", message, join("", name), value)

    def _body(self, request: Request, media: Media | None) -> Json:
        if media is None:
            if self._operation.body is not None and self._operation.body.required:
                raise Refused("malformed", "The body is missing.")
            return None
        coding = request.headers.get("content-encoding")
        if coding is not None and coding.lower() != "identity":
            reason = f"The body is encoded with {coding}; only identity is taken."
            raise Refused("unsupported-media-type", reason, headers={"Accept-Encoding": "identity"})
        content_type = request.headers.get("content-type", media.content_type)
        value, checkable = parse(media, content_type, request.body, self._reader)
        if checkable:
            violation = self._first_violation(media.schema, value, media.examples)
            if violation is not None:
                raise Refused("invalid", violation.message, _offending(violation), None)
        return value

    def _first_violation(self, schema: Schema | None, value: Json, shown: Sequence[Example]) -> Violation | None:
        if schema is None or self._validators.allows(schema, value, "request"):
            return None
        violations = self._validators.violations(schema, value, "request")
        wrong = (discreet(v, schema) for v in violations if not self._is_meant(v, schema, value, shown))
        return next(wrong, None)

    def _is_meant(self, violation: Violation, schema: Schema, value: Json, shown: Sequence[Example]) -> bool:
        """Say whether what breaks a schema as it is written is what the document means all the same."""
        if violation.is_ambiguous:
            return self._forgiven(violation, schema, value)
        return is_shown(self._validators, schema, violation, shown)

    def _forgiven(self, violation: Violation, schema: Schema, value: Json) -> bool:
        """Say whether a value may fit several alternatives of a `oneOf`.

        It may where a discriminator says which one it is, and that one takes it, and where nothing tells them apart.
        """
        said = self._generator.told(violation, schema, value, "request")
        if said is not None:
            return said
        holder = Schema.at(schema.document, violation.schema_pointer.rpartition("/")[0])
        return not self._generator.tells_apart(holder, "request")


def _found(
    reader: ParameterReader, request: Request, path_values: Mapping[str, str], query: Pairs
) -> tuple[Json] | None:
    """Return a parameter's value in a tuple of one, `None` when it isn't there."""
    name, location = reader.parameter.name, reader.parameter.location
    if location == "query":
        return reader.from_pairs(query)
    if location == "cookie":
        return reader.from_pairs(cookies(request.headers.get("cookie", "")))
    text = path_values.get(name) if location == "path" else request.headers.get(name.lower())
    if text is not None and location == "header" and name.lower() == "prefer":
        text = others(text)
    return None if text is None else (reader.from_text(text),)


def _is_form(request: Request) -> bool:
    """Say whether a body is a form: an empty one has no members, which is not the same as no body."""
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def _offending(violation: Violation) -> str:
    """Return the pointer to what is wrong: to the member itself where one is missing or too many."""
    match = _MISSING.match(violation.message) or _UNEXPECTED.search(violation.message)
    return join(violation.pointer, match[1]) if match else violation.pointer


def acceptable(offered: Sequence[Media], accept: str | None) -> Media | None:
    """Return the media type of an answer that an `Accept` header takes, preferred ones first.

    What the contract offers as a range is one type of it: the one that is asked for, as far as it can be made, else
    what such a range is sent as. Raises `Refused` when `Accept` takes none of them.
    """
    if not accept and len(offered) == 1:
        return offered[0]
    listed = list(offered)
    if not listed or not accept or accept.strip() == "*/*":
        return next((m for m in listed if "*" not in m.content_type), listed[0] if listed else None)
    best: tuple[float, int] | None = None
    chosen: Media | None = None
    ranges = [_range(piece) for piece in accept.split(",") if piece.strip()]
    for index, media in enumerate(listed):
        for content_type in _sendable(media.content_type, ranges):
            essence = content_type.partition(";")[0].strip()
            weights = [(specific, weight) for name, specific, weight in ranges if _covers(name, essence)]
            weight = max(weights)[1] if weights else 0.0
            if weight > 0 and (best is None or (weight, -index) > best):
                best = (weight, -index)
                chosen = media if content_type == media.content_type else replace(media, content_type=content_type)
    if chosen is None:
        raise Refused("not-acceptable", f"The answer can be {', '.join(m.content_type for m in listed)}.")
    return chosen


def _sendable(content_type: str, ranges: list[tuple[str, int, float]]) -> list[str]:
    """Return what an answer of a type can be sent as: of a range, its usual type and those that are asked for.

    Of a range that takes in JSON, only JSON can be made.
    """
    if "*" not in content_type:
        return [content_type]
    usual = sent_as(content_type)
    asked = [name for name, specific, _ in ranges if specific == _EXACT and _covers(content_type, name)]
    return [usual, *(name for name in asked if is_json(name) or not is_json(usual))]


def _range(piece: str) -> tuple[str, int, float]:
    name, *parameters = (p.strip().lower() for p in piece.split(";"))
    quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    try:
        weight = float(quality)
    except ValueError:
        weight = 1.0
    return name, 0 if name == "*/*" else 1 if name.endswith("/*") else _EXACT, weight


def _covers(name: str, essence: str) -> bool:
    if name in ("*/*", essence):
        return True
    return name.endswith("/*") and essence.startswith(name[:-1])
