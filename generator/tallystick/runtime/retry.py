"""Whether to try again, and when: one pure function, asked by every client."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from .call import Retry
from .outcome import Response

REFUSED = frozenset({408, 425, 429})  # not acted on: safe to repeat whatever the method
RETRIED = REFUSED | {0, 500, 502, 503, 504}  # or perhaps acted on: only repeated if that is harmless; 0 is no answer


def next_wait(
    policy: Retry, attempt: int, ended: Response[Any], *, harmless: bool, elapsed: float, jitter: float, now: float
) -> float | None:
    """Give the seconds to wait after an attempt (the first is 1) that `ended` so, or `None` to give up.

    `harmless` says that the server may act twice, `elapsed` is since the first attempt began. `jitter`, in [0, 1),
    shortens our own waits by up to a quarter. What the server asks for wins, but no unsafe call is sent twice for it.
    """
    told = ended.headers.get("x-should-retry")
    wanted = told == "true" or (told != "false" and ended.status in RETRIED)
    if not wanted or not (harmless or ended.status in REFUSED) or attempt > policy.retries:
        return None
    wait = asked_wait(ended.headers, now)
    if wait is None:
        wait = min(policy.first_wait * 2.0 ** (attempt - 1), policy.longest_wait) * (1 - jitter / 4)
    elif wait > policy.longest_asked:
        return None
    return wait if elapsed + wait <= policy.budget else None


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Read `retry-after-ms` or `Retry-After` (seconds or a date); nonsense counts as absent."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if text.replace(".", "", 1).isdecimal() and text.isascii():
            return float(text) / unit
    try:
        moment = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    return max(0.0, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - now)  # "-0000" is UTC, says RFC 5322
