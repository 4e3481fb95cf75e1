"""The ASGI application: bytes to requests, answers to bytes, and everything that a server must bear."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, Final

from tallystick.contract import Contract
from tallystick.mock.clock import Clock
from tallystick.mock.message import Answer, Request
from tallystick.mock.outgoing import encoded_json
from tallystick.mock.refusal import Refused
from tallystick.mock.security import Credentials
from tallystick.mock.service import Mock, Mode
from tallystick.mock.store import MemoryStore, Store

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_log = logging.getLogger("tallystick.mock")

CONTROL: Final = "/_tallystick"
"""The one path that is the mock's own; everything else is the contract's."""
MAX_BODY: Final = 8 * 1024 * 1024
"""Longest request body, in bytes; longer ones get the provider's error for it, 413 where none is declared."""


def create_app(
    contract: Contract,
    *,
    folder: Path | None = None,
    clock: Clock | None = None,
    seed: str = "0",
    store: Store | None = None,
    mode: Mode | None = None,
    credentials: Credentials | None = None,
) -> App:
    """Return an ASGI application that serves a contract.

    `folder` is the contract's own, with `behaviour.py` and `runtime/`; without it signatures are not checked. `mode`
    is `stateful` where the contract declares lifecycles and else `stateless`, unless given. `credentials` are those
    that each security scheme takes; by default any that begins with `test`. Raises `ConfigurationError` when
    something in `folder` can't be loaded.
    """
    return App(
        Mock(
            contract,
            folder=folder,
            clock=clock or Clock(),
            seed=seed,
            store=store if store is not None else MemoryStore(),
            mode=mode or ("stateful" if contract.lifecycles else "stateless"),
            credentials=credentials or {},
        )
    )


class App:
    """An ASGI application around a mock."""

    def __init__(self, mock: Mock) -> None:
        self.mock = mock

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                self.mock.store.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        body = await _body(receive)
        request = Request(scope, body or b"")
        if request.path.startswith(CONTROL):
            answer = self._control(request)
        elif body is None:
            answer = self._too_large(request)
        else:
            answer = self._answer(request)
        await _send(request, answer, send)

    def _control(self, request: Request) -> Answer:
        if request.path == f"{CONTROL}/openapi.json" and request.method in ("GET", "HEAD"):
            return encoded_json(200, self.mock.contract.document)
        return encoded_json(404, {"message": "There is no such control."})

    def _too_large(self, request: Request) -> Answer:
        match = self.mock.router.find(request.path)
        operation = match.route.operations.get(request.method) if match is not None else None
        message = f"The body is longer than {MAX_BODY} bytes."
        return self.mock.refuse(operation, Refused("too-large", message, headers={"Connection": "close"}))

    def _answer(self, request: Request) -> Answer:
        mock = self.mock
        operation = None
        try:
            if request.method == "OPTIONS" and (answer := self._options(request)) is not None:
                return answer
            operation, match = mock.find(request)
            with mock.store.transaction():
                mock.tick()
                prepared = mock.prepare(operation, match, request)
                answer = prepared if isinstance(prepared, Answer) else mock.perform(prepared)
        except Refused as refused:
            answer = mock.refuse(operation, refused)
        except Exception as error:
            _log.exception("a request could not be answered")
            answer = mock.broken(operation, error)
        if "origin" in request.headers:
            answer.headers |= {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}
        mock.journal.record(mock.clock.now(), operation, request, answer, "")
        return answer

    def _options(self, request: Request) -> Answer | None:
        """Return the answer to a preflight, or to OPTIONS on a path that doesn't declare it."""
        match = self.mock.router.find(request.path)
        if match is None or "OPTIONS" in match.route.operations:
            return None
        allow = match.route.allow
        if "access-control-request-method" not in request.headers:
            return Answer(204, headers={"Allow": allow})
        return Answer(
            204,
            headers={
                "Allow": allow,
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Allow-Methods": allow,
                "Access-Control-Allow-Headers": request.headers.get("access-control-request-headers", "*"),
                "Access-Control-Max-Age": "600",
            },
        )


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body, `None` when it is too long; what is too much is read and dropped."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body if len(body) <= MAX_BODY else None
    chunks, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= MAX_BODY:
            chunks.append(chunk)
    return b"".join(chunks) if size <= MAX_BODY else None


async def _send(request: Request, answer: Answer, send: Send) -> None:
    headers = [(n.lower().encode("latin-1"), _header_value(v)) for n, v in answer.headers.items()]
    if answer.status >= 200 and answer.status != 204:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else answer.body})


def _header_value(value: str) -> bytes:
    return value.replace("\r", " ").replace("\n", " ").encode("latin-1", "replace")
