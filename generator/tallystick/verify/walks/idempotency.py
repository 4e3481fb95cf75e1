"""Requests with an idempotency key: repeated without a second effect, told apart from other requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from tallystick.contract import Schema
from tallystick.contract import expression as expressions
from tallystick.contract.model import IdempotencyRule, Operation
from tallystick.load import Json, is_number
from tallystick.load.pointer import split
from tallystick.verify.data.samples import Sample
from tallystick.verify.data.variants import leaves
from tallystick.verify.facts.bodies import NOTHING, merged, put
from tallystick.verify.facts.media import body_schema
from tallystick.verify.facts.resource import at, roles, same
from tallystick.verify.walks.caller import Caller, Reply, Stop, Walk
from tallystick.verify.walks.life import Life, act, create, fresh, keyed_sample, lives_by_operation, place, sample_of

_CLOSE = 30
"""Seconds before and after the end of a key's life at which to try it."""
_CLOCKS = 900
"""Seconds by which clocks may differ."""
_LONGEST_KEY = 4096
"""Letters of the longest key to try; servers bound their headers."""


def run(caller: Caller) -> None:
    """Repeat requests of every operation that takes idempotency keys."""
    session = caller.session
    known = lives_by_operation(session)
    for operation in session.operations:
        rule = operation.idempotency
        if rule is not None:
            for part in (_repeat, _other_request, _close_keys, _after_move, _other_caller, _other_place, _lifetime):
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
    repeats = [walk.send(operation, sample, note=note) for note in ("the same again", "and once more")]
    for again in repeats:
        _is_repeat(walk, rule, first, again)
    _is_marked(walk, rule, repeats)
    other = walk.send(
        operation, _sample(walk, operation, life).with_header(rule.header, _key(walk)), note="another key"
    )
    walk.require(other, "A request with another key")
    if _creates(walk, operation) and same(first.body, other.body):
        walk.fail("Another key gets the answer of the first", "The two requests had different keys.", operation)
    _is_repeat(walk, rule, first, walk.send(operation, sample, note="the first key again"))


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


def _is_marked(walk: Walk, rule: IdempotencyRule, repeats: list[Reply]) -> None:
    """A whole number in the header that marks repeats is when the first request came, in milliseconds."""
    marks = [reply.headers[rule.replayed.lower()] for reply in repeats if rule.replayed.lower() in reply.headers]
    operation = repeats[0].operation
    headers = [h for o in operation.successes for h in o.headers if h.name.lower() == rule.replayed.lower()]
    if not marks or not any(h.schema is not None and "integer" in h.schema.known_types for h in headers):
        return
    if len(set(marks)) > 1:
        walk.fail(f"{rule.replayed} is another on each repeat", f"They are {', '.join(marks)}.", operation)
    elif marks[0].isdecimal() and abs(int(marks[0]) / 1000 - walk.session.now()) > _CLOCKS:
        message = f"{marks[0]} is not the time of the first request in milliseconds."
        walk.fail(f"{rule.replayed} is another time", message, operation)


def _close_keys(walk: Walk, operation: Operation, rule: IdempotencyRule, life: Life | None) -> None:
    """Keys that have a lot in common are different keys all the same."""
    if not _creates(walk, operation):
        return
    schemas = [p.schema for p in operation.parameters if p.name == rule.header and p.schema is not None]
    longest = next((n for schema in schemas if isinstance(n := schema.get("maxLength"), int)), len(_key(walk)))
    length = min(longest, _LONGEST_KEY) - 1
    base = _key(walk)[::-1].ljust(length, "k")[:length]
    for what, pair in (("the end", (f"{base}a", f"{base}b")), ("letter case", (f"{base}c", f"{base}c".upper()))):
        walk.restart()
        first, other = (
            walk.send(operation, _sample(walk, operation, life).with_header(rule.header, key), note=f"key {key}")
            for key in pair
        )
        for reply in (first, other):
            walk.require(reply, f"A request with {rule.header}")
        if same(first.body, other.body):
            message = f"The keys differ in {what}; the second request got the answer of the first."
            walk.fail("Another key gets the answer of the first", message, operation)


