"""What comes of a call: a `Response`, or one of the errors, all of them under `ApiError`."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar, cast

from .codec import InvalidValueError, build

H = TypeVar("H")
T = TypeVar("T")
REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "correlation-id")


@dataclass(frozen=True, slots=True)
class Response(Generic[T]):
    """One answer: status, headers whatever their case, the body read or still in `chunks`, and what it took."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(default=b"", repr=False)
    chunks: Any = field(default=None, repr=False)
    attempts: int = 1
    idempotency_key: str | None = None
    replayed: bool = False
    load: Callable[["Response[T]"], T] | None = field(default=None, repr=False)

    @property
    def request_id(self) -> str | None:
        """The server's name for this request, if it gave one."""
        return next((self.headers[name] for name in REQUEST_ID_HEADERS if name in self.headers), None)

    def header(self, name: str, kind: type[H]) -> H | None:
        """Give a header as what the contract says it is, `None` if it is absent or something else."""
        with suppress(InvalidValueError, KeyError):
            return cast("H", build(kind, self.headers[name]))
        return None

    def parse(self) -> T:
        """Give the typed answer; raises `ResponseValidationError` if it breaks the contract."""
        return cast("Callable[[Response[T]], T]", self.load)(self)


class ApiError(Exception):
    """Whatever this client raises; says which call it was, never what the call carried."""

    method = path = operation = ""
    status = attempts = 0
    request_id: str | None = None
    idempotency_key: str | None = None
    response: "Response[Any]"  # if one arrived, as is true of all with a `status`

    def __init__(self, detail: str, response: "Response[Any] | None" = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if response is not None:
            self.response, self.status, self.request_id = response, response.status, response.request_id

    def __str__(self) -> str:
        call = f"{self.method} {self.path} ({self.operation}): " if self.method else ""
        facts = {"request id": self.request_id, "idempotency key": self.idempotency_key}
        known = [f"{name} {value}" for name, value in facts.items() if value]
        known += [f"{self.attempts} attempts"] if self.attempts > 1 else []
        return f"{call}{self.detail}" + (f" [{', '.join(known)}]" if known else "")


class RequestValidationError(ApiError):
    """An argument does not fit the contract; nothing was sent."""


class ConnectionFailedError(ApiError):
    """No answer arrived; `sent` says whether the server may have acted on the request."""

    def __init__(self, detail: str, *, sent: bool = True) -> None:
        super().__init__(detail)
        self.sent = sent


class TimedOutError(ConnectionFailedError):
    """No answer arrived in time."""


class ResponseValidationError(ApiError):
    """The answer is not what the contract promises for its status."""


class StatusError(ApiError):
    """The server said no, or something the contract does not mention; `data` is the JSON or text that arrived."""

    body: Any  # as the contract types it; `None` where it does not, or something else arrived
    classes: ClassVar[dict[int | str, type["StatusError"]]] = {}

    def __init_subclass__(cls, status: int | str = 0) -> None:
        if status:
            StatusError.classes[status] = cls

    def __init__(self, detail: str, response: Response[Any], body: object, data: object) -> None:
        super().__init__(detail, response)
        self.body, self.data = body, data


def summary(data: object) -> str:
    """Pick the few words of an error body that fit a log line: its code and its message."""
    while isinstance(data, Mapping | list) and data:
        members = cast("Mapping[str, object]", data if isinstance(data, Mapping) else {"error": data[0]})
        words = [members.get(name) for name in ("code", "type", "category", "message", "title", "detail")]
        found = [str(word) for word in words if isinstance(word, str | int)]
        data = ": ".join(dict.fromkeys(found)) or members.get("error") or members.get("errors")
    return data[:300] if isinstance(data, str) else ""
