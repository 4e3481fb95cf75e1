"""Whether a request that was made to break the contract does break it, and one that was made to keep it keeps it.

A second opinion on what Schemathesis made: a breach may be gone once it is written as text, may be none by the
contract's own validators, or may lie where a server has no way to tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tallystick.contract import Schema
from tallystick.contract.model import Operation, Parameter
from tallystick.contract.validation import Validators
from tallystick.load import Json
from tallystick.verify.facts.bodies import NOTHING, parsed
from tallystick.verify.facts.media import essence
from tallystick.verify.server.auth import body_of, header_text
from tallystick.verify.server.routes import path_values

IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))
"""Headers of which OpenAPI says that a parameter of that name is ignored."""
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?\s*", re.ASCII)
_SIMPLE = frozenset(("string", "number", "integer", "boolean", "null"))
_REFERENCE = re.compile(
    r"(?:.*_)?(?:ids?|uuid|guid|refs?|references?|cursor|after|before|marker|token|code|key|slug|parent|email|page)"
)
_PARTS = b"Content-Disposition"

Valid = Callable[[Schema, Json], bool]


def breaks(operation: Operation, request: Any, prefix: str, validators: Validators, *, clearly: bool = False) -> bool:
    """Say whether a finished request breaks its contract in a way that a server can tell.

    `clearly` leaves out what fits several alternatives of a `oneOf`: some servers take it, others refuse it.
    """

    def valid(schema: Schema, value: Json) -> bool:
        if validators.allows(schema, value, "request"):
            return True
        return clearly and all(v.is_ambiguous for v in validators.violations(schema, value, "request"))

    return _body_breaks(operation, request, valid) or any(
        _parameter_breaks(parameter, _texts(parameter, operation, request, prefix), valid)
        for parameter in operation.parameters
        if not (parameter.location == "header" and parameter.name.lower() in IGNORED_HEADERS)
    )


def is_empty(operation: Operation, request: Any) -> bool:
    """Say whether a request has a body of no length, or a form without parts: HTTP can't tell it from none at all."""
    body = body_of(request)
    form = "multipart/" in header_text(request.headers.get("Content-Type", ""))
    return operation.body is not None and (not body or (form and _PARTS not in body))


def is_ambiguous(operation: Operation, request: Any, prefix: str) -> bool:
    """Say whether a request has a form, XML or a parameter, parts of which are no simple values: no rule says how."""
    nested = (p for p in operation.parameters if p.schema is not None and _nests(p.schema))
    if any(_texts(parameter, operation, request, prefix) for parameter in nested):
        return True
    given = essence(header_text(request.headers.get("Content-Type", "")))
    if "xml" not in given and not given.endswith("/x-www-form-urlencoded"):
        return False
    media = operation.body_media
    schema = next((m.schema for m in media if m.content_type == given), None)
    return schema is not None and _nests(schema)


def _nests(schema: Schema) -> bool:
    """Say whether members of an object, or items of a list, are objects or lists themselves."""
    items = (part.one("items") for part in schema.parts())
    inner = [*schema.members().values(), *(item for item in items if item is not None)]
    return any(t not in _SIMPLE for member in inner for part in member.parts() for t in part.types)


def refers(request: Any) -> bool:
    """Say whether a request names something that has to be there, as far as names tell: a cursor, an id, a token.

    No schema says which of those there are, so a server may well refuse one that was made up.
    """
    if "json-patch" in header_text(request.headers.get("Content-Type", "")):
        return True
    value = parsed(body_of(request))
    named = [*parse_qs(urlsplit(request.url or "").query), *(() if value is NOTHING else _names(value))]
    return any(_REFERENCE.fullmatch(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", n).lower()) for n in named)


def _names(value: Json) -> Iterator[str]:
    """Yield the names of all members that have a text or a whole number, at any depth."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield from (name for name, part in node.items() if isinstance(part, (str, list, int)))
            stack += node.values()
        elif isinstance(node, list):
            stack += node


# -- the body -----------------------------------------------------------------------------------------------------


def _body_breaks(operation: Operation, request: Any, valid: Valid) -> bool:
    body = operation.body
    if body is None:
        return False
    raw = body_of(request)
    if not raw:
        return body.required
    media_type = essence(header_text(request.headers.get("Content-Type", "")))
    schema = next((m.schema for m in body.media if m.content_type == media_type), None)
    if schema is None or "json" not in media_type:
        return False
    value = parsed(raw)
    return value is NOTHING or not valid(schema, value)


# -- parameters ---------------------------------------------------------------------------------------------------


def _texts(parameter: Parameter, operation: Operation, request: Any, prefix: str) -> list[str]:
    """Return the values that a request has for a parameter, as they were sent, decoded."""
    url = urlsplit(request.url or "")
    if parameter.location == "query":
        return parse_qs(url.query, keep_blank_values=True).get(parameter.name, [])
    if parameter.location == "path":
        found = path_values(operation, url.path.removeprefix(prefix)).get(parameter.name)
    elif parameter.location == "header":
        found = request.headers.get(parameter.name)
    else:
        found = _cookie(header_text(request.headers.get("Cookie", "")), parameter.name)
    return [] if found is None else [unquote(header_text(found))]


def _cookie(text: str, name: str) -> str | None:
    try:
        return SimpleCookie(text)[name].value
    except (CookieError, KeyError):
        return None


def _parameter_breaks(parameter: Parameter, texts: list[str], valid: Valid) -> bool:
    schema = parameter.schema
    if not texts:
        return parameter.required and parameter.location in ("query", "header")
    if schema is None:
        return False
    types = {t for part in schema.parts() for t in part.types}
    if types <= _SIMPLE:
        return not any(valid(schema, reading) for text in texts for reading in _readings(text))
    if types == {"array"} and parameter.location == "query" and parameter.style == "form":
        items = next((part.one("items") for part in schema.parts() if part.one("items") is not None), None)
        listed = texts if parameter.explode or len(texts) > 1 else texts[0].split(",")
        return not valid(schema, [_item(items, text, valid) for text in listed])
    return False  # what other styles write can be read in more than one way


def _readings(text: str) -> Iterator[Json]:
    """Yield the values that a text can mean."""
    yield text
    if _NUMBER.fullmatch(text):
        number = float(text)
        yield number
        if number.is_integer() and abs(number) < 2**53:
            yield int(number)
        if text.strip().lstrip("+-").isdecimal():
            yield int(text)
    if text.strip().lower() in ("true", "false", "1", "0", "on", "off", "yes", "no"):
        yield text.strip().lower() in ("true", "1", "on", "yes")
    if text in ("", "null"):
        yield None


def _item(schema: Schema | None, text: str, valid: Valid) -> Json:
    if schema is None:
        return text
    return next((reading for reading in _readings(text) if valid(schema, reading)), text)
