"""The control surface, through its Python client."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tallystick.contract.signing import default_credentials, load_signer
from tallystick.mock import Clock, create_app
from tallystick.mock.client import ControlError
from tallystick.mock.faults import Fault, refusal
from tallystick.mock.message import Request
from tallystick.mock.running import RunningMock
from tallystick.mock.store import open_store
from tallystick.mock.webhooks.deliveries import Target
from tallystick.mock.webhooks.posting import Reply
from tallystick.settings import find

from .conftest import shipped

NOW = 1_789_467_630.0
DATA = "/api/service/data/session"
CHECKOUT = "/api/service/checkout/session"
ORDER = {"referenceId": "order-1", "price": {"currency": "EUR", "total": 10.23}}
KEY = {"X-Ivy-Api-Key": "test-key"}
VERIFICATION = "X-GCS-Webhooks-Endpoint-Verification"
DROPPED = """
steps:
  - fault: {kind: drop}
  - expect: 404
    call:
      {method: POST, path: /api/service/checkout/session/details, headers: {X-Ivy-Api-Key: test-key}, body: {id: x}}
"""


class Receiver:
    """Stands for the merchant's server: keeps what it gets, answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int | None] = []

    async def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self.got.append((url, dict(headers), body))
        status = self.answers.pop(0) if self.answers else 200
        if status is None:
            raise OSError("connection refused")
        return Reply(status)

    def events(self) -> list[str]:
        return [json.loads(body)["type"] for _, _, body in self.got]


@pytest.fixture
def mock() -> Iterator[RunningMock]:
    with RunningMock("ivy", port=None, now=NOW) as running:
        yield running


@pytest.fixture
def client(mock: RunningMock) -> httpx2.Client:
    return httpx2.Client(base_url=mock.url, transport=mock.transport, headers=KEY)


@pytest.fixture
def receiver(mock: RunningMock) -> Receiver:
    receiver = Receiver()
    mock.app.mock.deliveries.post = receiver
    mock.control.add_target("https://shop.example/hooks")
    return receiver


def checkout(client: httpx2.Client, **members: Any) -> dict[str, Any]:
    session: dict[str, Any] = client.post(f"{CHECKOUT}/create", json={**ORDER, **members}).json()
    return session


def status_of(client: httpx2.Client, session: dict[str, Any]) -> str:
    return str(client.post(f"{CHECKOUT}/details", json={"id": session["id"]}).json()["status"])


# -- clock --------------------------------------------------------------------------------------------------------


def test_the_clock_is_frozen_set_and_advanced(mock: RunningMock) -> None:
    assert mock.control.now() == NOW
    assert mock.control.advance(60) == NOW + 60
    assert mock.control.set_clock(NOW) == NOW
    assert mock.control.freeze(NOW + 5) == NOW + 5
    assert mock.control.release() >= NOW + 5


def test_a_running_clock_is_frozen_at_the_very_moment_that_is_asked_for() -> None:
    with RunningMock("ivy", port=None) as running:
        assert running.control.freeze(NOW) == NOW


@pytest.mark.parametrize("seconds", [-1, 10**15])
def test_a_clock_out_of_range_is_refused(mock: RunningMock, seconds: float) -> None:
    with pytest.raises(ControlError) as refused:
        mock.control.advance(seconds)
    assert refused.value.status == 400
    assert mock.control.now() == NOW


# -- events -------------------------------------------------------------------------------------------------------


def test_the_user_finishes_and_the_browser_goes_back(mock: RunningMock, client: httpx2.Client) -> None:
    session = checkout(client, successCallbackUrl="https://shop.example/ok?cart=7#top")
    location = mock.control.happen("checkoutSession", session["id"], "finish")
    assert location == f"https://shop.example/ok?cart=7&referenceId=order-1&order-id={session['id']}#top"
    assert status_of(client, session) == "closed"


def test_what_is_over_stays_over(mock: RunningMock, client: httpx2.Client) -> None:
    session = checkout(client)
    mock.control.happen("checkoutSession", session["id"], "cancel")
    with pytest.raises(ControlError) as refused:
        mock.control.happen("checkoutSession", session["id"], "finish")
    assert (refused.value.status, refused.value.message) == (409, "The checkoutSession is closed.")


