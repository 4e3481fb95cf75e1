"""Everything that can go wrong, as one tree.

ApiError
├── MissingCredentialsError     nothing was sent: no credentials for this operation
├── RequestValidationError      nothing was sent: an argument breaks the contract
├── ConnectionFailedError       no answer
│   └── TimedOutError
├── ResponseValidationError     an answer the contract does not describe
└── StatusError                 an answer that says no
    ├── BadRequestError 400, AuthenticationError 401, PermissionDeniedError 403, NotFoundError 404
    ├── ConflictError 409, UnprocessableError 422, RateLimitedError 429
    └── ServerError 5xx
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from .response import Response


class ApiError(Exception):
    """Whatever this client raises; says which call it was, never what the call carried."""

    method = ""
    path = ""
    operation = ""
    attempts = 0
    request_id: str | None = None
    idempotency_key: str | None = None

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        call = f"{self.method} {self.path} ({self.operation}): " if self.method else ""
        facts = {"request id": self.request_id, "idempotency key": self.idempotency_key}
        known = [f"{name} {value}" for name, value in facts.items() if value]
        known += [f"{self.attempts} attempts"] if self.attempts > 1 else []
        return f"{call}{self.detail}" + (f" [{', '.join(known)}]" if known else "")


class MissingCredentialsError(ApiError):
    """No set of credentials that this operation accepts is complete; nothing was sent."""


class RequestValidationError(ApiError):
    """An argument does not fit the contract; nothing was sent."""


class ConnectionFailedError(ApiError):
    """No answer arrived; `sent` says whether the server may have acted on the request."""

    def __init__(self, detail: str, *, sent: bool = True) -> None:
        super().__init__(detail)
        self.sent = sent


class TimedOutError(ConnectionFailedError):
    """No answer arrived in time."""


class AnsweredError(ApiError):
    """An answer arrived: see `status` and `response`."""

    def __init__(self, detail: str, response: Response[Any]) -> None:
        super().__init__(detail)
        self.response = response
        self.status = response.status
        self.request_id = response.request_id


class ResponseValidationError(AnsweredError):
    """The answer is not what the contract promises for its status."""


class StatusError(AnsweredError):
    """The server said no, or said something the contract does not mention.

    `body` is the error as the contract types it, `None` where it does not, or the answer is something else;
    `data` is what arrived: JSON where it is JSON, else text.
    """

    body: Any

    def __init__(self, detail: str, response: Response[Any], body: object = None, data: object = None) -> None:
        super().__init__(detail, response)
        self.body, self.data = body, data


class BadRequestError(StatusError):
    """400: the request makes no sense to the server."""


class AuthenticationError(StatusError):
    """401: the credentials are missing, wrong or out of date."""


class PermissionDeniedError(StatusError):
    """403: the credentials are good, but not for this."""


class NotFoundError(StatusError):
    """404: there is no such thing, or not for these credentials."""


class ConflictError(StatusError):
    """409: the request does not fit the state of the resource."""


class UnprocessableError(StatusError):
    """422: understood, but the values are not acceptable."""


class RateLimitedError(StatusError):
    """429: too many requests; it was retried as the server asked before this was raised."""


class ServerError(StatusError):
    """5xx: the server failed."""


BY_STATUS: Mapping[int, type[StatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableError,
    429: RateLimitedError,
}


def status_error(status: int) -> type[StatusError]:
    """Give the class for a status; any status has one."""
    return BY_STATUS.get(status, ServerError if status >= 500 else StatusError)


def summary(data: object) -> str:
    """Pick the few words of an error body that fit a log line: its code and its message."""
    while isinstance(data, Mapping | list) and data:
        if isinstance(data, list):
            data = cast("list[object]", data)[0]
            continue
        members = cast("Mapping[str, object]", data)
        words = [members.get(name) for name in ("code", "type", "category", "message", "title", "detail")]
        found = [str(word) for word in words if isinstance(word, str | int)]
        if found:
            return ": ".join(dict.fromkeys(found))[:300]
        data = members.get("error") or members.get("errors")
    return data[:300] if isinstance(data, str) else ""
