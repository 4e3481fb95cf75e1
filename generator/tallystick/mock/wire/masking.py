"""What must never be told of a request or an answer, wherever it stands: in bodies, in targets, in headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_plus

from tallystick.contract import Contract, Schema
from tallystick.contract.model import Header, Operation, Parameter
from tallystick.contract.validation import Violation
from tallystick.load import Json
from tallystick.load.pointer import split
from tallystick.mock.message import Request

MASK: Final = "***"
_SECRET_HEADERS: Final = frozenset(("authorization", "cookie", "set-cookie", "proxy-authorization"))
_DEEPEST: Final = 64
_NAMING: Final = frozenset(("required", "dependentRequired", "additionalProperties", "unevaluatedProperties"))
"""Keywords whose messages name members, and say nothing of values."""
_OF_MEMBERS: Final = ("properties", "patternProperties", "additionalProperties")
_OF_ITEMS: Final = ("prefixItems", "items")
_PLACEHOLDER: Final = re.compile(r"(\{[^{}]*\})")


@dataclass(frozen=True, slots=True)
class _Secrets:
    """The names of an operation's parameters and headers that must not be told, those of headers in lower case."""

    path: frozenset[str]
    query: frozenset[str]
    headers: frozenset[str]


class Masking:
    """Masks what surrounds the bodies of exchanges: credentials, and parameters and headers that are sensitive."""

    def __init__(self, contract: Contract) -> None:
        keys = [s for s in contract.security_schemes.values() if s.kind == "apiKey"]
        headers = _SECRET_HEADERS | {s.parameter.lower() for s in keys}
        query = frozenset(s.parameter for s in keys if s.location == "query")
        self._always = _Secrets(frozenset(), query, headers)
        self._known: dict[str, _Secrets] = {}

    def target(self, operation: Operation | None, request: Request) -> str:
        """Return path and query of a request."""
        secrets = self._of(operation)
        path = (
            _masked_path(operation.path, request.path, secrets.path) if operation and secrets.path else request.path
        )
        if not request.query or not secrets.query:
            return f"{path}?{request.query}" if request.query else path
        pieces = [piece.partition("=") for piece in request.query.split("&")]
        told = (f"{n}={MASK}" if _name(n) in secrets.query else f"{n}{e}{v}" for n, e, v in pieces)
        return f"{path}?{'&'.join(told)}"

    def headers(self, operation: Operation | None, headers: Mapping[str, str]) -> Json:
        """Return the headers of a request or an answer."""
        secret = self._of(operation).headers
        return {n: MASK if n.lower() in secret else v for n, v in headers.items()}

    def _of(self, operation: Operation | None) -> _Secrets:
        if operation is None:
            return self._always
        known = self._known.get(operation.id)
        if known is None:
            always, parameters = self._always, operation.parameters
            headers: list[Parameter | Header] = [
                *(p for p in parameters if p.location == "header"),
                *(h for o in operation.outcomes for h in o.headers),
            ]
            known = self._known[operation.id] = _Secrets(
                _sensitive(p for p in parameters if p.location == "path"),
                always.query | _sensitive(p for p in parameters if p.location == "query"),
                always.headers | {name.lower() for name in _sensitive(headers)},
            )
        return known


def masked(value: Json, schema: Schema | None, depth: int = 0) -> Json:
    """Return a value without what its schema calls sensitive."""
    if schema is None:
        return value
    if depth > _DEEPEST:
        return MASK
    parts = _all_parts(schema)
    if any(p.sensitive for p in parts):
        return MASK
    if isinstance(value, dict) and any(keyword in p for p in parts for keyword in _OF_MEMBERS):
        return {name: _masked_by_all(v, _members(parts, name), depth + 1) for name, v in value.items()}
    if isinstance(value, list) and any(keyword in p for p in parts for keyword in _OF_ITEMS):
        return [_masked_by_all(v, _items(parts, index), depth + 1) for index, v in enumerate(value)]
    return MASK if value is not None and _holds_secrets(schema) else value  # it is not what the schema says


