"""What the mock of Ivy's older data sessions does beyond the declared lifecycle."""

from __future__ import annotations

from tallystick.load import Json
from tallystick.mock.behaviour import Behaviour, Happening, Resource

FETCHING = 5.0
"""Seconds from the bank login to the data, on the mock's clock. Ivy documents none."""
RETRIES = (30.0, 22.0, 140.0, 541.0, 1426.0, 3200.0, *(5.0 * n**4 for n in range(6, 14)), 194_400.0)
"""Pauses between deliveries: Ivy documents the first six, and 54 hours before the 15th
(webhook-getting-started/introduction). Those between go on as these do, with five times the fourth power.
"""


def finish(happening: Happening, session: Resource) -> None:
    """After the login the bank takes a while."""
    del session
    happening.later["complete"] = FETCHING


def complete(happening: Happening, session: Resource) -> None:
    """Fill in the data that the permissions allow."""
    del happening
    permissions = session.get("permissions")
    allowed = permissions if isinstance(permissions, list) else []
    account: dict[str, Json] = {
        "name": "Main account",
        "accountType": "checking",
        "financialAddress": {
            "type": "iban",
            "iban": {"iban": "DE89370400440532013000", "accountHolderName": "Jane Roe"},
        },
    }
    data: dict[str, Json] = {"bankName": "Example Bank", "accounts": [account]}
    if "identity" in allowed:
        data["identity"] = {"name": "Jane Roe", "dateOfBirth": "1990-12-31"}
    session["data"] = data


BEHAVIOUR = Behaviour(
    events={"dataSession.finish": finish, "dataSession.complete": complete},
    retries=RETRIES,
)
