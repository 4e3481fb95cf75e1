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

ONE_REQUEST = (authentication.run, methods.run, constraints.run, negotiation.run, values.run)
"""What one request shows, though it takes another to have something to ask for, or to see what was kept."""
SEQUENCES = (
    *(lifecycle.run, convention.run, idempotency.run, uniqueness.run, identity.run, tenancy.run),
    *(window.run, events.run, webhooks.run),
)
"""What only several requests show."""
MANY = (authentication.run_unread, robustness.run, constraints.run_deep, values.run_rest)
"""What takes hundreds of requests."""


def run(session: Session) -> None:
    """Run every walk that the contract gives rise to, in the order above."""
    if session.over:
        return
    caller = Caller(session)
    for walk in (*ONE_REQUEST, *SEQUENCES, *MANY):
        if not session.over:
            walk(caller)


def resume(session: Session) -> None:
    """Run again what had no request to begin with."""
    if session.unmade and not session.over:
        convention.resume(Caller(session))
