"""Callbacks (OpenAPI): requests to addresses that a call has named, made when it was answered."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Final, cast

from tallystick.contract import Contract, Schema
from tallystick.contract import expression as expressions
from tallystick.contract.expression import Expression
from tallystick.contract.model import Callback, Operation
from tallystick.contract.schema import as_mapping
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.mock.behaviour import Behaviour, Call
from tallystick.mock.encoding import decode
from tallystick.mock.media_types import is_json
from tallystick.mock.message import Answer
from tallystick.mock.values.compose import ABSENT, Composer, example_of
from tallystick.mock.values.generate import Unsatisfiable
from tallystick.mock.webhooks.deliveries import Deliveries, media_of
from tallystick.mock.wire.outgoing import encoded
from tallystick.mock.wire.stateless import asked_headers

_log = logging.getLogger("tallystick.mock")
_IDENTIFYING: Final = re.compile(r".+(Id|ID|_id|-id)")
_DEEPEST: Final = 5


def named(operation: Operation) -> Iterator[tuple[str, Callback]]:
    """Yield an operation's callbacks with the names that deliveries call them: `<operationId>.<name>`."""
    seen: dict[str, int] = {}
    for callback in operation.callbacks:
        number = seen[callback.name] = seen.get(callback.name, 0) + 1
        yield f"{operation.id}.{callback.name}" + (f".{number}" if number > 1 else ""), callback


class Callbacks:
    """Makes callbacks and hands them over for delivery."""

    def __init__(
        self, contract: Contract, *, deliveries: Deliveries, composer: Composer, behaviour: Behaviour, seed: str
    ) -> None:
        self._requests = {name: c.operation for o in contract.operations for name, c in named(o)}
        self._deliveries = deliveries
        self._composer = composer
        self._held = behaviour.held
        self._seed = seed

    def answered(self, call: Call, answer: Answer) -> None:
        """Make the callbacks of a call that was answered well, to the addresses that it and its answer name."""
        value = decode(answer.body) if is_json(answer.headers.get("Content-Type", "")) else None
        known = {**as_mapping(call.body), **as_mapping(value)}
        about = f"{call.request.method} {call.request.path}"
        for name, callback in named(call.operation):
            url = _address(callback.expression, call, answer, value)
            if url is not None and name not in self._held:
                self.make(name, url, known, call.now, about)

    def make(self, name: str, url: str, known: dict[str, Json], now: float, about: str) -> None:
        """Make a callback about what is known; one whose address is only described goes to all targets."""
        operation = self._requests[name]
        try:
            body = self._body(operation, known)
            headers = asked_headers(operation, self._composer.generator, seed=self._seed)
        except Unsatisfiable as error:
            _log.error("the callback %s could not be made: %s", name, error)
            return
        if _is_description(url):
            self._deliveries.send(name, body, now, about, headers)
        else:
            self._deliveries.call(name, url, body, now, about, headers)

    def _body(self, operation: Operation, known: dict[str, Json]) -> str:
        """Return a valid body: the contract's example or a made-up one, about what is known."""
        media = media_of(operation)
        if media is None:
            return ""
        value: Json = cast("Json", known)
        if media.schema is not None:
            value = self._composer.compose(media.schema, ABSENT, example_of(media), seed=f"{self._seed}:callback")
            value = self._told(media.schema, value, known)
        return encoded(200, media, value, {}).body.decode()

    def _told(self, schema: Schema, value: Json, known: dict[str, Json]) -> Json:
        """Return a value with what is known in place of what is made up, as far as it stays valid."""
        for path in [*_places(value, known)]:
            changed = deepcopy(value)
            holder = get(changed, "".join(f"/{token}" for token in path[:-1]))
            cast("dict[str, Json]", holder)[path[-1]] = known[path[-1]]
            if self._composer.generator.fits(schema, changed, "response"):
                value = changed
        return value


def _places(value: Json, known: dict[str, Json], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where a value can say what is known: members of the same name, below the top those that identify."""
    if not isinstance(value, dict) or len(path) > _DEEPEST:
        return
    for name, member in value.items():
        if name in known and (not path or _IDENTIFYING.fullmatch(name)):
            yield (*path, name)
        elif "/" not in name and "~" not in name:
            yield from _places(member, known, (*path, name))


def _address(template: str, call: Call, answer: Answer, value: Json) -> str | None:
    """Return the address that a call names, `None` when a part of it isn't there."""
    alone = expressions.parse(template)
    parts = (alone,) if alone is not None else expressions.embedded(template)
    found = [part if isinstance(part, str) else _found(part, call, answer, value) for part in parts]
    texts = [str(part) for part in found if isinstance(part, (str, int, float))]
    return "".join(texts) if len(texts) == len(found) else None


def _is_description(address: str) -> bool:
    """Say whether words stand where a document should say where an address is found."""
    return " " in address.strip() and "://" not in address


def _found(expression: Expression, call: Call, answer: Answer, value: Json) -> Json:
    """Return what a runtime expression stands for once the answer is known, `None` when that isn't there."""
    match expression.source:
        case "response.body":
            try:
                return cast("Json", get(value, expression.pointer))
            except NoSuchMember:
                return None
        case "response.header":
            return next((v for n, v in answer.headers.items() if n.lower() == expression.name.lower()), None)
        case "statusCode":
            return answer.status
        case _:
            return call.value(expression)
