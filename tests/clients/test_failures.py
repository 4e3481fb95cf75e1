"""What happens when a call fails: classes, evidence, repeats, and what is never shown."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from .conftest import Shop, document

Make = Callable[..., Shop]
GENERATED = Path(__file__).parents[2] / "generated"
TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "properties": {"code": TEXT, "message": TEXT, "card": {"type": "string", "x-sensitive": True}},
}
KEY = {"header": "Idempotency-Key", "scope": "credential", "compares": "body", "replayed": "Idempotent-Replayed"}
IN_PROGRESS = {"name": "StillRunning", "when": {"/code": "running"}}
OTHER_BODY = {"name": "KeyReused", "when": {"/code": "reused"}}


def problem(*errors: Any) -> Any:
    answer: Any = {
        "description": "no",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return {**answer, "x-error": list(errors)} if errors else answer


def shop_document(**more: Any) -> Any:
    responses = {
        "200": {"description": "yes", "content": {"application/json": {"schema": TEXT}}},
        **{status: problem() for status in ("400", "401", "403", "404", "422", "423", "429", "500")},
        "409": problem(IN_PROGRESS, OTHER_BODY),
    }
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
    order = {"type": "object", "properties": {"card": {"type": "string", "x-sensitive": True}, "note": TEXT}}
    paths = {
        "/orders": {
            "get": {"operationId": "listOrders", "tags": ["orders"], "responses": responses},
            "post": {"operationId": "createOrder", "tags": ["orders"], "requestBody": body, "responses": responses},
            "put": {
                "operationId": "keyedOrder",
                "tags": ["orders"],
                "responses": responses,
                "requestBody": body,
                "x-idempotency": KEY,
            },
        }
    }
    paths["/keyed"] = {"post": {**paths["/orders"].pop("put"), "operationId": "submitOrder"}}
    return document(paths, components={"schemas": {"Problem": PROBLEM, "Order": order}}, **more)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits are noted, not waited."""
    waits: list[float] = []

    async def later(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("time.sleep", waits.append)
    monkeypatch.setattr("anyio.sleep", later)
    return waits


def failing(shop: Shop, client: Any, call: Callable[[Any], Any], *answers: httpx2.Response) -> Any:
    shop.recorder.requests.clear()
    shop.recorder.answers = list(answers)
    with pytest.raises(shop.module.ApiError) as caught:
        given = call(client)
        asyncio.run(given) if asyncio.iscoroutine(given) else None
    return caught.value


CLASSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableError",
    423: "LockedError",
    429: "RateLimitedError",
    500: "ServerError",
    503: "ServerError",
    418: "StatusError",
    520: "ServerError",
}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("status", "name"), CLASSES.items())
@pytest.mark.parametrize("side", ["sync", "async_"])
def test_bar_22_30_31_34_every_status_has_its_class(make: Make, status: int, name: str, side: str) -> None:
    shop = make(shop_document())
    answer = httpx2.Response(status, json={"code": "c", "message": "m"}, headers={"x-request-id": "r-1"})
    error = failing(shop, getattr(shop, side), lambda c: c.orders.list(), *[answer] * 4)
    assert type(error).__name__ == name
    assert isinstance(error, shop.module.StatusError)
    assert (error.status, error.request_id, error.method, error.operation) == (status, "r-1", "GET", "Orders.list")
    if status not in (418, 503, 520):  # typed where the contract types it
        assert (type(error.body).__name__, error.body.code) == ("Problem", "c")
    assert error.data == {"code": "c", "message": "m"}


def test_bar_35_the_message_fits_a_log_line(make: Make) -> None:
    shop = make(shop_document())
    answer = httpx2.Response(404, json={"code": "gone", "message": "no such order"}, headers={"x-request-id": "r-1"})
    error = failing(shop, shop.sync, lambda c: c.orders.list(), answer)
    assert str(error) == "GET /orders (Orders.list): 404 NotFoundError: gone: no such order [request id r-1]"


def test_bar_33_48_domain_errors_are_classes(make: Make) -> None:
    shop = make(shop_document())
    for code, name in (("running", "StillRunningError"), ("reused", "KeyReusedError"), ("else", "ConflictError")):
        error = failing(shop, shop.sync, lambda c: c.orders.submit(), httpx2.Response(409, json={"code": code}))
        assert type(error).__name__ == name
        assert isinstance(error, shop.module.ConflictError)
        assert error.idempotency_key == shop.recorder.last.headers["idempotency-key"]


def test_an_error_that_is_no_json_is_kept_as_text(make: Make) -> None:
    shop = make(shop_document())
    error = failing(shop, shop.sync, lambda c: c.orders.list(), httpx2.Response(404, text="<h1>nothing here</h1>"))
    assert (error.body, error.data) == (None, "<h1>nothing here</h1>")


