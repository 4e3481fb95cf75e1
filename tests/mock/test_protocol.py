"""HTTP/1.1 as clients may speak it, on a real port."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Awaitable, Iterator
from contextlib import suppress

import httpx2
import pytest

from tallystick.mock.app import App
from tallystick.mock.http import protocol
from tallystick.mock.message import Answer, Request
from tallystick.mock.running import RunningMock

CREATE = "/api/service/data/session/create"
DETAILS = "/api/service/data/session/details"
KEY = {"X-Ivy-Api-Key": "test-key"}


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def shared(request: pytest.FixtureRequest) -> Iterator[RunningMock]:
    loops = pytest.importorskip(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tallystick.mock.running.asyncio.new_event_loop", loops.new_event_loop)
        running = RunningMock("ivy")
    with running:
        yield running


@pytest.fixture
def mock(shared: RunningMock) -> RunningMock:
    shared.control.reset()
    return shared


def request(reference: str, *headers: str, path: str = CREATE, version: str = "1.1") -> bytes:
    body = json.dumps({"referenceId": reference}).encode()
    lines = (
        f"POST {path} HTTP/{version}",
        "Host: mock.example",
        "X-Ivy-Api-Key: test-key",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def sent(mock: RunningMock, data: bytes) -> bytes:
    """Send bytes and no more, and return all that comes back until the server closes."""
    host, port = mock.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        received = b""
        while piece := client.recv(65_536):
            received += piece
        return received


def test_requests_sent_at_once_are_answered_in_order(mock: RunningMock) -> None:
    received = sent(mock, b"".join(request(f"r-{n}") for n in range(50)))
    assert received.count(b"HTTP/1.1 201 Created\r\n") == 50
    places = [received.index(f'"referenceId":"r-{n}"'.encode()) for n in range(50)]
    assert places == sorted(places)


def test_a_request_waits_for_the_answer_before_it(mock: RunningMock) -> None:
    mock.control.fault("delay", seconds=0.05)
    received = sent(mock, request("late") + request("after"))
    assert received.count(b"HTTP/1.1 201 ") == 2
    assert received.index(b'"referenceId":"late"') < received.index(b'"referenceId":"after"')


def test_a_dropped_connection_answers_nothing_more(mock: RunningMock) -> None:
    mock.control.fault("drop")
    with suppress(ConnectionResetError):
        assert sent(mock, request("dropped") + request("after")) == b""
    assert mock.control.resources("dataSession") == []


def test_a_bug_of_ours_ends_no_connection_but_its_own(mock: RunningMock, monkeypatch: pytest.MonkeyPatch) -> None:
    respond = App.respond

    def sometimes(app: App, request: Request) -> Answer | Awaitable[Answer]:
        if request.path == "/bug":
            raise RuntimeError("a bug")
        return later() if request.path == "/later/bug" else respond(app, request)

    async def later() -> Answer:
        raise RuntimeError("a bug")

    monkeypatch.setattr(App, "respond", sometimes)
    host, port = mock.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as other:
        for path in ("/bug", "/later/bug"):
            lost = sent(mock, request("lost", path=path) + request("after"))
            assert (status(lost), b"see its log" in lost) == (500, True)
        other.sendall(request("kept"))
        assert other.recv(65_536).startswith(b"HTTP/1.1 201 ")


def test_a_client_that_is_gone_spoils_no_answer_of_others(mock: RunningMock) -> None:
    host, port = mock.url.removeprefix("http://").split(":")
    clients = [socket.create_connection((host, int(port)), timeout=20) for _ in range(8)]
    for number, client in enumerate(clients):
        client.sendall(request(f"r-{number}"))
    for client in clients[::2]:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed by a reset
        client.close()
    for client in clients[1::2]:
        with client:
            assert client.recv(65_536).startswith(b"HTTP/1.1 201 Created\r\n")


def test_the_body_is_asked_for_where_the_client_waits(mock: RunningMock) -> None:
    received = sent(mock, request("r-1", "Expect: 100-continue"))
    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n")


@pytest.mark.parametrize(
    ("headers", "version"), [(["Connection: close"], "1.1"), ([], "1.0"), (["Connection: keep-alive"], "1.0")]
)
def test_a_client_that_wants_one_answer_gets_one(mock: RunningMock, headers: list[str], version: str) -> None:
    received = sent(mock, request("r-1", *headers, version=version) + request("r-2"))
    assert received.count(b"HTTP/1.1 201 ") == 1
    assert b"connection: close\r\n" in received


def test_a_whole_address_is_a_target(mock: RunningMock) -> None:
    assert sent(mock, request("r-1", path=f"http://other.example{CREATE}?a=b")).startswith(b"HTTP/1.1 201 ")
    assert mock.control.journal()[-1]["target"] == f"{CREATE}?a=b"


def said(mock: RunningMock, *lines: str, body: bytes = b"") -> bytes:
    """Send one request, as it is written, and return what comes back."""
    return sent(mock, "\r\n".join((*lines, "", "")).encode() + body)


def status(received: bytes) -> int:
    """Return the status of the one answer that came, 0 when none did."""
    assert received.count(b"HTTP/1.1 ") <= 1
    return int(received.split(b" ")[1]) if received else 0


@pytest.mark.parametrize("line", ["GET http://other.example", "OPTIONS http://other.example"])
def test_the_front_page_has_a_whole_address_too(mock: RunningMock, line: str) -> None:
    received = said(mock, f"{line} HTTP/1.1", "Host: other.example")
    assert received.startswith(b"HTTP/1.1 200 " if line.startswith("GET") else b"HTTP/1.1 405 ")


def test_the_server_as_a_whole_tells_its_methods(mock: RunningMock) -> None:
    received = said(mock, "OPTIONS * HTTP/1.1", "Host: x")
    assert (status(received), b"\r\nallow: POST\r\n" in received) == (204, True)
    asked = ("Origin: https://shop.example", "Access-Control-Request-Method: POST")
    received = said(mock, "OPTIONS * HTTP/1.1", "Host: x", *asked)
    assert b"\r\naccess-control-allow-methods: POST\r\n" in received
    assert status(said(mock, "GET * HTTP/1.1", "Host: x")) == 404


@pytest.mark.parametrize(
    "line",
    [
        "CONNECT mock.example:443 HTTP/1.1",
        f"CONNECT {CREATE} HTTP/1.1",
        f"BREW {CREATE} HTTP/1.1",
        f"GETT {CREATE} HTTP/1.1",
        f"post {CREATE} HTTP/1.0",
        f"DESCRIBE {CREATE} HTTP/1.1",
    ],
)
def test_a_method_that_nobody_knows_is_not_implemented(mock: RunningMock, line: str) -> None:
    assert status(said(mock, line, "Host: mock.example")) == 501


@pytest.mark.parametrize("method", ["PROPFIND", "TRACE", "QUERY", "DELETE"])
def test_a_method_that_is_known_is_not_allowed(mock: RunningMock, method: str) -> None:
    received = said(mock, f"{method} {CREATE} HTTP/1.1", "Host: x")
    assert (status(received), b"\r\nallow: POST\r\n" in received) == (405, True)


def test_what_comes_before_a_tunnel_is_answered(mock: RunningMock) -> None:
    received = sent(mock, request("r-1") + b"CONNECT mock.example:443 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert status(received) == 201


@pytest.mark.parametrize(
    ("framing", "expected"),
    [
        (["Transfer-Encoding: chunked"], 201),
        (["Transfer-Encoding: Chunked"], 201),
        (["Transfer-Encoding: gzip, chunked"], 501),
        (["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"], 501),
        (["Transfer-Encoding: x-chunked"], 501),
        (["Transfer-Encoding: chunked, gzip"], 400),
        (["Transfer-Encoding: chunked, chunked"], 400),
        (["Transfer-Encoding: identity"], 501),
        (["Content-Length: 21", "Transfer-Encoding: chunked"], 400),
        (["Transfer-Encoding: chunked", "Content-Length: 21"], 400),
        (["Content-Length: 21", "Content-Length: 22"], 400),
        (["Content-Length: 21, 22"], 400),
        (["Content-Length: +21"], 400),
        (["Content-Length: 0x15"], 400),
        (["Content-Length:"], 400),
        (["Transfer-Encoding: chunked", "X-Folded: a", " b"], 400),
        (["Transfer-Encoding: chunked", "X-Folded: a\n b"], 400),
        (["Transfer-Encoding: chunked", "X-Bare: a\nX-Other: b"], 400),
        (["Transfer-Encoding: chunked", "X-Bare: a\rX-Other: b"], 400),
        (["Transfer-Encoding: chunked", "X-Null: a\0b"], 400),
        (["Transfer-Encoding : chunked"], 400),
        (["Transfer-Encoding: chunked", "X-No-Colon"], 400),
        (["Transfer-Encoding: chunked", "X(: b"], 400),
        (["Transfer-Encoding: chunked", ": b"], 400),
    ],
)
def test_a_body_has_one_length_and_headers_one_form(mock: RunningMock, framing: list[str], expected: int) -> None:
    known = ("Host: x", "X-Ivy-Api-Key: test-key", "Content-Type: application/json")
    received = said(
        mock, f"POST {CREATE} HTTP/1.1", *known, *framing, body=b'15\r\n{"referenceId":"r-1"}\r\n0\r\n\r\n'
    )
    assert status(received) == expected
    assert len(mock.control.resources("dataSession")) == (expected == 201)


def test_chunks_came_after_http_1_0(mock: RunningMock) -> None:
    assert status(said(mock, f"POST {CREATE} HTTP/1.0", "Transfer-Encoding: chunked", body=b"0\r\n\r\n")) == 400


def test_lines_end_as_http_says(mock: RunningMock) -> None:
    assert status(sent(mock, request("r-1").replace(b"\r\n", b"\n"))) == 400


@pytest.mark.parametrize("version", ["HTTP/3.0", "HTTP/2.0", "HTTP/1.2", "HTTP/0.9", ""])
@pytest.mark.parametrize("more", [[], ["Connection: keep-alive"]])
def test_another_version_is_not_spoken(mock: RunningMock, version: str, more: list[str]) -> None:
    assert status(said(mock, f"GET /_tallystick/clock {version}".strip(), "Host: x", *more)) == 505


@pytest.mark.parametrize("host", ["a b", "a/b", "a, b", "<b>", "a@b", "a:b", "[::1", "a:1:2"])
def test_a_host_is_a_host(mock: RunningMock, host: str) -> None:
    assert status(said(mock, "GET /_tallystick/clock HTTP/1.1", f"Host: {host}")) == 400


@pytest.mark.parametrize("host", ["", "a", "a:", "127.0.0.1:80", "[::1]:80", "a_b.example", "%C3%BC.example"])
def test_a_host_may_be_written_as_addresses_write_it(mock: RunningMock, host: str) -> None:
    assert status(said(mock, "GET /_tallystick/clock HTTP/1.1", f"Host: {host}")) == 200


def test_what_follows_the_chunks_changes_nothing(mock: RunningMock) -> None:
    body = b'15\r\n{"referenceId":"r-1"}\r\n0\r\nX-Ivy-Api-Key: test-key\r\nHost: b\r\n\r\n'
    lines = ("Host: a", "Content-Type: application/json", "Transfer-Encoding: chunked")
    assert status(said(mock, f"POST {CREATE} HTTP/1.1", *lines, body=body)) == 401


def test_another_protocol_is_not_spoken(mock: RunningMock) -> None:
    received = sent(mock, request("r-1", "Connection: Upgrade", "Upgrade: websocket"))
    assert received.startswith(b"HTTP/1.1 ")
    assert not received.startswith(b"HTTP/1.1 101 ")


def test_head_has_the_length_of_a_body_that_is_not_sent(mock: RunningMock) -> None:
    reply = httpx2.head(f"{mock.url}/_tallystick/openapi.json")
    assert (reply.content, int(reply.headers["content-length"]) > 1000) == (b"", True)


def test_a_repeated_header_is_joined(mock: RunningMock) -> None:
    sent(mock, request("r-1", "X-Told: one", "x-told: two", "Cookie: a=1", "Cookie: b=2"))
    headers = mock.control.journal()[-1]["headers"]
    assert (headers["x-told"], headers["cookie"]) == ("one, two", "***")


def test_what_is_wrong_after_a_request_does_not_spoil_its_answer(mock: RunningMock) -> None:
    received = sent(mock, request("r-1") + b"NONSENSE\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 201 ")
    assert received.count(b"HTTP/1.1 ") == 1


def test_a_client_that_reads_nothing_is_given_up(mock: RunningMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "ARRIVAL", 0.2)
    monkeypatch.setattr(protocol, "KEEP_ALIVE", 0.2)
    host, port = mock.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as client, pytest.raises(ConnectionError):
        while True:
            client.sendall(b"GET /_tallystick/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
    assert httpx2.post(mock.url + CREATE, json={"referenceId": "r-1"}, headers=KEY).status_code == 201


def test_an_idle_connection_is_closed(mock: RunningMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "ARRIVAL", 0.2)
    monkeypatch.setattr(protocol, "KEEP_ALIVE", 0.2)
    host, port = mock.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(request("r-1"))
        received = b""
        while piece := client.recv(65_536):
            received += piece
    assert received.startswith(b"HTTP/1.1 201 ")
    assert b"connection: close" not in received
