"""The application: requests answered in all their steps, with the faults that were asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Generator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tallystick.contract import Contract
from tallystick.contract.model import Operation
from tallystick.mock.clock import Clock
from tallystick.mock.faults import Fault, broken_off, refusal
from tallystick.mock.http.asgi import Receive, Scope, Send, exchange
from tallystick.mock.message import MAX_BODY, Answer, Dropped, Request
from tallystick.mock.refusal import Refused
from tallystick.mock.service import Mock, Mode, Prepared
from tallystick.mock.store import MemoryStore, Store
from tallystick.mock.wire.outgoing import encoded_json
from tallystick.mock.wire.security import Credentials

if TYPE_CHECKING:
    from tallystick.mock.control.console import Console

Steps = Generator[float, None, Answer]
"""The steps of an answer. They pause for so many seconds at a time."""

_log = logging.getLogger("tallystick.mock")

CONTROL: Final = "/_tallystick"
"""The one path that is the mock's own; everything else is the contract's."""


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
    """An application around a mock. It speaks ASGI; servers of ours ask `respond`."""

    def __init__(self, mock: Mock) -> None:
        self.mock = mock
        self._own_pages: Console | None = None
        self._has_no_root = mock.router.find("/") is None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] == "http":
            await exchange(self.respond, scope, receive, send)
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

    def respond(self, request: Request) -> Answer | Awaitable[Answer]:
        """Return the answer to a request, or what gives it when the answer has to wait for something.

        Raises `Dropped`, at once or when awaited, where the connection is to be closed without an answer.
        """
        if request.path.startswith(CONTROL) or (request.path == "/" and self._has_no_root):
            return self._own(request)
        if request.too_long:
            return self._too_large(request)
        steps = self._steps(request)
        try:
            pause = next(steps)
        except StopIteration as done:
            answer: Answer = done.value
            return answer
        return _walk(steps, pause)

    async def answer(self, request: Request) -> Answer:
        """Return the answer to a request."""
        answer = self.respond(request)
        return answer if isinstance(answer, Answer) else await answer

    async def _own(self, request: Request) -> Answer:
        """Answer a request for what is the mock's own: its pages, its contract, its control surface."""
        if request.too_long:
            return encoded_json(413, {"message": f"The body is longer than {MAX_BODY} bytes."})
        try:
            return await self._console().answer(request)
        except Exception:
            _log.exception("a request of the mock's own could not be answered")
            return encoded_json(500, {"message": "This is a bug in the mock; see its log."})

    def _console(self) -> Console:
        """Return the mock's own pages, loaded when they are first asked for."""
        if self._own_pages is None:
            from tallystick.mock.control.console import Console

            self._own_pages = Console(self.mock, self.answer)
        return self._own_pages

    def _too_large(self, request: Request) -> Answer:
        match = self.mock.router.find(request.path)
        operation = match.route.operations.get(request.method) if match is not None else None
        message = f"The body is longer than {MAX_BODY} bytes."
        answer = self.mock.refuse(operation, Refused("too-large", message, headers={"Connection": "close"}))
        _share(answer, request)
        self.mock.journal.record(self.mock.clock.now(), operation, request, answer, "the body was too long")
        return answer

    def _steps(self, request: Request) -> Steps:
        """Answer a request of the API, by all the steps, and keep it in the journal."""
        mock = self.mock
        operation: Operation | None = None
        note = ""
        try:
            if request.method == "OPTIONS" and (allowed := self._options(request)) is not None:
                return allowed
            operation, match = mock.find(request)
            with mock.store.transaction():
                mock.tick()
                prepared = mock.prepare(operation, match, request)
                fault = mock.faults.take(operation)
                reached = mock.perform(prepared) if fault is None else prepared
            if fault is not None:
                note = f"fault: {fault.kind}"
                yield from self._strike(fault, reached)
                with mock.store.transaction():
                    whole = mock.perform(reached)
                    spoilt = self._spoilt(fault, operation, request, whole)
                note += ", but there is no earlier answer" if fault.kind == "stale" and spoilt is None else ""
                reached = spoilt or whole
            assert isinstance(reached, Answer)
            answer = reached
        except Refused as refused:
            answer = mock.refuse(operation, refused)
        except Dropped:
            mock.journal.record(mock.clock.now(), operation, request, None, note)
            raise
        except Exception as error:
            _log.exception("a request could not be answered")
            answer = mock.broken(operation, error)
        _share(answer, request)
        mock.journal.record(mock.clock.now(), operation, request, answer, note)
        mock.wake()
        return answer

    def _strike(self, fault: Fault, prepared: Prepared | Answer) -> Generator[float, None, None]:
        """Let a fault work that strikes before anything is done. Raises `Refused` and `Dropped`."""
        if fault.kind == "delay":
            yield fault.seconds
        elif fault.kind in ("status", "drop"):
            if isinstance(prepared, Prepared) and prepared.ticket is not None:
                self.mock.abandon(prepared.ticket)
            if fault.kind == "drop":
                raise Dropped
            raise refusal(fault)

    def _spoilt(self, fault: Fault, operation: Operation, request: Request, answer: Answer) -> Answer | None:
        """Return what a fault makes of an answer, `None` when that is nothing."""
        if fault.kind == "malformed":
            return broken_off(answer)
        return self.mock.journal.earlier(operation, request) if fault.kind == "stale" else None

    def _options(self, request: Request) -> Answer | None:
        """Return the answer to a preflight, or to OPTIONS on a path that doesn't declare it, or on `*`: on all."""
        router = self.mock.router
        match = router.find(request.path)
        if match is None and request.path != "*":
            return None
        if match is not None and "OPTIONS" in match.route.operations:
            return None
        allow = match.route.allow if match is not None else router.allow
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


def _share(answer: Answer, request: Request) -> None:
    """Let pages of other origins read an answer."""
    if "origin" in request.headers:
        answer.headers |= {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}


async def _walk(steps: Steps, pause: float) -> Answer:
    """Take the rest of the steps, pausing where they do."""
    while True:
        await asyncio.sleep(pause)
        try:
            pause = next(steps)
        except StopIteration as done:
            answer: Answer = done.value
            return answer
