"""Members that no two resources share."""

from __future__ import annotations

from contextlib import suppress

from tallystick.verify.samples import Sample
from tallystick.verify.walks.caller import Caller, Stop, Walk
from tallystick.verify.walks.life import Life, changed, create, fresh, lives, read, sample_of
from tallystick.verify.walks.lifecycle import compare


def run(caller: Caller) -> None:
    """Use each unique value twice."""
    for life in lives(caller.session):
        for member in life.lifecycle.unique:
            with suppress(Stop):
                _twice(Walk(caller, "uniqueness"), life, member)


def _twice(walk: Walk, life: Life, member: str) -> None:
    first = create(walk, life)
    value = first.sent(member)
    if value is None:
        return
    session = walk.session
    for note, full in (("the same value again", False), ("the same value, all else different", True)):
        sample = changed(fresh(session, life.create, sample_of(session, life.create, full=full)), {member: value})
        again = walk.send(life.create, sample, note=note)
        walk.refused(again, f"A second {life.lifecycle.resource} with the same {member}", "duplicate")
    kept = read(walk, life, life.key_of(first))
    if kept is not None:
        compare(walk, first.body, kept, f"A refused {life.lifecycle.resource} changed the one that was there")
    if isinstance(value, str) and value.swapcase() != value:
        other = walk.send(
            life.create, changed(_new(walk, life), {member: value.swapcase()}), note="in other letter case"
        )
        walk.require(other, f"A {member} that differs in letter case")


def _new(walk: Walk, life: Life) -> Sample:
    return fresh(walk.session, life.create, sample_of(walk.session, life.create))
