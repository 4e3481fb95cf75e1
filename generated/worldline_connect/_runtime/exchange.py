"""One call, from its first attempt to the answer or the error; the same text for both clients."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import uuid4

from . import outcome
from .call import MISSING, Call, Options, T, declared
from .codec import InvalidValueError, load
from .outcome import Response, StatusError
from .request import Request, build
from .retry import Retry, next_wait
from .transport import Transport, settled

E = TypeVar("E", bound=outcome.ApiError)
HARMLESS_TWICE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110, 9.2.2
log = logging.getLogger(__name__.partition("._runtime")[0])
log.addHandler(logging.NullHandler())

Step: TypeAlias = Callable[[Request, Call[Any]], None]
"""Adds to the request of every attempt what has to be made anew each time."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds for all calls of a client: what its contract says, then what it was told."""

    agent: str
    prefix: str
    base_url: str
    failures: Callable[[], Mapping[int | str, object]] = dict
    choose: Callable[[type[StatusError], Any, object], tuple[type[StatusError], object]] | None = None
    steps: tuple[Step, ...] = ()
    adapters: tuple[Any, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    retry: Retry = field(default_factory=Retry)


@dataclass(slots=True)
class Exchange(Generic[T]):
    """One call about to happen, and how far it has come."""

    call: Call[T]
    operation: str
    settings: Facts
    options: Options
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
            blank = replace(self.prepared(), stream=stream)
            while True:
                self.attempts += 1
                self.request = request = replace(blank, headers=dict(blank.headers))
                for step in self.settings.steps:
                    step(request, self.call)
                try:
                    reply: Response[Any] = await settled(transport.send(request))
                    if (wait := self.wait(started, reply.status, reply.headers)) is None:
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

    def prepared(self) -> Request:
        """Build what every attempt has in common, once: a file can only be read once."""
        rule, given = self.call.idempotency, self.options.get("idempotency_key")
        if given and not rule:
            raise outcome.RequestValidationError("the contract declares no idempotency key for this operation")
        try:
            request = build(self.call, self.settings.base_url, self.settings.headers, self.options)
        except ValueError as error:
            raise outcome.RequestValidationError(str(error)) from error
        if rule:
            name = rule.header.lower()
            self.key = request.headers[name] = given or request.headers.get(name) or str(uuid4())
        return request

    def wait(
        self, started: float, status: int | None = None, headers: Mapping[str, str] = {}, *, sent: bool = True
    ) -> float | None:
        """Ask the policy what follows an attempt; `None` ends the call."""
        if status is not None and status < 400:
            return None
        policy = self.settings.retry
        return next_wait(
            policy._replace(retries=self.options.get("retries", policy.retries)),
            *(status, headers, sent),
            attempt=self.attempts,
            elapsed=time.monotonic() - started,
            repeatable=self.key is not None or self.call.method in HARMLESS_TWICE,
            jitter=random.SystemRandom().random(),
            now=datetime.now(UTC),
        )

    def answer(self, reply: Response[Any]) -> Response[T]:
        """Wrap what the contract declares a result; raises `StatusError` for everything else."""
        rule, told = self.call.idempotency, (reply.status, reply.headers, reply.content, reply.chunks)
        replayed = bool(rule and rule.replayed in reply.headers)
        response: Response[T] = Response(*told, self.attempts, self.key, replayed, self.result)
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
        status, tables = response.status, (self.call.errors, self.settings.failures())
        rules = [declared(table, status) for table in tables] + [table.get("default", MISSING) for table in tables]
        rule = next((rule for rule in rules if rule is not MISSING), None)
        kind, body, data = StatusError.of(status), None, response.content.decode("utf-8", "replace")
        with suppress(InvalidValueError):
            data = load(object, response.content)
            if self.settings.choose:
                kind, rule = self.settings.choose(kind, rule, data)
            body = None if rule is None else load(rule, response.content)
        said = outcome.summary(data) if status >= 400 else "not a status that the contract declares"
        error = kind(f"{status} {kind.__name__}{': ' if said else ''}{said}", response)
        error.body, error.data = body, data
        return error

    def explained(self, error: E) -> E:
        """Say on an error which call it was, and take out of its words what must not be shown."""
        error.method, error.path, error.operation = self.call.method, self.call.path, self.operation
        error.attempts, error.idempotency_key = self.attempts, self.key
        for secret in (secret for tell in (self.request.secrets if self.request else ()) for secret in tell()):
            error.detail = error.detail.replace(secret, "***") if secret else error.detail
        error.args = (error.detail,)
        return error