def test_consent_follows_the_user(mock: RunningMock, client: httpx2.Client) -> None:
    session = client.post(f"{DATA}/create", json={"referenceId": "r"}).json()
    about = {"sessionId": session["id"]}
    assert client.post("/api/service/data/consent/details", json=about).json()["status"] == "created"
    mock.control.happen("dataSession", session["id"], "finish")
    assert client.post("/api/service/data/consent/details", json=about).json()["status"] == "authorised"
    revoked = client.post("/api/service/data/consent/revoke", json=about).json()
    assert (revoked["status"], revoked["revokedAt"]) == ("revoked", NOW)
    assert client.post("/api/service/data/accounts/list", json={"sessionId": "none"}).status_code == 404


def test_a_consent_is_there_as_soon_as_its_session(mock: RunningMock, client: httpx2.Client) -> None:
    session = client.post(f"{DATA}/create", json={"referenceId": "r"}).json()
    (told,) = mock.control.resources("consent")
    assert (told["key"], told["state"], told["events"]) == (session["id"], "created", ["authorise", "refuse"])
    mock.control.happen("consent", session["id"], "authorise")
    shown = client.post("/api/service/data/consent/details", json={"sessionId": session["id"]}).json()
    assert shown["status"] == "authorised"
    assert [r["resource"] for r in mock.control.resources()] == ["dataSession", "consent"]
    with pytest.raises(ControlError, match="There is no consent"):
        mock.control.happen("consent", "none", "authorise")


def test_a_legacy_session_gets_its_data_after_a_while() -> None:
    with RunningMock("ivy-legacy", port=None, now=NOW) as mock:
        client = httpx2.Client(base_url=mock.url, transport=mock.transport, headers=KEY)
        asked = {"referenceId": "r", "permissions": ["identity"], "returnUrl": "https://shop.example/back"}
        session = client.post(f"{DATA}/create", json=asked).json()
        location = mock.control.happen("dataSession", session["id"], "finish")
        assert location is not None and location.endswith("success=true")
        read = f"{DATA}/retrieve?id={session['id']}"
        assert client.get(read).json()["status"] == "pending"
        mock.control.advance(60)
        shown = client.get(read).json()
        assert (shown["status"], shown["data"]["identity"]["name"]) == ("complete", "Jane Roe")
        assert [d["webhook"] for d in mock.control.deliveries()] == ["dataSessionCompleted"]


# -- webhooks -----------------------------------------------------------------------------------------------------


def test_a_webhook_is_signed_as_the_provider_signs(
    mock: RunningMock, client: httpx2.Client, receiver: Receiver
) -> None:
    session = checkout(client)
    mock.control.flush()
    (url, headers, body) = receiver.got[0]
    event = json.loads(body)
    assert (url, event["type"], event["payload"]["id"]) == (
        "https://shop.example/hooks",
        "checkout_session_created",
        session["id"],
    )
    contract, folder = mock.app.mock.contract, find("ivy").folder
    signer = next(s.signer for n, s in contract.security_schemes.items() if s.signer is not None and "ebhook" in n)
    assert folder is not None
    checker = load_signer(folder, signer)(**default_credentials(signer))
    moment = mock.app.mock.clock.moment()
    checker.verify(method="POST", target="/hooks", headers=headers, body=body, now=moment)
    with pytest.raises(ValueError, match="does not fit"):
        checker.verify(method="POST", target="/hooks", headers=headers, body=body + b" ", now=moment)


def test_a_webhook_that_fails_is_sent_again_on_the_mocks_clock(
    mock: RunningMock, client: httpx2.Client, receiver: Receiver
) -> None:
    receiver.answers = [None, 500]
    checkout(client)
    mock.control.flush()
    assert [a["error"] for a in mock.control.deliveries()[0]["attempts"]] == ["connection refused"]
    mock.control.advance(29)
    assert len(receiver.got) == 1
    mock.control.advance(1)
    assert len(receiver.got) == 2
    mock.control.advance(22)
    delivery = mock.control.deliveries()[0]
    assert (delivery["state"], [a["at"] - NOW for a in delivery["attempts"]]) == ("delivered", [0, 30, 52])
    bodies = {body for _, _, body in receiver.got}
    assert len(bodies) == 1, "a repeat is the same event"


