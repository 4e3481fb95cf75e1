"""Requests from ASGI and answers to it, for any server and for tests without one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from tallystick.mock.message import MAX_BODY, MOST_READ, Answer, Dropped, Request, header, joined

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Respond = Callable[[Request], Answer | Awaitable[Answer]]
"""Answers a request. Raises `Dropped` when the connection is to be closed without an answer."""


async def exchange(respond: Respond, scope: Scope, receive: Receive, send: Send) -> None:
    """Read a request, have it answered, and send the answer."""
    try:
        body = await _body(receive)
    except _Gone:
        return
    request = _request(scope, body)
    try:
        answer = respond(request)
        if not isinstance(answer, Answer):
            answer = await answer
    except Dropped:
        # A server can't be told to close the connection, but it has to when less comes than was promised.
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
        return
    headers = [pair for n, v in answer.headers.items() if (pair := header(n, v)) is not None]
    if answer.length is not None:
        headers.append((b"content-length", str(answer.length).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else answer.body})


def _request(scope: Scope, body: bytes | None) -> Request:
    raw = scope.get("raw_path")
    server = scope.get("server")
    return Request(
        scope["method"],
        raw.decode("latin-1") if raw is not None else quote(scope["path"], safe="/%:@!$&'()*+,;=~"),
        scope["query_string"].decode("latin-1"),
        joined(*((name, value) for name, value in scope["headers"])),
        body or b"",
        too_long=body is None,
        scheme=scope.get("scheme", "http"),
        server=f"{server[0]}:{server[1]}" if server else "localhost",
    )


class _Gone(Exception):
    """The client went away before its request was complete."""


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body, `None` when it is too long; what is too much is read and dropped.

    Raises `_Gone` when the client goes away.
    """
    body, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= MAX_BODY:
            body += chunk
        if size > MOST_READ or not message.get("more_body"):
            return bytes(body) if size <= MAX_BODY else None
