"""Sequences of calls that the contract describes and random data would hardly hit on."""

from __future__ import annotations

from tallystick.verify.session import Session
from tallystick.verify.walks import (
    authentication,
    constraints,
    convention,
    events,
    idempotency,
    identity,
    lifecycle,
    negotiation,
    tenancy,
    uniqueness,
    values,
    webhooks,
    window,
)
from tallystick.verify.walks.caller import Caller

WALKS = (
    *(authentication, lifecycle, convention, values, idempotency, uniqueness, identity, tenancy),
    *(window, constraints, negotiation, events, webhooks),
)
"""In the order in which they run: what hurts most comes first."""


def run(session: Session) -> None:
    """Run every walk that the contract gives rise to."""
    caller = Caller(session)
    for walk in WALKS:
        if not session.over:
            walk.run(caller)


def resume(session: Session) -> None:
    """Run again what had no request to begin with."""
    if session.unmade and not session.over:
        convention.resume(Caller(session))
