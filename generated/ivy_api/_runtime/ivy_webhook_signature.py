"""Signature of Ivy's webhooks: HMAC-SHA256 of the raw body in the header X-Ivy-Signature."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

HEADER = "X-Ivy-Signature"


class WebhookSignature:
    """Signs and checks deliveries with the webhook signing secret of the dashboard.

    The signature covers the raw body alone: no header, no address, and no time, so a delivery that is
    sent again verifies as well as the first (Ivy documentation, webhook-getting-started/authentication).
    """

    def __init__(self, *, secret: str) -> None:
        self._key = secret.encode()

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def sign(
        self, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> dict[str, str]:
        """Give the header that a delivery with this body carries; everything else is left out of it."""
        del method, target, headers, now
        return {HEADER: self._digest(body)}

    def verify(self, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raise ValueError if the header is missing, doubled, or does not fit the body."""
        del method, target, now
        given = [value for name, value in headers.items() if name.lower() == HEADER.lower()]
        if len(given) != 1:
            raise ValueError(f"the header {HEADER} is {'doubled' if given else 'missing'}")
        if not hmac.compare_digest(given[0].strip().encode(), self._digest(body).encode()):
            raise ValueError(f"the header {HEADER} does not fit the body")

    def _digest(self, body: bytes) -> str:
        return hmac.new(self._key, body, hashlib.sha256).hexdigest()
