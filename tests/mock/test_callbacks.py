"""Callbacks: requests to addresses that a call has named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tallystick.contract.signing import default_credentials, load_signer
from tallystick.mock.running import RunningMock
from tallystick.mock.webhooks.posting import Reply
from tallystick.settings import find

NOW = 1_789_467_630.0
STREAMS = """
openapi: 3.1.0
info: {title: Streams, version: '1'}
paths:
  /streams/{name}:
    post:
      operationId: openStream
      parameters:
        - {name: name, in: path, required: true, schema: {type: string}}
        - {name: to, in: query, schema: {type: string}}
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {hooks: {type: array, items: {type: string}}}}
      responses:
        '201':
          description: d
          headers: {Location: {required: true, schema: {type: string, const: 'http://127.0.0.1:9/made'}}}
          content:
            application/json:
              schema:
                type: object
                required: [streamId, watch]
                properties: {streamId: {const: s-1}, watch: {const: 'http://127.0.0.1:9/watch'}}
        '409': {description: d}
      callbacks:
        data:
          '{$request.query.to}/data/{$request.path.name}':
            post: &event
              parameters: [{name: X-Kind, in: header, required: true, schema: {const: data}}]
              requestBody:
                content:
                  application/json:
                    schema:
                      type: object
                      required: [at, about]
                      properties:
                        at: {type: string, format: date-time}
                        about: {type: object, required: [streamId], properties: {streamId: {type: string}}}
              responses: {'2XX': {description: d}}
        hook:
          '{$request.body#/hooks/1}': {put: *event}
        header:
          $request.header.x-hook: {post: *event}
        made:
          '{$response.header.Location}?from={$method}': {post: *event}
          '{$response.body#/watch}': {post: *event}
"""
RECEIVER = """
openapi: 3.1.0
info: {title: Receiver, version: '1'}
paths:
  /data/{name}:
    post:
      parameters: [{name: name, in: path, required: true, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'204': {description: d}}
"""
Sent = list[tuple[str, str, Mapping[str, str], Any]]
Start = Callable[..., tuple[RunningMock, httpx2.Client, Sent]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Serve a document or contract and keep what it sends."""
    with ExitStack() as stack:

        def starting(document: str, **options: Any) -> tuple[RunningMock, httpx2.Client, Sent]:
            place = tmp_path / "streams.yaml"
            place.write_text(document)
            contract = str(place) if "\n" in document else document
            mock = stack.enter_context(RunningMock(contract, port=None, now=NOW, **options))
            sent: Sent = []

            async def post(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
                sent.append((method, url, dict(headers), json.loads(body)))
                return Reply(200)

            mock.app.mock.deliveries.post = post
            client = stack.enter_context(httpx2.Client(base_url=mock.url, transport=mock.transport))
            return mock, client, sent

        yield starting


def test_each_address_that_the_call_names_is_called(start: Start) -> None:
    mock, client, sent = start(STREAMS)
    asked = {"hooks": ["http://127.0.0.1:9/a", "http://localhost:9/b"]}
    headers = {"X-Hook": "http://[::1]:9/h"}
    made = client.post("/streams/n-1?to=http://127.0.0.2:9", json=asked, headers=headers)
    mock.control.flush()
    assert made.status_code == 201
    assert [(method, url) for method, url, _, _ in sent] == [
        ("POST", "http://127.0.0.2:9/data/n-1"),
        ("PUT", "http://localhost:9/b"),
        ("POST", "http://[::1]:9/h"),
        ("POST", "http://127.0.0.1:9/made?from=POST"),
        ("POST", "http://127.0.0.1:9/watch"),
    ]
    assert {headers["X-Kind"] for _, _, headers, _ in sent} == {"data"}
    assert {body["about"]["streamId"] for *_, body in sent} == {"s-1"}, "what the answer has is not made up"
    assert [d["webhook"] for d in mock.control.deliveries()][:2] == ["openStream.data", "openStream.hook"]


def test_an_address_that_is_not_there_is_not_called(start: Start) -> None:
    mock, client, sent = start(STREAMS)
    client.post("/streams/n-1")
    mock.control.flush()
    assert [url for _, url, _, _ in sent] == ["http://127.0.0.1:9/made?from=POST", "http://127.0.0.1:9/watch"]


def test_a_callback_whose_address_is_only_described_goes_to_the_targets(start: Start) -> None:
    mock, client, sent = start("""
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /medias:
    post:
      operationId: addMedia
      responses: {'201': {description: d}}
      callbacks:
        finished:
          The URL given in the portal:
            post:
              requestBody: {content: {application/json: {schema: {type: object, required: [a], properties: {a: {}}}}}}
              responses: {'200': {description: d}}
""")
    client.post("/medias")
    mock.control.flush()
    assert [d["state"] for d in mock.control.deliveries()] == ["no target"]
    mock.control.add_target("https://shop.example/hooks", copies=2)
    client.post("/medias")
    mock.control.flush()
    assert [(method, url) for method, url, _, _ in sent] == [("POST", "https://shop.example/hooks")] * 2


def test_a_call_that_fails_calls_nobody_back(start: Start) -> None:
    mock, client, _ = start(STREAMS)
    assert client.post("/streams/n-1", headers={"Prefer": "code=409"}).status_code == 409
    assert client.post("/streams/n-1", json={"hooks": 1}).status_code == 400
    assert mock.control.deliveries() == []


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.example",
        "http://127.0.0.1.shop.example",
        "http://127.0.0.1@shop.example",
        "http://10.0.0.1",
        "http://169.254.169.254",
        "file:///etc/passwd",
        "//127.0.0.1:9",
        "http://[",
        "http://127.0.0.1:9\\@shop.example",
        "http://2130706433",
    ],
)
def test_nobody_outside_of_this_machine_is_called_unasked(start: Start, address: str) -> None:
    mock, client, sent = start(STREAMS)
    client.post("/streams/n-1", params={"to": address})
    mock.control.flush()
    assert not any("/data/" in url for _, url, _, _ in sent)
    (refused,) = [d for d in mock.control.deliveries() if d["webhook"] == "openStream.data"]
    assert refused["state"] == "not allowed"
    assert "add a target" in refused["attempts"][0]["error"]


