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
    methods,
    negotiation,
    robustness,
    tenancy,
    uniqueness,
    values,
    webhooks,
    window,
)
from tallystick.verify.walks.caller import Caller

WALKS = (
    *(authentication.run, lifecycle.run, convention.run, idempotency.run, uniqueness.run, identity.run, tenancy.run),
    *(window.run, methods.run, constraints.run, values.run, negotiation.run, events.run, webhooks.run),
    *(authentication.run_unread, robustness.run, constraints.run_deep, values.run_rest),
)
"""In the order in which they run: what few requests show comes first, what takes hundreds of them last."""


def run(session: Session) -> None:
    """Run every walk that the contract gives rise to."""
    caller = Caller(session)
    for walk in WALKS:
        if not session.over:
            walk(caller)


def resume(session: Session) -> None:
    """Run again what had no request to begin with."""
    if session.unmade and not session.over:
        convention.resume(Caller(session))
