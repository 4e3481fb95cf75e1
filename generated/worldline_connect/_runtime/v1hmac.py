"""Signature v1HMAC of Worldline's server API, in the header Authorization."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

_FOLD = re.compile(r"\r?\n\s*")


class V1Hmac:
    """Signs and checks requests with a key id and its secret.

    Signed are the method, the Content-Type, the Date, every header whose name begins with ``X-GCS``, and
    the path with its query as sent; neither the body nor the host (connect-sdk-python3 6.3.0).
    """

    def __init__(self, *, key_id: str, secret: str) -> None:
        self._key_id = key_id
        self._key = secret.encode()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(key_id={self._key_id!r})"

    def sign(
        self, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> dict[str, str]:
        """Give the headers to set: Authorization, and Date from ``now`` unless the request has one."""
        del body
        date = _header(headers, "date")
        added = {} if date is not None else {"Date": _http_date(now)}
        return {**added, "Authorization": self._authorization(method, target, {**headers, **added})}

    def verify(self, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raise ValueError if Date or Authorization is missing or does not fit this request.

        How far Date may be from the server's clock is not documented, so any date is taken.
        """
        del body, now
        _check_date(_header(headers, "date"))
        given = _header(headers, "authorization")
        if given is None:
            raise ValueError("the header Authorization is missing")
        if not given.startswith(f"GCS v1HMAC:{self._key_id}:"):
            raise ValueError("the header Authorization is not 'GCS v1HMAC:' with the expected key id")
        if not hmac.compare_digest(given.encode(), self._authorization(method, target, headers).encode()):
            raise ValueError("the signature in the header Authorization does not fit the request")

    def _authorization(self, method: str, target: str, headers: Mapping[str, str]) -> str:
        text = string_to_sign(method=method, target=target, headers=headers)
        digest = hmac.new(self._key, text.encode(), hashlib.sha256).digest()
        return f"GCS v1HMAC:{self._key_id}:{base64.b64encode(digest).decode()}"


def string_to_sign(*, method: str, target: str, headers: Mapping[str, str]) -> str:
    """Give the text that is signed: each item on a line of its own, the last one ended too."""
    lines = [
        method.upper(),
        _header(headers, "content-type") or "",
        _header(headers, "date") or "",
        *_provider_lines(headers),
        target.partition("#")[0],
    ]
    return "".join(f"{line}\n" for line in lines)


def _provider_lines(headers: Mapping[str, str]) -> Iterator[str]:
    lowered = sorted((name.lower(), value) for name, value in headers.items())
    return (f"{name}:{_canonical(value)}" for name, value in lowered if name.startswith("x-gcs"))


def _canonical(value: str) -> str:
    return _FOLD.sub(" ", value).strip()


def _header(headers: Mapping[str, str], lowered: str) -> str | None:
    values = [_canonical(value) for name, value in headers.items() if name.lower() == lowered]
    return values[0] if values else None


def _http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _check_date(value: str | None) -> None:
    if value is None:
        raise ValueError("the header Date is missing")
    try:
        parsedate_to_datetime(value)
    except ValueError as error:
        raise ValueError(f"the header Date is not an HTTP date: {value!r}") from error
    if not value.endswith("GMT"):
        raise ValueError(f"the header Date is not in GMT: {value!r}")
