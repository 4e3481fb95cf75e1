"""The adapter for pyreqwest, an HTTP library in Rust: `pip install pyreqwest`, then give one of its clients."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

from .errors import ConnectionFailedError, TimedOutError
from .request import Request
from .response import Headers
from .transport import Reply


class _Pyreqwest:
    """What both adapters share: building a request, naming a failure."""

    def __init__(self, client: Any) -> None:
        self.client, self.closed = client, False
        self.errors: Any = import_module("pyreqwest.exceptions")

    def built(self, request: Request) -> Any:
        if self.closed:  # the library closes in the background, and may send a little longer
            raise ConnectionFailedError("the client is closed", sent=False)
        builder = self.client.request(request.method, request.url).headers(request.headers)
        if request.content:
            builder = builder.body_bytes(request.content)
        patience = request.timeout.read if request.timeout else None
        if patience is not None:  # one limit for the whole attempt: pyreqwest sets the phases on the client
            builder = builder.timeout(timedelta(seconds=patience))
        return builder.build_streamed() if request.stream else builder.build()

    def failure(self, error: Any) -> ConnectionFailedError:
        """Read the causes: the class says "connect" of lost answers and late ones too (pyreqwest 0.15)."""
        causes = [cause["message"] for cause in error.details.get("causes") or ()][1:]  # the first names the address
        late = isinstance(error, self.errors.RequestTimeoutError)
        kind = TimedOutError if late else ConnectionFailedError
        return kind("; ".join(causes) or type(error).__name__, sent="client error (Connect)" not in causes)


def _headers(answer: Any) -> Headers:
    return Headers(answer.headers.items())


class PyreqwestTransport(_Pyreqwest):
    """A `pyreqwest.client.SyncClient`; give it `follow_redirects(False)` when you build it."""

    def send(self, request: Request) -> Reply:
        """Send one request and read its answer."""
        try:
            if not request.stream:
                answer = self.built(request).send()
                return Reply(answer.status, _headers(answer), answer.bytes().to_bytes())
            opened = self.built(request)
            answer = opened.__enter__()
            if answer.status >= 400:
                body = b"".join(self._chunks(opened, answer))
                return Reply(answer.status, _headers(answer), body)
            return Reply(answer.status, _headers(answer), chunks=self._chunks(opened, answer))
        except self.errors.RequestError as error:
            raise self.failure(error) from error

    def _chunks(self, opened: Any, answer: Any) -> Iterator[bytes]:
        try:
            while (chunk := answer.body_reader.read_chunk()) is not None:
                yield chunk.to_bytes()
        except self.errors.RequestError as error:
            raise self.failure(error) from error
        finally:
            opened.__exit__(None, None, None)

    def sleep(self, seconds: float) -> None:
        """Wait between two attempts."""
        time.sleep(seconds)

    def close(self) -> None:
        """Let the connections go."""
        self.closed = True
        self.client.close()


class AsyncPyreqwestTransport(_Pyreqwest):
    """A `pyreqwest.client.Client`; give it `follow_redirects(False)` when you build it."""

    async def send(self, request: Request) -> Reply:
        """Send one request and read its answer."""
        try:
            if not request.stream:
                answer = await self.built(request).send()
                return Reply(answer.status, _headers(answer), (await answer.bytes()).to_bytes())
            opened = self.built(request)
            answer = await opened.__aenter__()
            if answer.status >= 400:
                body = b"".join([chunk async for chunk in self._chunks(opened, answer)])
                return Reply(answer.status, _headers(answer), body)
            return Reply(answer.status, _headers(answer), chunks=self._chunks(opened, answer))
        except self.errors.RequestError as error:
            raise self.failure(error) from error

    async def _chunks(self, opened: Any, answer: Any) -> AsyncIterator[bytes]:
        try:
            while (chunk := await answer.body_reader.read_chunk()) is not None:
                yield chunk.to_bytes()
        except self.errors.RequestError as error:
            raise self.failure(error) from error
        finally:
            await opened.__aexit__(None, None, None)

    async def sleep(self, seconds: float) -> None:
        """Wait between two attempts."""
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        """Let the connections go."""
        self.closed = True
        await self.client.close()
