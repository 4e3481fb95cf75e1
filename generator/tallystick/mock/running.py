"""A mock that runs beside a test: on a port, or in this process without one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from tallystick.contract import Contract, read
from tallystick.mock.app import App, create_app
from tallystick.mock.client import MockControl
from tallystick.mock.clock import Clock
from tallystick.mock.service import Mode
from tallystick.mock.store import Store
from tallystick.mock.wire.security import Credentials
from tallystick.settings import Target, find

IN_PROCESS = "http://mock.example"
"""The address of a mock without a port."""


class RunningMock:
    """A mock for the time of a `with` block.

    `url` is its address, `control` its control surface, `app` the ASGI application. Without a port, requests
    go through `transport`, a transport for synchronous httpx2 clients; others take `httpx2.ASGITransport(app)`.
    """

    def __init__(
        self,
        contract: str | Path,
        *,
        port: int | None = 0,
        now: float | None = None,
        seed: str = "0",
        mode: Mode | None = None,
        store: Store | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        """Prepare a mock of a contract, by name or path. `now` freezes the clock; `port` `None` is in-process.

        Raises `UsageError` and `FindingsError` when there is no such contract or it can't be read.
        """
        target = find(str(contract))
        self.app: App = create_app(
            _contract(target, _changed(target.document)),
            folder=target.folder,
            clock=Clock(frozen=now),
            seed=seed,
            store=store,
            mode=mode,
            credentials=credentials,
        )
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tallystick-mock", daemon=True)
        self._server: Any = None
        self._serving: Any = None
        self.url = IN_PROCESS
        self.transport: httpx2.BaseTransport = InProcessTransport(self.app, self._loop)
        self.control: MockControl

    def __enter__(self) -> Self:
        self._thread.start()
        if self._port is None:
            asyncio.run_coroutine_threadsafe(self.app.mock.run(), self._loop)
            self.control = MockControl(self.url, transport=self.transport)
            return self
        from tallystick.mock.http.server import address, background, listen

        listener = listen("127.0.0.1", self._port)
        self._server, self._serving = background(self.app, listener, self._loop)
        self.url = address(listener)
        self.control = MockControl(self.url)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.control.close()
        if self._server is not None:
            self._server.should_exit = True
            self._serving.result(timeout=10)
        asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@cache
def _contract(target: Target, changed: tuple[int, int]) -> Contract:
    """Return a contract, read once in a process as long as its document stays as it is: mocks don't change it."""
    del changed
    return read(target.document, name=target.name, root=target.root)


def _changed(document: Path) -> tuple[int, int]:
    """Return what tells that a document has changed."""
    known = document.stat()
    return known.st_mtime_ns, known.st_size


class InProcessTransport(httpx2.BaseTransport):
    """Lets synchronous clients call an ASGI application that lives in another thread's event loop."""

    def __init__(self, app: App, loop: asyncio.AbstractEventLoop) -> None:
        self._app = app
        self._loop = loop

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to the application and return its answer."""
        body = request.read()
        exchange = _exchange(self._app, request.method, str(request.url), dict(request.headers), body)
        status, headers, content = asyncio.run_coroutine_threadsafe(exchange, self._loop).result()
        return httpx2.Response(status, headers=headers, content=content, request=request)


async def _exchange(
    app: App, method: str, url: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    parts = urlsplit(url)
    path = parts.path or "/"
    scope = {
        "type": "http",
        "method": method,
        "scheme": parts.scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": parts.query.encode(),
        "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in headers.items()],
        "server": (parts.hostname, parts.port),
        "extensions": {},
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    if len(sent) < 2:
        raise httpx2.RemoteProtocolError("the mock dropped the connection")
    return sent[0]["status"], sent[0]["headers"], b"".join(m["body"] for m in sent[1:])