def test_a_webhook_is_given_up_after_the_last_repeat_that_the_provider_makes(
    mock: RunningMock, client: httpx2.Client, receiver: Receiver
) -> None:
    receiver.answers = [204] * 40  # Ivy takes 200 alone for delivered
    checkout(client)
    mock.control.advance(13 * 86_400)
    (delivery, *_) = mock.control.deliveries()
    pauses = [b["at"] - a["at"] for a, b in pairwise(delivery["attempts"])]
    assert (delivery["state"], len(pauses), pauses[:3], pauses[-1]) == ("failed", 15, [30, 22, 140], 54 * 3600)
    assert pauses[1:] == sorted(pauses[1:])


def test_a_repeat_on_request_leaves_the_schedule_as_it_is(
    mock: RunningMock, client: httpx2.Client, receiver: Receiver
) -> None:
    receiver.answers = [500, 500, 500]
    checkout(client)
    mock.control.flush()
    assert mock.control.redeliver("1")["state"] == "waiting"
    mock.control.advance(52)
    at = [a["at"] - NOW for a in mock.control.deliveries()[0]["attempts"]]
    assert at == [0, 0, 30, 52]
    assert mock.control.deliveries()[0]["state"] == "delivered"


def test_what_was_taken_on_request_is_not_sent_again(
    mock: RunningMock, client: httpx2.Client, receiver: Receiver
) -> None:
    receiver.answers = [500]
    checkout(client)
    mock.control.flush()
    assert mock.control.redeliver("1")["state"] == "delivered"
    mock.control.advance(60)
    assert len(receiver.got) == 2
    receiver.answers = [500]
    assert mock.control.redeliver("1")["state"] == "delivered", "it was"
    mock.control.advance(60)
    assert len(receiver.got) == 3


def test_what_nobody_wanted_is_sent_once_somebody_does(mock: RunningMock, client: httpx2.Client) -> None:
    receiver = Receiver()
    mock.app.mock.deliveries.post = receiver
    checkout(client)
    mock.control.add_target("https://b.example/", events=["test"])
    with pytest.raises(ControlError, match="No target wants checkoutSessionCreated") as refused:
        mock.control.redeliver("1")
    assert refused.value.status == 409
    mock.control.add_target("https://a.example/")
    assert mock.control.redeliver("1")["state"] == "delivered"
    assert [url for url, _, _ in receiver.got] == ["https://a.example/"]


