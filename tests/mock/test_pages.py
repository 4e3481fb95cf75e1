"""The hosted page, as a browser asks for it; test_browser.py walks through it in one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tallystick.mock.running import RunningMock

from .conftest import NOW

CREATE = "/api/service/checkout/session/create"
ORDER = {"price": {"currency": "EUR", "total": 5}}


@pytest.fixture
def mock() -> Iterator[RunningMock]:
    with RunningMock("ivy", port=None, now=NOW) as running:
        yield running


@pytest.fixture
def client(mock: RunningMock) -> httpx2.Client:
    return httpx2.Client(base_url=mock.url, transport=mock.transport)


def opened(client: httpx2.Client, reference: str, key: str = "test-key", **members: Any) -> str:
    body = {**ORDER, "referenceId": reference, **members}
    session = client.post(CREATE, json=body, headers={"X-Ivy-Api-Key": key}).json()
    return str(session["redirectUrl"])


def text_of(page: httpx2.Response) -> str:
    return re.sub(r"<style>.*?</style>|<[^>]+>|\s+", " ", page.text, flags=re.DOTALL)


def test_a_choice_that_leads_nowhere_shows_what_came_of_it(client: httpx2.Client) -> None:
    page = client.post(opened(client, "r-1"), data={"event": "finish"})
    assert (page.status_code, "<button" in page.text) == (200, False)
    assert "closed" in text_of(page)
    assert "This session is over" in text_of(page)


def test_a_page_that_was_opened_twice_is_used_once(mock: RunningMock, client: httpx2.Client) -> None:
    url = opened(client, "r-1", successCallbackUrl="https://shop.example/ok")
    first, second = (client.post(url, data={"event": event}) for event in ("finish", "cancel"))
    assert (first.status_code, second.status_code) == (303, 409)
    assert "This session is over" in text_of(second)
    assert [d["webhook"] for d in mock.control.deliveries()] == ["checkoutSessionCreated", "checkoutSessionCompleted"]


def test_the_page_of_an_expired_session_says_so(mock: RunningMock, client: httpx2.Client) -> None:
    url = opened(client, "r-1")
    mock.control.advance(86_400)
    assert "expired" in text_of(client.get(url))
    assert client.post(url, data={"event": "finish"}).status_code == 409


def test_a_page_shows_its_own_tenants_session_alone(client: httpx2.Client) -> None:
    own, others = (opened(client, "r-1", key) for key in ("test-key", "test-other"))
    assert client.get(own).status_code == client.get(others).status_code == 200
    *_, tenant, _ = own.split("/")
    *start, _, key = others.split("/")
    assert client.get("/".join((*start, tenant, key))).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("de-AT", "de"),
        ("fr,de;q=0.5", "de"),
        ("en;q=0.1, de;q=0.9", "de"),
        ("de;q=0, en", "en"),
        ("en;q=oops, de;q=0.5", "en"),
        ("*", "en"),
        ("", "en"),
    ],
)
def test_the_page_is_in_the_language_that_the_browser_wants_most(
    client: httpx2.Client, wanted: str, language: str
) -> None:
    page = client.get(opened(client, "r-1"), headers={"Accept-Language": wanted})
    assert f'<html lang="{language}">' in page.text
