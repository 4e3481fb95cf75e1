"""The bank page and the front page, in a real browser."""

from __future__ import annotations

import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tallystick.mock.running import RunningMock

CHROMIUM = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
if CHROMIUM is None and not os.environ.get("CI"):
    pytest.skip("no browser is installed: apt-get install chromium", allow_module_level=True)

KEY = {"X-Ivy-Api-Key": "test-key"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(30_000)
    yield page
    page.close()


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """The merchant's own site, to which the browser comes back."""

    class Shop(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!DOCTYPE html><title>Shop</title><h1>Welcome back</h1>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def checkout(mock: RunningMock, shop: str, **members: Any) -> dict[str, Any]:
    asked = {
        "referenceId": "order-1",
        "price": {"currency": "EUR", "total": 10.23},
        "successCallbackUrl": f"{shop}/paid",
        "errorCallbackUrl": f"{shop}/failed?from=bank",
        **members,
    }
    answer = httpx2.post(f"{mock.url}/api/service/checkout/session/create", json=asked, headers=KEY)
    session: dict[str, Any] = answer.json()
    return session


def state(mock: RunningMock) -> str:
    (record,) = mock.control.resources("checkoutSession")
    return str(record["state"])


def test_a_user_pays_and_comes_back(page: Page, shop: str) -> None:
    with RunningMock("ivy") as mock:
        session = checkout(mock, shop, locale="en", market="DE")
        page.goto(session["redirectUrl"])
        assert page.get_by_role("heading", level=1).inner_text() == "Bank login (simulated)"
        page.get_by_label("Sample Savings DE").check()
        page.get_by_role("button", name="Log in and approve").click()
        page.wait_for_url(f"{shop}/paid?**")
        assert page.url == f"{shop}/paid?referenceId=order-1&order-id={session['id']}"
        assert page.get_by_role("heading").inner_text() == "Welcome back"
        assert state(mock) == "closed"
        sent = [d["webhook"] for d in mock.control.deliveries()]
        assert sent == ["checkoutSessionCreated", "checkoutSessionCompleted"]


def test_a_user_gives_up_in_german(page: Page, shop: str) -> None:
    with RunningMock("ivy") as mock:
        session = checkout(mock, shop, locale="de")
        page.goto(session["redirectUrl"])
        assert page.locator("html").get_attribute("lang") == "de"
        page.get_by_role("button", name="Abbrechen und zurück").click()
        page.wait_for_url(f"{shop}/failed?**")
        assert page.url == f"{shop}/failed?from=bank&referenceId=order-1&user_closed=true"
        assert state(mock) == "closed"


def test_a_legacy_user_logs_in(page: Page, shop: str) -> None:
    with RunningMock("ivy-legacy") as mock:
        asked = {"referenceId": "r-1", "permissions": ["identity"], "returnUrl": f"{shop}/back"}
        url = f"{mock.url}/api/service/data/session/create"
        session = httpx2.post(url, json=asked, headers=KEY).json()
        page.goto(session["redirectUrl"])
        page.get_by_role("button", name="Log in and approve").click()
        page.wait_for_url(f"{shop}/back?**")
        assert page.url.endswith(f"?referenceId=r-1&data-session-id={session['id']}&success=true")


def test_the_page_works_by_keyboard_and_every_control_has_a_name(page: Page, shop: str) -> None:
    with RunningMock("ivy") as mock:
        page.goto(checkout(mock, shop)["redirectUrl"])
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "bank"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{shop}/paid?**")


@pytest.mark.parametrize(
    ("end", "said"),
    [("expire", "This session is over. You can close this page."), ("unknown", "There is no such session.")],
)
def test_a_page_that_is_over_offers_nothing(page: Page, shop: str, end: str, said: str) -> None:
    with RunningMock("ivy") as mock:
        session = checkout(mock, shop, locale="en")
        if end == "expire":
            expire = f"{mock.url}/api/service/checkout/session/expire"
            httpx2.post(expire, json={"id": session["id"]}, headers=KEY)
        address = session["redirectUrl"] + ("" if end == "expire" else "x")
        answer = page.goto(address)
        assert answer is not None and answer.status == (200 if end == "expire" else 404)
        assert page.get_by_role("button").count() == 0
        assert page.get_by_role("status").all_inner_texts() == [said]


def test_the_front_page_shows_what_happens_and_asks_nobody_else(page: Page, shop: str) -> None:
    with RunningMock("ivy") as mock:
        asked: list[str] = []
        problems: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{mock.url}/")
        assert page.get_by_role("img").count() == 3
        checkout(mock, shop)
        page.get_by_text("POST /api/service/checkout/session/create").wait_for()
        page.get_by_role("button", name="cancel").click()
        page.get_by_role("cell", name="closed").wait_for()
        page.get_by_role("cell", name="no target").first.wait_for()
        mock.control.reset()
        page.get_by_role("cell", name="closed").wait_for(state="detached")
        checkout(mock, shop)
        page.get_by_text("POST /api/service/checkout/session/create").wait_for()
        page.get_by_role("link", name="Reference, to try out").click()
        page.get_by_text("Create a data session").first.wait_for()
        assert problems == []
        assert {url.split("/")[2] for url in asked if url.startswith("http")} == {mock.url.split("/")[2]}


def test_the_reference_tries_an_operation_out_with_the_key(page: Page) -> None:
    with RunningMock("ivy") as mock:
        page.goto(f"{mock.url}/_tallystick/reference")
        page.get_by_role("button", name="Authorize").click()
        page.get_by_role("textbox").first.fill("test-key")
        page.get_by_role("button", name="Apply").first.click()
        page.get_by_role("button", name="Close").last.click()
        operation = page.locator("#operations-dataSessions-createDataSession")
        operation.get_by_role("button").first.click()
        operation.get_by_role("button", name="Try it out").click()
        operation.get_by_role("button", name="Execute").click()
        operation.locator(".live-responses-table").get_by_role("cell", name="201", exact=True).wait_for()
        assert [record["state"] for record in mock.control.resources("dataSession")] == ["open"]
