"""The window in which a moment of expiry may lie: its ends are taken, what is beyond them is refused."""

from __future__ import annotations

from contextlib import suppress

from tallystick.contract.life import Expiry
from tallystick.load import Json
from tallystick.verify.data.adapt import moment_of, written_as
from tallystick.verify.facts.media import body_member
from tallystick.verify.walks.caller import Caller, Stop, Walk
from tallystick.verify.walks.life import Life, changed, fresh, lives, sample_of

_SLACK = 60
"""Seconds to stay away from an end of the window when the moment it counts from is the server's own."""


def run(caller: Caller) -> None:
    """Ask for lives that are as short and as long as allowed, and a little shorter and longer."""
    for life in lives(caller.session):
        expiry = life.lifecycle.expiry
        if life.own and expiry is not None and expiry.at and body_member(life.create, expiry.at) is not None:
            for seconds, good in _lives_to_try(life, expiry):
                with suppress(Stop):
                    _ask(Walk(caller, "window"), life, expiry, seconds, good)


def _lives_to_try(life: Life, expiry: Expiry) -> list[tuple[int, bool]]:
    """Return lengths of life in seconds, and whether each is allowed."""
    off, at = (1, 0) if _base_is_ours(life, expiry) else (_SLACK, _SLACK)
    tries: list[tuple[int, bool]] = []
    if expiry.minimum is not None:
        tries += [(expiry.minimum + at, True), (expiry.minimum - off, False)]
    if expiry.maximum is not None:
        tries += [(expiry.maximum - at, True), (expiry.maximum + off, False)]
    return [*tries, (0, False), (-off, False)]


def _base_is_ours(life: Life, expiry: Expiry) -> bool:
    return bool(expiry.base) and body_member(life.create, expiry.base) is not None


def _ask(walk: Walk, life: Life, expiry: Expiry, seconds: int, good: bool) -> None:
    now = int(walk.session.now())
    change: dict[str, Json] = {expiry.at: written_as(body_member(life.create, expiry.at), now + seconds)}
    if _base_is_ours(life, expiry):
        change[expiry.base] = written_as(body_member(life.create, expiry.base), now)
    sample = changed(fresh(walk.session, life.create, sample_of(walk.session, life.create)), change)
    reply = walk.send(life.create, sample, note=f"{expiry.at} is {seconds} s after creation")
    what = f"A {expiry.at} {seconds} s after creation"
    if not good:
        walk.refused(reply, what, "invalid")
        return
    walk.require(reply, what)
    shown = moment_of(reply.member(expiry.at))
    if shown is not None and abs(shown - (now + seconds)) > 1:
        walk.fail(f"{expiry.at} is not the one asked for", f"It is {shown - now:g} s after creation.", life.create)
