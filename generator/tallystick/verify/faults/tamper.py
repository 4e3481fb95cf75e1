"""A layer in front of a server that changes requests on their way in and answers on their way out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.verify.facts.bodies import parsed
from tallystick.verify.server.routes import Routes
from tallystick.verify.server.wire import App, Event, Receive, Scope, Send

Headers = tuple[tuple[str, str], ...]
M = TypeVar("M", "Request", "Answer")


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a layer sees it. `operation` is `None` for what the contract does not have."""

    operation: Operation | None
    method: str
    path: str
    query: str
    headers: Headers
    body: bytes

    @property
    def json(self) -> Json:
        """The body as JSON, `NOTHING` when it is none."""
        return parsed(self.body)

    @property
    def url(self) -> str:
        """Path and query."""
        return self.path + (f"?{self.query}" if self.query else "")

    def is_for(self, operation_id: str) -> bool:
        """Say whether this is a request of an operation."""
        return self.operation is not None and self.operation.id == operation_id


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as a layer sees it."""

    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> Json:
        """The body as JSON, `NOTHING` when it is none."""
        return parsed(self.body)

    @property
    def accepted(self) -> bool:
        """Whether the server did what was asked."""
        return 200 <= self.status < 300


def with_json(message: M, value: Json) -> M:
    """Return a message with another JSON body."""
    return replace(message, body=json.dumps(value, separators=(",", ":")).encode())


def with_header(message: M, name: str, value: str | None) -> M:
    """Return a message with a header set, or without it."""
    kept: Headers = tuple((n, v) for n, v in message.headers if n.lower() != name.lower())
    return replace(message, headers=kept if value is None else (*kept, (name.lower(), value)))


def header(message: Request | Answer, name: str) -> str | None:
    """Return a header of a message, `None` when it has none."""
    return next((v for n, v in message.headers if n.lower() == name.lower()), None)


Ask = Callable[["Request"], Any]
"""Sends a request to the server behind the layer; await it for the answer."""


class Layer:
    """An ASGI application around another. Subclasses override one or both of the two steps."""

    def __init__(self, app: App, routes: Routes) -> None:
        self._app = app
        self._routes = routes

    async def handle(self, request: Request) -> Answer:
        """Answer a request. As it stands, both steps around the server's own answer."""
        return self.outgoing(request, await self.ask(self.incoming(request)))

    def incoming(self, request: Request) -> Request:
        """Return the request that the server gets."""
        return request

    def outgoing(self, request: Request, answer: Answer) -> Answer:
        """Return the answer that the caller gets."""
        return answer

    async def ask(self, request: Request) -> Answer:
        """Return the server's own answer to a request."""
        collected = _Collected()
        headers = with_header(request, "content-length", str(len(request.body)) if request.body else None).headers
        scope: Scope = {
            **self._scope,
            "method": request.method,
            "path": request.path,
            "raw_path": request.path.encode("latin-1"),
            "query_string": request.query.encode("latin-1"),
            "headers": [(n.encode("latin-1"), v.encode("latin-1")) for n, v in headers],
        }
        await self._app(scope, _once(request.body), collected)
        return Answer(collected.status, collected.headers, bytes(collected.body))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or hand a lifespan on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._scope = scope
        path = scope["raw_path"].decode("latin-1")
        headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in scope["headers"])
        body = (await receive())["body"]
        operation = self._routes.find(scope["method"], path)
        request = Request(operation, scope["method"], path, scope["query_string"].decode("latin-1"), headers, body)
        answer = await self.handle(request)
        kept = with_header(answer, "content-length", None).headers
        raw = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in kept]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": answer.body})


class _Collected:
    def __init__(self) -> None:
        self.status = 0
        self.headers: Headers = ()
        self.body = bytearray()

    async def __call__(self, event: Event) -> None:
        if event["type"] == "http.response.start":
            self.status = event["status"]
            self.headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in event.get("headers", ()))
        else:
            self.body += event.get("body", b"")


def _once(body: bytes) -> Receive:
    async def receive() -> Event:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
