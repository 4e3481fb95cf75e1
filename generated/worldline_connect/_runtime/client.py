"""One method, two clients: `operation` gives a value on the synchronous one, an awaitable on the other."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Callable, Coroutine, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeAlias, TypedDict, TypeVar, Unpack, overload

from .call import Call, Options, T, Timeout
from .exchange import Exchange, Facts, Step, log
from .outcome import Response
from .retry import Retry
from .transport import HttpxTransport, settled

P = ParamSpec("P")
V = TypeVar("V")
R = TypeVar("R")
M = TypeVar("M", "SyncClient", "AsyncClient")
Later: TypeAlias = Coroutine[Any, Any, T]


class Config(TypedDict, total=False):
    """What every client can be told; an argument wins over the environment variable of its name.

    `http_client` is an httpx2 or httpx client, or a transport; without one, connections are opened and closed here.
    `timeout` is in seconds; with an `http_client` of yours, its own setting counts unless you give one here.
    `retries` is a number, or a whole policy. `strict` refuses answers with members that the contract does not list.
    """

    base_url: str
    timeout: float | Timeout
    retries: int | Retry
    headers: Mapping[str, str]
    user_agent: str
    strict: bool
    http_client: Any


class Client(Generic[M]):
    """What both clients share: settings, and connections, which copies use together."""

    is_async = False

    def __init__(self, settings: Facts, config: Config, *steps: Step) -> None:
        if level := environment_variable(settings.prefix, "log"):
            logging.basicConfig()
            log.setLevel(level.upper())
        address = config.get("base_url") or environment_variable(settings.prefix, "base_url") or settings.base_url
        if "://" not in address:
            raise ValueError(f"give base_url: the contract only says {address!r}, relative to where it was found")
        agent = f"{config.get('user_agent', '')} {settings.agent} python/{platform.python_version()}".strip()
        headers = {"user-agent": agent} | {name.lower(): value for name, value in config.get("headers", {}).items()}
        retries, given = config.get("retries", settings.retry), config.get("http_client")
        retry, steps = retries if isinstance(retries, Retry) else Retry(retries), (*settings.steps, *steps)
        self.settings = replace(settings, base_url=address, steps=steps, headers=headers, retry=retry)
        self.options = Options(strict=config.get("strict", False))
        if "timeout" in config or given is None:
            self.options["timeout"] = config.get("timeout", Timeout())
        found = (adapter.of(given, is_async=self.is_async) for adapter in (*settings.adapters, HttpxTransport))
        self.transport: Any = next(filter(None, found), given)
        self.owned = given is None

    def with_options(self, **changes: Unpack[Options]) -> Self:
        """Give a copy that differs in this and shares the connections; closing it closes nothing."""
        twin = copy(self)
        twin.options, twin.owned = {**self.options, **changes}, False
        for name in [name for name, value in vars(twin).items() if isinstance(value, Resource)]:
            delattr(twin, name)  # they know the client they were made for
        return twin


class SyncClient(Client["SyncClient"]):
    """Blocks until there is an answer."""

    def finish(self, work: Later[T]) -> T:
        """Do work that blocks wherever it would wait, so that it ends without ever being suspended."""
        try:
            work.send(None)
        except StopIteration as done:
            result: T = done.value
            return result
        raise TypeError("an asynchronous http_client needs the asynchronous client")

    def send(self, call: Call[T]) -> T:
        """Send a call that no method offers, with the same credentials, retries and errors."""
        return self.finish(Exchange(call, "send", self.settings, self.options).parsed(self.transport))

    def close(self) -> None:
        """Let the connections go, unless they came from outside or belong to the client copied from."""
        if self.owned:
            self.finish(settled(self.transport.close()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(Client["AsyncClient"]):
    """Gives what is to be awaited."""

    is_async = True

    def finish(self, work: Later[T]) -> Later[T]:
        """Leave the work to the event loop."""
        return work

    async def send(self, call: Call[T]) -> T:
        """Send a call that no method offers, with the same credentials, retries and errors."""
        return await Exchange(call, "send", self.settings, self.options).parsed(self.transport)

    async def close(self) -> None:
        """Let the connections go, unless they came from outside or belong to the client copied from."""
        if self.owned:
            await settled(self.transport.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Resource(Generic[M]):
    """The operations on one noun of the API."""

    def __init__(self, client: Client[M]) -> None:
        self.client: Client[M] = client


class Method(Generic[P, T, V, R]):
    """An operation on one client, to be called."""

    def __init__(self, client: Any, build: Callable[P, Call[T]], name: str, options: Options) -> None:
        self.client, self.__wrapped__, self.name, self.options = client, build, name, options

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> V:
        """Call, and give the typed answer; raises `ApiError`."""
        answer: V = self.client.finish(self.exchange(*args, **kwargs).parsed(self.client.transport))
        return answer

    def raw(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call, and give the answer with status and headers; `.parse()` gives the typed value."""
        response: R = self.client.finish(self.exchange(*args, **kwargs).run(self.client.transport))
        return response

    def with_options(self, **changes: Unpack[Options]) -> Self:
        """Give this operation with something different about its calls, see `Options`."""
        twin = copy(self)
        twin.options = {**self.options, **changes}
        return twin

    def exchange(self, *args: P.args, **kwargs: P.kwargs) -> Exchange[T]:
        """Say what would be sent, without sending it."""
        return Exchange(self.__wrapped__(*args, **kwargs), self.name, self.client.settings, self.options)


class operation(Generic[P, T]):  # noqa: N801
    """A method whose body says what to send, offered as a real call by the client it is reached through."""

    kinds: tuple[type[Any], type[Any]] = (Method, Method)  # on the synchronous client, on the other

    def __init__(self, build: Callable[Concatenate[Any, P], Call[T]]) -> None:
        self.__wrapped__, self.__doc__, self.name = build, build.__doc__, build.__qualname__

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...
    @overload
    def __get__(self, owner: Resource[SyncClient], kind: type) -> Method[P, T, T, Response[T]]: ...
    @overload
    def __get__(self, owner: Resource[AsyncClient], kind: type) -> Method[P, T, Later[T], Later[Response[T]]]: ...
    def __get__(self, owner: Resource[Any] | None, kind: type) -> Any:
        if owner is None:
            return self
        method = self.kinds[owner.client.is_async]
        return method(owner.client, self.__wrapped__.__get__(owner, kind), self.name, owner.client.options)


def environment_variable(prefix: str, name: str) -> str | None:
    """Read the variable that stands for an argument: `api_key` is `<PREFIX>_API_KEY`."""
    return os.environ.get(f"{prefix}_{name.upper()}")
