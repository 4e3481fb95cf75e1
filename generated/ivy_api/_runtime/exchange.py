"""The steps of one call, without doing any of them: clients send, wait, and hand back what happened."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, TypeVar, cast
from uuid import uuid4

from .auth import Credential
from .call import MISSING, Call, Options, Timeout
from .codec import InvalidValueError, load
from .config import Failure, Settings, log
from .errors import (
    ApiError,
    ConnectionFailedError,
    MissingCredentialsError,
    RequestValidationError,
    ResponseValidationError,
    StatusError,
    status_error,
    summary,
)
from .request import Request, build
from .response import Response
from .retry import Outcome, next_wait
from .transport import Reply

T = TypeVar("T")
HARMLESS_TWICE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110, 9.2.2


@dataclass(frozen=True, slots=True)
class Exchange(Generic[T]):
    """One call about to happen."""

    call: Call[T]
    operation: str
    settings: Settings
    options: Options
    stream: bool = False

    def steps(self) -> Generator[Request | float, Any, tuple[Response[T], Reply]]:
        """Yield a request to send, or seconds to wait; be told what came of it; return the answer."""
        key, request, attempt, started = None, None, 0, time.monotonic()
        try:
            key = self.key()
            blank = self.request(key)
            while True:
                attempt += 1
                request = replace(blank, headers=dict(blank.headers), secrets=[])
                for credential in self.credentials():  # anew for each attempt: times and tokens change
                    credential.apply(request)
                try:
                    reply = cast("Reply", (yield request))
                    wait = self.wait(Outcome(reply.status, reply.headers), attempt, started, key)
                    if wait is None:
                        return self.answer(reply, attempt, key), reply
                    reason = f"status {reply.status}"
                except ConnectionFailedError as error:
                    wait = self.wait(Outcome(sent=error.sent), attempt, started, key)
                    if wait is None:
                        raise
                    reason = type(error).__name__
                log.info("%s: %s on attempt %d, again in %.2f s", self.operation, reason, attempt, wait)
                yield wait
        except ApiError as error:
            self.explain(error, attempt, key, request)
            raise

    def key(self) -> str | None:
        """Give the idempotency key of all attempts, if the contract has such a thing here."""
        given = self.options.get("idempotency_key")
        if self.call.idempotency is None:
            if given:
                raise RequestValidationError("the contract declares no idempotency key for this operation")
            return None
        argued = self.call.headers.get(self.call.idempotency.header)
        return given or (str(argued) if argued and argued is not MISSING else str(uuid4()))

    def request(self, key: str | None) -> Request:
        """Build what every attempt has in common, once: a file can only be read once."""
        call, settings, options = self.call, self.settings, self.options
        try:
            request = build(call, settings.base_url, settings.headers, options)
        except ValueError as error:
            raise RequestValidationError(str(error)) from error
        if key and call.idempotency:
            request.headers[call.idempotency.header.lower()] = key
        request.timeout = Timeout.of(options["timeout"]) if "timeout" in options else settings.timeout
        request.stream = self.stream
        return request

    def credentials(self) -> list[Credential]:
        """Choose the first complete set of credentials; raises `MissingCredentialsError`."""
        known, accepted = self.settings.credentials, self.call.security
        accepted = self.settings.facts.security if accepted is None else accepted
        for names in sorted(accepted, key=lambda names: not names):  # anonymous only if nothing else fits
            if all(name in known for name in names):
                return [known[name] for name in names]
        hints = self.settings.facts.hints
        ways = " or ".join(" with ".join(hints.get(name, name) for name in names) for names in accepted)
        raise MissingCredentialsError(f"credentials needed: {ways}")

    def wait(self, outcome: Outcome, attempt: int, started: float, key: str | None) -> float | None:
        """Ask the policy about one outcome; `None` ends the call."""
        if outcome.status is not None and outcome.status < 400:
            return None
        policy = self.settings.retry
        return next_wait(
            policy._replace(retries=self.options.get("retries", policy.retries)),
            outcome,
            attempt=attempt,
            elapsed=time.monotonic() - started,
            repeatable=key is not None or self.call.method in HARMLESS_TWICE,
            jitter=random.SystemRandom().random(),
            now=datetime.now(UTC),
        )

    def answer(self, reply: Reply, attempt: int, key: str | None) -> Response[T]:
        """Wrap what the contract declares a result; raises `StatusError` for everything else."""
        rule, kind = self.call.idempotency, declared(self.call.results, reply.status)
        replayed = bool(rule and rule.replayed and rule.replayed in reply.headers)
        load_ = partial(self.result, reply, kind, attempt, key)
        response = Response(reply.status, reply.headers, reply.content, attempt, key, replayed, load_)
        if kind is MISSING:
            raise refusal(response, self.call.errors, self.settings)
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s: %d, request id %s", self.operation, reply.status, response.request_id)
        return response

    def result(self, reply: Reply, kind: object, attempt: int, key: str | None) -> Any:
        """Read the body as the type of its status; raises `ResponseValidationError`."""
        media = reply.headers.get("content-type", "")
        if kind is None or kind is bytes:
            return reply.content if kind else None
        if kind is str and "json" not in media:
            return reply.content.decode("utf-8", "replace")
        strict = self.options.get("strict", self.settings.strict)
        try:
            return load(kind, reply.content, strict=strict)
        except InvalidValueError as error:
            response = Response(reply.status, reply.headers, reply.content, attempt, key, False, lambda: None)
            problem = ResponseValidationError(f"{reply.status}, but not as the contract says: {error}", response)
            self.explain(problem, attempt, key, None)
            raise problem from error

    def explain(self, error: ApiError, attempt: int, key: str | None, request: Request | None) -> None:
        """Say on an error which call it was, and take out of its words what must not be shown."""
        error.method, error.path, error.operation = self.call.method, self.call.path, self.operation
        error.attempts, error.idempotency_key = attempt, key
        if request:
            find = self.settings.facts.sensitive
            for secret in [*request.secrets, *(find(request.content) if find else ())]:
                error.detail = error.detail.replace(secret, "***") if secret else error.detail
            error.args = (error.detail,)


def declared(table: Mapping[int | str, Any], status: int) -> Any:
    """Find what a table says about a status: itself, its range, or `MISSING`."""
    found = table.get(status, MISSING)
    return table.get(f"{status // 100}XX", MISSING) if found is MISSING else found


def refusal(response: Response[Any], own: Mapping[int | str, Failure], settings: Settings) -> StatusError:
    """Make the error for an answer that is no result: its class, the typed body, a short message."""
    tables = (own, settings.facts.failures())
    rules = [declared(table, response.status) for table in tables] + [t.get("default") for t in tables]
    rule = next((rule for rule in rules if isinstance(rule, Failure)), Failure())
    kind = declared(settings.facts.classes, response.status)
    kind = status_error(response.status) if kind is MISSING else kind
    try:
        data = load(object, response.content)
        kind = next((error for when, error in rule.problems if matches(data, when)), kind)
    except InvalidValueError:
        data = response.content.decode("utf-8", "replace")
    try:
        body = None if rule.body is None else load(rule.body, response.content)
    except InvalidValueError:
        body = None
    said = summary(data) if response.status >= 400 else "not a status that the contract declares"
    return kind(f"{response.status} {kind.__name__}{': ' if said else ''}{said}", response, body, data)


def matches(data: object, when: Mapping[str, object]) -> bool:
    """Say whether JSON data holds the given values at the given JSON Pointers."""
    for pointer, expected in when.items():
        value = data
        for token in pointer.split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            if isinstance(value, list):
                value = dict(enumerate(cast("list[object]", value))).get(int(key)) if key.isdecimal() else None
            else:
                value = cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None
        if value != expected:
            return False
    return True
