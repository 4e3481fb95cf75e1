"""Servers that do everything wrong: a run ends, in good time, says what happened, and shows no secret."""

from __future__ import annotations

import gzip
import json
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

DOCUMENT = """
openapi: 3.1.0
info: {title: Things, version: '1'}
security: [{key: []}]
paths:
  /things:
    get:
      operationId: listThings
      responses:
        '200':
          description: Things.
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: string}}}
        '401': {description: Who are you?}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
"""
SECRET = "the-secret-of-this-test"
Behaviour = Callable[[socket.socket, threading.Event], None]


def answer(body: bytes, *headers: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    lines = (b"HTTP/1.1 200 OK", b"Content-Type: application/json", b"Content-Length: %d" % size, *headers)
    return b"\r\n".join((*lines, b"Connection: close", b"", body))


def says(raw: bytes) -> Behaviour:
    return lambda connection, _: connection.sendall(raw)


def stalls_after(raw: bytes) -> Behaviour:
    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(raw)
        over.wait()

    return behave


def drips(start: bytes, drop: bytes) -> Behaviour:
    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(start)
        while not over.wait(0.05):
            connection.sendall(drop)

    return behave


def pours(start: bytes, what: bytes) -> Behaviour:
    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(start)
        while not over.is_set():
            connection.sendall(what)

    return behave


def resets(connection: socket.socket, over: threading.Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, behave: Behaviour) -> None:
        self.asked: list[bytes] = []
        self.over = threading.Event()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.asked.append(self.request.recv(65536))
                try:
                    behave(self.request, outer.over)
                except OSError:
                    return  # whoever asked has gone

        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def serve() -> Iterator[Callable[[Behaviour], Server]]:
    servers: list[Server] = []

    def start(behave: Behaviour) -> Server:
        servers.append(Server(behave))
        threading.Thread(target=servers[-1].serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return servers[-1]

    yield start
    for server in servers:
        server.over.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def run(
    tallystick: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> Callable[..., Any]:
    """Test a server, see that nothing leaks, and return the exit code, both outputs and the report."""
    document = tmp_path / "things.yaml"
    document.write_text(DOCUMENT)
    monkeypatch.setenv("TALLYSTICK_KEY", SECRET)

    def tested(address: str, expected: str = "") -> tuple[int, str, str, Any]:
        patience = "0.5" if "0.5 s" in expected else "60"  # a slow machine is no server that hangs
        bounds = ("--timeout", patience, "--max-examples", "1", "--max-time", "60")
        code = tallystick("test", document, "--url", address, *bounds, "--report-dir", tmp_path / "report")
        out, err = capsys.readouterr()
        written = "".join(file.read_text() for file in (tmp_path / "report").glob("*"))
        for text in (out, err, written):
            assert SECRET not in text and SECRET[:-1] not in text and SECRET[::-1] not in text
            assert "Traceback" not in text
        report = tmp_path / "report" / "report.json"
        return code, out, err, json.loads(report.read_text()) if report.exists() else None

    return tested


NOBODY = {
    "never answers": (stalls_after(b""), "no answer within 0.5 s"),
    "drips headers": (drips(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n"), "no answer within 0.5 s"),
    "continues for ever": (pours(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "no answer within 0.5 s"),
    "closes": (says(b""), "Server disconnected without sending a response."),
    "resets": (resets, "the connection was broken off"),
    "garbage": (says(b"\x00\xff\x01 nonsense\r\n\r\n"), "illegal status line"),
    "TLS on a plain port": (says(b"\x15\x03\x01\x00\x02\x02\x0a"), "illegal request line"),
    "a header without end": (says(answer(b"{}", b"X-Long: " + b"a" * 200_000)), "Receive buffer too long"),
}


@pytest.mark.parametrize("name", NOBODY)
def test_what_does_not_speak_http_is_no_server(serve, run, name: str) -> None:
    behave, reason = NOBODY[name]
    server = serve(behave)
    code, _, err, report = run(server.address, reason)
    assert code == 2 and report is None
    assert err.startswith(f"error: the server at {server.address} can't be reached: {reason}")
    assert err.endswith("  hint: start it first, or leave --url out to test against our own mock\n")


NO_ANSWER = {
    "stalls after headers": (stalls_after(answer(b"", length=10)), "did not answer within 0.5 s"),
    "drips": (drips(answer(b"", length=10**6), b" "), "did not answer within 0.5 s"),
    "half an answer": (says(answer(b'{"id"', length=100)), "gave no valid answer: peer closed connection"),
    "wrong gzip": (says(answer(b"plain", b"Content-Encoding: gzip")), "gave no valid answer: Error -3"),
    "a gzip bomb": (
        says(answer(gzip.compress(bytes(60 * 2**20)), b"Content-Encoding: gzip")),
        "sent more than 16 MiB",
    ),
    "10 GB": (pours(answer(b"", length=10**10), b" " * 2**18), "sent more than 16 MiB"),
    "10,000 levels": (says(answer(b"[" * 10_000 + b"]" * 10_000)), "sent what is nested more than 200 times"),
    "wrong chunks": (
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"),
        "gave no valid answer: illegal chunk header",
    ),
}


@pytest.mark.parametrize("name", NO_ANSWER)
def test_what_is_no_answer_is_said_once_and_ends_the_run(serve, run, name: str) -> None:
    behave, what = NO_ANSWER[name]
    code, out, _, report = run(serve(behave).address, what)
    assert code == 1 and report["cases"] <= 4
    assert {failure["check"] for failure in report["failures"]} == {"server_answers"}
    assert f"GET /things: server_answers: The server {what}" in out
    assert f"ended early: the server {what}" in out


WRONG = {
    "no UTF-8": (says(answer(b'{"id": "\xff\xfe"}')), "strict_json"),
    "half a character": (says(answer(b'{"id": 1, "x": "\\ud800"}')), "response_schema_conformance"),
    "not a number": (says(answer(b'{"id": NaN}')), "strict_json"),
    "a number of 5,000 digits": (says(answer(b'{"id": ' + b"9" * 5000 + b"}")), "response_schema_conformance"),
    "more than it said": (says(answer(b'{"id": 1} and more', length=9)), "response_schema_conformance"),
    "thousands of headers": (
        says(answer(b"{}", *(b"X-%d: %d" % (i, i) for i in range(3000)))),
        "response_schema_conformance",
    ),
    "a status that there is not": (
        says(b"HTTP/1.1 999 What\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        "status_code_conformance",
    ),
    "redirects in a circle": (
        says(b"HTTP/1.1 302 Found\r\nLocation: /things\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        "status_code_conformance",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_a_failure_like_any_other(serve, run, name: str) -> None:
    behave, check = WRONG[name]
    code, _, _, report = run(serve(behave).address)
    assert code == 1
    assert check in {failure["check"] for failure in report["failures"]}


def test_nothing_goes_where_a_redirect_leads(serve, run) -> None:
    other = serve(says(answer(b"{}")))
    head = f"HTTP/1.1 307 Found\r\nLocation: {other.address}/things\r\nContent-Length: 0\r\n"
    server = serve(says(f"{head}Connection: close\r\n\r\n".encode()))
    assert run(server.address)[0] == 1
    assert len(server.asked) > 3 and other.asked == []


def test_nothing_is_sent_beside_what_the_report_counts(serve, run) -> None:
    server = serve(says(answer(b'{"id": "1"}')))
    _, _, _, report = run(server.address)
    assert len(server.asked) == report["cases"] + 1  # and one to see whether anybody is there
    assert not [request for request in server.asked if b"robe" in request]


def test_a_plain_server_is_no_tls_server(serve, run) -> None:
    address = serve(says(answer(b"{}"))).address.replace("http:", "https:")
    code, _, err, _ = run(address)
    assert code == 2 and err.startswith(f"error: the server at {address} can't be reached: [SSL")


@pytest.mark.parametrize(
    "address", ["http://", "http://[::1/", "http://h:99999", "http://h h/", "http://h/?q=1", "h:1"]
)
def test_what_is_no_address(run, address: str) -> None:
    code, _, err, _ = run(address)
    assert code == 2
    assert err == (
        f"error: {address!r} is no address of a server\n  hint: write it like https://api.example.com/v1\n"
    )


def test_an_address_holds_no_credentials(run) -> None:
    code, _, err, _ = run(f"http://me:{SECRET}@127.0.0.1:1/")
    assert code == 2 and err.startswith("error: the address of a server must not hold credentials\n")


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://no-such-host.invalid"])
def test_nobody_there(run, address: str) -> None:
    code, _, err, _ = run(address)
    assert code == 2 and err.startswith(f"error: the server at {address} can't be reached: ")
