"""One suite for everything that can carry requests: httpx2, httpx by hand, pyreqwest, each sync and async."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import httpx2
import pytest
from pyreqwest.client import ClientBuilder, SyncClientBuilder

from tallystick.runtime.call import Timeout
from tallystick.runtime.errors import ConnectionFailedError, TimedOutError
from tallystick.runtime.request import Request
from tallystick.runtime.transport import open_transport


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    released = threading.Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        told = self.path + "|" + self.headers.get("x-told", "") + "|" + body.decode()
        status = 418 if self.path.startswith("/no") else 302 if self.path.startswith("/away") else 200
        if self.path.startswith("/hang"):
            self.released.wait(30)
            return
        if self.path.startswith("/drop"):
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        content = gzip.compress(told.encode()) if self.path.startswith("/zip") else told.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Twice", "a")
        self.send_header("X-Twice", "b")
        if self.path.startswith("/away"):
            self.send_header("Location", "/elsewhere")
        if self.path.startswith("/zip"):
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    Handler.released.set()
    server.shutdown()
    server.server_close()


LIBRARIES: dict[str, tuple[Callable[[], Any], bool]] = {
    "ours": (lambda: None, False),
    "ours async": (lambda: None, True),
    "httpx2": (httpx2.Client, False),
    "httpx2 async": (httpx2.AsyncClient, True),
    "httpx": (httpx.Client, False),
    "httpx async": (httpx.AsyncClient, True),
    "pyreqwest": (lambda: SyncClientBuilder().follow_redirects(False).build(), False),
    "pyreqwest async": (lambda: ClientBuilder().follow_redirects(False).build(), True),
}


@pytest.fixture(params=LIBRARIES)
def send(request: pytest.FixtureRequest) -> Callable[[Request], Any]:
    """Send one request with a library, and read a stream to its end."""
    make, is_async = LIBRARIES[request.param]

    async def later(wanted: Request) -> Any:
        transport, _ = open_transport(make(), is_async=True)
        try:
            reply = await transport.send(wanted)
            return reply, b"".join([c async for c in reply.chunks]) if reply.chunks else reply.content
        finally:
            await transport.close()

    def now(wanted: Request) -> Any:
        transport, _ = open_transport(make(), is_async=False)
        try:
            reply = transport.send(wanted)
            return reply, b"".join(reply.chunks) if reply.chunks else reply.content
        finally:
            transport.close()

    return (lambda wanted: asyncio.run(later(wanted))) if is_async else now


def post(url: str, content: bytes = b"body", **more: Any) -> Request:
    return Request("POST", url, {"x-told": "yes"}, content, **more)


def test_a_request_arrives_as_built(send: Any, address: str) -> None:
    reply, body = send(post(f"{address}/a%2Fb?q=%5Bx%5D&r=a,b"))
    assert (reply.status, body) == (200, b"/a%2Fb?q=%5Bx%5D&r=a,b|yes|body")
    assert reply.headers["X-TWICE"] == "a, b"


def test_an_error_status_is_an_answer(send: Any, address: str) -> None:
    for stream in (False, True):
        reply, body = send(post(f"{address}/no", stream=stream))
        assert (reply.status, body, reply.chunks) == (418, b"/no|yes|body", None)


def test_redirects_are_not_followed(send: Any, address: str) -> None:
    reply, _ = send(post(f"{address}/away"))
    assert (reply.status, reply.headers["location"]) == (302, "/elsewhere")


def test_a_stream_is_read_on_demand(send: Any, address: str) -> None:
    reply, body = send(post(f"{address}/s", stream=True))
    assert (reply.status, reply.content, body) == (200, b"", b"/s|yes|body")


def test_encoded_bodies_are_decoded(send: Any, address: str) -> None:
    for stream in (False, True):
        assert send(post(f"{address}/zip", stream=stream))[1] == b"/zip|yes|body"


def test_nobody_there_means_nothing_was_sent(send: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(ConnectionFailedError) as caught:
        send(post(f"http://127.0.0.1:{port}/"))
    assert (caught.value.sent, isinstance(caught.value, TimedOutError)) == (False, False)
    assert caught.value.__cause__ is not None


def test_a_lost_answer_means_it_may_have_been_sent(send: Any, address: str) -> None:
    with pytest.raises(ConnectionFailedError) as caught:
        send(post(f"{address}/drop"))
    assert (caught.value.sent, isinstance(caught.value, TimedOutError)) == (True, False)


def test_a_late_answer_is_a_timeout(send: Any, address: str) -> None:
    with pytest.raises(TimedOutError) as caught:
        send(post(f"{address}/hang", timeout=Timeout.of(0.2)))
    assert caught.value.sent


def test_a_request_shows_nothing_of_what_it_carries() -> None:
    shown = repr(post("https://api.test/secret", b"secret", secrets=["secret"]))
    assert "secret" not in shown
