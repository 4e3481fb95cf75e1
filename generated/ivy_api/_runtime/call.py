"""What a method of the API is before anything is sent: a value that says it all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, Protocol, TypedDict, TypeVar

from .missing import MISSING as MISSING
from .missing import Missing as Missing

T = TypeVar("T")


class Timeout(NamedTuple):
    """Seconds each phase of one attempt may take; `None` waits for ever."""

    connect: float | None = 5.0
    read: float | None = 60.0
    write: float | None = 60.0
    pool: float | None = 60.0


class Idempotency(NamedTuple):
    """The header that makes a call safe to repeat, and the one that marks a replayed answer."""

    header: str
    replayed: str = ""


class Body(Protocol):
    """A request body that knows its media type."""

    def encode(self) -> tuple[str, bytes]:
        """Give the `Content-Type` and the bytes."""
        ...


class Call(NamedTuple, Generic[T]):
    """One call: where it goes, what it carries, and what each status means.

    `results` maps a status, or a range such as `2XX`, to the type of that answer; any status outside it is an error,
    whose body has the type found in `errors`, and whose class `problems` may choose by what the body says.
    `security` lists alternatives, each the names of the schemes it needs together.
    """

    method: str
    path: str
    results: Mapping[int | str, object]
    params: Mapping[str, object] = {}
    query: Mapping[str, object] = {}
    headers: Mapping[str, object] = {}
    cookies: Mapping[str, object] = {}
    body: Body | None = None
    accept: str = "application/json"
    errors: Mapping[int | str, object] = {}
    problems: Mapping[int | str, Any] = {}
    security: tuple[tuple[str, ...], ...] | None = None
    idempotency: Idempotency | None = None
    server: str = ""

    def __repr__(self) -> str:
        return f"Call({self.method} {self.path})"  # and nothing of what a caller put into it


class Options(TypedDict, total=False):
    """What one call, or a copy of the client, does differently.

    `timeout` is in seconds. `body` adds members to a JSON body. `strict` refuses answers with members that the
    contract does not list.
    """

    timeout: float | Timeout
    retries: int
    headers: Mapping[str, str]
    query: Mapping[str, object]
    body: Mapping[str, object]
    idempotency_key: str
    strict: bool


def declared(table: Mapping[int | str, Any], status: int) -> Any:
    """Find what a table says about a status: itself, its range, or `MISSING`."""
    return table.get(status, table.get(f"{status // 100}XX", MISSING))