def _after_move(walk: Walk, operation: Operation, rule: IdempotencyRule, life: Life | None) -> None:
    """A repeat has the first answer also when the resource is another meanwhile."""
    if life is None or not _creates(walk, operation):
        return
    moves = [(o, e) for o, e in life.moves if life.lifecycle.initial in e.source_states]
    if moves:
        sample = _sample(walk, operation, life).with_header(rule.header, _key(walk))
        first = walk.send(operation, sample, note="with a key")
        walk.require(first, f"A request with {rule.header}")
        act(walk, *moves[0], life.key_of(first), note=moves[0][0].id)
        _is_repeat(walk, rule, first, walk.send(operation, sample, note="the same again"))


def _other_place(walk: Walk, operation: Operation, rule: IdempotencyRule, _: Life | None) -> None:
    """Where keys belong to something that the path names, the same key under another name is another key."""
    scope = expressions.parse(rule.scope)
    if scope is None or scope.source != "request.path" or not _creates(walk, operation):
        return
    sample = _sample(walk, operation, None).with_header(rule.header, _key(walk))
    first = walk.send(operation, sample, note="with a key")
    walk.require(first, f"A request with {rule.header}")
    other = place(sample, scope, f"{sample.path.get(scope.name)}0")
    second = walk.send(operation, other, note=f"the same key, another {scope.name}")
    if second.accepted and same(first.body, second.body):
        message = f"Keys belong to the {scope.name}."
        walk.fail(f"Another {scope.name} gets the answer to this one's key", message, operation)


def _creates(walk: Walk, operation: Operation) -> bool:
    return any(role.effect.effect == "create" for role in roles(walk.session.contract, operation))


def _other_request(walk: Walk, operation: Operation, rule: IdempotencyRule, life: Life | None) -> None:
    """Another request with the same key is refused where bodies are compared, else answered as the first was."""
    key = _key(walk)
    sample = _sample(walk, operation, life)
    first = walk.send(operation, sample.with_header(rule.header, key), note="with a key")
    walk.require(first, f"A request with {rule.header}")
    for what, different in _different(walk, operation, life, sample):
        again = walk.send(operation, different.with_header(rule.header, key), note=f"the same key, {what}")
        if not rule.compares_body:
            _is_repeat(walk, rule, first, again)
        else:
            walk.refused(again, f"Another request with the same key ({what})", "idempotency-conflict")
    if rule.compares_body and _creates(walk, operation):
        own = _sample(walk, operation, life)
        walk.send(operation, own.with_header(rule.header, key), note="refused for its key")
        retried = walk.send(operation, own.with_header(rule.header, _key(walk)), note="with a key of its own")
        walk.require(retried, "A request that was refused for its key, with a new one,")
        last = walk.send(operation, sample.with_header(rule.header, key), note="the first request again")
        _is_repeat(walk, rule, first, last)


def _different(walk: Walk, operation: Operation, life: Life | None, sample: Sample) -> Iterator[tuple[str, Sample]]:
    """Yield other valid requests of the operation: another one, a fuller one, and the same but for one value."""
    other = _sample(walk, operation, life)
    if not same(other.body, sample.body):
        yield "another request", other
    seen = walk.session.samples.fullest(operation)
    schema = body_schema(operation)
    if seen is None or schema is None or not isinstance(sample.body, dict):
        return
    fuller = merged(sample.body, seen.body)
    fits = walk.session.knowledge.validators.is_valid
    deep = [(p, s, v) for p, s, v in leaves(schema, fuller) if not isinstance(v, (dict, list))]
    shown = [p for p, _, v in sorted(deep, key=lambda found: -found[0].count("/"))]
    if not same(fuller, sample.body) and fits(schema, fuller, "request"):
        yield "a fuller request", replace(sample, body=fuller)
    yield from _but_one(walk, schema, sample, shown)


def _but_one(walk: Walk, schema: Schema, sample: Sample, pointers: list[str]) -> Iterator[tuple[str, Sample]]:
    """Yield the request with one value changed, deep inside it and as long as before where that can be."""
    fits = walk.session.knowledge.validators.is_valid
    for pointer in pointers:
        value = at(sample.body, pointer)
        if value is NOTHING:
            continue
        if isinstance(value, str):
            changed: Json = value[:-1] + ("y" if value[-1:] != "y" else "z")
        elif is_number(value):
            changed = value + 1
        else:
            changed = not value
        body = put(sample.body, split(pointer), changed)
        if fits(schema, body, "request"):
            yield f"another {pointer[1:]}", replace(sample, body=body)
            return


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
