"""What Worldline's mock does beyond the declared lifecycle."""

from __future__ import annotations

import re
from hashlib import sha256

from tallystick.mock.behaviour import Behaviour, Call, Resource

_ENDED = re.compile(r"[0-9a-f]{32}")
"""Tokens that can't be used any more: those in the form of the four that the reference page's example refuses."""


def create_session(call: Call, session: Resource) -> None:
    """Name the tokens that can't be used, of those that were sent, and a consumer of this merchant."""
    tokens = session.get("tokens")
    sent = tokens if isinstance(tokens, list) else []
    refused = [token for token in sent if isinstance(token, str) and _ENDED.fullmatch(token)]
    if refused:
        session["invalidTokens"] = list(refused)
    else:
        session.pop("invalidTokens", None)
    merchant = str(call.parameters["path", "merchantId"])
    consumer = sha256(f"{merchant} {session['clientSessionId']}".encode()).hexdigest()[:32]
    session["customerId"] = f"9991-{consumer}"
    session["clientApiUrl"] = f"{call.request.base}/client"


BEHAVIOUR = Behaviour(
    operations={"createSession": create_session},
    # docs.connect.worldline-solutions.com/documentation/webhooks says that an endpoint answers GET with it.
    repeated={"endpointVerification": "X-GCS-Webhooks-Endpoint-Verification"},
)
