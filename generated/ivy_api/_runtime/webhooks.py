"""Deliveries of the provider: verified, then typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar, cast

from .codec import InvalidValueError, dump, load
from .outcome import ApiError

E = TypeVar("E")


class WebhookError(ApiError):
    """A delivery that must not be acted on."""


class WebhookVerificationError(WebhookError):
    """The signature is missing, wrong or too old: nobody knows who sent this."""


class WebhookPayloadError(WebhookError):
    """The delivery is genuine, but its body is not what the contract says."""


class Verifier(Protocol):
    """A provider's signature with one secret."""

    def sign(
        self, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> dict[str, str]:
        """Give the headers of a delivery."""
        ...

    def verify(self, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raise `ValueError` if the headers do not fit the delivery."""
        ...


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """An event that this version of the contract does not know; `data` is the JSON as it came."""

    type: str
    data: Any


class WebhookReceiver(Generic[E]):
    """Verifies deliveries with any of several secrets, so that one can be replaced while both are in use."""

    member = ""
    """The member of an event that says what it is."""

    def __init__(self, *signatures: Verifier) -> None:
        self.signatures = signatures

    def events(self) -> Mapping[str, object]:
        """Say which class each event has; the empty name stands for all others."""
        return {}

    def parse(
        self,
        body: bytes | str,
        headers: Mapping[str, str],
        *,
        target: str = "/",
        now: datetime | None = None,
    ) -> E | UnknownEvent:
        """Give the event of a delivery: its raw body and headers as they arrived.

        `target` is the path it was sent to, for signatures that cover it; `now` is for tests.
        Raises `WebhookVerificationError` and `WebhookPayloadError`.
        """
        given = cast("object", body)
        if not isinstance(given, bytes | str):
            raise TypeError("give the raw body: a signature covers the bytes as sent, parsed JSON has lost them")
        raw = given.encode() if isinstance(given, str) else given
        reasons: list[str] = []
        for signature in self.signatures:
            try:
                signature.verify(
                    method="POST", target=target, headers=headers, body=raw, now=now or datetime.now(UTC)
                )
            except ValueError as reason:
                reasons.append(str(reason))
            else:
                return self.parse_unverified(raw)
        raise WebhookVerificationError("; ".join(dict.fromkeys(reasons)) or "there is no secret to verify with")

    def parse_unverified(self, body: bytes) -> E | UnknownEvent:
        """Give the event in a body that something else has already found to be genuine."""
        try:
            data = load(object, body)
            name = cast("dict[str, object]", data).get(self.member) if isinstance(data, dict) else None
            known = self.events()
            kind = known.get(str(name)) or known.get("")
            if kind is None:
                return UnknownEvent(str(name or ""), data)
            event: E = load(kind, body)
        except InvalidValueError as error:
            raise WebhookPayloadError(f"not as the contract says: {error}") from error
        return event

    def sign(
        self, event: E | bytes, *, target: str = "/", now: datetime | None = None
    ) -> tuple[bytes, dict[str, str]]:
        """Give body and headers of a delivery of this event, for tests of your endpoint."""
        body = event if isinstance(event, bytes) else dump(type(event), event)
        headers = {"content-type": "application/json"}
        signature = self.signatures[0]
        moment = now or datetime.now(UTC)
        return body, headers | signature.sign(method="POST", target=target, headers=headers, body=body, now=moment)
