"""The shipped contracts: sessions from creation to their end, seen from outside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tallystick.contract.signing import default_credentials, load_signer
from tallystick.mock import Clock
from tallystick.settings import find

from .conftest import NOW, Caller, Reply, Serve

DATA = "/api/service/data/session"
CHECKOUT = "/api/service/checkout/session"
ORDER = {"referenceId": "order-1", "price": {"currency": "EUR", "total": 10.23}}


def test_a_data_session_is_created_and_read(serve: Serve) -> None:
    ivy = serve("ivy")
    created = ivy.post(f"{DATA}/create", {"referenceId": "r-1", "market": "DE", "metadata": {"a": 1}})
    session = created.json()
    assert created.status == 201
    assert session["status"] == "open"
    assert (session["createdAt"], session["expiresAt"]) == (NOW, NOW + 3600)
    assert (session["referenceId"], session["market"], session["metadata"]) == ("r-1", "DE", {"a": 1})
    assert "locale" not in session, "what nobody asked for is not made up where it may be absent"
    details = ivy.post(f"{DATA}/details", {"id": session["id"]})
    assert details.status == 200
    shown = {n: v for n, v in session.items() if n not in ("redirectUrl", "availableMarkets")}
    assert details.json() == shown


def test_a_data_session_expires_by_the_clock(serve: Serve, clock: Clock) -> None:
    ivy = serve("ivy")
    asked = {"referenceId": "r-1", "createdAt": NOW, "expiresAt": NOW + 1800}
    session = ivy.post(f"{DATA}/create", asked).json()
    clock.advance(1799)
    assert ivy.post(f"{DATA}/details", {"id": session["id"]}).json()["status"] == "open"
    clock.advance(1)
    after = ivy.post(f"{DATA}/details", {"id": session["id"]}).json()
    assert (after["status"], after["updatedAt"]) == ("expired", NOW + 1800)


@pytest.mark.parametrize("seconds", [1799, 86401])
def test_a_window_out_of_bounds_is_refused(serve: Serve, seconds: int) -> None:
    asked = {"referenceId": "r-1", "createdAt": NOW, "expiresAt": NOW + seconds}
    reply = serve("ivy").post(f"{DATA}/create", asked)
    assert (reply.status, reply.json()["param"]) == (400, "expiresAt")


def test_a_reference_id_is_taken_once_per_tenant(serve: Serve) -> None:
    ivy = serve("ivy")
    assert ivy.post(f"{DATA}/create", {"referenceId": "r-1"}).status == 201
    again = ivy.post(f"{DATA}/create", {"referenceId": "r-1"})
    assert (again.status, again.json()["code"], again.json()["param"]) == (400, "VALIDATION", "referenceId")
    other = ivy.post(f"{DATA}/create", {"referenceId": "r-1"}, X_Ivy_Api_Key="test-other")
    assert other.status == 201


def test_tenants_do_not_see_each_other(serve: Serve) -> None:
    ivy = serve("ivy")
    session = ivy.post(f"{DATA}/create", {"referenceId": "r-1"}).json()
    reply = ivy.post(f"{DATA}/details", {"id": session["id"]}, X_Ivy_Api_Key="test-other")
    assert (reply.status, reply.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("key", ["", "live-key"])
def test_a_key_that_is_missing_or_not_known_is_refused(serve: Serve, key: str) -> None:
    reply = serve("ivy").post(f"{DATA}/create", {"referenceId": "r-1"}, X_Ivy_Api_Key=key)
    assert (reply.status, reply.json()["code"]) == (401, "UNAUTHENTICATED")


def test_a_checkout_is_expired_once(serve: Serve) -> None:
    ivy = serve("ivy")
    session = ivy.post(f"{CHECKOUT}/create", ORDER).json()
    assert (session["status"], session["price"]) == ("open", ORDER["price"])
    assert session["createdAt"] == "2026-09-15T10:20:30.000Z"
    expired = ivy.post(f"{CHECKOUT}/expire", {"id": session["id"]})
    assert (expired.status, expired.json()["status"]) == (200, "expired")
    assert ivy.post(f"{CHECKOUT}/details", {"id": session["id"]}).json()["status"] == "expired"
    again = ivy.post(f"{CHECKOUT}/expire", {"id": session["id"]})
    assert (again.status, again.json()["code"]) == (409, "CONFLICT")


def test_an_idempotency_key_replays_and_refuses(serve: Serve) -> None:
    ivy = serve("ivy")
    first = ivy.post(f"{CHECKOUT}/create", ORDER, Idempotency_Key="k")
    again = ivy.post(f"{CHECKOUT}/create", ORDER, Idempotency_Key="k")
    assert (again.status, again.body) == (first.status, first.body)
    other = ivy.post(f"{CHECKOUT}/create", {**ORDER, "referenceId": "order-2"}, Idempotency_Key="k")
    assert (other.status, other.json()["category"]) == (409, "idempotency_error")
    elsewhere = ivy.post(f"{CHECKOUT}/create", ORDER, Idempotency_Key="k", X_Ivy_Api_Key="test-other")
    assert elsewhere.json()["id"] != first.json()["id"]


def test_a_legacy_session_is_read_by_query(serve: Serve) -> None:
    ivy = serve("ivy-legacy")
    asked = {"referenceId": "r-1", "permissions": ["identity"], "returnUrl": "https://shop.example/back"}
    session = ivy.post(f"{DATA}/create", asked).json()
    shown = ivy.get(f"{DATA}/retrieve?id={session['id']}").json()
    assert (shown["status"], shown["permissions"], shown["returnUrl"]) == (
        "started",
        ["identity"],
        asked["returnUrl"],
    )
    assert "data" not in shown
    assert ivy.get(f"{DATA}/retrieve").status == 400


# -- Worldline ----------------------------------------------------------------------------------------------------

SESSIONS = "/v1/1234/sessions"


def signed(call: Caller, body: bytes, clock: Clock, *, target: str = SESSIONS, **headers: str) -> Reply:
    scheme = call.app.mock.contract.security_schemes["v1HMAC"]
    folder = find("worldline").folder
    assert scheme.signer is not None and folder is not None
    signer = load_signer(folder, scheme.signer)(**default_credentials(scheme.signer))
    sent = {"content-type": "application/json", **{n.replace("_", "-"): v for n, v in headers.items()}}
    sent |= signer.sign(method="POST", target=target, headers=sent, body=body, now=clock.moment())
    return call("POST", target, body, headers=sent)


def test_a_signed_session_is_created(serve: Serve, clock: Clock) -> None:
    reply = signed(serve("worldline"), b"{}", clock)
    session: dict[str, Any] = reply.json()
    assert reply.status == 200
    assert len(session["clientSessionId"]) == 32


def test_a_signature_over_something_else_is_refused(serve: Serve) -> None:
    worldline = serve("worldline")
    scheme = worldline.app.mock.contract.security_schemes["v1HMAC"]
    folder = find("worldline").folder
    assert scheme.signer is not None and folder is not None
    signer = load_signer(folder, scheme.signer)(**default_credentials(scheme.signer))
    now = datetime.fromtimestamp(NOW, UTC)
    headers = signer.sign(method="POST", target="/v1/9/sessions", headers={}, body=b"", now=now)
    reply = worldline("POST", SESSIONS, {}, headers=headers)
    assert (reply.status, reply.json()["errors"][0]["code"]) == (403, "9002")
    assert reply.headers["content-type"] == "application/json"


def test_a_repeat_says_when_the_first_was(serve: Serve, clock: Clock) -> None:
    worldline = serve("worldline")
    first = signed(worldline, b"{}", clock, X_GCS_Idempotence_Key="k")
    assert "x-gcs-idempotence-request-timestamp" not in first.headers
    clock.advance(3600)
    again = signed(worldline, b'{"tokens":["t"]}', clock, X_GCS_Idempotence_Key="k")
    assert again.body == first.body
    assert again.headers["x-gcs-idempotence-request-timestamp"] == str(int(NOW * 1000))
    clock.advance(86_400)
    later = signed(worldline, b"{}", clock, X_GCS_Idempotence_Key="k")
    assert later.body != first.body


def test_what_is_kept_beside_resources_has_a_bound(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("state.idempotency.KEPT", "webhooks.deliveries._KEPT"):
        monkeypatch.setattr(f"tallystick.mock.{place}", 5)
    ivy = serve("ivy")
    made = []
    for number in range(20):
        made.append(
            ivy.post(f"{CHECKOUT}/create", {**ORDER, "referenceId": f"r-{number}"}, Idempotency_Key=f"{number}")
        )
        ivy.app.mock.send_webhook("dataSessionCompleted", {})
    spaces: Any = ivy.app.mock.store.dump()["spaces"]
    bounded = ("idempotency", "idempotency-order", "delivery")
    assert [len(spaces[name]) for name in bounded] == [5, 5, 5]
    again = ivy.post(f"{CHECKOUT}/create", {**ORDER, "referenceId": "r-19"}, Idempotency_Key="19")
    assert again.body == made[19].body
    forgotten = ivy.post(f"{CHECKOUT}/create", {**ORDER, "referenceId": "new"}, Idempotency_Key="0")
    assert forgotten.json()["id"] != made[0].json()["id"], "its key is as new"
