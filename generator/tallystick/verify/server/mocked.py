"""Our own mock as the server under test: in-process, with a clock and callers that the run knows."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from tallystick.contract import Contract
from tallystick.mock import Clock, create_app
from tallystick.verify.plan import Plan
from tallystick.verify.server.auth import Credentials, test_credentials
from tallystick.verify.server.target import LOCAL, Target
from tallystick.verify.server.wire import App

NAME = "our mock"


def local_mock(contract: Contract, folder: Path | None, plan: Plan) -> Target:
    """Return a mock of the contract as a target; `folder` is a shipped contract's own."""
    clock = Clock()
    own, other = test_credentials(contract), other_caller(contract)
    known = {name: [_plain(c.values[name]) for c in (own, other)] for name in contract.security_schemes}
    app = create_app(contract, folder=folder, clock=clock, seed=str(plan.seed), mode="stateful", credentials=known)
    return Target(NAME, cast("App", app), LOCAL, own, other, clock.now)


def other_caller(contract: Contract) -> Credentials:
    """Return the credentials of a second caller."""
    own = test_credentials(contract, "other")
    signing = {n for n, s in contract.security_schemes.items() if s.signer is not None}
    return Credentials(
        {
            n: {k: f"{v}-other" for k, v in values.items()} if n in signing else values
            for n, values in own.values.items()
        }
    )


def _plain(values: object) -> dict[str, str]:
    """Return credentials as the mock takes them: a key or token under the name `value`."""
    given = cast("dict[str, str]", values)
    if "username" in given:
        return {"value": f"{given['username']}:{given['password']}"}
    return {"value": given[""]} if "" in given else dict(given)
