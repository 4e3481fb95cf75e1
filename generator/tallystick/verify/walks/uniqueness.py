"""Members that no two resources share."""

from __future__ import annotations

from contextlib import suppress

from tallystick.verify.data.breaches import UNKNOWN
from tallystick.verify.data.samples import Sample
from tallystick.verify.facts.media import body_member, body_schema
from tallystick.verify.walks.caller import Caller, Stop, Walk
from tallystick.verify.walks.life import Life, act, changed, create, fresh, lives, read, sample_of
from tallystick.verify.walks.lifecycle import compare

_MANY = 12
"""Other values that come after one that stays taken."""
_LONG = 200
"""Letters of a long value where nothing limits it."""


def run(caller: Caller) -> None:
    """Use each unique value twice, and values that are not quite the same once each."""
    known = list(lives(caller.session))
    for life in known:
        for member in life.lifecycle.unique if life.own else ():
            for part in (_twice, _after_others, _after_end, _after_refusal, _alike):
                with suppress(Stop):
                    part(Walk(caller, "uniqueness"), life, member)
            for other in known:
                if other.own and other is not life and member in other.lifecycle.unique:
                    with suppress(Stop):
                        _elsewhere(Walk(caller, "uniqueness"), life, other, member)


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


def _after_others(walk: Walk, life: Life, member: str) -> None:
    """A value stays taken, however many others came after it."""
    first = create(walk, life)
    value = first.sent(member)
    for count in (1, _MANY - 1) if value is not None else ():
        for _ in range(count):
            create(walk, life, note="another value")
        again = walk.send(life.create, changed(_new(walk, life), {member: value}), note="the first value again")
        walk.refused(again, f"A second {life.lifecycle.resource} with an earlier {member}", "duplicate")


def _after_end(walk: Walk, life: Life, member: str) -> None:
    """A value stays taken when the resource that has it has come to its end."""
    move = next(((o, e) for o, e in life.moves if life.lifecycle.initial in e.source_states), None)
    if move is None:
        return
    first = create(walk, life)
    walk.require(act(walk, *move, life.key_of(first), note=move[0].id), f"{move[0].id} of a new one")
    again = walk.send(life.create, changed(_new(walk, life), {member: first.sent(member)}), note="the same value")
    what = f"A second {life.lifecycle.resource} with the {member} of one that is {move[1].target_state}"
    walk.refused(again, what, "duplicate")


def _after_refusal(walk: Walk, life: Life, member: str) -> None:
    """A creation that was refused takes no value."""
    schema = body_schema(life.create)
    sample = _new(walk, life)
    bad = changed(sample, {UNKNOWN: 1})
    if schema is None or walk.session.knowledge.validators.allows(schema, bad.body, "request"):
        return
    walk.refused(
        walk.send(life.create, bad, note="with an unknown member"), "A body with an unknown member", "invalid"
    )
    walk.require(walk.send(life.create, sample, note="the same without it"), f"A {member} of a refused request")


def _alike(walk: Walk, life: Life, member: str) -> None:
    """Values that have a lot in common are different values all the same."""
    schema = body_member(life.create, member)
    first = create(walk, life)
    value = first.sent(member)
    if not isinstance(value, str) or schema is None or not value:
        return
    limit = next((n for part in schema.parts() if isinstance(n := part.get("maxLength"), int)), _LONG)
    long = value.ljust(min(limit, _LONG), "u")
    others = (value.swapcase(), f"{value} ", long, f"{long[:-1]}v")
    for other in others:
        if other != value and walk.session.knowledge.validators.is_valid(schema, other, "request"):
            reply = walk.send(life.create, changed(_new(walk, life), {member: other}), note="almost the same value")
            walk.require(reply, f"A {member} that is almost the same as another")


def _elsewhere(walk: Walk, life: Life, other: Life, member: str) -> None:
    """What is unique among resources of one kind may be used by those of another."""
    value = create(walk, life).sent(member)
    schema = body_member(other.create, member)
    if value is None or schema is None or not walk.session.knowledge.validators.is_valid(schema, value, "request"):
        return
    reply = walk.send(other.create, changed(_new(walk, other), {member: value}), note="the same value elsewhere")
    walk.require(reply, f"A {other.lifecycle.resource} with the {member} of a {life.lifecycle.resource}")


def _new(walk: Walk, life: Life) -> Sample:
    return fresh(walk.session, life.create, sample_of(walk.session, life.create))
