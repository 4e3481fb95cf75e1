"""Requests that a server accepted, to build sequences on: the contract's examples, or what a run saw accepted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tallystick.contract import Contract, Schema
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.verify.facts.bodies import NOTHING, parsed
from tallystick.verify.facts.media import json_of
from tallystick.verify.server.auth import proofs
from tallystick.verify.server.routes import Routes, path_values
from tallystick.verify.server.wire import Exchange

_DEEPEST = 30
_TAKEN_ALONG = frozenset(("accept", "content-type"))


@dataclass(frozen=True, slots=True)
class Sample:
    """The variable parts of a request. `body` is `None` when there is none, `media_type` then empty."""

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Json = None
    media_type: str = ""

    def without(self, header: str) -> Sample:
        """Return the sample without a header."""
        return replace(self, headers={k: v for k, v in self.headers.items() if k.lower() != header.lower()})

    def unproven(self, proofs: frozenset[tuple[str, str]]) -> Sample:
        """Return the sample without the keys that stand in these places: who asks is not part of what is asked."""
        query = {k: v for k, v in self.query.items() if ("query", k.lower()) not in proofs}
        headers = {k: v for k, v in self.headers.items() if ("header", k.lower()) not in proofs}
        return replace(self, query=query, headers=headers)

    def with_header(self, name: str, value: str) -> Sample:
        """Return the sample with a header set."""
        plain = self.without(name)
        return replace(plain, headers={**plain.headers, name: value})


class Samples:
    """Remembers, for each operation, the first and the fullest JSON request that was accepted."""

    def __init__(self, contract: Contract, routes: Routes, prefix: str) -> None:
        self._contract = contract
        self._routes = routes
        self._prefix = prefix
        self._first: dict[str, Sample] = {}
        self._fullest: dict[str, Sample] = {}
        self._paused = False
        self._settled: frozenset[str] = frozenset()

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Learn meanwhile only of operations of which nothing is known: data that are made up are second best."""
        self._settled = frozenset(self._first)
        try:
            yield
        finally:
            self._settled = frozenset()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Learn nothing from what is sent meanwhile: it is no request to build on, accepted or not."""
        self._paused = True
        try:
            yield
        finally:
            self._paused = False

    def __call__(self, exchange: Exchange) -> None:
        """Take an exchange in."""
        if self._paused or not 200 <= exchange.status < 300:
            return
        operation = self._routes.find(exchange.method, exchange.url)
        if operation is None or operation.id in self._settled:
            return
        known = self._fullest.get(operation.id)
        if known is not None and len(exchange.request_body) <= len(json.dumps(known.body)):
            return
        sample = self._sample(operation, exchange)
        if sample is not None:
            self._first.setdefault(operation.id, sample)
            self._fullest[operation.id] = sample

    def first(self, operation: Operation) -> Sample | None:
        """Return the first request of an operation that was accepted, `None` when none was."""
        return self._first.get(operation.id)

    def fullest(self, operation: Operation) -> Sample | None:
        """Return the accepted request with the longest body, `None` when none was accepted."""
        return self._fullest.get(operation.id)

    def _sample(self, operation: Operation, exchange: Exchange) -> Sample | None:
        names = {p.name.lower() for p in operation.parameters if p.location == "header"} | _TAKEN_ALONG
        media_type = (exchange.request_header("content-type") or "").split(";")[0].strip()
        body = parsed(exchange.request_body) if exchange.request_body else None
        if body is NOTHING or (exchange.request_body and "json" not in media_type):
            return None
        parts = urlsplit(exchange.url)
        found = path_values(operation, parts.path.removeprefix(self._prefix))
        sample = Sample(
            {name: unquote(value) for name, value in found.items()},
            dict(parse_qsl(parts.query, keep_blank_values=True)) if operation_query(operation) else {},
            {k: v for k, v in exchange.request_headers if k.lower() in names - {"content-type"}},
            body,
            media_type if exchange.request_body else "",
        )
        return sample.unproven(proofs(self._contract, operation))


def operation_query(operation: Operation) -> bool:
    """Say whether an operation has query parameters."""
    return any(p.location == "query" for p in operation.parameters)


def from_examples(operation: Operation) -> Sample:
    """Return a request made of the contract's examples and first values; for what nothing is said, of little."""
    given: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for parameter in operation.parameters:
        if parameter.required:
            values: list[Any] = [e.value for e in parameter.examples if e.value is not None]
            given[parameter.location][parameter.name] = values[0] if values else some(parameter.schema)
    body, media_type = None, ""
    media = json_of(operation.body_media)
    if media is not None:
        values = [e.value for e in media.examples if not e.external]
        body, media_type = (values[0] if values else some(media.schema)), media.content_type
    headers = {name: str(value) for name, value in given["header"].items()}
    return Sample(given["path"], given["query"], headers, body, media_type)


def some(schema: Schema | None, depth: int = 0) -> Json:
    """Return a value that a schema gives itself, or the simplest one of its type. What requires itself is cut off."""
    if schema is None or depth > _DEEPEST:
        return "1"
    for part in schema.parts():
        listed: list[Json] = [*part.examples, *([part.get("const")] if "const" in part else []), *(part.enum or ())]
        if "default" in part:
            listed.append(part.get("default"))
        if listed:
            return listed[0]
    types = schema.known_types or ("string",)
    if types[0] == "object":
        members = schema.members()
        return {name: some(members.get(name), depth + 1) for name in sorted(schema.required_members())}
    simplest: dict[str, Json] = {"integer": 1, "number": 1, "boolean": True, "array": []}
    return simplest.get(types[0], "1")
