"""Several processes, one store: what one is told, and what happens in it, holds for all."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tallystick.contract import read
from tallystick.errors import ConfigurationError
from tallystick.mock import create_app
from tallystick.mock.clock import Clock
from tallystick.mock.control.operations import Control
from tallystick.mock.faults import Fault, Faults
from tallystick.mock.refusal import Refused
from tallystick.mock.running import RunningMock
from tallystick.mock.store import open_store
from tallystick.settings import find

KEY = {"X-Ivy-Api-Key": "test-key"}
START = 1_700_000_000.0


@pytest.fixture
def pair(tmp_path: Path) -> list[Any]:
    """Two mocks of one contract, as two workers are."""
    ivy, address = find("ivy"), f"sqlite:///{tmp_path / 'state.db'}"
    contract = read(ivy.document, name="ivy", root=ivy.root)
    return [
        create_app(contract, folder=ivy.folder, clock=Clock(frozen=START), store=open_store(address))
        for _ in range(2)
    ]


def call(app: Any, method: str, path: str, body: Any = None) -> Any:
    async def made() -> Any:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://mock.test") as client:
            answer = await client.request(method, path, json=body, headers=KEY)
            return answer.json() if answer.content else None

    return asyncio.run(made())


def now(app: Any) -> float:
    return float(call(app, "GET", "/_tallystick/clock")["now"])


def advance(app: Any, seconds: float) -> float:
    return float(call(app, "POST", "/_tallystick/clock/advance", {"seconds": seconds})["now"])


def test_each_moves_on_from_where_the_other_left_the_clock(pair: list[Any]) -> None:
    first, second = pair
    assert [advance(first, 100), now(second)] == [START + 100] * 2
    assert [advance(second, 100), now(first)] == [START + 200] * 2
    made = call(first, "POST", "/api/service/data/session/create", {"referenceId": "r"})
    assert made["createdAt"] == START + 200
    advance(second, 3600)
    shown = call(first, "POST", "/api/service/data/session/details", {"id": made["id"]})
    assert shown["status"] == "expired"


def test_a_reset_lets_every_clock_run(pair: list[Any]) -> None:
    first, second = pair
    advance(first, 100)
    call(second, "POST", "/_tallystick/reset")
    assert [call(app, "GET", "/_tallystick/clock")["frozen"] for app in pair] == [False, False]
    assert min(map(now, pair)) > START + 10_000_000


def test_what_has_happened_in_one_process_does_not_happen_in_another_again(pair: list[Any]) -> None:
    first, second = pair
    order = {"referenceId": "r-1", "price": {"currency": "EUR", "total": 5}}
    session = call(first, "POST", "/api/service/checkout/session/create", order)
    (looked_up,) = first.mock.engine.holdings.records["checkoutSession"].all()
    call(second, "POST", f"/_tallystick/resources/checkoutSession/{session['id']}/events/finish")
    control = Control(first.mock, first.answer)
    with pytest.raises(Refused, match="closed"):
        asyncio.run(control.let_happen("checkoutSession", looked_up, "finish"))


def test_a_journal_that_was_cleared_is_empty_for_all(pair: list[Any]) -> None:
    first, second = pair
    for app in pair:
        call(app, "POST", "/api/service/data/session/create", {"referenceId": "r"})
    assert len(call(second, "GET", "/_tallystick/journal")) == 2
    call(first, "DELETE", "/_tallystick/journal")
    assert call(second, "GET", "/_tallystick/journal") == []


def test_a_store_is_of_one_contract(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'state.db'}"
    with RunningMock("ivy", port=None, store=open_store(address)) as mock:
        mock.control.reset()
    with pytest.raises(ConfigurationError, match="keeps the state of ivy, not of worldline"):
        RunningMock("worldline", port=None, store=open_store(address))
    RunningMock("ivy", port=None, store=open_store(address))


def test_no_fault_is_lost_when_two_processes_queue_them(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'state.db'}"

    def add(_: int) -> None:
        store = open_store(address)
        for _ in range(20):
            Faults(store).add(Fault("drop"))
        store.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(add, range(2)))
    assert len(Faults(open_store(address)).all()) == 40
