"""Faults that can be put into a server, derived from a contract. Importing this package registers every kind."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.verify.faults import (
    access,
    answers,
    depth,
    errors,
    fragile,
    intake,
    moments,
    outbound,
    refused,
    repeats,
    shown,
    state,
    unique,
)
from tallystick.verify.faults.fault import KINDS, Bench, Fault

MODULES = (answers, errors, access, intake, refused, depth, shown, state, moments, unique, repeats, outbound, fragile)


def derive(bench: Bench, *, each: int = 1) -> Iterator[Fault]:
    """Yield the faults that a contract gives rise to: so many of each kind, spread over what it has of them."""
    for make in KINDS.values():
        found = list(make(bench))
        step = max(1, len(found) // each)
        yield from found[::step][:each]
