"""All state as one JSON value, sealed, so that only what a mock of the same contract has made is put back."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, cast

from tallystick.load import Json
from tallystick.mock.refusal import Refused
from tallystick.mock.service import Mock


def taken(mock: Mock) -> dict[str, Json]:
    """Return all state of a mock."""
    clock: Json = {"now": mock.clock.now(), "frozen": mock.clock.frozen is not None}
    state = {**mock.store.dump(), "clock": clock}
    return {**state, "seal": _seal(mock, state)}


def put_back(mock: Mock, snapshot: dict[str, Json]) -> None:
    """Replace all state of a mock by what `taken` returned. Raises `Refused` for anything else."""
    state = {name: value for name, value in snapshot.items() if name != "seal"}
    if snapshot["seal"] != _seal(mock, state):
        raise Refused("state-conflict", f"This was changed, or is no snapshot of a mock of {mock.contract.name}.")
    clock = cast("dict[str, Any]", state.pop("clock"))
    mock.deliveries.stop()
    mock.store.load(state)
    mock.journal.rewind(cast("dict[str, int]", state["counters"]))
    mock.clock.release()
    if clock["frozen"]:
        mock.clock.freeze(clock["now"])
    else:
        mock.clock.set(clock["now"])
    mock.keep_clock()


def _seal(mock: Mock, state: dict[str, Json]) -> str:
    """Return what tells whether a snapshot is whole. Numbers count by their value: not all clients write 5 as 5.0."""
    plain = json.loads(json.dumps(state), parse_float=_number)
    text = json.dumps([mock.contract.name, mock.contract.version, plain], sort_keys=True)
    return sha256(text.encode()).hexdigest()


def _number(text: str) -> float | int:
    number = float(text)
    return int(number) if number.is_integer() else number
