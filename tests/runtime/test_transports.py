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

from tallystick.runtime.call import Request
from tallystick.runtime.client import AsyncClient, Facts, SyncClient
from tallystick.runtime.fast import PyreqwestTransport
from tallystick.runtime.outcome import ConnectionFailedError, TimedOutError
from tallystick.runtime.streaming import StreamingHttpx
from tallystick.runtime.transport import settled


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    released = threading.Event()

    def do_GET(self) -> None:
        self.answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = do_GET  # noqa: N815

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        told = self.path + "|" + self.headers.get("x-told", "") + "|" + body.decode()
        if self.path.startswith("/method"):
            told = f"{self.command} {self.headers.get('content-length')}"
        if self.path.startswith("/port"):
            told = str(self.client_address[1])
        if self.path.startswith("/large"):
            told = body.decode() * 2
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
        if self.command == "HEAD":
            return
        if self.path.startswith("/half"):
            self.wfile.write(content[:-5])
            self.wfile.flush()
            if self.path.startswith("/half/hang"):
                self.released.wait(30)
            self.close_connection = True
            return
        self.wfile.write(content)

    def log_request(self, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients here hang up on purpose
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


FACTS = Facts("tests/1", "TESTS", "http://127.0.0.1", adapters=(PyreqwestTransport, StreamingHttpx))


class Over(SyncClient):
    """A client with all adapters."""

    facts = FACTS


class OverAsync(AsyncClient):
    """The same, to be awaited."""

    facts = FACTS


def opened(given: Any, *, is_async: bool) -> Any:
    """The client that carries what it sends by `given`, or by a library of its own choice."""
    return (OverAsync if is_async else Over)(http_client=given)


@pytest.fixture(params=LIBRARIES)
def send(request: pytest.FixtureRequest) -> Callable[[Request], Any]:
    """Send one request with a library, and read a stream to its end."""
    make, is_async = LIBRARIES[request.param]

    async def later(wanted: Request) -> Any:
        transport = opened(make(), is_async=True).transport
        try:
            reply = await transport.send(wanted)
            return reply, b"".join([c async for c in reply.chunks]) if reply.chunks else reply.content
        finally:
            await transport.close()

    def now(wanted: Request) -> Any:
        client = opened(make(), is_async=False)
        try:
            reply = client.finish(client.transport.send(wanted))
            return reply, b"".join(reply.chunks) if reply.chunks else reply.content
        finally:
            client.transport.close()

    return (lambda wanted: asyncio.run(later(wanted))) if is_async else now


def several(library: str, wanted: list[Request]) -> list[Any]:
    """Send requests one after the other with one client."""
    make, is_async = LIBRARIES[library]

    async def later() -> list[Any]:
        transport = opened(make(), is_async=True).transport
        replies = [await transport.send(one) for one in wanted]
        await transport.close()
        return replies

    def now() -> list[Any]:
        client = opened(make(), is_async=False)
        replies = [client.finish(client.transport.send(one)) for one in wanted]
        client.transport.close()
        return replies

    return asyncio.run(later()) if is_async else now()


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
        send(post(f"{address}/hang", timeout=1.0))
    assert caught.value.sent


@pytest.mark.parametrize("path", ["/half", "/half/hang"])
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_ends_too_early_is_no_answer(send: Any, address: str, path: str, stream: bool) -> None:
    with pytest.raises(ConnectionFailedError) as caught:
        send(post(f"{address}{path}", stream=stream, timeout=1.0))
    assert (caught.value.sent, isinstance(caught.value, TimedOutError)) == (True, path == "/half/hang")
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method_goes_out_as_it_is(send: Any, address: str, method: str) -> None:
    reply, body = send(Request(method, f"{address}/method", {}, b""))
    assert reply.status == 200
    assert body.decode() in {"HEAD": [""], "GET": ["GET None"]}.get(method, [f"{method} None", f"{method} 0"])


def test_large_bodies_go_both_ways(send: Any, address: str) -> None:
    sent = b"0123456789abcdef" * 2**17
    for stream in (False, True):
        assert send(post(f"{address}/large", sent, stream=stream))[1] == sent * 2


def test_headers_go_out_as_given(send: Any, address: str) -> None:
    reply, body = send(Request("POST", f"{address}/h", {"x-told": 'a, b;c="d" \t e'}, b""))
    assert (reply.status, body) == (200, b'/h|a, b;c="d" \t e|')


@pytest.mark.parametrize("library", LIBRARIES)
def test_calls_share_a_connection(library: str, address: str) -> None:
    first, second = several(library, [post(f"{address}/port"), post(f"{address}/port")])
    assert first.content == second.content


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_stream_left_early_can_be_closed(library: str, address: str) -> None:
    make, is_async = LIBRARIES[library]

    async def later() -> None:
        transport = opened(make(), is_async=True).transport
        reply = await transport.send(post(f"{address}/large", b"x" * 2**20, stream=True))
        async for _ in reply.chunks:
            break
        await reply.chunks.aclose()
        assert [chunk async for chunk in reply.chunks] == []
        await transport.close()

    def now() -> None:
        client = opened(make(), is_async=False)
        reply = client.finish(client.transport.send(post(f"{address}/large", b"x" * 2**20, stream=True)))
        next(reply.chunks)
        reply.chunks.close()
        assert list(reply.chunks) == []
        client.transport.close()

    asyncio.run(later()) if is_async else now()


@pytest.mark.parametrize("library", LIBRARIES)
def test_whose_client_it_is_decides_who_closes_it(library: str, address: str) -> None:
    make, is_async = LIBRARIES[library]
    given = make()
    client = opened(given, is_async=is_async)
    assert client.owned == (given is None)

    async def close_and_send() -> None:
        await settled(client.transport.close())
        await client.transport.send(post(address))

    with pytest.raises(Exception, match=r"(?i)closed"):
        asyncio.run(close_and_send()) if is_async else client.finish(close_and_send())


def test_a_request_shows_nothing_of_what_it_carries() -> None:
    shown = repr(post("https://api.test/secret", b"secret", secrets=(lambda: ["secret"],)))
    assert "secret" not in shown
