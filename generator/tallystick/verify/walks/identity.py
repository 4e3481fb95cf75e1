"""Keys: every resource has its own, and only that one leads to it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from tallystick.contract.model import Effect, Operation
from tallystick.verify import unissued
from tallystick.verify.walks.caller import Caller, Stop, Walk
from tallystick.verify.walks.life import Life, act, create, key_fits, lives

_MANY = 5


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


def _unknown(walk: Walk, life: Life, operation: Operation, effect: Effect) -> None:
    keys = [life.key_of(create(walk, life)) for _ in range(2)]
    fits = partial(key_fits, walk.session, operation, effect.key)
    for unknown in (unissued.far(keys, fits), *unissued.near(keys, fits)):
        if unknown is not None:
            reply = act(walk, operation, effect, unknown, note="a key that was never given")
            walk.refused(reply, f"{operation.id} with an unknown {life.lifecycle.key}", "unknown-resource")
