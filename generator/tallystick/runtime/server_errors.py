"""What a handler raises to say no, and what the adapter says on its own: both become the contract's own errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

Body = TypeVar("Body")


class Problem(Exception):
    """An answer that says no: why, where and about what value, and what the contract calls it."""

    status: int = 500
    name: str = ""
    situation: str = ""
    body: Any = None
    pointer: str = ""
    value: Any = None
    headers: Mapping[str, str] = {}

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ApiError(Problem, Generic[Body]):
    """What a handler raises to say no. Without a `body`, the answer is the contract's example for it, filled in.

    `message` says what happened; `pointer` is the dotted path of the value that is to blame, `value` that value.
    """

    def __init__(
        self,
        message: str = "",
        *,
        body: Body | None = None,
        pointer: str = "",
        value: Any = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.body, self.pointer, self.value, self.headers = body, pointer, value, headers or {}
        self.status = status or self.status


class Refused(Problem):
    """The adapter's own refusal of a request, by the situation it is in."""

    def __init__(
        self,
        situation: str,
        message: str,
        *,
        pointer: str = "",
        value: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.situation, self.pointer, self.value, self.headers = situation, pointer, value, headers or {}
        self.status = STATUSES[situation][0]


STATUSES: Mapping[str, tuple[int, ...]] = {
    "unauthenticated": (401, 403),
    "malformed": (400, 422),
    "invalid": (400, 422),
    "not-found": (404,),
    "method-not-allowed": (405,),
    "not-acceptable": (406,),
    "too-large": (413,),
    "unsupported-media-type": (415,),
    "internal": (500,),
}
"""The statuses of a situation that the contract says nothing of: the first that the operation declares."""
