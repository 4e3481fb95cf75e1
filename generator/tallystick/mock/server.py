"""The mock on a port: uvicorn, bounded against slow and flooding clients, ended cleanly by a signal."""

from __future__ import annotations

import socket
from collections.abc import Callable

from tallystick.errors import ConfigurationError
from tallystick.mock.app import Asgi


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
    return listener


def address(listener: socket.socket) -> str:
    """Return the address of a listening socket as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(app: Asgi, listener: socket.socket, *, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called once requests are answered."""
    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: object) -> None:
            # A signal is the way to end the mock, not an accident: it is not raised again afterwards.
            self.force_exit, self.should_exit = self.should_exit, True

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
    )
    Server(config).run(sockets=[listener])
