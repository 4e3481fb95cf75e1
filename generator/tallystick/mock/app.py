"""The ASGI application: bytes to requests, answers to bytes, and everything that a server must bear."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tallystick.contract import Contract
from tallystick.contract.model import Operation
from tallystick.mock.clock import Clock
from tallystick.mock.faults import Fault, broken_off, refusal
from tallystick.mock.message import Answer, Request
from tallystick.mock.outgoing import encoded_json
from tallystick.mock.refusal import Refused
from tallystick.mock.security import Credentials
from tallystick.mock.service import Mock, Mode, Prepared
from tallystick.mock.store import MemoryStore, Store

if TYPE_CHECKING:
    from tallystick.mock.console import Console

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_log = logging.getLogger("tallystick.mock")

CONTROL: Final = "/_tallystick"
"""The one path that is the mock's own; everything else is the contract's."""
MAX_BODY: Final = 8 * 1024 * 1024
"""Longest request body, in bytes; longer ones get the provider's error for it, 413 where none is declared."""
_MOST_READ: Final = 2 * MAX_BODY
"""How much of a body that is too long is read before the connection is given up."""


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
        self._own_pages: Console | None = None
        self._has_no_root = mock.router.find("/") is None

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Look after what becomes due for as long as the server runs."""
        keeper: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                keeper = asyncio.create_task(self.mock.run())
                await send({"type": "lifespan.startup.complete"})
                continue
            if keeper is not None:
                keeper.cancel()
                with suppress(asyncio.CancelledError):
                    await keeper
            self.mock.store.close()
            await send({"type": "lifespan.shutdown.complete"})
            return

    async def _http(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        try:
            body = await _body(receive)
        except _Gone:
            return
        request = Request(scope, body or b"")
        try:
            if request.path.startswith(CONTROL) or (request.path == "/" and self._has_no_root):
                answer = await self._own(request, too_long=body is None)
            elif body is None:
                answer = self._too_large(request)
            else:
                answer = await self._answer(request)
        except _Drop:
            await _drop(scope, send)
            return
        await _send(request, answer, send)

    async def _own(self, request: Request, *, too_long: bool) -> Answer:
        """Answer a request for what is the mock's own: its pages, its contract, its control surface."""
        if too_long:
            return encoded_json(413, {"message": f"The body is longer than {MAX_BODY} bytes."})
        try:
            return await self._console().answer(request)
        except Exception:
            _log.exception("a request of the mock's own could not be answered")
            return encoded_json(500, {"message": "This is a bug in the mock; see its log."})

    def _console(self) -> Console:
        """Return the mock's own pages, loaded when they are first asked for."""
        if self._own_pages is None:
            from tallystick.mock.console import Console

            self._own_pages = Console(self.mock, self._answer)
        return self._own_pages

    def _too_large(self, request: Request) -> Answer:
        match = self.mock.router.find(request.path)
        operation = match.route.operations.get(request.method) if match is not None else None
        message = f"The body is longer than {MAX_BODY} bytes."
        answer = self.mock.refuse(operation, Refused("too-large", message, headers={"Connection": "close"}))
        self.mock.journal.record(self.mock.clock.now(), operation, request, answer, "the body was too long")
        return answer

    async def _answer(self, request: Request) -> Answer:
        """Answer a request of the API, by all the steps, and keep it in the journal."""
        mock = self.mock
        operation: Operation | None = None
        note = ""
        try:
            if request.method == "OPTIONS" and (answer := self._options(request)) is not None:
                return answer
            operation, match = mock.find(request)
            with mock.store.transaction():
                mock.tick()
                prepared = mock.prepare(operation, match, request)
                fault = mock.faults.take(operation)
            if fault is not None:
                note = f"fault: {fault.kind}"
                prepared = await self._delayed(fault, prepared)
            if isinstance(prepared, Answer):
                answer = prepared
            else:
                with mock.store.transaction():
                    answer = mock.perform(prepared)
            if fault is not None:
                answer = self._spoilt(fault, operation, request, answer)
        except Refused as refused:
            answer = mock.refuse(operation, refused)
        except _Drop:
            mock.journal.record(mock.clock.now(), operation, request, None, note)
            raise
        except Exception as error:
            _log.exception("a request could not be answered")
            answer = mock.broken(operation, error)
        if "origin" in request.headers:
            answer.headers |= {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}
        mock.journal.record(mock.clock.now(), operation, request, answer, note)
        mock.wake()
        return answer

    async def _delayed(self, fault: Fault, prepared: Prepared | Answer) -> Prepared | Answer:
        """Let a fault work that strikes before anything is done. Raises `Refused` and `_Drop`."""
        ticket = prepared.ticket if isinstance(prepared, Prepared) else None
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        elif fault.kind in ("status", "drop"):
            if ticket is not None:
                self.mock.abandon(ticket)
            if fault.kind == "drop":
                raise _Drop
            raise refusal(fault)
        return prepared

    def _spoilt(self, fault: Fault, operation: Operation, request: Request, answer: Answer) -> Answer:
        """Let a fault work that strikes the answer."""
        if fault.kind == "malformed":
            return broken_off(answer)
        if fault.kind == "stale":
            return self.mock.journal.earlier(operation, request) or answer
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


class _Drop(Exception):
    """The connection is to be closed without an answer."""


class _Gone(Exception):
    """The client went away before its request was complete."""


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body, `None` when it is too long; what is too much is read and dropped.

    Raises `_Gone` when the client goes away.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body"):
        return body if len(body) <= MAX_BODY else None
    chunks, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= MAX_BODY:
            chunks.append(chunk)
        else:
            chunks.clear()
        if size > _MOST_READ:
            return None
    if message["type"] == "http.disconnect":
        raise _Gone
    return b"".join(chunks) if size <= MAX_BODY else None


async def _drop(scope: MutableMapping[str, Any], send: Send) -> None:
    """Close the connection: at once where the server lets us, else by promising more than comes."""
    close = (scope.get("extensions") or {}).get("tallystick.close")
    if close is not None:
        close["call"]()
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


async def _send(request: Request, answer: Answer, send: Send) -> None:
    headers = [(n.lower().encode("latin-1"), _header_value(v)) for n, v in answer.headers.items()]
    if answer.status >= 200 and answer.status != 204:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else answer.body})


def _header_value(value: str) -> bytes:
    return value.replace("\r", " ").replace("\n", " ").encode("latin-1", "replace")
