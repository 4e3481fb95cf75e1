"""Promises: what a contract says in our own vocabulary, as single facts that two contracts can be compared by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tallystick.compare.ledger import Ledger, Scope
from tallystick.load import Json


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that is said.

    `facet` and `names` tell it from the others; `names` stand in the change. `noun` is what messages call it, `value`
    what is said: seconds as a number, `True` where its being there is all there is to say. `within` are the keys of
    the promises that it is a part of: where one of them came or went, its parts are not told one by one.
    """

    facet: str
    names: tuple[str, ...]
    noun: str
    value: Json
    pointer: str
    within: tuple[tuple[str, ...], ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """What tells the promise from the others."""
        return (self.facet, *self.names)


def enter_promises(ledger: Ledger, scope: Scope, old: Iterable[Promise], new: Iterable[Promise]) -> None:
    """Enter promises that came, went or changed; those that are numbers rose or fell."""
    before, after = {p.key: p for p in old}, {p.key: p for p in new}
    for key in dict.fromkeys((*before, *after)):
        was, is_ = before.get(key), after.get(key)
        if was is not None and is_ is not None:
            _changed(ledger, scope, was, is_)
        elif was is not None and _stands(was, before, after):
            what = f"no longer has {was.noun}{_said(was)}"
            ledger.enter(scope, was.facet, "removed", what, *was.names, *_named(was), old=was.pointer, new=None)
        elif is_ is not None and _stands(is_, before, after):
            what = f"has {is_.noun}{_said(is_)} now"
            ledger.enter(scope, is_.facet, "added", what, *is_.names, *_named(is_), old=None, new=is_.pointer)


def _stands(
    promise: Promise, before: Mapping[tuple[str, ...], Promise], after: Mapping[tuple[str, ...], Promise]
) -> bool:
    """Say whether all that a promise is a part of is there on both sides."""
    return all(whole in before and whole in after for whole in promise.within)


def _changed(ledger: Ledger, scope: Scope, old: Promise, new: Promise) -> None:
    if old.value == new.value:
        return
    places = {"old": old.pointer, "new": new.pointer}
    if isinstance(old.value, int) and isinstance(new.value, int):
        change = "raised" if new.value > old.value else "lowered"
        what = f"has {new.noun} {change} from {old.value} to {new.value} seconds"
    else:
        change, what = "changed", f"has {new.value!r} as {new.noun} instead of {old.value!r}"
    ledger.enter(scope, new.facet, change, what, *new.names, str(old.value), str(new.value), **places)


def _said(promise: Promise) -> str:
    if promise.value is True:
        return ""
    return f" of {promise.value} seconds" if isinstance(promise.value, int) else f" {promise.value!r}"


def _named(promise: Promise) -> tuple[str, ...]:
    return () if promise.value is True else (str(promise.value),)
