"""Signature of Worldline's webhooks: X-GCS-Signature over the raw body, key named by X-GCS-KeyId."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

SIGNATURE = "X-GCS-Signature"
KEY_ID = "X-GCS-KeyId"


class WebhookSignature:
    """Signs and checks deliveries with a webhook key id and its secret, which is not the API secret.

    The signature is Base64 of HMAC-SHA256 over the raw body alone (connect-sdk-python3 6.3.0).
    """

    def __init__(self, *, key_id: str, secret: str) -> None:
        self._key_id = key_id
        self._key = secret.encode()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(key_id={self._key_id!r})"

    def sign(
        self, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> dict[str, str]:
        """Give the two headers that a delivery with this body carries."""
        del method, target, headers, now
        return {KEY_ID: self._key_id, SIGNATURE: self._digest(body)}

    def verify(self, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raise ValueError if a header is missing, doubled, or does not fit the key or the body."""
        del method, target, now
        if _single(headers, KEY_ID) != self._key_id:
            raise ValueError(f"the header {KEY_ID} names another key")
        if not hmac.compare_digest(_single(headers, SIGNATURE).encode(), self._digest(body).encode()):
            raise ValueError(f"the header {SIGNATURE} does not fit the body")

    def _digest(self, body: bytes) -> str:
        return base64.b64encode(hmac.new(self._key, body, hashlib.sha256).digest()).decode()


def _single(headers: Mapping[str, str], wanted: str) -> str:
    given = [value.strip() for name, value in headers.items() if name.lower() == wanted.lower()]
    if len(given) != 1:
        raise ValueError(f"the header {wanted} is {'doubled' if given else 'missing'}")
    return given[0]
