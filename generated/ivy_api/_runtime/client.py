"""One text, two clients: an `operation` gives a value on the synchronous one, an awaitable on the other."""

import logging
import os
import platform
import random
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import replace
from importlib import import_module
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, Self, TypeAlias, TypeVar, Unpack, cast, overload

from . import outcome
from .call import MISSING, Call, Config, Options, Request, Retry, Timeout, build, declared, merged
from .codec import InvalidValueError, load
from .outcome import Response, StatusError, T
from .retry import next_wait
from .transport import HttpxTransport, settled

P = ParamSpec("P")
V = TypeVar("V")
R = TypeVar("R")
M = TypeVar("M", "SyncClient", "AsyncClient")
Later: TypeAlias = Coroutine[Any, Any, T]
HARMLESS_TWICE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110, 9.2.2
log = logging.getLogger(__name__.partition("._runtime")[0])


class Facts(NamedTuple):
    """What the contract says about all of its calls."""

    agent: str
    prefix: str
    base_url: str
    failures: Callable[[], Mapping[int | str, object]] = dict  # the type of an error's body, by status
    choose: Callable[[type[StatusError], Any, object], tuple[type[StatusError], object]] | None = None  # by the body
    steps: tuple[Callable[[Request, Call[Any]], None], ...] = ()  # what is made anew for every attempt
    adapters: tuple[Any, ...] = ()  # are tried on an `http_client`


class Exchange(Generic[T]):
    """One call about to happen, and how far it has come."""

    def __init__(self, client: "Client[Any]", call: Call[T], operation: str, options: Config) -> None:
        self.client, self.call, self.operation, self.options, self.attempts = client, call, operation, options, 0
        self.key: str | None = None
        self.request: Request | None = None

    async def parsed(self) -> T:
        """Run, and give the typed answer."""
        return (await self.run()).parse()

    async def run(self, *, stream: bool = False) -> Response[T]:
        """Send, wait, repeat until there is an answer; raises `ApiError`."""
        client, started = self.client, time.monotonic()
        try:
            try:
                blank = build(self.call, self.options)  # once: a file can only be read once
            except ValueError as error:
                raise outcome.RequestValidationError(str(error)) from error
            self.key = blank.headers.get(self.call.idempotency.lower())
            while True:
                self.attempts += 1
                self.request = request = replace(blank, headers=dict(blank.headers), stream=stream)
                for step in client.facts.steps:
                    step(request, self.call)
                try:
                    reply: Response[Any] = await settled(client.transport.send(request))
                    if reply.status < 400 or (wait := self.wait(reply, started)) is None:
                        return self.answer(reply)
                    reason = f"status {reply.status}"
                except outcome.ConnectionFailedError as error:
                    if (wait := self.wait(Response(0, {}), started, harmless=not error.sent)) is None:
                        raise
                    reason = type(error).__name__
                log.info("%s: %s on attempt %d, again in %.2f s", self.operation, reason, self.attempts, wait)
                await settled((import_module("anyio") if client.is_async else time).sleep(wait))
        except outcome.ApiError as error:
            self.explained(error)
            raise

    def wait(self, ended: Response[Any], started: float, *, harmless: bool = False) -> float | None:
        """Ask the policy what follows an attempt; `None` ends the call."""
        harmless = harmless or self.key is not None or self.call.method in HARMLESS_TWICE
        policy, elapsed = cast("Retry", self.options.get("retries")), time.monotonic() - started
        jitter, now = random.SystemRandom().random(), time.time()
        return next_wait(policy, self.attempts, ended, harmless=harmless, elapsed=elapsed, jitter=jitter, now=now)

    def answer(self, reply: Response[Any]) -> Response[T]:
        """Wrap what the contract declares a result; raises `StatusError` for everything else."""
        told = (reply.status, reply.headers, reply.content, reply.chunks, self.attempts, self.key)
        response: Response[T] = Response(*told, self.call.replayed in reply.headers, self.read)
        if declared(self.call.results, reply.status) is MISSING:
            raise self.refusal(response)
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s: %d, request id %s", self.operation, reply.status, response.request_id)
        return response

    def read(self, response: Response[T]) -> Any:
        """Read the body as the type of its status; raises `ResponseValidationError`."""
        kind = declared(self.call.results, response.status)
        if kind is None or kind is bytes:
            return response.content if kind else None
        if kind is str and "json" not in response.headers.get("content-type", ""):
            return response.content.decode("utf-8", "replace")
        try:
            return load(kind, response.content, strict=self.options.get("strict", False))
        except InvalidValueError as error:
            said = f"{response.status}, but not as the contract says: {error}"
            raise self.explained(outcome.ResponseValidationError(said, response)) from error

    def refusal(self, response: Response[T]) -> StatusError:
        """Make the error for an answer that is no result: its class, the typed body, a short message."""
        facts, status = self.client.facts, response.status
        kind = declared(StatusError.classes, status) or StatusError
        rule = declared({**facts.failures(), **self.call.errors}, status) or None
        body, data = None, response.content.decode("utf-8", "replace")
        with suppress(InvalidValueError):
            data = load(object, response.content)
            if facts.choose:
                kind, rule = facts.choose(kind, rule, data)
            body = None if rule is None else load(rule, response.content)
        said = outcome.summary(data) if status >= 400 else "not a status that the contract declares"
        return kind(f"{status} {kind.__name__}{': ' if said else ''}{said}", response, body, data)

    def explained(self, error: outcome.ApiError) -> outcome.ApiError:
        """Say on an error which call it was, and take out of its words what must not be shown."""
        error.method, error.path, error.operation = self.call.method, self.call.path, self.operation
        error.attempts, error.idempotency_key = self.attempts, self.key
        for secret in (secret for tell in (self.request.secrets if self.request else ()) for secret in tell()):
            error.detail = error.detail.replace(secret, "***") if secret else error.detail
        error.args = (error.detail,)
        return error


