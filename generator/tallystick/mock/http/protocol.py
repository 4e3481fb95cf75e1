"""HTTP/1.1 on one connection, straight to the application: bounded in time and size, answered in order."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import Awaitable, Mapping
from functools import lru_cache
from http import HTTPMethod, HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httptools

from tallystick.mock.message import MAX_BODY, MOST_READ, Answer, Dropped, Request, header, joined

if TYPE_CHECKING:
    from uvicorn import Config
    from uvicorn.server import ServerState

    from tallystick.mock.app import App

MAX_HEAD: Final = 64 * 1024
"""Longest head of a request, in bytes: request line and headers."""
MAX_HEADERS: Final = 200
"""Most headers of a request."""
ARRIVAL: Final = 20.0
"""Seconds within which a request has to be there, from its first byte, or from the connection on."""
KEEP_ALIVE: Final = 30.0
"""Seconds that a connection is kept without a request, or with answers that the client doesn't take."""
_MOST_UNWRITTEN: Final = 64 * 1024
_MOST_AFTER_HEAD: Final = 8 * MOST_READ
"""Most bytes of a request after its head, the framing of chunks included, which can be longer than what they hold."""

_OTHER_VERSION: Final = (505, "This speaks HTTP/1.1.")
_REQUEST_LINE: Final = re.compile(rb"[\r\n]*([\w!#$%&'*+.^`|~-]+) [!-~]+ HTTP/(\d\.\d)\r\n")
_VERSIONS: Final = frozenset(("1.0", "1.1"))
_HOST: Final = re.compile(r"(\[[\w:.%~-]+\]|[\w.~!$&'()*+;=%-]*)(:\d*)?", re.ASCII)

_log = logging.getLogger("tallystick.mock")


