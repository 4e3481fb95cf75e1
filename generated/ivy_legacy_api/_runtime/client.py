"""One text, two clients: an `operation` gives a value on the synchronous one, an awaitable on the other."""

import logging
import os
import platform
import random
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, Self, TypeAlias, TypeVar, Unpack, cast, overload

from . import outcome
from .call import MISSING, Call, Config, Options, Request, T, Timeout, build, declared, merged
from .codec import InvalidValueError, load
from .outcome import Response, StatusError
from .retry import Attempt, Retry, next_wait
from .transport import HttpxTransport, Transport, settled

E = TypeVar("E", bound=outcome.ApiError)
P = ParamSpec("P")
V = TypeVar("V")
R = TypeVar("R")
M = TypeVar("M", "SyncClient", "AsyncClient")
Later: TypeAlias = Coroutine[Any, Any, T]
HARMLESS_TWICE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110, 9.2.2
log = logging.getLogger(__name__.partition("._runtime")[0])
log.addHandler(logging.NullHandler())


class Facts(NamedTuple):
    """What the contract says about all of its calls.

    `failures` gives the type of error bodies by status, `choose` a class by what such a body says. `steps` add to the
    request of every attempt what has to be made anew each time. `adapters` are tried on an `http_client`.
    """

    agent: str
    prefix: str
    base_url: str
    failures: Callable[[], Mapping[int | str, object]] = dict
    choose: Callable[[type[StatusError], Any, object], tuple[type[StatusError], object]] | None = None
    steps: tuple[Callable[[Request, Call[Any]], None], ...] = ()
    adapters: tuple[Any, ...] = ()


@dataclass(slots=True)
class Exchange(Generic[T]):
    """One call about to happen, and how far it has come."""

    call: Call[T]
    operation: str
    facts: Facts
    options: Config
    attempts: int = 0
    key: str | None = None
    request: Request | None = None

    async def parsed(self, transport: Transport) -> T:
        """Run, and give the typed answer."""
        return (await self.run(transport)).parse()

    async def run(self, transport: Transport, *, stream: bool = False) -> Response[T]:
        """Send, wait, repeat until there is an answer; raises `ApiError`."""
        started = time.monotonic()
        try:
            try:
                blank = build(self.call, self.options)  # once: a file can only be read once
            except ValueError as error:
                raise outcome.RequestValidationError(str(error)) from error
            self.key = blank.headers.get(self.call.idempotency.lower())
            while True:
                self.attempts += 1
                self.request = request = replace(blank, headers=dict(blank.headers), stream=stream)
                for step in self.facts.steps:
                    step(request, self.call)
                try:
                    reply: Response[Any] = await settled(transport.send(request))
                    if reply.status < 400 or (wait := self.wait(started, reply.status, reply.headers)) is None:
                        return self.answer(reply)
                    reason = f"status {reply.status}"
                except outcome.ConnectionFailedError as error:
                    if (wait := self.wait(started, sent=error.sent)) is None:
                        raise
                    reason = type(error).__name__
                log.info("%s: %s on attempt %d, again in %.2f s", self.operation, reason, self.attempts, wait)
                await settled(transport.sleep(wait))
        except outcome.ApiError as error:
            self.explained(error)
            raise

    def wait(
        self, started: float, status: int = 0, headers: Mapping[str, str] = {}, *, sent: bool = True
    ) -> float | None:
        """Ask the policy what follows an attempt; `None` ends the call."""
        harmless = not sent or self.key is not None or self.call.method in HARMLESS_TWICE
        attempt = Attempt(self.attempts, time.monotonic() - started, harmless, status, headers)
        policy = cast("Retry", self.options.get("retries"))
        return next_wait(policy, attempt, jitter=random.SystemRandom().random(), now=datetime.now(UTC))

    def answer(self, reply: Response[Any]) -> Response[T]:
        """Wrap what the contract declares a result; raises `StatusError` for everything else."""
        told = (reply.status, reply.headers, reply.content, reply.chunks, self.attempts, self.key)
        response: Response[T] = Response(*told, self.call.replayed in reply.headers, self.result)
        if declared(self.call.results, reply.status) is MISSING:
            raise self.refusal(response)
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s: %d, request id %s", self.operation, reply.status, response.request_id)
        return response

    def result(self, response: Response[T]) -> Any:
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
        status, tables, classes = response.status, (self.call.errors, self.facts.failures()), StatusError.classes
        rules = [declared(table, status) for table in tables] + [table.get("default", MISSING) for table in tables]
        rule = next((rule for rule in rules if rule is not MISSING), None)
        kind = declared(classes, status) or classes.get("default", StatusError)
        body, data = None, response.content.decode("utf-8", "replace")
        with suppress(InvalidValueError):
            data = load(object, response.content)
            if self.facts.choose:
                kind, rule = self.facts.choose(kind, rule, data)
            body = None if rule is None else load(rule, response.content)
        said = outcome.summary(data) if status >= 400 else "not a status that the contract declares"
        return kind(f"{status} {kind.__name__}{': ' if said else ''}{said}", response, body, data)

    def explained(self, error: E) -> E:
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
        return self.finish(Exchange(call, "send", self.facts, self.options).parsed(self.transport))

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
        return await Exchange(call, "send", self.facts, self.options).parsed(self.transport)

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
        return cast("V", self.client.finish(self.exchange(*args, **kwargs).parsed(self.client.transport)))

    def raw(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call, and give the answer with status and headers; `.parse()` gives the typed value."""
        return cast("R", self.client.finish(self.exchange(*args, **kwargs).run(self.client.transport)))

    def with_options(self, **changes: Unpack[Options]) -> Self:
        """Give this operation with something different about its calls, see `Options`."""
        twin = copy(self)
        twin.options = merged(self.options, changes)
        return twin

    def exchange(self, *args: P.args, **kwargs: P.kwargs) -> Exchange[T]:
        """Say what would be sent, without sending it."""
        return Exchange(self.__wrapped__(*args, **kwargs), self.name, self.client.facts, self.options)


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
