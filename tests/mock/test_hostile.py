"""Clients that mean no good, on a real port: bounded, answered, and nobody else is hurt."""

from __future__ import annotations

import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress

import httpx2
import pytest

from tallystick.mock.http import protocol
from tallystick.mock.running import RunningMock

CREATE = "/api/service/data/session/create"
KEY = {"X-Ivy-Api-Key": "test-key"}


@pytest.fixture
def mock() -> Iterator[RunningMock]:
    with RunningMock("ivy") as running:
        yield running


def connection(mock: RunningMock) -> socket.socket:
    host, port = mock.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def answer(client: socket.socket) -> bytes:
    received = b""
    while piece := client.recv(65_536):
        received += piece
    return received


def still_serves(mock: RunningMock) -> bool:
    body = {"referenceId": "still-there"}
    return httpx2.post(mock.url + CREATE, json=body, headers=KEY).status_code == 201


def test_a_flood_of_headers_is_cut_off(mock: RunningMock) -> None:
    with connection(mock) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"A%d: b\r\n" % n for n in range(1000)))
        assert answer(client).startswith(b"HTTP/1.1 431 ")
    assert still_serves(mock)


def test_a_header_without_end_is_cut_off(mock: RunningMock) -> None:
    with connection(mock) as client, pytest.raises((OSError, AssertionError)):
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nA: ")
        for _ in range(200):
            client.sendall(b"a" * 65_536)
        assert answer(client) == b""
    assert still_serves(mock)


def test_a_slow_client_is_given_up(mock: RunningMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "ARRIVAL", 0.2)
    with connection(mock) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n")
        assert answer(client).startswith(b"HTTP/1.1 408 ")
    with connection(mock) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
        assert answer(client).startswith(b"HTTP/1.1 408 ")
    assert still_serves(mock)


@pytest.mark.parametrize(
    "sent",
    [
        b"NONSENSE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_refused(mock: RunningMock, sent: bytes) -> None:
    with connection(mock) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        received = answer(client)
        assert received == b"" or received.split()[1][:1] == b"4" or received.split()[1] == b"505"
        assert b"Traceback" not in received
    assert still_serves(mock)


def test_a_client_that_goes_away_leaves_no_trace(mock: RunningMock) -> None:
    with connection(mock) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
    assert still_serves(mock)
    assert [e["target"] for e in mock.control.journal()] == [CREATE]


def test_ten_megabytes_are_refused_in_the_providers_shape(mock: RunningMock) -> None:
    headers = {**KEY, "Content-Type": "application/json"}
    reply = httpx2.post(mock.url + CREATE, content=b"[" * 10_000_000, headers=headers)
    assert (reply.status_code, list(reply.json())) == (413, ["message"])
    assert still_serves(mock)


def test_a_chunked_body_without_length_is_read(mock: RunningMock) -> None:
    body = iter([b'{"refer', b'enceId": "chunk', b'ed"}'])
    headers = {**KEY, "Content-Type": "application/json"}
    assert httpx2.post(mock.url + CREATE, content=body, headers=headers).status_code == 201


@pytest.mark.parametrize("path", ["/%2e%2e/%2e%2e/etc/passwd", "/%00", "/%ff%fe", "//x", "/" + "a/" * 5000, "/{id}"])
def test_odd_paths_are_not_found(mock: RunningMock, path: str) -> None:
    with connection(mock) as client:
        client.sendall(b"GET " + path.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer(client).startswith(b"HTTP/1.1 404 ")
    assert still_serves(mock)


def test_values_from_outside_do_not_become_headers(mock: RunningMock) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    reply = httpx2.options(mock.url + CREATE, headers={**asked, "Access-Control-Request-Headers": "x-a, x-b"})
    assert reply.headers["access-control-allow-headers"] == "x-a, x-b"
    assert reply.status_code == 204


@pytest.mark.parametrize("filler", [b"a", b'\\"', b"\\\\"])
def test_a_long_value_that_is_wrong_costs_no_more_than_reading_it(mock: RunningMock, filler: bytes) -> None:
    body = b'{"referenceId":"' + filler * (4_000_000 // len(filler)) + b'"}'
    tracemalloc.start()
    try:
        reply = httpx2.post(mock.url + CREATE, content=body, headers={**KEY, "Content-Type": "application/json"})
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (reply.status_code, reply.json()["param"], len(reply.content) < 1000) == (400, "referenceId", True)
    assert most < 20 * len(body)


def test_a_body_that_is_going_to_be_too_long_is_not_asked_for(mock: RunningMock) -> None:
    with connection(mock) as client:
        head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 20000000\r\n\r\n"
        client.sendall(head.replace(b"POST /", b"POST " + CREATE.encode()))
        assert answer(client).startswith(b"HTTP/1.1 413 ")
    assert still_serves(mock)


def test_what_follows_a_body_has_an_end_too(mock: RunningMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_MOST_AFTER_HEAD", 200_000)
    chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: "
    with connection(mock) as client:
        client.sendall(chunked + b"a" * 1_000_000)
        with suppress(OSError):  # what we had not read when we closed resets the connection
            assert answer(client).startswith(b"HTTP/1.1 413 ")
    assert still_serves(mock)


@pytest.mark.parametrize("hosts", [b"", b"Host: a\r\nHost: b\r\n"])
def test_a_request_has_one_host(mock: RunningMock, hosts: bytes) -> None:
    with connection(mock) as client:
        client.sendall(b"GET /_tallystick/clock HTTP/1.1\r\n" + hosts + b"\r\n")
        assert answer(client).startswith(b"HTTP/1.1 400 ")
    with connection(mock) as client:
        client.sendall(b"GET /_tallystick/clock HTTP/1.0\r\n\r\n")
        assert answer(client).startswith(b"HTTP/1.1 200 ")
