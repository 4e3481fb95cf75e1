"""Answers read as they arrive: bytes, or server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self, cast, overload

from .call import Request
from .client import AsyncClient, Later, Method, P, Resource, SyncClient, operation
from .outcome import Response, T
from .transport import HttpxTransport, settled


class Event(NamedTuple):
    """One server-sent event."""

    data: str
    event: str = "message"
    id: str = ""

    def json(self) -> Any:
        """Give the data as JSON."""
        return json.loads(self.data)


@dataclass(slots=True)
class Events:
    """Puts lines together to events, as they come in."""

    buffer: bytes = b""
    fields: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    last_id: str = ""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take some bytes, give the events that are complete by now."""
        self.buffer += chunk
        *lines, self.buffer = self.buffer.replace(b"\r\n", b"\n").split(b"\n")
        for line in lines:
            if line:
                name, _, value = line.decode("utf-8", "replace").partition(":")
                self.fields.setdefault(name, []).append(value.removeprefix(" "))
                continue
            fields, self.fields = self.fields, {}
            self.last_id = fields.get("id", [self.last_id])[-1]
            if "data" in fields:
                yield Event("\n".join(fields["data"]), fields.get("event", ["message"])[-1], self.last_id)


@dataclass(slots=True)
class Stream:
    """An open answer on the synchronous client."""

    response: Response[Any]
    chunks: Iterator[bytes]

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks

    def read(self) -> bytes:
        """Read all that is left."""
        return b"".join(self.chunks)

    def events(self) -> Iterator[Event]:
        """Read server-sent events as they arrive."""
        parser = Events()
        for chunk in self.chunks:
            yield from parser.feed(chunk)
        yield from parser.feed(b"\n\n")


@dataclass(slots=True)
class AsyncStream:
    """An open answer on the asynchronous client."""

    response: Response[Any]
    chunks: AsyncIterator[bytes]

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.chunks

    async def read(self) -> bytes:
        """Read all that is left."""
        return b"".join([chunk async for chunk in self.chunks])

    async def events(self) -> AsyncIterator[Event]:
        """Read server-sent events as they arrive."""
        parser = Events()
        async for chunk in self.chunks:
            for event in parser.feed(chunk):
                yield event
        for event in parser.feed(b"\n\n"):
            yield event


class SyncStreamMethod(Method[P, T, T, Response[T]]):
    """An operation whose answer can be read as it arrives."""

    @contextmanager
    def stream(self, *args: P.args, **kwargs: P.kwargs) -> Generator[Stream]:
        """Call, and give the open answer; its body is not read until asked for."""
        response = self.client.finish(self.exchange(*args, **kwargs).run(stream=True))
        try:
            yield Stream(response, response.chunks)
        finally:
            response.chunks.close()


class AsyncStreamMethod(Method[P, T, Later[T], Later[Response[T]]]):
    """An operation whose answer can be read as it arrives."""

    @asynccontextmanager
    async def stream(self, *args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[AsyncStream]:
        """Call, and give the open answer; its body is not read until asked for."""
        response = await self.exchange(*args, **kwargs).run(stream=True)
        try:
            yield AsyncStream(response, response.chunks)
        finally:
            await response.chunks.aclose()


class streamed(operation[P, T]):  # noqa: N801
    """An operation that also offers `.stream(...)`."""

    kinds = (SyncStreamMethod, AsyncStreamMethod)

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...
    @overload
    def __get__(self, owner: Resource[SyncClient], kind: type) -> SyncStreamMethod[P, T]: ...
    @overload
    def __get__(self, owner: Resource[AsyncClient], kind: type) -> AsyncStreamMethod[P, T]: ...
    def __get__(self, owner: Any, kind: type) -> Any:
        return cast("Any", super()).__get__(owner, kind)


class StreamingHttpx(HttpxTransport):
    """Leaves the body unread where a stream was asked for and the status is below 400."""

    async def send(self, request: Request) -> Response[Any]:
        """Send one request, and read its answer or leave that to the caller."""
        if not request.stream:
            return await super().send(request)
        try:
            answer = await settled(self.client.send(self.built(request), stream=True))
            if answer.status_code >= 400:
                content = await settled(answer.aread() if self.is_async else answer.read())
                return Response(answer.status_code, answer.headers, content)
        except self.library.RequestError as error:
            raise self.failure(error) from error
        chunks = self._later(answer) if self.is_async else self._now(answer)
        return Response(answer.status_code, answer.headers, chunks=chunks)

    def _now(self, answer: Any) -> Iterator[bytes]:
        try:
            yield from answer.iter_bytes()
        except self.library.RequestError as error:
            raise self.failure(error) from error
        finally:
            answer.close()

    async def _later(self, answer: Any) -> AsyncIterator[bytes]:
        try:
            async for chunk in answer.aiter_bytes():
                yield chunk
        except self.library.RequestError as error:
            raise self.failure(error) from error
        finally:
            await answer.aclose()
