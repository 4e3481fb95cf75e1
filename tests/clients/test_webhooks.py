"""Deliveries are verified, typed, and can be made for tests: with the packages as they are checked in."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EVENT = {
    "type": "data_session_completed",
    "payload": {"id": "1", "referenceId": "r", "status": "complete"},
    "date": "2023-04-29T11:50:13.176Z",
}


@pytest.fixture(autouse=True)
def packages() -> Iterator[None]:
    sys.path.insert(0, str(ROOT / "generated"))
    yield
    sys.path.remove(str(ROOT / "generated"))


def ivy(*secrets: str) -> Any:
    from ivy_legacy_api.webhooks import Webhooks, WebhookSignature

    return Webhooks(*(WebhookSignature(secret=secret) for secret in secrets))


def raw(event: Any) -> bytes:
    return json.dumps(event).encode()


def test_bar_49_53_a_signed_delivery_is_verified_and_typed() -> None:
    body, headers = ivy("s1").sign(raw(EVENT))
    event = ivy("s1").parse(body, headers)
    assert (type(event).__name__, event.payload.reference_id) == ("DataSessionCompletedEvent", "r")
    again, headers = ivy("s1").sign(event)
    assert ivy("s1").parse(again, headers) == event


def test_bar_49_a_forged_or_changed_delivery_is_refused() -> None:
    hooks = ivy("s1")
    errors = sys.modules[type(hooks).__mro__[1].__module__]
    body, headers = hooks.sign(raw(EVENT))
    for given, with_ in ((body + b" ", headers), (body, {}), (body, dict.fromkeys(headers, "00"))):
        with pytest.raises(errors.WebhookVerificationError):
            hooks.parse(given, with_)
    with pytest.raises(errors.WebhookVerificationError, match="no secret"):
        ivy().parse(body, headers)


def test_bar_49_parsed_json_is_refused_with_the_reason() -> None:
    with pytest.raises(TypeError, match="a signature covers the bytes as sent"):
        ivy("s1").parse(EVENT, {})


def test_bar_51_two_secrets_are_live_while_one_is_replaced() -> None:
    body, headers = ivy("old").sign(raw(EVENT))
    assert ivy("new", "old").parse(body, headers).type == "data_session_completed"
    from worldline_connect.webhooks import Webhooks, WebhookSignature

    old, new = (WebhookSignature(key_id=k, secret=f"secret of {k}") for k in ("k1", "k2"))
    members = {"apiVersion": "v1", "id": "1", "created": "2030-01-01T00:00:00.000+0000", "merchantId": "m"}
    event = raw({**members, "type": "payment.paid"})
    body, headers = Webhooks(old).sign(event, now=datetime(2030, 1, 1, tzinfo=UTC))
    assert Webhooks(new, old).parse(body, headers).id == "1"


def test_bar_52_unknown_events_survive() -> None:
    body, headers = ivy("s").sign(raw({"type": "moon_landed", "payload": {"crew": 2}}))
    event = ivy("s").parse(body, headers)
    assert (event.type, event.data["payload"]) == ("moon_landed", {"crew": 2})


def test_a_known_event_that_breaks_the_contract_is_an_error_without_its_values() -> None:
    hooks = ivy("s")
    errors = sys.modules[type(hooks).__mro__[1].__module__]
    body, headers = hooks.sign(raw({**EVENT, "payload": {"id": 5551234}}))
    with pytest.raises(errors.WebhookPayloadError, match="payload") as caught:
        hooks.parse(body, headers)
    assert "5551234" not in str(caught.value)


def test_bar_42_a_secret_is_in_no_repr() -> None:
    assert "whsec" not in repr(ivy("whsec_1").signatures)
