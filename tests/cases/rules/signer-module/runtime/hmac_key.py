"""A signer that lacks things."""

import hmac

import requests


class HmacKey:
    """Signs, and cannot verify."""

    def __init__(self, *, secret: str) -> None:
        self.secret = secret

    def sign(self) -> dict[str, str]:
        """Ask somebody."""
        return {"X-Key": requests.get(hmac.new(self.secret.encode(), b"", "sha256").hexdigest()).text}