class Round:
    """The connections of one server that have something to do once all that can be read has been read.

    First all are answered, then all are written to: the processor does the same again and again, from its caches,
    and a client that is woken for each answer would take it from us. One call of the loop does for all.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._connections: list[Connection] = []

    def add(self, connection: Connection) -> None:
        """Let a connection take part."""
        if not self._connections:
            self._loop.call_soon(self._go)
        self._connections.append(connection)

    def _go(self) -> None:
        connections, self._connections = self._connections, []
        for connection in connections:
            connection.answer()
        for connection in connections:
            connection.flush()


_rounds: WeakKeyDictionary[ServerState, Round] = WeakKeyDictionary()


class Connection(asyncio.Protocol):
    """One connection of a uvicorn server, parsed by httptools.

    A head that is too long gets 431, a request that takes too long 408, one that is no HTTP 400, one of another
    version 505, one that asks for what no resource here can do 501; each ends it.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        del app_state
        self._respond = cast("App", config.loaded_app).respond
        self._server = server_state
        self._loop = _loop or asyncio.get_running_loop()
        self._parser: Any = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._round = _rounds.setdefault(server_state, Round(self._loop))
        self._in_round = False
        """It takes part in the next round: what it has to write is written then."""
        self._unwritten = b""
        self._busy = False
        """An answer is being awaited."""
        self._stalled = False
        """The client doesn't take what has been written."""
        self._deaf = False
        """Nothing more is read: the connection ends when what waits has been answered."""
        self._arriving = True
        """Part of a request is here, or none was yet."""
        self._in_head = True
        self._head = self._after_head = 0

    # -- the connection -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._server.connections.add(cast("Any", self))
        self._deadline = self._loop.time() + ARRIVAL
        self._alarm = self._loop.call_at(self._deadline, self._look)
        self._alarm_at = self._deadline

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was to be answered."""
        self._server.connections.discard(cast("Any", self))
        self._alarm.cancel()
        self._waiting.clear()
        self._deaf = True
        self._parser = None

    def data_received(self, data: bytes) -> None:
        """Take in bytes, as long as they are within bounds, and answer the requests that are complete."""
        if self._deaf:
            return
        if self._in_head:
            if self._head > MAX_HEAD:
                self._refuse(431, "The head of the request is too long.")
                return
            self._head += len(data)
        else:
            self._after_head += len(data)
            if self._after_head > _MOST_AFTER_HEAD:
                self._refuse(413, "The request is too long.")
                return
        arrived_before = self._arriving
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._stay()
        except httptools.HttpParserError:
            self._refuse(*_objection(data))
        if self._arriving and not arrived_before:
            self._expect_within(ARRIVAL)
        self._take_part()

    def eof_received(self) -> bool:
        """Keep the connection for as long as there is something to answer."""
        self.shutdown()
        return True

    def pause_writing(self) -> None:
        """Wait until the client takes what has been written."""
        self._stalled = True

    def resume_writing(self) -> None:
        """Go on with what waits."""
        self._stalled = False
        self.answer()

    def shutdown(self) -> None:
        """End the connection when what waits has been answered."""
        self._deaf = True
        if not (self._busy or self._waiting):
            self._loop.call_soon(self._transport.close)

    # -- a request ----------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin with a request."""
        self._arriving = True
        self._url = b""
        self._pairs: list[tuple[bytes, bytes]] = []
        self._body = bytearray()
        self._size = 0

    def on_url(self, url: bytes) -> None:
        """Take in a part of the target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header."""
        self._pairs.append((name, value))
        if len(self._pairs) > MAX_HEADERS:
            self._refuse(431, "The request has too many headers.")

    def on_headers_complete(self) -> None:
        """Let a client that waits for it send the body."""
        self._in_head, self._head, self._after_head = False, 0, 0
        head = _understood(*self._pairs)
        self._headers = head.headers
        if not head.is_plain and (wrong := _wrong(head.headers, self._parser.get_http_version())) is not None:
            self._refuse(*wrong)
        if head.expects and not (self._busy or self._waiting or self._deaf):
            if int(head.headers.get("content-length", 0)) > MAX_BODY:
                self._give_up()
            else:
                self._write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Take in a part of the body; of one that is too long nothing is kept."""
        self._size += len(body)
        if self._size <= MAX_BODY:
            self._body += body
        elif self._size > MOST_READ and not self._deaf:
            self._give_up()

    def _give_up(self) -> None:
        """Answer a request whose body is too long, without the rest of it."""
        self._size = max(self._size, MAX_BODY + 1)
        self.on_message_complete()
        self._deaf = True

    def on_message_complete(self) -> None:
        """Put the request where it waits for its answer."""
        self._arriving, self._in_head = False, True
        if self._deaf:
            return
        keep: bool = self._parser.should_keep_alive()
        if not keep or "connection" in self._headers:
            version = self._parser.get_http_version()
            if version not in _VERSIONS:
                self._refuse(*_OTHER_VERSION)
                return
            keep = keep and version != "1.0"
        path, query = _place(self._url.decode("latin-1"))
        too_long = self._size > MAX_BODY
        body = b"" if too_long else bytes(self._body)
        method = self._parser.get_method().decode()
        self._waiting.append((Request(method, path, query, self._headers, body, too_long), keep))

    def _stay(self) -> None:
        """Answer a request as if it hadn't asked for another protocol. Nobody is let through to somewhere else."""
        if self._waiting and self._waiting[-1][0].method == HTTPMethod.CONNECT:
            self._waiting.pop()
            self._refuse(501, "CONNECT is not implemented: this is no proxy.")
        self._deaf = True

    # -- its answer ---------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Answer what waits, until an answer has to be awaited itself, or the client takes no more."""
        while self._waiting and not (self._busy or self._stalled):
            request, keep = self._waiting.popleft()
            try:
                answer = self._respond(request)
            except Dropped:
                self._transport.abort()
                return
            if isinstance(answer, Answer):
                self._send(request, answer, keep=keep)
            else:
                self._busy = True
                task = self._loop.create_task(self._await(request, answer, keep=keep))
                self._server.tasks.add(task)
                task.add_done_callback(self._server.tasks.discard)
        if self._waiting:
            self._transport.pause_reading()
        elif not self._transport.is_closing() and not self._transport.is_reading():
            self._transport.resume_reading()

    async def _await(self, request: Request, coming: Awaitable[Answer], *, keep: bool) -> None:
        try:
            answer = await coming
        except Dropped:
            self._transport.abort()
            return
        except Exception:
            self._give_in()
            return
        self._busy = False
        self._send(request, answer, keep=keep)
        self.answer()

    def _send(self, request: Request, answer: Answer, *, keep: bool) -> None:
        if self._transport.is_closing():
            return
        if self._deaf and not self._waiting:
            keep = False
        head = _head(answer.status, *answer.headers.items())
        head += _lines(*self._server.default_headers)
        if (length := answer.length) is not None:
            head += b"content-length: %d\r\n" % length
        if "Connection" in answer.headers:
            keep = False
        elif not keep:
            head += b"connection: close\r\n"
        self._write(head + b"\r\n" + (b"" if request.method == "HEAD" else answer.body))
        self._server.total_requests += 1
        if not keep:
            self._deaf = True
            self._waiting.clear()
            self._loop.call_soon(self._transport.close)
        self._expect_within(KEEP_ALIVE)

    def _take_part(self) -> None:
        if not self._in_round:
            self._in_round = True
            self._round.add(self)

    def answer(self) -> None:
        """Answer what has been read. A bug of ours ends this connection, and no other."""
        try:
            self._work()
        except Exception:
            self._give_in()

    def _give_in(self) -> None:
        """Say that there is no answer, for a reason that is ours, and end the connection."""
        _log.exception("a request could not be answered")
        self._busy = False
        self._waiting.clear()
        self._send_plain(500, "The mock could not answer; see its log.")

    def _write(self, data: bytes) -> None:
        self._take_part()
        self._unwritten += data
        if len(self._unwritten) > _MOST_UNWRITTEN:
            self._flush()

    def flush(self) -> None:
        """Write what has been put off: the round is over."""
        self._in_round = False
        self._flush()

    def _flush(self) -> None:
        if self._unwritten and not self._transport.is_closing():
            self._transport.write(self._unwritten)
            self._unwritten = b""

    # -- bounds -------------------------------------------------------------------------------------------------

    def _expect_within(self, seconds: float) -> None:
        """Give the client so much time. The alarm is left alone where it comes before that: it looks again."""
        self._deadline = self._loop.time() + seconds
        if self._deadline < self._alarm_at:
            self._alarm.cancel()
            self._set_alarm()

    def _set_alarm(self) -> None:
        self._alarm_at = self._deadline
        self._alarm = self._loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        """End the connection when its time is up, unless it is us that the client waits for."""
        if self._busy:
            self._deadline = self._loop.time() + KEEP_ALIVE
        if self._loop.time() < self._deadline:
            self._set_alarm()
        elif self._stalled or self._deaf:
            self._transport.abort()
        elif self._arriving:
            self._refuse(408, "The request took too long to arrive.")
        else:
            self._transport.close()

    def _refuse(self, status: int, reason: str) -> None:
        """Answer without the application when nothing else is to be answered before, and end the connection."""
        if self._deaf:
            return
        self._deaf = True
        _log.warning("a request was refused: %s", reason)
        if not (self._busy or self._waiting):
            self._send_plain(status, reason)

    def _send_plain(self, status: int, reason: str) -> None:
        answer = Answer(status, reason.encode(), {"Content-Type": "text/plain; charset=utf-8"})
        self._send(Request("GET", "", "", {}, b""), answer, keep=False)


