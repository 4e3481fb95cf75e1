"""The one place through which every request of a run goes: bounds, records, and names what is no answer at all."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import anyio

from tallystick.verify.facts.bodies import DEEPEST, is_deep
from tallystick.verify.plan import Plan

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

NO_ANSWER = "x-tallystick-no-answer"
"""Response header of the stand-in that the run sees when the server gave no answer; its value says what happened."""
STAND_IN = 599
"""Status of that stand-in; no contract has it."""
_MANY_IN_A_ROW = 3
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""The content codings that requests ask for, as zlib calls them."""
_OF_CODING = frozenset(("content-encoding", "content-length"))


class NoAnswer(Exception):
    """The server gave no usable answer. The text says what happened, in words that follow "the server"."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, as bytes. `failed` says what happened when there was no answer (status 0)."""

    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: bytes = field(repr=False)
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    failed: str = ""

    def header(self, name: str) -> str | None:
        """Return a response header, `None` when the answer has none."""
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)

    def request_header(self, name: str) -> str | None:
        """Return a request header, `None` when the request has none."""
        return next((v for k, v in self.request_headers if k.lower() == name.lower()), None)


class Wire:
    """An ASGI application in front of the one under test.

    Answers are bounded in time and size. `watchers` are told each exchange. After several requests in a row
    without any answer `lost` says why the run has to stop.
    """

    def __init__(self, app: App, plan: Plan) -> None:
        self._app = app
        self._plan = plan
        self._silent = 0
        self.knowledge: object = None
        self.watchers: list[Callable[[Exchange], None]] = []
        self.lost = ""
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or hand a lifespan on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        self.count += 1
        exchange = await self._exchange(scope, body)
        self._notice(exchange)
        await _answer(send, exchange)

    async def _exchange(self, scope: Scope, body: bytes) -> Exchange:
        answer = _Answer(self._plan.max_answer)
        failed = ""
        try:
            with anyio.fail_after(self._plan.timeout):
                await self._app(scope, _Replay(body), answer)
        except TimeoutError:
            failed = f"did not answer within {self._plan.timeout:g} s"
        except NoAnswer as reason:
            failed = str(reason)
        except Exception as error:  # whatever the application raises: a server in front of it would answer 500
            if not answer.complete:
                answer.become(500, f"{type(error).__name__}: {error}")
        if not failed and not answer.complete:
            failed = "ended without completing an answer"
        failed = failed or answer.decode(_accepted(scope))
        if not failed and answer.is_json and is_deep(answer.body):
            failed = f"sent what is nested more than {DEEPEST} times"
        return Exchange(
            scope["method"],
            _url(scope),
            _texts(scope["headers"]),
            body,
            0 if failed else answer.status,
            () if failed else answer.headers,
            b"" if failed else bytes(answer.body),
            failed,
        )

    def _notice(self, exchange: Exchange) -> None:
        self._silent = self._silent + 1 if exchange.failed else 0
        if self._silent >= _MANY_IN_A_ROW:
            self.lost = f"the server {exchange.failed}, {self._silent} times in a row"
        for watcher in self.watchers:
            watcher(exchange)


class _Replay:
    """Gives a body that was read already."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body

    async def __call__(self) -> Event:
        if self._body is None:
            await anyio.sleep_forever()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


class _Answer:
    """Collects what an application sends, up to a size."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.status = 0
        self.headers: tuple[tuple[str, str], ...] = ()
        self.body = bytearray()
        self.complete = False

    async def __call__(self, event: Event) -> None:
        if event["type"] == "http.response.start":
            self.status = event["status"]
            self.headers = _texts(event.get("headers", ()))
        elif event["type"] == "http.response.body":
            self.body += event.get("body", b"")
            if len(self.body) > self._limit:
                raise NoAnswer(f"sent more than {self._limit // 1024 // 1024} MiB")
            self.complete = not event.get("more_body", False)

    def decode(self, accepted: str) -> str:
        """Undo the body's content coding. Returns what is wrong with it, empty when nothing is.

        `accepted` is the request's `Accept-Encoding`; a coding in it that we don't know is left to others.
        """
        coding = ", ".join(v for n, v in self.headers if n.lower() == "content-encoding").strip().lower()
        if not self.body or coding in ("", "identity"):
            return ""
        if coding not in _WINDOWS:
            return "" if coding in accepted else f"sent a body in the coding {coding!r}, which was not asked for"
        self.headers = tuple((n, v) for n, v in self.headers if n.lower() not in _OF_CODING)
        reader = zlib.decompressobj(_WINDOWS[coding])
        try:
            self.body = bytearray(reader.decompress(bytes(self.body), self._limit + 1))
        except zlib.error as error:
            return f"sent a body that is not in the coding {coding!r}, as it says: {error}"
        if len(self.body) > self._limit:
            return f"sent more than {self._limit // 1024 // 1024} MiB"
        return "" if reader.eof else f"sent a body that breaks off in the middle of its coding {coding!r}"

    @property
    def is_json(self) -> bool:
        """Whether the answer may be JSON, by its header."""
        types = [value for name, value in self.headers if name.lower() == "content-type"]
        return not types or any("json" in value.lower() for value in types)

    def become(self, status: int, reason: str) -> None:
        """Stand in for an application that raised an error instead of answering."""
        self.status, self.headers, self.complete = status, (("content-type", "text/plain"),), True
        self.body = bytearray(reason.encode())


async def _body(receive: Receive) -> bytes:
    parts = bytearray()
    while True:
        event = await receive()
        parts += event.get("body", b"")
        if not event.get("more_body", False):
            return bytes(parts)


async def _answer(send: Send, exchange: Exchange) -> None:
    status, headers, body = exchange.status, exchange.headers, exchange.body
    if exchange.failed:
        status, headers, body = STAND_IN, ((NO_ANSWER, exchange.failed),), b""
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def _accepted(scope: Scope) -> str:
    return next((v.decode("latin-1").lower() for k, v in scope["headers"] if k == b"accept-encoding"), "")


def _url(scope: Scope) -> str:
    host = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"host"), "")
    query = scope["query_string"].decode("latin-1")
    return f"{scope['scheme']}://{host}{scope['raw_path'].decode('latin-1')}" + (f"?{query}" if query else "")


def _texts(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in headers)