class Client(Generic[M]):
    """What both clients share: what the contract says, what they were told, and connections, which copies share."""

    facts: Facts
    is_async = False

    def __init__(self, **config: Unpack[Config]) -> None:
        variable, given = f"{self.facts.prefix}_{{}}".format, config.get("http_client")
        if level := os.environ.get(variable("LOG")):
            logging.basicConfig()
            log.setLevel(level.upper())
        address = config.get("base_url") or os.environ.get(variable("BASE_URL")) or self.facts.base_url
        if "://" not in address:
            raise ValueError(f"give base_url: the contract only says {address!r}, relative to where it was found")
        agent = f"{config.get('user_agent', '')} {self.facts.agent} python/{platform.python_version()}".strip()
        usual = Config(retries=Retry()) if given else Config(retries=Retry(), timeout=Timeout())
        self.options = merged(usual, Config({**config, "base_url": address, "user_agent": agent}))
        found = (adapter.of(given, is_async=self.is_async) for adapter in (*self.facts.adapters, HttpxTransport))
        self.transport: Any = next(filter(None, found), given)
        self.owned = given is None

    def with_options(self, **changes: Unpack[Options]) -> Self:
        """Give a copy that differs in this and shares the connections; closing it closes nothing."""
        twin = copy(self)
        twin.options, twin.owned = merged(self.options, changes), False
        return twin


class SyncClient(Client["SyncClient"]):
    """Blocks until there is an answer."""

    def finish(self, work: Later[T]) -> T:
        """Do work that blocks wherever it would wait, so that it ends without ever being suspended."""
        try:
            work.send(None)
        except StopIteration as done:
            return cast("T", done.value)
        raise TypeError("an asynchronous http_client needs the asynchronous client")

    def send(self, call: Call[T]) -> T:
        """Send a call that no method offers, with the same credentials, retries and errors."""
        return self.finish(Exchange(self, call, "send", self.options).parsed())

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
        return await Exchange(self, call, "send", self.options).parsed()

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

    def __init__(self, client: Any, build: Callable[P, Call[T]], name: str, options: Config) -> None:
        self.client, self.__wrapped__, self.name, self.options = client, build, name, options

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> V:
        """Call, and give the typed answer; raises `ApiError`."""
        return cast("V", self.client.finish(self.exchange(*args, **kwargs).parsed()))

    def raw(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call, and give the answer with status and headers; `.parse()` gives the typed value."""
        return cast("R", self.client.finish(self.exchange(*args, **kwargs).run()))

    def with_options(self, **changes: Unpack[Options]) -> Self:
        """Give this operation with something different about its calls, see `Options`."""
        twin = copy(self)
        twin.options = merged(self.options, changes)
        return twin

    def exchange(self, *args: P.args, **kwargs: P.kwargs) -> Exchange[T]:
        """Say what would be sent, without sending it."""
        return Exchange(self.client, self.__wrapped__(*args, **kwargs), self.name, self.options)


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
