"""Why a request is not answered as asked. One exception, turned into the provider's own error by `problems`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tallystick.load import Json

Situation = Literal[
    "unauthenticated",
    "forbidden",
    "malformed",
    "invalid",
    "unknown-resource",
    "not-found",
    "method-not-allowed",
    "not-acceptable",
    "unsupported-media-type",
    "state-conflict",
    "duplicate",
    "idempotency-conflict",
    "idempotency-in-progress",
    "expired",
    "locked",
    "rate-limited",
    "too-large",
    "internal",
    "unavailable",
]


@dataclass(eq=False)
class Refused(Exception):
    """The request is refused. `pointer` leads to the offending value in the body, or names the parameter.

    `status` is that of the answer where it was asked for, whatever the contract says of the situation.
    """

    situation: Situation
    message: str
    pointer: str = ""
    value: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None

    def __str__(self) -> str:
        return f"{self.situation}: {self.message}"
