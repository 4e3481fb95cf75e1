"""The server half: from a request to the handler's arguments, and from what it gives to an answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from . import server_bodies as bodies
from .codec import InvalidValueError, build, dump
from .server_answers import Answers
from .server_errors import Problem, Refused
from .server_facts import Facts, Operation, read
from .server_parameters import cookies, pairs, value
from .server_routing import PathRoute, grouped, raw_path
from .server_schema import Schemas
from .server_security import Check, Received, caller_of

T_co = TypeVar("T_co", covariant=True)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply(Generic[T_co]):
    """An answer with more to it than its value: the status, headers, or one of several media types."""

    value: T_co
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    media_type: str = ""


class Handler(NamedTuple):
    """What answers an operation, and the types of its arguments, bodies by media type, and answers by status."""

    call: Callable[..., Awaitable[object]]
    answers: Mapping[str, object]
    arguments: Mapping[str, object] = {}
    body: Mapping[str, object] = {}


def application(
    facts: Path, handlers: Mapping[str, Handler], checks: Mapping[str, Check], *, max_body: int
) -> Starlette:
    """Build the application from the facts of the contract, a handler for each operation, a check for each scheme."""
    return _Adapter(read(facts), handlers, checks, max_body).application()


class _Adapter:
    def __init__(
        self, facts: Facts, handlers: Mapping[str, Handler], checks: Mapping[str, Check], max_body: int
    ) -> None:
        self._facts, self._handlers, self._checks, self._max_body = facts, handlers, checks, max_body
        self._schemas = Schemas(facts.definitions)
        self._answers = Answers(facts)

    def application(self) -> Starlette:
        routes = [PathRoute(group, self.answer) for group in grouped(self._facts.operations)]
        return Starlette(routes=routes, exception_handlers={HTTPException: self._elsewhere})

    async def _elsewhere(self, request: Request, error: Exception) -> Response:
        """Answer what no path of the contract is for."""
        return self._answers.answer(None, Refused("not-found", "there is nothing at this address"))

    async def answer(self, request: Request, route: PathRoute) -> Response:
        """Answer a request for one of the contract's paths, whatever happens."""
        operation = route.operation(request.method)
        if operation is None:
            reason = f"{request.method} is not possible here"
            refused = Refused("method-not-allowed", reason, headers={"allow": route.allow})
            return self._answers.answer(next(iter(route.operations.values())), refused, declared=False)
        try:
            received = await self._received(request)
            return await self._handled(operation, route.values(operation, raw_path(request.scope)), received)
        except Problem as error:
            return self._answers.answer(operation, error)
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception:
            _log.exception("%s failed", operation.id)
            return self._answers.answer(operation, Refused("internal", "the server failed"))

    async def _received(self, request: Request) -> Received:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._max_body:
                raise Refused("too-large", f"a body may have {self._max_body} bytes")
        query = request.scope["query_string"].decode("latin-1")
        target = raw_path(request.scope) + (f"?{query}" if query else "")
        headers: dict[str, str] = {}
        for name, text in request.headers.items():
            headers[name] = f"{headers[name]}, {text}" if name in headers else text
        return Received(request.method, target, headers, bytes(body))

    async def _handled(self, operation: Operation, path: list[tuple[str, str]], request: Received) -> Response:
        handler = self._handlers[operation.id]
        caller = await caller_of(operation, self._facts.schemes, self._checks, request)
        _require_acceptable(operation, request)
        arguments = {"caller": caller} if operation.security else {}
        arguments |= self._arguments(operation, handler, path, request)
        if operation.body:
            arguments["body"] = self._body(operation, handler, request)
        return _response(operation, handler, await handler.call(**arguments))

    def _arguments(
        self, operation: Operation, handler: Handler, path: list[tuple[str, str]], request: Received
    ) -> dict[str, Any]:
        """Return the typed parameters; those that were not sent have their default, or are `None`."""
        query = pairs(request.target.partition("?")[2])
        sent = {"path": path, "query": query, "cookie": cookies(request.headers.get("cookie", ""))}
        found: dict[str, Any] = {}
        for parameter in operation.parameters:
            got = value(parameter, sent, request.headers, self._schemas)
            if got is None and parameter.required:
                reason = f"{parameter.name}: has to be given in the {parameter.place}"
                raise Refused("invalid", reason, pointer=parameter.name)
            if got is not None:
                key = f"{operation.id} {parameter.place} {parameter.name}"
                self._schemas.require(key, parameter.schema, got[0], parameter.name)
            plain = got or parameter.default
            type_ = handler.arguments[parameter.argument]
            found[parameter.argument] = _typed(type_, plain[0], parameter.name) if plain else None
        return found

    def _body(self, operation: Operation, handler: Handler, request: Received) -> Any:
        content_type = request.headers.get("content-type", "")
        if not request.body and not content_type:
            if operation.body_required:
                raise Refused("invalid", "there has to be a body")
            return None
        kind = bodies.chosen(operation.body, bodies.essence(content_type))
        if kind is None:
            reason = f"a body has to be {' or '.join(operation.body)}"
            raise Refused("unsupported-media-type", reason, headers={"accept": ", ".join(operation.body)})
        media = operation.body[kind]
        plain, files = bodies.parse(media, content_type, request.body, self._schemas)
        if isinstance(plain, bytes):
            return plain
        self._schemas.require(f"{operation.id} body {kind}", media.schema, plain)
        return _typed(handler.body[kind], {**plain, **files} if files else plain, "body")


def _typed(type_: object, plain: object, where: str) -> Any:
    try:
        return build(type_, plain)
    except InvalidValueError as error:
        raise Refused("invalid", f"{where}: {error}", pointer=where) from None


def _require_acceptable(operation: Operation, request: Received) -> None:
    accepted = [bodies.essence(part) for part in request.headers.get("accept", "*/*").split(",")]
    offered = {bodies.essence(kind) for kinds in operation.answers.values() for kind in kinds}
    if offered and not any(_accepts(accepted, kind) for kind in offered):
        raise Refused("not-acceptable", f"an answer is {' or '.join(sorted(offered))}")


def _accepts(accepted: Iterable[str], kind: str) -> bool:
    family = f"{kind.partition('/')[0]}/*"
    return "*" in kind or any(one in ("*/*", "*", "", family, kind) for one in accepted)


def _response(operation: Operation, handler: Handler, given: object) -> Response:
    """Check what a handler gives and write it down. Raises what says that the handler broke the contract."""
    reply = cast("Reply[object]", given) if isinstance(given, Reply) else Reply(given)
    usual = next((s for s in operation.answers if s.startswith("2")), "200")
    status = reply.status or int(usual.replace("XX", "00").replace("default", "200"))
    known = (str(status), f"{status // 100}XX", "default")
    declared = next((one for one in known if one in operation.answers), None)
    if declared is None:
        raise LookupError(f"{operation.id} has no answer {status}")
    kinds = operation.answers[declared]
    kind = reply.media_type or next(iter(kinds), "")
    if not kinds:
        return Response(status_code=status, headers=dict(reply.headers))
    if isinstance(reply.value, bytes | str) and not bodies.is_json(bodies.essence(kind)):
        content = reply.value.encode() if isinstance(reply.value, str) else reply.value
    else:
        content = dump(handler.answers[declared], reply.value)
    kind = "application/octet-stream" if "*" in kind else kind
    return Response(content, status, {**reply.headers, "content-type": kind})
