"""What one caller creates is not there for another."""

from __future__ import annotations

from contextlib import suppress

from tallystick.verify.result import Problem
from tallystick.verify.walks.caller import Caller, Stop, Walk
from tallystick.verify.walks.life import Life, act, changed, create, fresh, lives, read, sample_of
from tallystick.verify.walks.lifecycle import compare


def run(caller: Caller) -> None:
    """Let a second caller reach for the resources of the first."""
    for life in lives(caller.session):
        if life.origin.tenant != "credential":
            continue
        with suppress(Stop):
            _reach(Walk(caller, "tenancy"), life)


def _reach(walk: Walk, life: Life) -> None:
    other = walk.session.knowledge.other
    theirs = None if other is None else create_as(walk, life)
    if other is None or theirs is None:
        reason = "there are no credentials of a second caller"
        walk.session.problems.append(Problem(f"tenancy of {life.lifecycle.resource}", reason))
        return
    walk.restart()
    mine = create(walk, life)
    before = read(walk, life, life.key_of(mine))
    for operation, effect in life.keyed:
        reply = act(walk, operation, effect, life.key_of(mine), who=other, note="another caller")
        walk.refused(
            reply, f"{operation.id} of another caller's {life.lifecycle.resource}", "unknown-resource", "forbidden"
        )
    kept = read(walk, life, life.key_of(mine))
    if kept is not None and before is not None:
        compare(walk, before.body, kept, "Another caller changed it")
    for member in life.lifecycle.unique if life.own else ():
        sample = changed(
            fresh(walk.session, life.create, sample_of(walk.session, life.create)), {member: mine.sent(member)}
        )
        reply = walk.send(life.create, sample, who=other, note=f"another caller, the same {member}")
        walk.require(reply, f"A {member} that only another caller has used")


def create_as(walk: Walk, life: Life) -> object:
    """Return the second caller's first resource, `None` when the server does not know that caller."""
    sample = fresh(walk.session, life.create, sample_of(walk.session, life.create))
    reply = walk.send(life.create, sample, who=walk.session.knowledge.other, note="the second caller creates one")
    return reply if reply.accepted else None
