"""Who is calling: each scheme shows its authenticator what it needs, and alternatives are alternatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from .conftest import Built, Recording, call, document, operation

Json = Any
SCHEMES: Json = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "key"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "digest": {"type": "http", "scheme": "digest"},
    "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://a.test", "scopes": {"r": ""}}}},
    "connect": {"type": "openIdConnect", "openIdConnectUrl": "https://a.test"},
    "certificate": {"type": "mutualTLS"},
}


class Asked:
    """An authenticator: remembers what it was shown; knows nobody who shows `wrong`."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def check(**shown: Any) -> str | None:
            self.seen[name] = shown
            return None if "wrong" in shown.values() else "someone"

        return check


def app(build: Callable[..., Built], security: Json) -> tuple[Any, Asked, Recording]:
    built = build(document({"/a": {"get": operation(security=security)}}, components={"securitySchemes": SCHEMES}))
    asked, things = Asked(), Recording()
    return built.module.create_app(authenticator=asked, things=things), asked, things


SHOWN: list[tuple[str, Json, Mapping[str, str], str, Json]] = [
    ("header", [], {"x-key": "k"}, "", {"key": "k"}),
    ("query", [], {}, "?key=a%2Fb", {"key": "a/b"}),
    ("cookie", [], {"cookie": "a=b; key=k"}, "", {"key": "k"}),
    ("basic", [], {"authorization": "Basic dTpwOnE="}, "", {"username": "u", "password": "p:q"}),
    ("bearer", [], {"authorization": "bearer t"}, "", {"token": "t"}),
    ("digest", [], {"authorization": "Digest a, b"}, "", {"credentials": "a, b"}),
    ("oauth", ["r"], {"authorization": "Bearer t"}, "", {"token": "t", "scopes": ("r",)}),
    ("connect", [], {"authorization": "Bearer t"}, "", {"token": "t", "scopes": ()}),
]


@pytest.mark.parametrize(("scheme", "scopes", "headers", "query", "shown"), SHOWN, ids=[s[0] for s in SHOWN])
def test_a_scheme_shows_what_it_needs(
    build: Callable[..., Built], scheme: str, scopes: Json, headers: Mapping[str, str], query: str, shown: Json
) -> None:
    served, asked, things = app(build, [{scheme: scopes}])
    assert call(served, "GET", f"/a{query}", headers=headers).status_code == 204
    assert asked.seen == {scheme: shown}
    assert things.seen == {"caller": "someone"}


@pytest.mark.parametrize("scheme", [s[0] for s in SHOWN])
def test_nobody_gets_in_without(build: Callable[..., Built], scheme: str) -> None:
    served, asked, things = app(build, [{scheme: []}])
    given = call(served, "GET", "/a")
    assert (given.status_code, asked.seen, things.seen) == (401, {}, {})
    assert ("www-authenticate" in given.headers) is (scheme not in ("header", "query", "cookie"))


def test_a_certificate_is_the_applications_affair(build: Callable[..., Built]) -> None:
    served, asked, _ = app(build, [{"certificate": []}])
    assert call(served, "GET", "/a?x=1", headers={"x-client": "c"}).status_code == 204
    request = asked.seen["certificate"]["request"]
    assert (request.method, request.target, request.headers["x-client"], request.body) == ("GET", "/a?x=1", "c", b"")
    assert "c" not in repr(request).partition("target")[2]


ALTERNATIVES: list[tuple[Json, Mapping[str, str], int]] = [
    ([{"header": []}, {"bearer": []}], {"authorization": "Bearer t"}, 204),
    ([{"header": []}, {"bearer": []}], {"x-key": "wrong"}, 401),
    ([{"header": []}, {"bearer": []}], {"x-key": "wrong", "authorization": "Bearer t"}, 204),
    ([{"header": [], "bearer": []}], {"authorization": "Bearer t"}, 401),
    ([{"header": [], "bearer": []}], {"authorization": "Bearer t", "x-key": "k"}, 204),
    ([{}, {"header": []}], {}, 204),
    ([{"basic": []}], {"authorization": "Basic !"}, 401),
]


@pytest.mark.parametrize(("security", "headers", "status"), ALTERNATIVES)
def test_alternatives(build: Callable[..., Built], security: Json, headers: Mapping[str, str], status: int) -> None:
    served, _, _ = app(build, security)
    assert call(served, "GET", "/a", headers=headers).status_code == status


def test_an_optional_caller_may_be_nobody(build: Callable[..., Built]) -> None:
    served, _, things = app(build, [{"header": []}, {}])
    call(served, "GET", "/a")
    assert things.seen == {"caller": None}
    call(served, "GET", "/a", headers={"x-key": "k"})
    assert things.seen == {"caller": "someone"}
