"""How clients are made, told things, copied and closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from .conftest import Shop, document, operation

Make = Callable[..., Shop]
PATHS = {"/things": {"get": operation()}}
SCHEMES = {
    "header": ({"type": "apiKey", "in": "header", "name": "X-Key"}, {"header": "s"}, "x-key", "s"),
    "bearer": ({"type": "http", "scheme": "bearer"}, {"bearer": "s"}, "authorization", "Bearer s"),
    "basic": ({"type": "http", "scheme": "basic"}, {"username": "u", "password": "p"}, "authorization", "Basic dTpw"),
    "oauth": (
        {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://t", "scopes": {}}}},
        {"oauth": "s"},
        "authorization",
        "Bearer s",
    ),
    "open_id": (
        {"type": "openIdConnect", "openIdConnectUrl": "https://o"},
        {"open_id": "s"},
        "authorization",
        "Bearer s",
    ),
    "other": ({"type": "http", "scheme": "custom"}, {"other": "s"}, "authorization", "Custom s"),
    "cookie": ({"type": "apiKey", "in": "cookie", "name": "sid"}, {"cookie": "s"}, "cookie", "sid=s"),
}


def secured(*names: str, **more: Any) -> Any:
    schemes = {name: SCHEMES[name][0] for name in names}
    return document(PATHS, components={"securitySchemes": schemes}, security=[{n: []} for n in names], **more)


@pytest.mark.parametrize("name", SCHEMES)
def test_bar_3_each_security_scheme(make: Make, name: str) -> None:
    _, given, header, expected = SCHEMES[name]
    shop = make(secured(name), **given)
    shop.both(lambda client: client.things.run())
    assert shop.recorder.last.headers[header] == expected


def test_a_key_in_the_query(make: Make) -> None:
    scheme = {"type": "apiKey", "in": "query", "name": "key"}
    shop = make(document(PATHS, components={"securitySchemes": {"k": scheme}}, security=[{"k": []}]), k="a&b")
    shop.both(lambda client: client.things.run())
    assert shop.recorder.target == "/things?key=a%26b"


def test_a_secret_may_be_asked_for_before_every_request(make: Make) -> None:
    tokens = iter(["one", "two"])
    shop = make(secured("bearer"), bearer=lambda: next(tokens))
    shop.sync.things.run()
    shop.sync.things.run()
    assert [r.headers["authorization"] for r in shop.recorder.requests] == ["Bearer one", "Bearer two"]


def test_bar_3_missing_credentials_are_named(make: Make) -> None:
    shop = make(secured("header", "basic"), "shop")
    expected = (
        r"GET /things \(Things.run\): credentials needed: header=... \(or SHOP_HEADER\) or "
        r"username=... \(or SHOP_USERNAME\) and password=... \(or SHOP_PASSWORD\)"
    )
    with pytest.raises(shop.module.MissingCredentialsError, match=expected):
        shop.sync.things.run()


def test_security_of_an_operation(make: Make) -> None:
    paths = {
        "/open": {"get": operation(operationId="open", security=[])},
        "/either": {"get": operation(operationId="either", security=[{"basic": []}, {"header": []}])},
        "/both": {"get": operation(operationId="together", security=[{"basic": [], "header": []}])},
    }
    schemes = {name: SCHEMES[name][0] for name in ("header", "basic")}
    shop = make(document(paths, components={"securitySchemes": schemes}, security=[{"header": []}]), header="s")
    shop.both(lambda client: client.things.open())
    assert "x-key" not in shop.recorder.last.headers
    shop.both(lambda client: client.things.either())
    assert shop.recorder.last.headers["x-key"] == "s"
    with pytest.raises(shop.module.MissingCredentialsError):
        shop.sync.things.together()


def test_bar_4_configuration_from_the_environment(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make(secured("header", servers=[{"url": "https://a.test"}, {"url": "https://b.test"}]), "shop")
    client = httpx2.Client(transport=httpx2.MockTransport(shop.recorder))
    monkeypatch.setenv("SHOP_HEADER", "from-env")
    monkeypatch.setenv("SHOP_BASE_URL", "https://env.test/base/")
    shop.module.Shop(http_client=client).things.run()
    assert (str(shop.recorder.last.url), shop.recorder.last.headers["x-key"]) == (
        "https://env.test/base/things",
        "from-env",
    )
    shop.module.Shop(http_client=client, header="argument", base_url="https://arg.test").things.run()
    assert (str(shop.recorder.last.url), shop.recorder.last.headers["x-key"]) == (
        "https://arg.test/things",
        "argument",
    )
    monkeypatch.delenv("SHOP_BASE_URL")
    monkeypatch.setenv("SHOP_ENVIRONMENT", "b_test")
    shop.module.Shop(http_client=client).things.run()
    assert str(shop.recorder.last.url) == "https://b.test/things"


def test_bar_7_environments_by_name(make: Make) -> None:
    servers = [
        {"url": "https://live.test", "description": "Live"},
        {"url": "https://box.test", "description": "Sandbox"},
    ]
    shop = make(document(PATHS, servers=servers), "shop")
    client = httpx2.Client(transport=httpx2.MockTransport(shop.recorder))
    for environment, address in ((None, "live"), ("live", "live"), ("sandbox", "box")):
        shop.module.Shop(http_client=client, environment=environment).things.run()
        assert str(shop.recorder.last.url) == f"https://{address}.test/things"
    with pytest.raises(ValueError, match="either base_url or environment"):
        shop.module.Shop(environment="live", base_url="https://x.test")
    with pytest.raises(ValueError, match="no environment 'moon': there are live, sandbox"):
        shop.module.Shop(environment="moon")


def test_a_relative_server_needs_a_base_url(make: Make) -> None:
    shop = make(document(PATHS, servers=[{"url": "/v1"}]), "shop")
    with pytest.raises(ValueError, match="give base_url: the contract only says '/v1'"):
        shop.module.Shop()


def test_bar_12_options_of_one_call_are_on_the_wire(make: Make) -> None:
    body = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    shop = make(document({"/things": {"post": operation(requestBody=body)}}))
    options: Any = {"headers": {"X-More": "1"}, "query": {"q": True}, "body": {"m": 1}, "timeout": 3.0}
    shop.both(lambda client: client.things.run.with_options(**options)(body={"a": 2}))
    request = shop.recorder.last
    assert (request.headers["x-more"], shop.recorder.target) == ("1", "/things?q=true")
    assert request.content == b'{"a": 2, "m": 1}'
    assert request.extensions["timeout"] == {"connect": 3.0, "read": 3.0, "write": 3.0, "pool": 3.0}


def test_bar_8_a_copy_differs_and_shares_connections(make: Make) -> None:
    shop = make(document(PATHS))
    copy = shop.sync.with_options(headers={"X-Copy": "1"})
    copy.things.run()
    assert shop.recorder.last.headers["x-copy"] == "1"
    shop.sync.things.run()
    assert "x-copy" not in shop.recorder.last.headers
    copy.close()
    shop.sync.things.run()
    assert copy.transport is shop.sync.transport


def test_bar_2_connections_of_ours_are_closed_also_on_error(make: Make) -> None:
    shop = make(document(PATHS), "shop")
    with pytest.raises(ZeroDivisionError), shop.module.Shop(base_url="https://api.test") as client:
        1 / 0  # noqa: B018
    assert client.transport.client.is_closed

    async def later() -> Any:
        async with shop.module.AsyncShop(base_url="https://api.test") as client:
            copy = client.with_options(retries=0)
            await copy.close()
            assert not client.transport.client.is_closed
        return client

    assert asyncio.run(later()).transport.client.is_closed


def test_bar_5_6_a_client_of_yours_keeps_its_settings_and_stays_open(make: Make) -> None:
    shop = make(document(PATHS), "shop")
    own = httpx2.Client(
        transport=httpx2.MockTransport(shop.recorder), timeout=httpx2.Timeout(1.0, read=9.0), headers={"X-Own": "1"}
    )
    with shop.module.Shop(base_url="https://api.test", http_client=own) as client:
        client.things.run()
    assert shop.recorder.last.extensions["timeout"] == {"connect": 1.0, "read": 9.0, "write": 1.0, "pool": 1.0}
    assert shop.recorder.last.headers["x-own"] == "1"
    assert not own.is_closed
    shop.module.Shop(base_url="https://api.test", http_client=own, timeout=2.0).things.run()
    assert shop.recorder.last.extensions["timeout"]["read"] == 2.0


def test_bar_13_phases_have_timeouts_of_their_own(make: Make) -> None:
    shop = make(document(PATHS), "shop", timeout=5.0)
    timeout = shop.module.Timeout(connect=1.0, read=2.0, write=3.0, pool=None)
    shop.both(lambda c: c.with_options(timeout=timeout).things.run())
    assert shop.recorder.last.extensions["timeout"] == {"connect": 1.0, "read": 2.0, "write": 3.0, "pool": None}


def test_bar_45_the_user_agent_says_who_and_takes_your_own_name(make: Make) -> None:
    shop = make(document(PATHS), "shop", user_agent="till/3")
    shop.sync.things.run()
    assert shop.recorder.last.headers["user-agent"].startswith("till/3 shop/1.2 python/3.")


def test_bar_17_calls_that_no_method_offers(make: Make) -> None:
    shop = make(secured("bearer"), "shop", bearer="t")
    call = __import__("shop._runtime.call", fromlist=["Call"]).Call
    result = shop.both(
        lambda client: client.send(call("GET", "/hidden/{id}", {200: dict[str, int]}, params={"id": "1"})),
        httpx2.Response(200, json={"a": 1}),
    )
    assert result == {"a": 1}
    assert (shop.recorder.target, shop.recorder.last.headers["authorization"]) == ("/hidden/1", "Bearer t")


def test_bar_18_deprecated_operations_warn(make: Make) -> None:
    shop = make(document({"/things": {"get": operation(deprecated=True)}}))
    for client in (shop.sync, shop.async_):
        with pytest.warns(DeprecationWarning, match="Things.run is deprecated"):
            client.things.run  # noqa: B018
    assert "Deprecated" in type(shop.sync.things).run.__doc__
