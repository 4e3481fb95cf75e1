"""The retry policy is one pure function; this is its table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from tallystick.runtime.call import Retry
from tallystick.runtime.outcome import Response
from tallystick.runtime.retry import asked_wait, next_wait

NOW = datetime(2030, 1, 1, 12, 0, 0, tzinfo=UTC).timestamp()


class Outcome(NamedTuple):
    """How an attempt ended: with a status, or, where that is 0, with no answer."""

    status: int = 0
    headers: Mapping[str, str] = {}
    sent: bool = True


LOST, UNSENT = Outcome(), Outcome(sent=False)


def status(code: int, **headers: str) -> Outcome:
    return Outcome(code, {name.replace("_", "-"): value for name, value in headers.items()})


def wait(
    outcome: Outcome, *, repeatable: bool = True, attempt: int = 1, elapsed: float = 0.0, policy: Retry | None = None
) -> float | None:
    ended: Response[object] = Response(outcome.status, outcome.headers)
    harmless = repeatable or not outcome.sent
    return next_wait(policy or Retry(), attempt, ended, harmless=harmless, elapsed=elapsed, jitter=0.0, now=NOW)


@pytest.mark.parametrize(
    ("outcome", "safe", "unsafe"),
    [
        (UNSENT, 0.5, 0.5),  # never reached the server
        (LOST, 0.5, None),  # perhaps acted on
        (status(408), 0.5, 0.5),
        (status(425), 0.5, 0.5),
        (status(429), 0.5, 0.5),
        (status(500), 0.5, None),
        (status(502), 0.5, None),
        (status(503), 0.5, None),
        (status(504), 0.5, None),
        (status(501), None, None),
        (status(400), None, None),
        (status(401), None, None),
        (status(404), None, None),
        (status(409), None, None),
        (status(422), None, None),
        (status(520), None, None),
        (status(409, x_should_retry="true"), 0.5, None),
        (status(503, x_should_retry="false"), None, None),
        (status(429, retry_after="3"), 3.0, 3.0),
        (status(503, retry_after="3"), 3.0, None),
        (status(503, retry_after="121"), None, None),
    ],
)
def test_bar_36_38_what_is_repeated(outcome: Outcome, safe: float | None, unsafe: float | None) -> None:
    assert wait(outcome, repeatable=True) == safe
    assert wait(outcome, repeatable=False) == unsafe


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 8.0), (7, None)]
)
def test_waits_double_up_to_a_limit(attempt: int, seconds: float | None) -> None:
    assert wait(LOST, attempt=attempt, policy=Retry(retries=6)) == seconds


def test_jitter_shortens_a_wait_by_a_quarter_at_most() -> None:
    lost: Response[object] = Response(0, {})
    waits = [
        next_wait(Retry(), 1, lost, harmless=True, elapsed=0.0, jitter=jitter, now=NOW)
        for jitter in (0.0, 0.5, 0.999)
    ]
    assert waits == [0.5, 0.4375, pytest.approx(0.375, abs=0.001)]


def test_bar_13_no_wait_goes_beyond_the_budget() -> None:
    assert wait(LOST, elapsed=599.5) == 0.5
    assert wait(LOST, elapsed=599.6) is None


def test_no_retries() -> None:
    assert wait(UNSENT, policy=Retry(retries=0)) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": " 2 "}, 2.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "Tue, 01 Jan 2030 12:00:07 GMT"}, 7.0),
        ({"retry-after": "Tue, 01 Jan 2030 12:00:07 -0000"}, 7.0),
        ({"retry-after": "Tue, 01 Jan 2030 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "1e3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "\u0663"}, None),
        ({"retry-after": "Tue, 99 Foo 2030 99:99:99 GMT"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_bar_37_what_the_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(headers, NOW) == seconds