@pytest.mark.parametrize("side", ["sync", "async_"])
def test_bar_32_the_cause_is_kept(make: Make, quick: list[float], side: str) -> None:
    shop = make(shop_document())

    def lose(request: httpx2.Request) -> httpx2.Response:
        shop.recorder.requests.append(request)
        raise httpx2.ReadTimeout("too late", request=request)

    mocked = httpx2.MockTransport(lose)
    kind = httpx2.Client if side == "sync" else httpx2.AsyncClient
    client = type(getattr(shop, side))(base_url="https://api.test", http_client=kind(transport=mocked))
    error = failing(shop, client, lambda c: c.orders.list())
    assert isinstance(error, shop.module.TimedOutError)
    assert isinstance(error.__cause__, httpx2.ReadTimeout)
    assert (error.attempts, len(shop.recorder.requests), len(quick)) == (3, 3, 2)
    error = failing(shop, client, lambda c: c.orders.create())  # bar 38: perhaps done, so never twice
    assert (error.attempts, len(shop.recorder.requests)) == (1, 1)
    error = failing(shop, client, lambda c: c.orders.submit())
    keys = {request.headers["idempotency-key"] for request in shop.recorder.requests}
    assert (error.attempts, len(shop.recorder.requests), keys) == (3, 3, {error.idempotency_key})


@pytest.mark.parametrize("side", ["sync", "async_"])
def test_bar_37_39_retries_wait_as_asked_and_are_visible(
    make: Make, quick: list[float], caplog: pytest.LogCaptureFixture, side: str
) -> None:
    shop = make(shop_document())
    shop.recorder.answers = [httpx2.Response(429, headers={"retry-after": "7"}), httpx2.Response(200, json="yes")]
    with caplog.at_level(logging.INFO):
        given = getattr(shop, side).orders.create.raw(note="n")
        raw = asyncio.run(given) if asyncio.iscoroutine(given) else given
    assert (raw.attempts, raw.parse(), quick) == (2, "yes", [7.0])
    assert [r.getMessage() for r in caplog.records if r.name.startswith("shop")] == [
        "Orders.create: status 429 on attempt 1, again in 7.00 s"
    ]


def test_bar_46_47_the_key_is_given_or_made_up_and_a_replay_is_visible(make: Make) -> None:
    shop = make(shop_document())
    shop.recorder.answers = [httpx2.Response(200, json="yes", headers={"Idempotent-Replayed": "true"})]
    raw = shop.sync.orders.submit.raw(idempotency_key="mine")
    assert (shop.recorder.last.headers["idempotency-key"], raw.idempotency_key, raw.replayed) == (
        "mine",
        "mine",
        True,
    )
    raw = shop.sync.orders.submit.with_options(idempotency_key="other").raw()
    assert shop.recorder.last.headers["idempotency-key"] == "other"
    made_up = shop.sync.orders.submit.raw().idempotency_key
    assert len(made_up) == 36


def test_a_key_where_the_contract_has_none_is_refused(make: Make) -> None:
    shop = make(shop_document())
    with pytest.raises(shop.module.RequestValidationError, match="declares no idempotency key"):
        shop.sync.orders.create.with_options(idempotency_key="k")()


REPEATED = """
import httpx2
from ivy_api import Ivy, RateLimitedError

transport = httpx2.MockTransport(lambda _: httpx2.Response(429, headers={"retry-after": "0"}))
client = Ivy(api_key="k", base_url="http://ivy.test", http_client=httpx2.Client(transport=transport))
try:
    client.accounts.list(session_id="s")
except RateLimitedError:
    pass
"""


@pytest.mark.parametrize(("level", "said"), [("", []), ("warning", []), ("info", ["INFO:ivy_api:Accounts.list"] * 2)])
def test_bar_41_logging_is_quiet_until_a_variable_asks(level: str, said: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(GENERATED), "IVY_LOG": level}
    done = subprocess.run(
        [sys.executable, "-c", REPEATED], env=environment, capture_output=True, text=True, check=True
    )
    assert (done.stdout, [line.partition(": ")[0] for line in done.stderr.splitlines()]) == ("", said)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("side", ["sync", "async_"])
def test_bar_41_42_43_nothing_secret_is_shown(
    make: Make, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, side: str
) -> None:
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    doc = shop_document(security=[{"key": []}])
    doc["components"]["securitySchemes"] = schemes
    secret, card = "sk_live_51xyz", "4111111111111111"
    shop = make(doc, key=secret)
    client = getattr(shop, side)
    said = {"code": "bad", "message": f"key {secret} may not charge {card}"}
    with caplog.at_level(logging.DEBUG):
        error = failing(shop, client, lambda c: c.orders.submit(card=card), httpx2.Response(400, json=said))
        lost = failing(shop, client, lambda c: c.orders.list(), *[httpx2.Response(503, json={"code": secret})] * 3)
        typed = failing(
            shop, client, lambda c: c.orders.list(), httpx2.Response(400, json={"code": "bad", "card": card})
        )
    assert typed.body.card == card
    shown = [str(error), repr(error), str(lost), repr(error.response), repr(typed.body), repr(client.facts)]
    shown += [repr(client.orders.submit.exchange(card=card)), caplog.text, *capfd.readouterr()]
    assert "key *** may not charge ***" in str(error)
    for text in shown:
        assert secret not in text
        assert card not in text
