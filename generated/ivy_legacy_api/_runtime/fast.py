"""The adapter for pyreqwest, an HTTP library in Rust: `pip install pyreqwest`, then give one of its clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any, Self

from .call import Request, Timeout
from .outcome import ConnectionFailedError, Response, TimedOutError
from .transport import settled


class Headers(Mapping[str, str]):
    """Header values by name, whatever the case; repeated headers are joined with a comma."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            self._values[key] = f"{self._values[key]}, {value}" if key in self._values else value

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class PyreqwestTransport:
    """A `pyreqwest.client.SyncClient` or `Client`; give it `follow_redirects(False)` when you build it."""

    def __init__(self, client: Any, *, is_async: bool) -> None:
        self.client, self.is_async, self.closed = client, is_async, False
        self.errors: Any = import_module("pyreqwest.exceptions")

    @classmethod
    def of(cls, given: Any, *, is_async: bool) -> Self | None:
        """Take what was passed in, if it is one of these."""
        return cls(given, is_async=is_async) if type(given).__module__.startswith("pyreqwest") else None

    async def send(self, request: Request) -> Response[Any]:
        """Send one request and read its answer."""
        try:
            if request.stream:
                return await self.opened(self.built(request))
            answer = await settled(self.built(request).send())
            content = (await settled(answer.bytes())).to_bytes()
            return Response(answer.status, Headers(answer.headers.items()), content)
        except self.errors.RequestError as error:
            raise self.failure(error) from error

    async def opened(self, request: Any) -> Response[Any]:
        """Send one request and leave its answer unread, unless the status says that it failed."""
        answer = await settled(request.__aenter__() if self.is_async else request.__enter__())
        chunks: Any = self._later(request, answer) if self.is_async else self._now(request, answer)
        headers = Headers(answer.headers.items())
        if answer.status < 400:
            return Response(answer.status, headers, chunks=chunks)
        read = [chunk async for chunk in chunks] if self.is_async else list(chunks)
        return Response(answer.status, headers, b"".join(read))

    def built(self, request: Request) -> Any:
        """Make a request of the library's own."""
        if self.closed:  # the library closes in the background, and may send a little longer
            raise ConnectionFailedError("the client is closed", sent=False)
        builder = self.client.request(request.method, request.url).headers(request.headers)
        if request.content:
            builder = builder.body_bytes(request.content)
        patience = request.timeout.read if isinstance(request.timeout, Timeout) else request.timeout
        if patience is not None:  # one limit for the whole attempt: pyreqwest sets the phases on the client
            builder = builder.timeout(timedelta(seconds=patience))
        return builder.build_streamed() if request.stream else builder.build()

    def failure(self, error: Any) -> ConnectionFailedError:
        """Read the causes: the class says "connect" of lost answers and late ones too (pyreqwest 0.15)."""
        causes = [cause["message"] for cause in error.details.get("causes") or ()][1:]  # the first names the address
        late = isinstance(error, self.errors.RequestTimeoutError)
        kind = TimedOutError if late else ConnectionFailedError
        return kind("; ".join(causes) or type(error).__name__, sent="client error (Connect)" not in causes)

    def _now(self, request: Any, answer: Any) -> Iterator[bytes]:
        try:
            while (chunk := answer.body_reader.read_chunk()) is not None:
                yield chunk.to_bytes()
        except self.errors.RequestError as error:
            raise self.failure(error) from error
        finally:
            request.__exit__(None, None, None)

    async def _later(self, request: Any, answer: Any) -> AsyncIterator[bytes]:
        try:
            while (chunk := await answer.body_reader.read_chunk()) is not None:
                yield chunk.to_bytes()
        except self.errors.RequestError as error:
            raise self.failure(error) from error
        finally:
            await request.__aexit__(None, None, None)

    def close(self) -> Any:
        """Let the connections go."""
        self.closed = True
        return self.client.close()
