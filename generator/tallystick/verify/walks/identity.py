"""Keys: every resource has its own, and only that one leads to it."""

from __future__ import annotations

from contextlib import suppress

from tallystick.contract.model import Effect, Operation
from tallystick.load import Json
from tallystick.verify.walks.caller import Caller, Stop, Walk
from tallystick.verify.walks.life import Life, act, create, lives

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
    text = [k for k in keys if isinstance(k, str)]
    if text and all(len(k) < 4 for k in text):
        walk.fail(f"The {life.lifecycle.key} is short enough to be guessed", f"The keys are {keys!r}.", life.create)


def _unknown(walk: Walk, life: Life, operation: Operation, effect: Effect) -> None:
    key = life.key_of(create(walk, life))
    for unknown in _near(key):
        reply = act(walk, operation, effect, unknown, note="a key that was never given")
        walk.refused(reply, f"{operation.id} with an unknown {life.lifecycle.key}", "unknown-resource")


def _near(key: Json) -> tuple[Json, ...]:
    """Return keys that look like a real one and are none."""
    if isinstance(key, str) and len(key) > 1:
        turned = key[:-1] + ("0" if key[-1] != "0" else "1")
        return tuple(dict.fromkeys(k for k in (turned, key[:-1], f"{key}0", key.swapcase()) if k != key))
    return (key + 1_000_000,) if isinstance(key, int) else ()