def discreet(violation: Violation, schema: Schema) -> Violation:
    """Return a violation whose message repeats nothing of a value that holds, or may hold, something sensitive."""
    if violation.keyword in _NAMING or not _is_secret(schema, violation.pointer):
        return violation
    return replace(violation, message=f'{MASK} does not fit "{violation.keyword}"')


def _is_secret(schema: Schema, pointer: str) -> bool:
    """Say whether what a pointer leads to is sensitive, or may hold something that is."""
    here = [schema]
    for token in split(pointer):
        parts = [part for s in here for part in _all_parts(s)]
        if any(p.sensitive for p in parts):
            return True
        items = _items(parts, int(token)) if token.isdecimal() else ()
        here = list({s.pointer: s for s in (*_members(parts, token), *items)}.values())
    return any(_holds_secrets(s) for s in here)


def _masked_by_all(value: Json, schemas: Iterable[Schema], depth: int) -> Json:
    for schema in schemas:
        value = masked(value, schema, depth)
    return value


def _members(parts: list[Schema], name: str) -> Iterable[Schema]:
    """Yield what a member may be: its own schema, else those of all members that have no name."""
    for part in parts:
        own = part.properties.get(name)
        if own is not None:
            yield own
            continue
        yield from part.named("patternProperties").values()
        if (other := part.one("additionalProperties")) is not None:
            yield other


def _items(parts: list[Schema], index: int) -> Iterable[Schema]:
    for part in parts:
        first = part.many("prefixItems")
        item = first[index] if index < len(first) else part.one("items")
        if item is not None:
            yield item


def _all_parts(schema: Schema) -> list[Schema]:
    found: dict[str, Schema] = {}
    stack = [schema]
    while stack:
        for part in stack.pop().parts():
            if part.pointer not in found:
                found[part.pointer] = part
                stack += [*part.many("oneOf"), *part.many("anyOf")]
                stack += [branch for keyword in ("then", "else") if (branch := part.one(keyword)) is not None]
    return list(found.values())


def _sensitive(holders: Iterable[Parameter | Header]) -> frozenset[str]:
    """Return the names of those whose values hold something sensitive."""
    return frozenset(h.name for h in holders if h.schema is not None and _holds_secrets(h.schema))


@lru_cache(maxsize=1024)
def _holds_secrets(schema: Schema) -> bool:
    """Say whether a value of a schema is sensitive, or may hold something that is."""
    waiting, seen = [schema], {schema.pointer}
    while waiting:
        parts = _all_parts(waiting.pop())
        if any(p.sensitive for p in parts):
            return True
        inner = [s for p in parts for s in _all_inner(p) if s.pointer not in seen]
        seen |= {s.pointer for s in inner}
        waiting += inner
    return False


def _all_inner(part: Schema) -> Iterable[Schema]:
    """Yield the schemas of members and items."""
    for keyword in ("properties", "patternProperties"):
        yield from part.named(keyword).values()
    yield from part.many("prefixItems")
    for keyword in ("additionalProperties", "items"):
        if (inner := part.one(keyword)) is not None:
            yield inner


def _masked_path(template: str, path: str, secret: frozenset[str]) -> str:
    """Return a path without the values of some of its parameters."""
    pieces = _PLACEHOLDER.split(re.split(r"[?#]", template, maxsplit=1)[0])
    pattern = "".join("([^/]+)" if index % 2 else f"({re.escape(piece)})" for index, piece in enumerate(pieces))
    found = re.fullmatch(f"(.*?){pattern}", path)
    if found is None:
        return template  # it is written in a way of its own: nobody knows what is where
    texts = zip(pieces, found.groups()[1:], strict=True)
    return found[1] + "".join(MASK if piece[1:-1] in secret and piece[:1] == "{" else text for piece, text in texts)


def _name(written: str) -> str:
    """Return the parameter that a name in a query belongs to: `filter` for `filter[state]`."""
    return unquote_plus(written).partition("[")[0]
