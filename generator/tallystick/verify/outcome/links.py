"""Which links were followed: a value that an answer gave turns up where the link says."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from tallystick.contract import expression as expressions
from tallystick.contract.model import Link, Operation
from tallystick.load import Json
from tallystick.verify.facts.bodies import NOTHING, parsed
from tallystick.verify.facts.resource import at
from tallystick.verify.server.routes import label, path_values
from tallystick.verify.server.wire import Exchange

_MOST = 2000
"""Values to remember for each place of a link."""


class LinkWatch:
    """Compares values of answers with those of later requests."""

    def __init__(self, operations: tuple[Operation, ...], prefix: str) -> None:
        self._prefix = prefix
        self._given: dict[tuple[str, str], set[str]] = {}
        self._to: dict[str, list[tuple[str, str]]] = {}
        for operation in operations:
            for outcome in operation.outcomes:
                for link in outcome.links:
                    subject = f"{label(operation)} {outcome.status} {link.name}"
                    for place in places(link):
                        self._to.setdefault(link.operation_id, []).append((subject, place))

    def answer(self, operation: Operation, exchange: Exchange) -> None:
        """Take in what an answer gives to the links of its outcome."""
        outcome = operation.outcome(exchange.status)
        body = parsed(exchange.body) if outcome is not None and outcome.links else NOTHING
        if outcome is None or body is NOTHING:
            return
        for link in outcome.links:
            subject = f"{label(operation)} {outcome.status} {link.name}"
            for place, text in places(link).items():
                expression = expressions.parse(text)
                if expression is not None and expression.source == "response.body":
                    value = at(body, expression.pointer)
                    known = self._given.setdefault((subject, place), set())
                    if isinstance(value, (str, int)) and len(known) < _MOST:
                        known.add(str(value))

    def request(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        """Yield the links that a request follows."""
        for subject, place in self._to.get(operation.id, ()):
            if str(self._value(operation, exchange, place)) in self._given.get((subject, place), ()):
                yield subject

    def _value(self, operation: Operation, exchange: Exchange, place: str) -> Json:
        if place.startswith("/") or not place:
            body = parsed(exchange.request_body)
            return at(body, place) if body is not NOTHING else None
        name = place.rpartition(".")[2]
        parts = urlsplit(exchange.url)
        in_path = path_values(operation, parts.path.removeprefix(self._prefix))
        if name in in_path:
            return unquote(in_path[name])
        return next(iter(parse_qs(parts.query).get(name, [])), exchange.request_header(name))


def places(link: Link) -> dict[str, str]:
    """Return where a link puts values: parameter name, or pointer into the body, with the expression of the value."""
    found = {name: value for name, value in link.parameters.items() if isinstance(value, str)}
    return {**found, **dict(_in_body(link.request_body, ""))}


def _in_body(value: Json, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _in_body(part, f"{pointer}/{name}")
    elif isinstance(value, str):
        yield pointer, value