class _Head(NamedTuple):
    """What the headers of a request say. `is_plain` when nothing in them has to be looked at again."""

    headers: Mapping[str, str]
    is_plain: bool
    expects: bool


@lru_cache(maxsize=64)
def _understood(*pairs: tuple[bytes, bytes]) -> _Head:
    headers = joined(*pairs)
    is_plain = "transfer-encoding" not in headers and _wrong(headers, "1.1") is None
    return _Head(headers, is_plain, headers.get("expect", "").lower() == "100-continue")


def _wrong(headers: Mapping[str, str], version: str) -> tuple[int, str] | None:
    """Return what is wrong with headers that the parser takes, as status and reason (RFC 9112, 3.2 and 6.1)."""
    host, coding = headers.get("host"), headers.get("transfer-encoding")
    is_missing = host is None and version != "1.0"
    if is_missing or (host is not None and _HOST.fullmatch(host) is None):
        return 400, "The request has to have one Host header, and in it a host."
    if coding is not None and version == "1.0":
        return 400, "There is no Transfer-Encoding in HTTP/1.0."
    if coding is not None and coding.lower() != "chunked":
        return 501, "The only transfer coding that is understood is chunked."
    return None


def _objection(data: bytes) -> tuple[int, str]:
    """Return what is wrong with what the parser doesn't take, as status and reason."""
    line = _REQUEST_LINE.match(data)
    if line is not None and line[2].decode() not in _VERSIONS:
        return _OTHER_VERSION
    if line is not None and line[1].decode() not in HTTPMethod.__members__:
        return 501, "This method is not implemented."
    return 400, "Invalid HTTP request received."


@lru_cache(maxsize=256)
def _head(status: int, *headers: tuple[str, str]) -> bytes:
    """Return the lines that begin an answer."""
    phrase = HTTPStatus(status).phrase if status in _KNOWN else ""
    pairs = [pair for name, value in headers if (pair := header(name, value)) is not None]
    return f"HTTP/1.1 {status} {phrase}\r\n".encode() + _lines(*pairs)


@lru_cache(maxsize=256)
def _lines(*headers: tuple[bytes, bytes]) -> bytes:
    return b"".join(b"%s: %s\r\n" % pair for pair in headers)


_KNOWN: Final = frozenset(status.value for status in HTTPStatus)


def _place(target: str) -> tuple[str, str]:
    """Return path and query of a request's target, which may be a whole address."""
    if not target.startswith("/"):
        parts = urlsplit(target)
        return parts.path or ("/" if parts.netloc else target), parts.query
    path, _, query = target.partition("#")[0].partition("?")
    return path, query
