"""What time does, on a server that offers no clock: seen when the run may wait long enough, and else said."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract import read
from tallystick.mock import Clock, create_app
from tallystick.settings import find
from tallystick.verify import Plan, Target, run
from tallystick.verify.server.mocked import local_mock
from tallystick.verify.walks import events

IVY = find("ivy")


def without_control(target: Target, app: Any) -> Target:
    """Return our mock as a stranger's server: what is not of the API is not there."""

    async def stranger(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/_tallystick"):
            scope = {**scope, "path": "/nothing", "raw_path": b"/nothing"}
        await app(scope, receive, send)

    return Target(target.name, stranger, target.url, target.credentials, None, target.now)


@pytest.mark.parametrize(("wait", "seen"), [(4000.0, True), (100.0, False)])
def test_expiry_is_seen_by_waiting(monkeypatch: pytest.MonkeyPatch, wait: float, seen: bool) -> None:
    contract = read(IVY.document, name="ivy", root=IVY.root)
    clock = Clock()
    plan = Plan(phases=("walks",), wait=wait)
    known = local_mock(contract, IVY.folder, plan)
    app = create_app(contract, folder=IVY.folder, clock=clock)
    monkeypatch.setattr(events, "sleep", clock.advance)
    target = without_control(Target(known.name, known.app, known.url, known.credentials, None, clock.now), app)
    result = run(contract, target, plan, folder=IVY.folder)
    assert result.failures == ()
    expiry = next(i for i in result.coverage.items if i.subject == "dataSession: expiry")
    assert expiry.exercised is seen
    said = "the server's clock can't be moved, and --wait is less than the 3630 s that it takes"
    assert expiry.why == ("" if seen else said)
