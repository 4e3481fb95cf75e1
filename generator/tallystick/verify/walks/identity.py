"""Keys: every resource has its own, and only that one leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import chain

from tallystick.contract import Schema
from tallystick.contract.life import Effect
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.verify.data import unissued
from tallystick.verify.walks.caller import Caller, Reply, Stop, Walk
from tallystick.verify.walks.life import Life, act, create, key_fits, lives

_MANY = 5
_LONG = 12
"""Letters of a key that is no word: the half of it is no other's."""


def run(caller: Caller) -> None:
    """Compare the keys of several resources, and ask for keys that were never given."""
    for life in lives(caller.session):
        if life.own:
            with suppress(Stop):
                _distinct(Walk(caller, "identity"), life)
        for operation, effect in life.keyed:
            with suppress(Stop):
                _unknown(Walk(caller, "identity"), life, operation, effect)


def _distinct(walk: Walk, life: Life) -> None:
    keys = [life.key_of(create(walk, life)) for _ in range(_MANY)]
    if len(set(map(str, keys))) < len(keys):
        walk.fail(f"Two of them have the same {life.lifecycle.key}", f"The keys are {keys!r}.", life.create)
    member = _answer_member(life, life.lifecycle.key)
    texts = all(isinstance(k, str) for k in keys)
    if member is not None and member.sensitive and texts and not unissued.near(keys, lambda _: True):
        message = f"They are alike or count up, and who knows one is let in by it: {len(keys)} were compared."
        walk.fail(f"The {life.lifecycle.key} can be guessed", message, life.create)


def _answer_member(life: Life, name: str) -> Schema | None:
    schemas = (m.schema for outcome in life.create.successes for m in outcome.media if m.schema is not None)
    return next((found for schema in schemas if (found := schema.members().get(name)) is not None), None)


def _unknown(walk: Walk, life: Life, operation: Operation, effect: Effect) -> None:
    created = [create(walk, life) for _ in range(2)]
    keys = [life.key_of(reply) for reply in created]
    fits = partial(key_fits, walk.session, operation, effect.key)
    made_up = (
        unissued.far(keys, fits),
        *unissued.near(keys, fits),
    )  # first, while these resources are the newest ones
    for unknown in chain(made_up, _of_others(walk, life, created[0])):
        if unknown is not None and unknown not in keys and fits(unknown):
            reply = act(walk, operation, effect, unknown, note="a key that was never given")
            walk.refused(reply, f"{operation.id} with an unknown {life.lifecycle.key}", "unknown-resource")
    for strange in unissued.strange(keys) if effect.key is not None and effect.key.source == "request.body" else ():
        if fits(strange):
            reply = act(walk, operation, effect, strange, note="a key that no server gives")
            walk.refused(reply, f"{operation.id} with a strange {life.lifecycle.key}", "unknown-resource", "invalid")


def _of_others(walk: Walk, life: Life, created: Reply) -> Iterator[Json]:
    """Yield what names something else: resources of other kinds, and a new one's unique values."""
    for other in lives(walk.session):
        if other.own and other.origin is not life.origin:
            yield other.key_of(create(walk, other))
    key = life.key_of(created)
    yield from (v for m in life.origin.unique if isinstance(v := created.member(m), str) and v != key)
    if isinstance(key, str) and len(key) >= _LONG:
        yield from (key[: len(key) // 2], f" {key}")
