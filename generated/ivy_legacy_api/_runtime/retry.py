"""Whether to try again, and when: one pure function, asked by every client."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

REFUSED = frozenset({408, 425, 429})  # not acted on: safe to repeat whatever the method
RETRIED = REFUSED | {0, 500, 502, 503, 504}  # or perhaps acted on: only repeated if that is harmless; 0 is no answer


class Retry(NamedTuple):
    """How often and how patiently; all times are seconds.

    One call takes at most `(retries + 1) * timeout` plus its waits, none of which starts after `budget` seconds.
    """

    retries: int = 2
    first_wait: float = 0.5
    longest_wait: float = 8.0
    longest_asked: float = 120.0
    budget: float = 600.0


class Attempt(NamedTuple):
    """How one attempt ended: its number, from 1; seconds since the first began; status 0 where no answer came.

    `repeatable` says that acting twice is harmless, or that this attempt surely was not acted on.
    """

    number: int
    elapsed: float
    repeatable: bool
    status: int = 0
    headers: Mapping[str, str] = {}


def next_wait(policy: Retry, attempt: Attempt, *, jitter: float, now: datetime) -> float | None:
    """Give the seconds to wait before the next attempt, or `None` to give up.

    `jitter` lies in [0, 1) and shortens our own waits by up to a quarter. The server's `x-should-retry` and
    `Retry-After` win over our own ideas, but never make an unsafe call be sent twice.
    """
    told = attempt.headers.get("x-should-retry")
    if attempt.number > policy.retries or told == "false":
        return None
    if not attempt.repeatable and attempt.status not in REFUSED:
        return None
    if told != "true" and attempt.status not in RETRIED:
        return None
    wait = asked_wait(attempt.headers, now)
    if wait is None:
        wait = min(policy.first_wait * 2.0 ** (attempt.number - 1), policy.longest_wait) * (1 - jitter / 4)
    elif wait > policy.longest_asked:
        return None
    return wait if attempt.elapsed + wait <= policy.budget else None


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read `retry-after-ms` or `Retry-After` (seconds or a date); nonsense counts as absent."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if text.replace(".", "", 1).isdecimal() and text.isascii():
            return float(text) / unit
    try:
        moment = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)  # "-0000" has none: UTC, says RFC 5322
    return max(0.0, (moment - now).total_seconds())