def test_the_host_of_a_target_may_be_called_as_the_target_says(start: Start) -> None:
    mock, client, sent = start(STREAMS)
    mock.control.add_target("https://shop.example/hooks", copies=2, late=10)
    client.post("/streams/n-1?to=https://shop.example:8443")
    mock.control.advance(9)
    assert not any("shop.example" in url for _, url, _, _ in sent)
    mock.control.advance(1)
    assert [url for _, url, _, _ in sent if "shop" in url] == ["https://shop.example:8443/data/n-1"] * 2


def test_a_callback_that_fails_is_repeated_and_can_be_sent_again(start: Start) -> None:
    mock, client, _ = start(STREAMS)
    answers = [500, 204, 204]

    async def post(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        return Reply(answers.pop(0) if "/data/" in url else 200)

    mock.app.mock.deliveries.post = post
    client.post("/streams/n-1?to=http://127.0.0.1:9")
    mock.control.flush()
    assert mock.control.deliveries()[0]["state"] == "waiting"
    mock.control.advance(5)
    delivery = mock.control.deliveries()[0]
    assert (delivery["state"], [a["status"] for a in delivery["attempts"]]) == ("delivered", [500, 204])
    assert len(mock.control.redeliver(delivery["id"])["attempts"]) == 3


def test_a_callback_arrives(start: Start, tmp_path: Path) -> None:
    (tmp_path / "receiver.yaml").write_text(RECEIVER)
    (tmp_path / "sender.yaml").write_text(STREAMS)
    with RunningMock(str(tmp_path / "receiver.yaml")) as receiver, RunningMock(str(tmp_path / "sender.yaml")) as mock:
        made = httpx2.post(f"{mock.url}/streams/n-1", params={"to": receiver.url})
        mock.control.flush()
        (received,) = receiver.control.journal()
        assert (made.status_code, received["target"], received["status"]) == (201, "/data/n-1", 204)
        assert received["body"]["about"] == {"streamId": "s-1"}


CHECKOUT = "/api/service/checkout/session/create"
EXPRESS = {
    "referenceId": "order-1",
    "price": {"currency": "EUR", "total": 10.23},
    "quoteCallbackUrl": "http://127.0.0.1:9/quote",
    "completeCallbackUrl": "http://127.0.0.1:9/complete",
}


def test_ivy_asks_the_merchant_when_the_user_has_finished(start: Start) -> None:
    mock, client, sent = start("ivy")
    session = client.post(CHECKOUT, json=EXPRESS, headers={"X-Ivy-Api-Key": "test-key"}).json()
    mock.control.flush()
    assert sent == []
    mock.control.happen("checkoutSession", session["id"], "finish")
    assert [url for _, url, _, _ in sent] == ["http://127.0.0.1:9/quote", "http://127.0.0.1:9/complete"]
    contract, folder = mock.app.mock.contract, find("ivy").folder
    signer = contract.security_schemes["webhookSignature"].signer
    assert signer is not None and folder is not None
    checker = load_signer(folder, signer)(**default_credentials(signer))
    delivery = mock.app.mock.deliveries.newest()[-2]
    moment = mock.app.mock.clock.moment()
    assert delivery.webhook == "createCheckoutSession.complete"
    body = delivery.body.encode()
    checker.verify(method="POST", target="/complete", headers=sent[1][2], body=body, now=moment)
    repeat = client.post(CHECKOUT, json=EXPRESS | {"referenceId": "order-2"}, headers={"X-Ivy-Api-Key": "test-key"})
    mock.control.happen("checkoutSession", repeat.json()["id"], "cancel")
    assert len(sent) == 2, "who cancels is not asked about"
