"""Lists in pages: each page is fetched when it is needed, and what was asked for is kept."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from .conftest import Shop, document, operation

Make = Callable[..., Shop]
TEXT = {"type": "string"}
THING = {"type": "object", "required": ["id"], "properties": {"id": TEXT}}
LIST = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}


def listing(schema: Any, *params: str, **more: Any) -> Any:
    parameters = [{"name": name, "in": "query", "schema": {"type": ["string", "integer"]}} for name in ("f", *params)]
    answer = {"description": "", "content": {"application/json": {"schema": schema}}, **more}
    op = operation(operationId="listThings", parameters=parameters, responses={"200": answer})
    return document({"/things": {"get": op}}, components={"schemas": {"Thing": THING}})


def envelope(items: str, **members: Any) -> Any:
    return {"type": "object", "properties": {items: LIST, **members}}


def things(*ids: str) -> list[dict[str, str]]:
    return [{"id": id_} for id_ in ids]


NESTED = {"type": "object", "properties": {"next_cursor": {"type": ["string", "null"]}}}
WAYS = {
    "cursor": (
        listing(envelope("data", next_cursor=TEXT), "cursor"),
        [{"data": things("a", "b"), "next_cursor": "n1"}, {"data": things("c")}],
        ["?f=x", "?f=x&cursor=n1"],
    ),
    "nested cursor": (
        listing(envelope("results", meta=NESTED), "page_token"),
        [{"results": things("a", "b"), "meta": {"next_cursor": "n 1"}}, {"results": things("c"), "meta": {}}],
        ["?f=x", "?f=x&page_token=n%201"],
    ),
    "address": (
        listing(envelope("data", next=TEXT), "cursor"),
        [{"data": things("a", "b"), "next": "https://evil.test/other?cursor=n1&f=x"}, {"data": things("c")}],
        ["?f=x", "?f=x&cursor=n1"],
    ),
    "last id": (
        listing(envelope("data", has_more={"type": "boolean"}), "starting_after"),
        [{"data": things("a", "b"), "has_more": True}, {"data": things("c"), "has_more": False}],
        ["?f=x", "?f=x&starting_after=b"],
    ),
    "page number": (
        listing(LIST, "page"),
        [things("a", "b"), things("c"), []],
        ["?f=x", "?f=x&page=2", "?f=x&page=3"],
    ),
    "offset": (
        listing(LIST, "offset"),
        [things("a", "b"), things("c"), []],
        ["?f=x", "?f=x&offset=2", "?f=x&offset=3"],
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_bar_14_items_of_all_pages(make: Make, way: str) -> None:
    doc, pages, targets = WAYS[way]
    shop = make(doc)

    async def later(client: Any) -> list[Any]:
        return [item async for item in client.things.list.items(f="x")]

    def call(client: Any) -> Any:
        return later(client) if client is shop.async_ else list(client.things.list.items(f="x"))

    answers = [httpx2.Response(200, json=page) for page in pages]
    assert [thing.id for thing in shop.both(call, *answers)] == ["a", "b", "c"]
    assert [request.url.raw_path.decode().removeprefix("/things") for request in shop.recorder.requests] == targets
    assert {request.url.host for request in shop.recorder.requests} == {"api.test"}


def test_bar_14_a_page_is_fetched_when_it_is_needed(make: Make) -> None:
    doc, pages, _ = WAYS["cursor"]
    shop = make(doc)
    shop.recorder.answers = [httpx2.Response(200, json=page) for page in pages]
    items = shop.sync.things.list.items(f="x")
    assert not shop.recorder.requests
    assert [thing.id for thing in itertools.islice(items, 2)] == ["a", "b"]
    assert len(shop.recorder.requests) == 1
    assert next(items).id == "c"
    assert len(shop.recorder.requests) == 2


def test_the_link_header(make: Make) -> None:
    shop = make(listing(LIST, headers={"Link": {"schema": TEXT}}))
    link = {"Link": '<https://api.test/things?after=9&f=x>; rel="next", <https://api.test/things>; rel="first"'}
    shop.recorder.answers = [httpx2.Response(200, json=things("a"), headers=link), httpx2.Response(200, json=[])]
    assert [len(page) for page in shop.sync.things.list.pages(f="x")] == [1, 0]
    assert shop.recorder.target == "/things?f=x&after=9"


def test_a_server_that_repeats_itself_ends_the_walk(make: Make) -> None:
    doc, pages, _ = WAYS["cursor"]
    shop = make(doc)
    shop.recorder.answers = [httpx2.Response(200, json=pages[0])]
    assert len(list(shop.sync.things.list.pages())) == 2


def test_an_ordinary_list_is_not_paged(make: Make) -> None:
    shop = make(listing(LIST))
    assert not hasattr(shop.sync.things.list, "items")
    page = asyncio.run(_one(shop))
    assert [thing.id for thing in page] == ["a"]


async def _one(shop: Shop) -> Any:
    shop.recorder.answers = [httpx2.Response(200, json=things("a"))]
    return await shop.async_.things.list()
