"""What Ivy's mock does beyond the declared lifecycle."""

from __future__ import annotations

from tallystick.load import Json
from tallystick.mock.behaviour import Behaviour, Call, Happening, Resource

RETRIES = (30.0, 22.0, 140.0, 541.0, 1426.0, 3200.0, *(5.0 * n**4 for n in range(6, 14)), 194_400.0)
"""Pauses between deliveries: Ivy documents the first six, and 54 hours before the 15th
(webhook-getting-started/introduction). Those between go on as these do, with five times the fourth power.
"""


def _merchant(call: Call) -> str:
    """Return the id of the merchant that a key belongs to: the same for the same key."""
    return f"m_{call.caller.credential[:12]}"


def _application(call: Call) -> str:
    return f"app_{call.caller.credential[:12]}"


def create_data_session(call: Call, session: Resource) -> None:
    """Show the merchant's own id where no label was given, and the markets that the user can pick from."""
    session.setdefault("displayId", session["referenceId"])
    session["merchantId"] = _merchant(call)
    session["availableMarkets"] = _markets(session)


def create_checkout_session(call: Call, session: Resource) -> None:
    """Say whose session it is."""
    application = _application(call)
    merchant = session.get("merchant")
    known: dict[str, Json] = dict(merchant) if isinstance(merchant, dict) else {}
    session["merchant"] = {**known, "id": _merchant(call), "appId": application}
    session["appId"] = session["merchantAppId"] = application
    session["availableMarkets"] = _markets(session)


def _markets(session: Resource) -> Json:
    """Return the market that was asked for, else those of the contract's example."""
    return [session["market"]] if "market" in session else session.get("availableMarkets", ["DE", "AT"])


def revoke_consent(call: Call, consent: Resource) -> None:
    """Say when the consent was given up."""
    consent["revokedAt"] = int(call.now)


def finish_data_session(happening: Happening, session: Resource) -> None:
    """The user who shares data has consented."""
    del session
    happening.also.append("consent.authorise")


def end_data_session(happening: Happening, session: Resource) -> None:
    """The user who shares nothing has not."""
    del session
    happening.also.append("consent.refuse")


def finish_checkout_session(happening: Happening, session: Resource) -> None:
    """Ask the merchant of an express checkout what the order costs, then to take it."""
    for name in ("quote", "complete"):
        address = session.get(f"{name}CallbackUrl")
        if isinstance(address, str):
            happening.callbacks[f"createCheckoutSession.{name}"] = address


BEHAVIOUR = Behaviour(
    operations={
        "createDataSession": create_data_session,
        "createCheckoutSession": create_checkout_session,
        "revokeConsent": revoke_consent,
    },
    events={
        "checkoutSession.finish": finish_checkout_session,
        "dataSession.finish": finish_data_session,
        "dataSession.fail": end_data_session,
        "dataSession.cancel": end_data_session,
    },
    held=frozenset(("createCheckoutSession.quote", "createCheckoutSession.complete")),
    retries=RETRIES,
)
