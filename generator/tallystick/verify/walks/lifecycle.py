"""What was written is there, stays there, and moves only as the lifecycle says."""

from __future__ import annotations

from contextlib import suppress

from tallystick.contract.life import Effect
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.verify.data.adapt import moment_of
from tallystick.verify.facts.resource import differences, lost
from tallystick.verify.walks.caller import Caller, Reply, Stop, Walk
from tallystick.verify.walks.life import Life, act, create, lives, read

_LATER = 5
"""Seconds between a creation and a move, where the server's clock can be moved."""


def run(caller: Caller) -> None:
    """Walk every lifecycle: reading back, then each move, then what a move forbids."""
    for life in lives(caller.session):
        for full in (False, True):
            with suppress(Stop):
                _read_back(Walk(caller, "lifecycle"), life, full)
        for operation, effect in life.moves:
            with suppress(Stop):
                _move(Walk(caller, "lifecycle"), life, operation, effect)


def _read_back(walk: Walk, life: Life, full: bool) -> None:
    """Reading gives what was created, also after another was created, and reading changes nothing."""
    first = create(walk, life, full=full)
    key = life.key_of(first)
    seen = read(walk, life, key)
    if seen is None:
        return
    walk.require(seen, "Reading what was just created")
    if life.own:
        compare(walk, first.body, seen, "Reading does not give what was created")
    for note in ("create another", "and one more"):
        create(walk, life, note=note)
        again = read(walk, life, key)
        if again is not None:
            walk.require(again, "Reading it again")
            compare(walk, seen.body, again, "Reading does not give the same again")


def compare(walk: Walk, before: Json, after: Reply, title: str, but: tuple[str, ...] = ()) -> None:
    """Note the first member in which an answer differs from an earlier body, or which it lacks and could have."""
    outcome = after.operation.outcome(after.status)
    schema = next((m.schema for m in outcome.media), None) if outcome is not None else None
    for pointer in (*differences(before, after.body), *lost(before, after.body, schema)):
        if pointer.strip("/") not in but:
            walk.fail(f"{title}: {pointer} differs", f"Before: {before!r}\nNow: {after.body!r}", after.operation)
            return


def _move(walk: Walk, life: Life, operation: Operation, effect: Effect) -> None:
    """A move is visible afterwards, touches nothing else, cannot be made twice, and the end is the end."""
    lifecycle = life.lifecycle
    mine, bystander = create(walk, life, full=True), create(walk, life, note="create a bystander")
    untouched = read(walk, life, life.key_of(bystander), note="read the bystander")
    before = None if life.own else read(walk, life, life.key_of(mine), note="read it before")
    later = walk.session.control is not None and walk.session.control.advance(_LATER)
    moved = act(walk, operation, effect, life.key_of(mine), note=f"move it to {effect.target_state}")
    if lifecycle.initial not in effect.source_states:
        walk.refused(
            moved, f"{operation.id} of a {lifecycle.resource} in state {lifecycle.initial}", "state-conflict"
        )
        return
    walk.require(moved, f"{operation.id} of a new {lifecycle.resource}")
    _shows(walk, life, moved, mine, effect.target_state)
    if later:
        _is_dated(walk, life, mine if life.own else before, moved)
    seen = read(walk, life, life.key_of(mine))
    if seen is not None:
        walk.require(seen, f"Reading a {lifecycle.resource} that is {effect.target_state}")
        _shows(walk, life, seen, mine, effect.target_state)
    other = read(walk, life, life.key_of(bystander), note="read the bystander again")
    if other is not None and untouched is not None:
        compare(walk, untouched.body, other, f"{operation.id} touched another {lifecycle.resource}")
    refuse_all(walk, life, life.key_of(mine), effect.target_state)
    after = read(walk, life, life.key_of(mine), note="read it after the refusals")
    if after is not None and seen is not None:
        compare(walk, seen.body, after, "A refused move changed something")


def _is_dated(walk: Walk, life: Life, before: Reply | None, moved: Reply) -> None:
    """A move sets the moment of the last change."""
    name = life.lifecycle.updated_member
    was, now = moment_of(before.member(name)) if before is not None else None, moment_of(moved.member(name))
    if was is not None and now is not None and now < was + _LATER - 1:
        message = f"It was {was:g} and is {now:g}; the move came {_LATER} s after the creation."
        walk.fail(f"{name} does not change with a move", message, moved.operation)


def refuse_all(walk: Walk, life: Life, key: Json, now: str) -> None:
    """Try every move that is forbidden in a state."""
    for operation, effect in life.moves:
        if now not in effect.source_states:
            again = act(walk, operation, effect, key, note=f"{operation.id} is not allowed when {now}")
            what = f"{operation.id} of a {life.lifecycle.resource} that is {now}"
            walk.refused(again, what, "state-conflict", *(["expired"] if now == _expired(life) else []))


def _expired(life: Life) -> str:
    return life.lifecycle.expiry.target_state if life.lifecycle.expiry is not None else ""


def _shows(walk: Walk, life: Life, reply: Reply, created: Reply, wanted: str) -> None:
    """The answer shows the state, and apart from it and the moment of change what was created."""
    lifecycle = life.lifecycle
    shown = reply.member(lifecycle.state_member) if lifecycle.state_member else None
    if lifecycle.state_member and shown != wanted:
        walk.fail(f"The {lifecycle.resource} is not {wanted} afterwards", f"It is {shown!r}.", reply.operation)
    changing = (lifecycle.state_member, lifecycle.updated_member)
    if life.own:
        compare(walk, created.body, reply, "A move changed more than the state", changing)
