"""The seam to HTTP: two small protocols, and the adapter for httpx2 (httpx works too)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from .errors import ConnectionFailedError, TimedOutError
from .request import Request
from .response import Headers


@dataclass(slots=True)
class Reply:
    """What came back; `chunks` holds the unread body if a stream was asked for and the status is below 400."""

    status: int
    headers: Headers
    content: bytes = field(default=b"", repr=False)
    chunks: Any = field(default=None, repr=False)


class Transport(Protocol):
    """Sends requests; raises `ConnectionFailedError` and `TimedOutError`, nothing of its library's own."""

    def send(self, request: Request) -> Reply:
        """Send one request and read its answer."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait between two attempts."""
        ...

    def close(self) -> None:
        """Let the connections go."""
        ...


class AsyncTransport(Protocol):
    """The same, to be awaited."""

    async def send(self, request: Request) -> Reply:
        """Send one request and read its answer."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait between two attempts."""
        ...

    async def close(self) -> None:
        """Let the connections go."""
        ...


def open_transport(http_client: Any, *, is_async: bool) -> tuple[Any, bool]:
    """Give a transport for whatever was passed in, and whether closing it is our business."""
    if http_client is None:
        library = import_module("httpx2")
        http_client = (library.AsyncClient if is_async else library.Client)(timeout=None)
        return (AsyncHttpxTransport if is_async else HttpxTransport)(http_client, plain=True), True
    if hasattr(http_client, "build_request"):
        return (AsyncHttpxTransport if is_async else HttpxTransport)(http_client), False
    if type(http_client).__module__.startswith("pyreqwest"):
        from .fast import AsyncPyreqwestTransport, PyreqwestTransport

        return (AsyncPyreqwestTransport if is_async else PyreqwestTransport)(http_client), False
    return http_client, False


class _Httpx:
    """What both httpx adapters share: building a request, naming a failure."""

    def __init__(self, client: Any, *, plain: bool = False) -> None:
        self.client, self.plain = client, plain
        home = next(base for base in type(client).__mro__ if base.__module__.startswith("httpx"))
        self.library: Any = import_module(home.__module__.partition(".")[0])

    def built(self, request: Request) -> Any:
        if self.plain:  # a client of our own has no settings to merge, which is what takes httpx long
            extensions = {} if request.timeout is None else {"timeout": request.timeout._asdict()}
            headers = {"accept-encoding": "gzip, deflate", **request.headers}
            return self.library.Request(
                request.method, request.url, headers=headers, content=request.content or None, extensions=extensions
            )
        patience = {} if request.timeout is None else {"timeout": tuple(request.timeout)}
        return self.client.build_request(
            request.method, request.url, headers=request.headers, content=request.content or None, **patience
        )

    def failure(self, error: Exception) -> ConnectionFailedError:
        library, name = self.library, type(error).__name__
        unsent = isinstance(error, library.ConnectError | library.ConnectTimeout | library.PoolTimeout)
        kind = TimedOutError if isinstance(error, library.TimeoutException) else ConnectionFailedError
        return kind(f"{name}: {error}" if str(error) else name, sent=not unsent)


class HttpxTransport(_Httpx):
    """A synchronous `httpx2.Client` or `httpx.Client`, its own settings respected."""

    def send(self, request: Request) -> Reply:
        """Send one request and read its answer."""
        try:
            answer = self.client.send(self.built(request), stream=request.stream)
            headers = Headers(answer.headers.multi_items())
            if request.stream and answer.status_code < 400:
                return Reply(answer.status_code, headers, chunks=self._chunks(answer))
            return Reply(answer.status_code, headers, answer.read() if request.stream else answer.content)
        except self.library.RequestError as error:
            raise self.failure(error) from error

    def _chunks(self, answer: Any) -> Iterator[bytes]:
        try:
            yield from answer.iter_bytes()
        except self.library.RequestError as error:
            raise self.failure(error) from error
        finally:
            answer.close()

    def sleep(self, seconds: float) -> None:
        """Wait between two attempts."""
        time.sleep(seconds)

    def close(self) -> None:
        """Let the connections go."""
        self.client.close()


class AsyncHttpxTransport(_Httpx):
    """An `httpx2.AsyncClient` or `httpx.AsyncClient`, its own settings respected."""

    async def send(self, request: Request) -> Reply:
        """Send one request and read its answer."""
        try:
            answer = await self.client.send(self.built(request), stream=request.stream)
            headers = Headers(answer.headers.multi_items())
            if request.stream and answer.status_code < 400:
                return Reply(answer.status_code, headers, chunks=self._chunks(answer))
            return Reply(answer.status_code, headers, await answer.aread() if request.stream else answer.content)
        except self.library.RequestError as error:
            raise self.failure(error) from error

    async def _chunks(self, answer: Any) -> AsyncIterator[bytes]:
        try:
            async for chunk in answer.aiter_bytes():
                yield chunk
        except self.library.RequestError as error:
            raise self.failure(error) from error
        finally:
            await answer.aclose()

    async def sleep(self, seconds: float) -> None:
        """Wait between two attempts, on whichever event loop httpx runs on."""
        await import_module("anyio").sleep(seconds)

    async def close(self) -> None:
        """Let the connections go."""
        await self.client.aclose()
