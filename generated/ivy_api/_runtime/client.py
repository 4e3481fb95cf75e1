"""One method, two clients: `operation` gives a value on the synchronous one, an awaitable on the other."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, Unpack, overload

from .call import Call, Options
from .config import Settings
from .errors import ConnectionFailedError
from .exchange import Exchange
from .request import Request
from .response import Response
from .transport import Reply, open_transport

P = ParamSpec("P")
T = TypeVar("T")


class Sync:
    """Marks what belongs to the synchronous client."""


class Async:
    """Marks what belongs to the asynchronous client."""


M = TypeVar("M", Sync, Async)


class Client(Generic[M]):
    """What both clients share: settings, and connections, which copies use together."""

    is_async = False

    def __init__(self, settings: Settings, http_client: Any = None) -> None:
        self.settings = settings
        self.options = Options()
        self.transport, self.owned = open_transport(http_client, is_async=self.is_async)

    def with_options(self, **changes: Unpack[Options]) -> Self:
        """Give a copy that differs in this and shares the connections; closing it closes nothing."""
        twin = copy(self)
        twin.options = {**self.options, **changes}
        twin.owned = False
        for name in [name for name, value in vars(twin).items() if isinstance(value, Resource)]:
            delattr(twin, name)  # they know the client they were made for
        return twin


class SyncClient(Client[Sync]):
    """Does what an exchange asks for, one step after the other."""

    def run(self, exchange: Exchange[T]) -> tuple[Response[T], Reply]:
        """Send, wait, repeat until there is an answer; raises `ApiError`."""
        steps = exchange.steps()
        step = next(steps)
        try:
            while True:
                try:
                    todo = self.transport.send if isinstance(step, Request) else self.transport.sleep
                    reply = todo(step)
                except ConnectionFailedError as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(reply)
        except StopIteration as done:
            result: tuple[Response[T], Reply] = done.value
            return result

    def send(self, call: Call[T]) -> T:
        """Send a call that no method offers, with the same credentials, retries and errors."""
        return self.run(Exchange(call, "send", self.settings, self.options))[0].parse()

    def close(self) -> None:
        """Let the connections go, unless they came from outside or belong to the client copied from."""
        if self.owned:
            self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(Client[Async]):
    """Does what an exchange asks for, awaiting every step."""

    is_async = True

    async def run(self, exchange: Exchange[T]) -> tuple[Response[T], Reply]:
        """Send, wait, repeat until there is an answer; raises `ApiError`."""
        steps = exchange.steps()
        step = next(steps)
        try:
            while True:
                try:
                    todo = self.transport.send if isinstance(step, Request) else self.transport.sleep
                    reply = await todo(step)
                except ConnectionFailedError as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(reply)
        except StopIteration as done:
            result: tuple[Response[T], Reply] = done.value
            return result

    async def send(self, call: Call[T]) -> T:
        """Send a call that no method offers, with the same credentials, retries and errors."""
        return (await self.run(Exchange(call, "send", self.settings, self.options)))[0].parse()

    async def close(self) -> None:
        """Let the connections go, unless they came from outside or belong to the client copied from."""
        if self.owned:
            await self.transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Resource(Generic[M]):
    """The operations on one noun of the API."""

    def __init__(self, client: Client[M]) -> None:
        self.client: Client[M] = client


class Method(Generic[P, T]):
    """An operation on one client, to be called."""

    def __init__(self, client: Any, build: Callable[P, Call[T]], name: str, options: Options) -> None:
        self.client, self.build, self.name, self.options = client, build, name, options

    @property
    def __wrapped__(self) -> Callable[P, Call[T]]:
        return self.build

    def with_options(self, **changes: Unpack[Options]) -> Self:
        """Give this operation with something different about its calls, see `Options`."""
        twin = copy(self)
        twin.options = {**self.options, **changes}
        return twin

    def exchange(self, *args: P.args, **kwargs: P.kwargs) -> Exchange[T]:
        """Say what would be sent, without sending it."""
        return Exchange(self.build(*args, **kwargs), self.name, self.client.settings, self.options)


class SyncMethod(Method[P, T]):
    """An operation on the synchronous client."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call, and give the typed answer; raises `ApiError`."""
        return self.raw(*args, **kwargs).parse()

    def raw(self, *args: P.args, **kwargs: P.kwargs) -> Response[T]:
        """Call, and give the answer with status and headers; `.parse()` gives the typed value."""
        response: Response[T] = self.client.run(self.exchange(*args, **kwargs))[0]
        return response


class AsyncMethod(Method[P, T]):
    """An operation on the asynchronous client."""

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call, and give the typed answer; raises `ApiError`."""
        return (await self.raw(*args, **kwargs)).parse()

    async def raw(self, *args: P.args, **kwargs: P.kwargs) -> Response[T]:
        """Call, and give the answer with status and headers; `.parse()` gives the typed value."""
        response: Response[T] = (await self.client.run(self.exchange(*args, **kwargs)))[0]
        return response


class operation(Generic[P, T]):  # noqa: N801
    """A method whose body says what to send, offered as a real call by the client it is reached through."""

    def __init__(self, build: Callable[Concatenate[Any, P], Call[T]]) -> None:
        self.build, self.__doc__, self.__wrapped__ = build, build.__doc__, build
        self.name = build.__qualname__

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...
    @overload
    def __get__(self, owner: Resource[Sync], kind: type) -> SyncMethod[P, T]: ...
    @overload
    def __get__(self, owner: Resource[Async], kind: type) -> AsyncMethod[P, T]: ...
    def __get__(self, owner: Resource[Any] | None, kind: type) -> Any:
        return self.bound(owner, kind, SyncMethod, AsyncMethod)

    def bound(self, owner: Resource[Any] | None, kind: type, sync: Any, async_: Any) -> Any:
        """Tie the operation to the client it is reached through, with the class for its kind."""
        if owner is None:
            return self
        client = owner.client
        method = async_ if client.is_async else sync
        return method(client, self.build.__get__(owner, kind), self.name, client.options)
