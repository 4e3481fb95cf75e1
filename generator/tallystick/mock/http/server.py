"""The mock on a port: uvicorn with a protocol of ours, ended cleanly by a signal."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from tallystick.errors import ConfigurationError
from tallystick.mock.app import App

if TYPE_CHECKING:
    import uvicorn

_COLLECT = (20_000, 20, 50)
"""How seldom garbage is looked for: requests leave next to none that counting references doesn't free."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises `ConfigurationError` when the address can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        hint = "choose another with --port, or --port 0 for any that is free"
        raise ConfigurationError(f"can't listen on {host} port {port}: {reason}", hint=hint) from None
    listener.setblocking(False)
    listener.set_inheritable(True)
    return listener


def address(listener: socket.socket) -> str:
    """Return the address of a listening socket as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(app: App, listener: socket.socket, *, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called once requests are answered."""
    _server(app, ready).run(sockets=[listener])


def background(
    app: App, listener: socket.socket, loop: asyncio.AbstractEventLoop
) -> tuple[uvicorn.Server, Future[None]]:
    """Serve in an event loop that runs in another thread, and return once requests are answered.

    Setting `should_exit` of the server ends it.
    """
    started: Future[None] = Future()
    server = _server(app, lambda: started.set_result(None))
    serving = asyncio.run_coroutine_threadsafe(server._serve([listener]), loop)  # without signals
    started.result(timeout=10)
    return server, serving


def _server(app: App, ready: Callable[[], None]) -> uvicorn.Server:
    import uvicorn

    from tallystick.mock.http.protocol import Connection

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: Any) -> None:
            # A signal is the way to end the mock, not an accident: it is not raised again afterwards.
            self.force_exit, self.should_exit = self.should_exit, True

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                # The contract stays as it is for as long as the server runs: it need not be looked at again.
                gc.collect()
                gc.freeze()
                gc.set_threshold(*_COLLECT)
                ready()

    return Server(
        uvicorn.Config(
            app,
            http=Connection,
            loop="auto",
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="on",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        )
    )
