"""What a method of the API is before anything is sent: a value that says it all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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

    @classmethod
    def of(cls, seconds: float | Timeout) -> Timeout:
        """Take one number for every phase."""
        return seconds if isinstance(seconds, Timeout) else cls(seconds, seconds, seconds, seconds)


class Idempotency(NamedTuple):
    """The header that makes a call safe to repeat, and the one that marks a replayed answer."""

    header: str
    replayed: str | None = None


class Body(Protocol):
    """A request body that knows its media type."""

    def encode(self) -> tuple[str, bytes]:
        """Give the `Content-Type` and the bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call: where it goes, what it carries, and what each status means.

    `results` maps a status, or a range such as `2XX`, to the type of that answer;
    any status outside it is an error, whose body has the type found in `errors`.
    `security` lists alternatives, each the names of the schemes it needs together.
    """

    method: str
    path: str
    results: Mapping[int | str, object]
    params: Mapping[str, object] = field(default_factory=dict[str, object], repr=False)
    query: Mapping[str, object] = field(default_factory=dict[str, object], repr=False)
    headers: Mapping[str, object] = field(default_factory=dict[str, object], repr=False)
    cookies: Mapping[str, object] = field(default_factory=dict[str, object], repr=False)
    body: Body | None = field(default=None, repr=False)
    accept: str = "application/json"
    errors: Mapping[int | str, Any] = field(default_factory=dict[int | str, Any], repr=False)
    security: tuple[tuple[str, ...], ...] | None = None
    idempotency: Idempotency | None = None
    server: str | None = None


class Options(TypedDict, total=False):
    """What one call, or a copy of the client, does differently.

    `body` adds members to a JSON body; `strict` refuses answers with members the contract does not list.
    """

    timeout: float | Timeout
    retries: int
    headers: Mapping[str, str]
    query: Mapping[str, object]
    body: Mapping[str, object]
    idempotency_key: str
    strict: bool
