"""uvicorn's HTTP protocol with bounds: how long a request may take to arrive, and how long its head may be."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

MAX_HEAD: Final = 64 * 1024
"""Longest head of a request, in bytes: request line and headers."""
MAX_HEADERS: Final = 200
"""Most headers of a request."""
ARRIVAL: Final = 20.0
"""Seconds within which a request has to be there, from its first byte, or from the connection on."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. A head that is too long gets 431, a request that takes too long 408; both end it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin with the bounds of the first request."""
        super().connection_made(transport)
        self._head = 0
        self._in_head = True
        self._refused = False
        self._deadline: asyncio.TimerHandle | None = self.loop.call_later(ARRIVAL, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the bounds."""
        self._set_free()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in bytes, as long as they are within bounds."""
        if self._refused:
            return
        if self._in_head:
            self._head += len(data)
            if self._head > MAX_HEAD + len(data):  # what came before this was too much already
                self._refuse(431, "The head of the request is too long.")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin with the bounds of another request."""
        super().on_message_begin()
        self._in_head = True
        if self._deadline is None:
            self._deadline = self.loop.call_later(ARRIVAL, self._too_slow)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header."""
        super().on_header(name, value)
        if len(self.headers) > MAX_HEADERS:
            self._refuse(431, "The request has too many headers.")

    def on_headers_complete(self) -> None:
        """Hand the request on, with a way to drop the connection."""
        self._in_head, self._head = False, 0
        if self._refused:
            return
        self.scope["extensions"] = {"tallystick.close": {"call": self.transport.abort}}
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take in a part of the body."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there."""
        self._set_free()
        self._in_head = True
        if not self._refused:
            super().on_message_complete()

    def _set_free(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self._refuse(408, "The request took too long to arrive.")

    def _refuse(self, status: int, reason: str) -> None:
        """Answer without the application, unless it has begun to answer, and end the connection."""
        if self._refused:
            return
        self._refused = True
        body = reason.encode()
        if self.cycle is None or self.cycle.response_complete:
            head = (
                b"content-type: text/plain; charset=utf-8\r\ncontent-length: "
                + str(len(body)).encode()
                + b"\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(STATUS_LINE[status] + head + body)
        self.logger.warning("a request was refused: %s", reason)
        self.transport.close()
