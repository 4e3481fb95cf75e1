"""Requests with an idempotency key: repeated without a second effect, told apart from other requests."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from tallystick.contract.model import IdempotencyRule, Operation
from tallystick.load import Json
from tallystick.verify.resource import roles, same
from tallystick.verify.samples import Sample
from tallystick.verify.walks.caller import Caller, Reply, Stop, Walk
from tallystick.verify.walks.life import Life, create, fresh, keyed_sample, lives, sample_of

_CLOSE = 30
"""Seconds before and after the end of a key's life at which to try it."""


def run(caller: Caller) -> None:
    """Repeat requests of every operation that takes idempotency keys."""
    session = caller.session
    known = {
        operation.id: life for life in lives(session) for operation in (life.create, *(o for o, _ in life.keyed))
    }
    for operation in session.operations:
        rule = operation.idempotency
        if rule is not None:
            for part in (_repeat, _other_request, _other_caller, _lifetime):
                with suppress(Stop):
                    part(Walk(caller, "idempotency"), operation, rule, known.get(operation.id))


def _sample(walk: Walk, operation: Operation, life: Life | None) -> Sample:
    """Return a request that does something: about a new resource where the operation needs one."""
    found = next(((o, e) for o, e in life.keyed if o is operation), None) if life is not None else None
    if life is not None and found is not None:
        key = life.key_of(create(walk, life))
        return keyed_sample(walk.session, *found, key)
    return fresh(walk.session, operation, sample_of(walk.session, operation))


def _key(walk: Walk) -> str:
    """Return a key that was not used before, in the form that providers advise."""
    number = walk.session.knowledge.count("idempotency")
    return f"00000000-0000-4000-8000-{walk.session.plan.seed % 2**24:06x}{number:06x}"


def _repeat(walk: Walk, operation: Operation, rule: IdempotencyRule, life: Life | None) -> None:
    """The same request again: same answer, one effect."""
    sample = _sample(walk, operation, life).with_header(rule.header, _key(walk))
    first = walk.send(operation, sample, note="with a key")
    walk.require(first, f"A request with {rule.header}")
    if rule.replayed and rule.replayed.lower() in first.headers:
        walk.fail(f"{rule.replayed} is on the first answer", "The contract has it on repeats alone.", operation)
    for note in ("the same again", "and once more"):
        again = walk.send(operation, sample, note=note)
        _is_repeat(walk, rule, first, again)
    other = walk.send(
        operation, _sample(walk, operation, life).with_header(rule.header, _key(walk)), note="another key"
    )
    walk.require(other, "A request with another key")
    if _creates(walk, operation) and same(first.body, other.body):
        walk.fail("Another key gets the answer of the first", "The two requests had different keys.", operation)


def _lifetime(walk: Walk, operation: Operation, rule: IdempotencyRule, life: Life | None) -> None:
    """A key is kept as long as the contract says, where the server's clock can be moved."""
    control = walk.session.control
    if rule.lifetime is None or control is None or not _creates(walk, operation):
        return
    sample = _sample(walk, operation, life).with_header(rule.header, _key(walk))
    first = walk.send(operation, sample, note="with a key")
    walk.require(first, f"A request with {rule.header}")
    if control.advance(rule.lifetime - _CLOSE):
        _is_repeat(walk, rule, first, walk.send(operation, sample, note=f"{_CLOSE} s before the key is forgotten"))
        control.advance(2 * _CLOSE)
        renewed = walk.send(operation, fresh(walk.session, operation, sample), note="the key is forgotten")
        walk.require(renewed, "A request with a key that is forgotten")
        if same(first.body, renewed.body):
            walk.fail("A forgotten key still gets the first answer", f"It is kept for {rule.lifetime} s.", operation)


def _is_repeat(walk: Walk, rule: IdempotencyRule, first: Reply, again: Reply) -> None:
    if again.status != first.status:
        message = f"First {first.status}, then {again.status}."
        walk.fail("A repeat with the same key gets another status", message, again.operation)
    elif not same(first.body, again.body):
        message = f"First: {first.body!r}\nThen: {again.body!r}"
        walk.fail("A repeat with the same key gets another answer", message, again.operation)
    elif rule.replayed and rule.replayed.lower() not in again.headers:
        walk.fail(f"{rule.replayed} is not on a repeat", "The contract says that repeats carry it.", again.operation)


def _creates(walk: Walk, operation: Operation) -> bool:
    return any(role.effect.effect == "create" for role in roles(walk.session.contract, operation))


def _other_request(walk: Walk, operation: Operation, rule: IdempotencyRule, life: Life | None) -> None:
    """Another request with the same key is refused where bodies are compared, else answered as the first was."""
    key = _key(walk)
    sample = _sample(walk, operation, life)
    first = walk.send(operation, sample.with_header(rule.header, key), note="with a key")
    walk.require(first, f"A request with {rule.header}")
    different = _different(walk, operation, life, sample)
    if different is None:
        return
    again = walk.send(operation, different.with_header(rule.header, key), note="another request with the same key")
    if not rule.compares_body:
        _is_repeat(walk, rule, first, again)
        return
    if walk.refused(again, "Another request with the same key", "idempotency-conflict") and _creates(walk, operation):
        retried = walk.send(operation, different.with_header(rule.header, _key(walk)), note="with a key of its own")
        walk.require(retried, "A request that was refused for its key, with a new one,")
        last = walk.send(operation, sample.with_header(rule.header, key), note="the first request again")
        _is_repeat(walk, rule, first, last)


def _different(walk: Walk, operation: Operation, life: Life | None, sample: Sample) -> Sample | None:
    """Return another valid request of the operation, `None` when there seems to be only one."""
    other = _sample(walk, operation, life)
    if same(other.body, sample.body):
        other = replace(sample, body=_fuller(walk, operation))
    return None if same(other.body, sample.body) else other


def _fuller(walk: Walk, operation: Operation) -> Json:
    seen = walk.session.samples.fullest(operation)
    return seen.body if seen is not None else None


def _other_caller(walk: Walk, operation: Operation, rule: IdempotencyRule, life: Life | None) -> None:
    """Another caller's key is another key."""
    other = walk.session.knowledge.other
    if other is None or rule.scope != "credential" or not _creates(walk, operation):
        return
    key = _key(walk)
    first = walk.send(operation, _sample(walk, operation, life).with_header(rule.header, key), note="with a key")
    walk.require(first, f"A request with {rule.header}")
    theirs = _sample(walk, operation, life).with_header(rule.header, key)
    second = walk.send(operation, theirs, who=other, note="another caller, with the same key")
    if second.status in (401, 403):
        return  # the second caller's credentials are not known there; tenancy says so
    walk.require(second, "A request of another caller with the same key")
    if same(first.body, second.body):
        walk.fail("Another caller gets the answer to this one's key", "Keys belong to the caller.", operation)