def test_no_webhook_is_lost_with_the_process(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'state'}"
    receiver = Receiver()

    async def never(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        await receiver(method, url, headers, body)
        raise asyncio.CancelledError  # as when the process ends

    store = open_store(address)
    app = create_app(shipped("ivy"), folder=find("ivy").folder, clock=Clock(frozen=NOW), store=store)
    app.mock.deliveries.post = never
    app.mock.deliveries.add_target(Target("https://shop.example/"))
    app.mock.send_webhook("test", {})
    asyncio.run(app.mock.settle())
    store.close()
    with RunningMock("ivy", port=None, now=NOW, store=open_store(address)) as running:
        running.app.mock.deliveries.post = receiver
        running.control.advance(30)
        assert running.control.deliveries()[0]["state"] == "delivered"
    assert receiver.events() == ["test", "test"]


def test_a_failure_of_ours_does_not_end_all_deliveries(
    mock: RunningMock, client: httpx2.Client, receiver: Receiver
) -> None:
    async def broken(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        mock.app.mock.deliveries.post = receiver
        raise RuntimeError

    mock.app.mock.deliveries.post = broken
    mock.control.send("test")
    mock.control.send("orderCreated")
    mock.control.advance(30)
    assert receiver.events() == ["order_created", "test"]
    assert "see its log" in mock.control.deliveries()[0]["attempts"][0]["error"]


def test_time_ends_a_session_and_says_so(mock: RunningMock, client: httpx2.Client, receiver: Receiver) -> None:
    session = checkout(client)
    mock.control.advance(3600)
    assert receiver.events() == ["checkout_session_created", "checkout_session_expired"]
    payload = json.loads(receiver.got[1][2])["payload"]
    assert (payload["status"], status_of(client, session)) == ("expired", "expired")


def test_webhooks_come_twice_late_or_in_the_other_order(mock: RunningMock, client: httpx2.Client) -> None:
    receiver = Receiver()
    mock.app.mock.deliveries.post = receiver
    mock.control.add_target("https://a.example/", copies=2)
    mock.control.add_target("https://b.example/", late=10, reordered=True)
    session = checkout(client)
    mock.control.happen("checkoutSession", session["id"], "finish")
    assert [url for url, _, _ in receiver.got] == ["https://a.example/"] * 4
    receiver.got.clear()
    mock.control.advance(10)
    assert receiver.events() == ["checkout_session_completed", "checkout_session_created"]


def test_what_comes_later_overtakes_what_came_before_on_a_running_clock_too(client: httpx2.Client) -> None:
    with RunningMock("ivy", port=None) as running:
        receiver = running.app.mock.deliveries.post = Receiver()
        running.control.add_target("https://a.example/", reordered=True, copies=2)
        client = httpx2.Client(base_url=running.url, transport=running.transport, headers=KEY)
        session = checkout(client)
        running.control.flush()
        assert receiver.events() == [], "it waits for the next one"
        running.control.happen("checkoutSession", session["id"], "finish")
        assert receiver.events() == ["checkout_session_completed"] * 2 + ["checkout_session_created"] * 2
        running.control.send("test")
        running.control.advance(60)
        assert receiver.events()[4:] == ["test"] * 2, "what nothing follows is not lost"


@pytest.mark.parametrize(
    "url",
    ["ftp://shop.example/", "http://", "http://[::1/", "http://127.0.0.1:99999/", "http://a b/", "http://a/\r\nX: y"],
)
def test_a_target_has_to_have_an_address(mock: RunningMock, url: str) -> None:
    with pytest.raises(ControlError) as refused:
        mock.control.add_target(url)
    assert refused.value.status == 400
    mock.control.send("test")
    assert mock.control.deliveries()[0]["state"] == "no target"


def test_whole_numbers_may_have_a_point(mock: RunningMock, client: httpx2.Client) -> None:
    receiver = mock.app.mock.deliveries.post = Receiver()
    client.post("/_tallystick/webhooks/targets", json={"url": "https://a.example/", "copies": 2.0})
    client.post("/_tallystick/faults", json={"kind": "status", "status": 503.0, "times": 1.0, "retry_after": 7.0})
    refused = client.post(f"{CHECKOUT}/create", json=ORDER)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "7")
    checkout(client)
    mock.control.flush()
    assert len(receiver.got) == 2


def test_a_target_can_only_want_what_there_is(mock: RunningMock) -> None:
    with pytest.raises(ControlError, match="no webhook 'paid'; there are checkoutSessionCreated"):
        mock.control.add_target("https://a.example/", events=["paid"])
    mock.control.add_target("https://a.example/", events=["createCheckoutSession.quote"])


def test_a_delivery_is_repeated_on_request(mock: RunningMock, client: httpx2.Client, receiver: Receiver) -> None:
    checkout(client)
    mock.control.flush()
    again = mock.control.redeliver(mock.control.deliveries()[0]["id"])
    assert (len(again["attempts"]), len(receiver.got)) == (2, 2)
    with pytest.raises(ControlError):
        mock.control.redeliver("none")


def test_the_attempts_of_a_delivery_have_a_bound(
    mock: RunningMock, client: httpx2.Client, receiver: Receiver
) -> None:
    checkout(client)
    mock.control.flush()
    id_ = mock.control.deliveries()[0]["id"]
    again = mock.control.redeliver(id_)
    for _ in range(59):
        again = mock.control.redeliver(id_)
    assert (len(again["attempts"]), len(receiver.got), again["state"]) == (50, 61, "delivered")


def test_a_webhook_is_sent_on_request(mock: RunningMock, receiver: Receiver) -> None:
    mock.control.send("orderCreated")
    mock.control.send("test", {"id": "e-1", "type": "test", "date": "2026-01-01T00:00:00Z", "payload": {}})
    first, second = (json.loads(body) for _, _, body in receiver.got)
    assert (first["type"], second["id"]) == ("order_created", "e-1")
    assert [d["about"] for d in mock.control.deliveries()] == ["on request", "on request"]
    for name, body, problem in (("nothing", None, "there are checkoutSessionCreated"), ("test", {}, "required")):
        with pytest.raises(ControlError, match=problem):
            mock.control.send(name, body)


def test_a_new_target_is_asked_to_repeat_a_text_where_the_provider_does_that() -> None:
    asked: list[tuple[str, str, str]] = []

    async def repeating(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        asked.append((method, url, headers[VERIFICATION]))
        status, given = (200, headers[VERIFICATION]) if "good" in url else (200, "OK")
        return Reply(status, given.encode())

    with RunningMock("worldline", port=None, now=NOW) as running:
        control = running.control
        running.app.mock.deliveries.post = repeating
        for url in ("https://good.example/", "https://other.example/"):
            control.add_target(url, events=["event"])
        assert [(method, url) for method, url, _ in asked] == [
            ("GET", "https://good.example/"),
            ("GET", "https://other.example/"),
        ]
        assert len({text for *_, text in asked}) == 2, "nobody can know it beforehand"
        assert [target["verified"] for target in control.targets()] == [True, False]
        assert [d["state"] for d in control.deliveries()] == ["delivered", "failed"]
        assert VERIFICATION in control.deliveries()[1]["attempts"][0]["error"]


def test_a_target_is_asked_again_on_request() -> None:
    replies = [Reply(200), Reply(404)]

    async def learning(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        return replies.pop(0) if replies else Reply(200, headers[VERIFICATION].encode())

    with RunningMock("worldline", port=None, now=NOW) as running:
        running.app.mock.deliveries.post = learning
        running.control.add_target("https://shop.example/")
        running.control.send("endpointVerification")
        assert [target["verified"] for target in running.control.targets()] == [False]
        assert running.control.redeliver("1")["state"] == "delivered"
        assert [target["verified"] for target in running.control.targets()] == [True]


def test_no_target_is_asked_where_the_provider_does_not_ask(mock: RunningMock, receiver: Receiver) -> None:
    assert (receiver.got, [target["verified"] for target in mock.control.targets()]) == ([], [None])


def test_a_target_gets_only_what_it_asked_for(mock: RunningMock, client: httpx2.Client) -> None:
    receiver = Receiver()
    mock.app.mock.deliveries.post = receiver
    target = mock.control.add_target("https://a.example/", events=["checkoutSessionCompleted"])
    session = checkout(client)
    mock.control.happen("checkoutSession", session["id"], "finish")
    assert receiver.events() == ["checkout_session_completed"]
    mock.control.remove_target(target)
    checkout(client, referenceId="order-2")
    mock.control.flush()
    assert len(receiver.got) == 1


# -- faults -------------------------------------------------------------------------------------------------------


def test_a_fault_answers_in_the_providers_shape(mock: RunningMock, client: httpx2.Client) -> None:
    mock.control.fault("status", status=429, retry_after=7, times=2)
    for _ in range(2):
        refused = client.post(f"{CHECKOUT}/create", json=ORDER)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
        assert refused.json()["code"] == "TOO_MANY_REQUESTS"
    assert client.post(f"{CHECKOUT}/create", json=ORDER).status_code == 200


@pytest.mark.parametrize("contract", ["ivy", "ivy-legacy", "worldline"])
def test_a_fault_answers_with_the_status_that_is_asked_for(contract: str) -> None:
    with RunningMock(contract, port=None, mode="stateless") as running:
        mock = running.app.mock
        operation = mock.contract.operations[0]
        for status in range(400, 600):
            answer = mock.refuse(operation, refusal(Fault("status", status=status)))
            outcome = operation.outcome(status)
            assert answer.status == status
            assert "json" in answer.headers["Content-Type"]
            assert {e.get("httpStatusCode", status) for e in json.loads(answer.body).get("errors", [])} <= {status}
            if outcome is not None and outcome.media[0].schema is not None:
                shown = json.loads(answer.body)
                assert running.app.mock.validators.is_valid(outcome.media[0].schema, shown, "response"), status


def test_a_fault_waits_for_its_operation(mock: RunningMock, client: httpx2.Client) -> None:
    mock.control.fault("status", operation="expireCheckoutSession", status=500)
    session = checkout(client)
    assert client.post(f"{CHECKOUT}/expire", json={"id": session["id"]}).status_code == 500
    assert status_of(client, session) == "open", "a fault of this kind does nothing"
    with pytest.raises(ControlError, match="no operation"):
        mock.control.fault("drop", operation="nothing")


def test_an_answer_is_cut_dropped_or_stale(mock: RunningMock, client: httpx2.Client) -> None:
    session = checkout(client)
    body = {"id": session["id"]}
    assert client.post(f"{CHECKOUT}/details", json=body).json()["status"] == "open"
    client.post(f"{CHECKOUT}/expire", json=body)
    mock.control.fault("stale", operation="retrieveCheckoutSession")
    assert client.post(f"{CHECKOUT}/details", json=body).json()["status"] == "open"
    mock.control.fault("malformed")
    with pytest.raises(ValueError):
        client.post(f"{CHECKOUT}/details", json=body).json()
    mock.control.fault("drop")
    with pytest.raises(httpx2.TransportError):
        client.post(f"{CHECKOUT}/details", json=body)
    assert status_of(client, session) == "expired"


def test_a_stale_answer_is_known_to_all_who_share_a_store(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'state'}"
    with (
        RunningMock("ivy", port=None, now=NOW, store=open_store(address)) as one,
        RunningMock("ivy", port=None, now=NOW, store=open_store(address)) as other,
    ):
        first, second = (httpx2.Client(base_url=m.url, transport=m.transport, headers=KEY) for m in (one, other))
        session = checkout(first)
        assert status_of(first, session) == "open"
        one.control.happen("checkoutSession", session["id"], "finish")
        other.control.fault("stale")
        assert [status_of(second, session), status_of(second, session)] == ["open", "closed"]
        assert [entry["note"] for entry in one.control.journal()] == ["", "", "fault: stale", ""]


@pytest.mark.parametrize("address", ["memory:", "sqlite:"])
def test_a_stale_answer_is_the_callers_own(address: str, tmp_path: Path) -> None:
    store = open_store(address if address == "memory:" else f"sqlite:///{tmp_path / 'state'}")
    with RunningMock("ivy", port=None, now=NOW, store=store) as running:
        own, other = (
            httpx2.Client(base_url=running.url, transport=running.transport, headers={"X-Ivy-Api-Key": key})
            for key in ("test-key", "test-other")
        )
        session = checkout(own)
        assert status_of(own, session) == "open"
        running.control.fault("stale")
        assert other.post(f"{CHECKOUT}/details", json={"id": session["id"]}).status_code == 404


def test_a_stale_answer_that_there_is_not_is_told(mock: RunningMock, client: httpx2.Client) -> None:
    mock.control.fault("stale")
    checkout(client)
    assert mock.control.journal()[0]["note"] == "fault: stale, but there is no earlier answer"


def test_a_dropped_request_leaves_its_idempotency_key_free(mock: RunningMock, client: httpx2.Client) -> None:
    mock.control.fault("drop")
    headers = {"Idempotency-Key": "k"}
    with pytest.raises(httpx2.TransportError):
        client.post(f"{CHECKOUT}/create", json=ORDER, headers=headers)
    assert client.post(f"{CHECKOUT}/create", json=ORDER, headers=headers).status_code == 200


# -- state --------------------------------------------------------------------------------------------------------


def test_a_snapshot_brings_everything_back(mock: RunningMock, client: httpx2.Client) -> None:
    session = checkout(client)
    snapshot = json.loads(json.dumps(mock.control.snapshot()))
    client.post(f"{CHECKOUT}/expire", json={"id": session["id"]})
    mock.control.advance(10)
    mock.control.restore(snapshot)
    assert (status_of(client, session), mock.control.now()) == ("open", NOW)
    mock.control.advance(3600)
    assert status_of(client, session) == "expired", "what was to become due is part of the state"


def test_a_snapshot_may_have_its_numbers_written_otherwise(mock: RunningMock, client: httpx2.Client) -> None:
    checkout(client)
    text = json.dumps(mock.control.snapshot())
    mock.control.restore(json.loads(text.replace(".0,", ",")))
    assert len(mock.control.resources()) == 1


def test_only_what_was_taken_is_put_back(mock: RunningMock, client: httpx2.Client) -> None:
    snapshot = mock.control.snapshot()
    with RunningMock("worldline", port=None) as other, pytest.raises(ControlError, match="mock of worldline"):
        other.control.restore(snapshot)
    changed = {**snapshot, "agenda": [[1.0, 1, {}]]}
    for wrong, status in ((changed, 409), ({**snapshot, "clock": {"now": -1, "frozen": True}}, 400), ({}, 400)):
        with pytest.raises(ControlError) as refused:
            mock.control.restore(wrong)
        assert refused.value.status == status
    assert client.post(f"{CHECKOUT}/create", json=ORDER).status_code == 200


def test_the_journal_goes_back_with_the_snapshot(mock: RunningMock, client: httpx2.Client) -> None:
    session = checkout(client)
    snapshot = mock.control.snapshot()
    status_of(client, session)
    mock.control.restore(snapshot)
    status_of(client, session)
    assert [entry["number"] for entry in mock.control.journal()] == [1, 2]


def test_the_newest_of_each_kind_are_listed(mock: RunningMock, client: httpx2.Client) -> None:
    for number in range(3):
        client.post(f"{DATA}/create", json={"referenceId": f"r-{number}"})
        checkout(client, referenceId=f"r-{number}")
    listed = client.get("/_tallystick/resources?limit=2").json()
    assert [(r["resource"], r["value"].get("referenceId")) for r in listed if r["resource"] != "consent"] == [
        ("dataSession", "r-1"),
        ("dataSession", "r-2"),
        ("checkoutSession", "r-1"),
        ("checkoutSession", "r-2"),
    ]
    assert len(mock.control.resources("dataSession")) == 3


def test_reset_forgets_everything(mock: RunningMock, client: httpx2.Client) -> None:
    checkout(client)
    mock.control.reset()
    assert mock.control.resources() == []
    assert mock.control.journal() == []
    assert client.post(f"{CHECKOUT}/create", json=ORDER).status_code == 200


def test_a_scenario_is_played(mock: RunningMock, client: httpx2.Client) -> None:
    given = mock.control.play("""
steps:
  - clock: {frozen: true, now: 1700000000}
  - as: order
    expect: 200
    call:
      method: POST
      path: /api/service/checkout/session/create
      headers: {X-Ivy-Api-Key: test-key}
      body: {referenceId: order-1, price: {currency: EUR, total: 5}}
  - event: {resource: checkoutSession, key: '{order#/id}', event: finish}
""")
    (record,) = mock.control.resources("checkoutSession")
    assert (record["state"], record["value"]["createdAt"]) == ("closed", "2023-11-14T22:13:20.000Z")
    assert [step["step"] for step in given] == [1, 2, 3]
    assert status_of(client, {"id": record["key"]}) == "closed"


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        ("steps: [", "line 2, column 1: not valid YAML"),
        ("steps:\n- {jump: 1}", "line 2, column 3: .*jump"),
        ("steps: [{advance: 1, fault: {kind: drop}}]", "At /steps/0: a step has just one of call, event"),
        ("steps: [{as: x}]", "At /steps/0: a step has just one of call, event"),
        ("steps: [{advance: '{x#/y}'}]", "line 1, column 10: .*number"),
        (f"a: &a [{'1,' * 500}]\nb: &b [{'*a,' * 500}]\nsteps: [{{call: {{body: *b}}}}]", "more than 200000 values"),
        (DROPPED, "Step 2: the connection was dropped"),
        ("steps: [{event: {resource: checkoutSession, key: x, event: finish}}]", "Step 1: There is no"),
        ("steps: [{event: {resource: checkoutSession, key: '{a#/b}', event: finish}}]", "leads nowhere"),
        ("steps: [{expect: 200, call: {method: GET, path: /nowhere}}]", "Step 1: the call was answered 404"),
    ],
)
def test_a_scenario_that_can_not_be_played_says_why(mock: RunningMock, scenario: str, message: str) -> None:
    with pytest.raises(ControlError, match=message):
        mock.control.play(scenario)


def test_names_that_nothing_has_are_told_with_those_that_there_are(mock: RunningMock, client: httpx2.Client) -> None:
    session = checkout(client)
    with pytest.raises(ControlError, match="no resource 'checkout'; there are dataSession, consent, checkoutSession"):
        mock.control.resources("checkout")
    with pytest.raises(ControlError, match="no resource 'checkout'; there are"):
        mock.control.happen("checkout", session["id"], "finish")
    with pytest.raises(ControlError, match="no event 'pay', but finish, fail, cancel"):
        mock.control.happen("checkoutSession", session["id"], "pay")


def test_a_scenario_says_what_it_says_in_utf_8_and_dates_are_texts(mock: RunningMock, client: httpx2.Client) -> None:
    (made,) = mock.control.play("""
steps:
  - call:
      method: POST
      path: /api/service/checkout/session/create
      headers: {X-Ivy-Api-Key: test-key}
      body: {referenceId: 2026-01-01, price: {currency: EUR, total: 5}, displayId: Grüße}
""")
    assert (made["result"]["referenceId"], made["result"]["displayId"]) == ("2026-01-01", "Grüße")
    refused = client.post("/_tallystick/scenario", content=b"\xff", headers={"Content-Type": "application/yaml"})
    assert (refused.status_code, refused.json()["message"]) == (400, "The scenario is not UTF-8, at byte 0.")


def test_the_surface_names_what_can_be_named(mock: RunningMock) -> None:
    told = httpx2.Client(base_url=mock.url, transport=mock.transport).get("/_tallystick/control.json").json()
    schemas = told["components"]["schemas"]
    assert "createCheckoutSession" in schemas["Fault"]["properties"]["operation"]["enum"]
    assert "checkoutSessionCompleted" in schemas["NewTarget"]["properties"]["events"]["items"]["enum"]
    resource, _, event = told["paths"]["/resources/{resource}/{key}/events/{event}"]["post"]["parameters"]
    assert resource["schema"]["enum"] == ["dataSession", "consent", "checkoutSession"]
    assert "finish" in event["schema"]["enum"]


# -- journal ------------------------------------------------------------------------------------------------------


def test_the_journal_masks_what_is_sensitive(mock: RunningMock, client: httpx2.Client) -> None:
    checkout(client, customer={"email": "jane@shop.example"})
    (entry,) = mock.control.journal()
    assert (entry["operation"], entry["status"]) == ("createCheckoutSession", 200)
    assert entry["body"]["referenceId"] == "order-1"
    text = json.dumps([entry, mock.control.resources()])
    assert "test-key" not in text
    assert "jane@shop.example" not in text
    mock.control.clear_journal()
    assert mock.control.journal() == []


def test_the_journal_keeps_long_bodies_by_their_length_alone(mock: RunningMock, client: httpx2.Client) -> None:
    long = json.dumps({"referenceId": "order-1", "metadata": {"long": "x" * 1_000_000}}).encode()
    for _ in range(20):
        client.post("/api/service/data/session/create", content=long, headers={"Content-Type": "application/json"})
    entries = mock.control.journal()
    assert {(entry["target"], entry["body"]) for entry in entries} == {
        ("/api/service/data/session/create", f"({len(long)} bytes)")
    }
    held = [found for found in gc.get_objects() if isinstance(found, Request) and len(found.body) == len(long)]
    assert held == []


def test_the_surface_describes_itself_and_refuses_what_it_does_not_know(mock: RunningMock) -> None:
    client = httpx2.Client(base_url=f"{mock.url}/_tallystick", transport=mock.transport)
    assert client.get("/control.json").json()["info"]["title"] == "Control surface of the mock"
    assert client.get("/openapi.json").json()["info"]["title"] == mock.app.mock.contract.title
    assert client.get("/nowhere").status_code == 404
    refused = client.delete("/clock")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, PUT")
    assert client.post("/faults", json={"kind": "earthquake"}).status_code == 400
    assert client.get("/assets/../control.yaml").status_code == 404
