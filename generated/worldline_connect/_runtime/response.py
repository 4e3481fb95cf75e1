"""An answer as it arrived, with its typed form on request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .codec import InvalidValueError, build

T = TypeVar("T")
H = TypeVar("H")
REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "correlation-id")


class Headers(Mapping[str, str]):
    """Header values by name, whatever the case; repeated headers are joined with a comma."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            self._values[key] = f"{self._values[key]}, {value}" if key in self._values else value

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True, slots=True)
class Response(Generic[T]):
    """One answer: status, headers, bytes, and what it took to get it."""

    status: int
    headers: Headers = field(repr=False)
    content: bytes = field(repr=False)
    attempts: int
    idempotency_key: str | None
    replayed: bool
    load: Callable[[], T] = field(repr=False)

    @property
    def request_id(self) -> str | None:
        """The server's name for this request, if it gave one."""
        return next((self.headers[name] for name in REQUEST_ID_HEADERS if name in self.headers), None)

    def header(self, name: str, kind: type[H]) -> H | None:
        """Give a header as what the contract says it is, `None` if it is absent or something else."""
        try:
            value: H | None = build(kind, self.headers[name]) if name in self.headers else None
        except InvalidValueError:
            return None
        return value

    def parse(self) -> T:
        """Give the typed answer; raises `ResponseValidationError` if it breaks the contract."""
        return self.load()
