"""Requests signed the way the provider asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

from .call import Request


class Signer(Protocol):
    """A provider's way to sign a request."""

    def sign(
        self, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> dict[str, str]:
        """Give the headers to set."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature over the finished request, made anew for every attempt."""

    signer: Signer = field(repr=False)

    def apply(self, request: Request) -> None:
        """Add the headers that the signer gives."""
        address = urlsplit(request.url)
        target = f"{address.path}?{address.query}" if address.query else address.path
        request.headers |= self.signer.sign(
            method=request.method,
            target=target,
            headers=request.headers,
            body=request.content,
            now=datetime.now(UTC),
        )


def signature(signer: Callable[..., Signer], **credentials: str | None) -> Signature | None:
    """A signature, if everything that the signer needs is there."""
    return Signature(signer(**credentials)) if all(credentials.values()) else None
