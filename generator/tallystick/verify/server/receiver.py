"""A receiver for webhooks: started for a run, it keeps what arrives and answers 200."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

_LONGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request that arrived."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Receiver:
    """Listens on a free port of this machine while it is used as a context."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._deliveries: list[Delivery] = []
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer((host, 0), _handler(self._keep))
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.server_port}/webhooks"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _keep(self, delivery: Delivery) -> None:
        with self._changed:
            self._deliveries.append(delivery)
            self._changed.notify_all()

    def wait(self, enough: Callable[[Sequence[Delivery]], bool], seconds: float) -> tuple[Delivery, ...]:
        """Return all that arrived so far, as soon as it is enough, at the latest after some seconds."""
        with self._changed:
            self._changed.wait_for(lambda: enough(self._deliveries), seconds)
            return tuple(self._deliveries)


def _handler(keep: Callable[[Delivery], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Keeps every request."""

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), _LONGEST)
            body = self.rfile.read(length)
            keep(Delivery(self.command, self.path, tuple(self.headers.items()), body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PUT = do_PATCH = do_GET = do_DELETE = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's form)
            """Keep quiet."""

    return Handler
