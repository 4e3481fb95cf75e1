"""Whether to try again, and when: one pure function, asked by every client."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from .response import Headers

REFUSED = frozenset({408, 425, 429})  # not acted on: safe to repeat whatever the method
AMBIGUOUS = frozenset({500, 502, 503, 504})  # perhaps acted on: only repeated if that is harmless


class Retry(NamedTuple):
    """How often and how patiently; all times are seconds.

    One call takes at most `(retries + 1) * timeout` plus its waits,
    and none of its waits starts after `budget` seconds.
    """

    retries: int = 2
    first_wait: float = 0.5
    longest_wait: float = 8.0
    longest_asked: float = 120.0
    budget: float = 600.0


class Outcome(NamedTuple):
    """How one attempt ended: with a status, or, where that is `None`, with no answer."""

    status: int | None = None
    headers: Headers = Headers()
    sent: bool = True


def next_wait(
    policy: Retry,
    outcome: Outcome,
    *,
    attempt: int,
    elapsed: float,
    repeatable: bool,
    jitter: float,
    now: datetime,
) -> float | None:
    """Give the seconds to wait before the next attempt, or `None` to give up.

    `attempt` counts from 1; `repeatable` says that acting twice is harmless;
    `jitter` lies in [0, 1) and shortens our own waits by up to a quarter.
    The server's `x-should-retry` and `Retry-After` win over our own ideas,
    but never make an unsafe call be sent twice.
    """
    if attempt > policy.retries or not (repeatable or _certainly_not_done(outcome)):
        return None
    told = outcome.headers.get("x-should-retry")
    if told == "false":
        return None
    if told != "true" and outcome.status is not None and outcome.status not in REFUSED | AMBIGUOUS:
        return None
    wait = asked_wait(outcome.headers, now)
    if wait is None:
        wait = min(policy.first_wait * 2.0 ** (attempt - 1), policy.longest_wait) * (1 - jitter / 4)
    elif wait > policy.longest_asked:
        return None
    return wait if elapsed + wait <= policy.budget else None


def _certainly_not_done(outcome: Outcome) -> bool:
    return not outcome.sent if outcome.status is None else outcome.status in REFUSED


def asked_wait(headers: Headers, now: datetime) -> float | None:
    """Read `retry-after-ms` or `Retry-After` (seconds or a date); nonsense counts as absent."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if text.replace(".", "", 1).isdecimal() and text.isascii():
            return float(text) / unit
    try:
        moment = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    if moment.tzinfo is None:  # "-0000": UTC, says RFC 5322
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
