"""What parameters look like on the wire, style by style, for both clients."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx2
import pytest

from .conftest import Shop, document, operation

Make = Callable[..., Shop]
STRINGS = {"type": "array", "items": {"type": "string"}}
PAIRS = {"type": "object", "additionalProperties": {"type": "integer"}}
ID = UUID("0b8cd2f9-93a4-4d6a-9b57-4f1f0a3f7b1c")


def with_parameter(place: str, schema: Any, path: str = "/things", **more: Any) -> Any:
    parameter = {"name": "p", "in": place, "required": place == "path", "schema": schema, **more}
    return document({path: {"get": operation(parameters=[parameter])}})


QUERIES = [
    pytest.param({"type": "string"}, {}, "a b&c", "p=a%20b%26c", id="string"),
    pytest.param({"type": "boolean"}, {}, True, "p=true", id="boolean"),
    pytest.param({"type": "integer"}, {}, 7, "p=7", id="integer"),
    pytest.param({"type": "number"}, {}, 0.5, "p=0.5", id="number"),
    pytest.param({"type": ["string", "integer"]}, {}, 5, "p=5", id="integer or string"),
    pytest.param({"type": ["string", "integer"]}, {}, "5", "p=5", id="string or integer"),
    pytest.param(
        {"type": "string", "format": "date-time"},
        {},
        datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
        "p=2030-01-02T03%3A04%3A05Z",
        id="date-time",
    ),
    pytest.param({"type": "string", "format": "date"}, {}, date(2030, 1, 2), "p=2030-01-02", id="date"),
    pytest.param({"type": "string", "format": "duration"}, {}, timedelta(hours=1), "p=PT1H", id="duration"),
    pytest.param({"type": "string", "format": "uuid"}, {}, ID, f"p={ID}", id="uuid"),
    pytest.param({"type": "string", "format": "decimal"}, {}, Decimal("1.10"), "p=1.10", id="decimal"),
    pytest.param(STRINGS, {}, ["a", "b,c"], "p=a&p=b%2Cc", id="form exploded"),
    pytest.param(STRINGS, {"explode": False}, ["a", "b,c"], "p=a,b%2Cc", id="form"),
    pytest.param(STRINGS, {"style": "pipeDelimited", "explode": False}, ["a", "b"], "p=a%7Cb", id="pipes"),
    pytest.param(STRINGS, {"style": "spaceDelimited", "explode": False}, ["a", "b"], "p=a%20b", id="spaces"),
    pytest.param(PAIRS, {}, {"x": 1, "y": 2}, "x=1&y=2", id="object exploded"),
    pytest.param(PAIRS, {"explode": False}, {"x": 1, "y": 2}, "p=x,1,y,2", id="object"),
    pytest.param(
        PAIRS, {"style": "deepObject", "explode": True}, {"x": 1, "y": 2}, "p%5Bx%5D=1&p%5By%5D=2", id="deepObject"
    ),
    pytest.param({"type": "string"}, {"allowReserved": True}, "a/b?c", "p=a/b?c", id="reserved"),
]


@pytest.mark.parametrize(("schema", "more", "value", "expected"), QUERIES)
def test_query_parameters(make: Make, schema: Any, more: Any, value: Any, expected: str) -> None:
    shop = make(with_parameter("query", schema, **more))
    shop.both(lambda client: client.things.run(p=value))
    assert shop.recorder.target == f"/things?{expected}"
    shop.both(lambda client: client.things.run())
    assert shop.recorder.target == "/things"


def test_a_query_parameter_with_json_content(make: Make) -> None:
    parameter = {"name": "p", "in": "query", "content": {"application/json": {"schema": PAIRS}}}
    shop = make(document({"/things": {"get": operation(parameters=[parameter])}}))
    shop.both(lambda client: client.things.run(p={"x": 1}))
    assert shop.recorder.target == "/things?p=%7B%22x%22%3A1%7D"


PATHS = [
    pytest.param({"type": "string"}, {}, "a/b ?", "a%2Fb%20%3F", id="string"),
    pytest.param(STRINGS, {}, ["a", "b"], "a,b", id="simple list"),
    pytest.param(PAIRS, {}, {"x": 1}, "x,1", id="simple object"),
    pytest.param(PAIRS, {"explode": True}, {"x": 1, "y": 2}, "x=1,y=2", id="simple object exploded"),
    pytest.param({"type": "string"}, {"style": "label"}, "a", ".a", id="label"),
    pytest.param(STRINGS, {"style": "label"}, ["a", "b"], ".a,b", id="label list"),
    pytest.param(STRINGS, {"style": "label", "explode": True}, ["a", "b"], ".a.b", id="label list exploded"),
    pytest.param({"type": "integer"}, {"style": "matrix"}, 5, ";p=5", id="matrix"),
    pytest.param(STRINGS, {"style": "matrix"}, ["a", "b"], ";p=a,b", id="matrix list"),
    pytest.param(STRINGS, {"style": "matrix", "explode": True}, ["a", "b"], ";p=a;p=b", id="matrix list exploded"),
    pytest.param(
        PAIRS, {"style": "matrix", "explode": True}, {"x": 1, "y": 2}, ";x=1;y=2", id="matrix object exploded"
    ),
]


@pytest.mark.parametrize(("schema", "more", "value", "expected"), PATHS)
def test_path_parameters(make: Make, schema: Any, more: Any, value: Any, expected: str) -> None:
    shop = make(with_parameter("path", schema, path="/things/{p}/end", **more))
    shop.both(lambda client: client.things.run(p=value))
    assert shop.recorder.target == f"/things/{expected}/end"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_bar_16_a_path_parameter_cannot_change_the_path(make: Make, value: str) -> None:
    shop = make(with_parameter("path", {"type": "string"}, path="/things/{p}"))
    for client in (shop.sync, shop.async_):
        with pytest.raises(shop.module.RequestValidationError, match=r"p: '.*' cannot stand in a path"):
            shop.both(lambda _, client=client: client.things.run(p=value))
    assert not shop.recorder.requests


HEADERS = [
    pytest.param({"type": "string"}, {}, "a b", "a b", id="string"),
    pytest.param({"type": "boolean"}, {}, False, "false", id="boolean"),
    pytest.param(STRINGS, {}, ["a", "b"], "a,b", id="list"),
    pytest.param(PAIRS, {}, {"x": 1}, "x,1", id="object"),
    pytest.param(PAIRS, {"explode": True}, {"x": 1, "y": 2}, "x=1,y=2", id="object exploded"),
]


@pytest.mark.parametrize(("schema", "more", "value", "expected"), HEADERS)
def test_header_parameters(make: Make, schema: Any, more: Any, value: Any, expected: str) -> None:
    shop = make(with_parameter("header", schema, **more))
    shop.both(lambda client: client.things.run(p=value))
    assert shop.recorder.last.headers["p"] == expected


def test_header_parameters_with_names_that_python_keeps_for_itself(make: Make) -> None:
    names = ["class", "from", "X-Request-ID", "self"]
    parameters = [{"name": n, "in": "header", "schema": {"type": "string"}} for n in names]
    shop = make(document({"/things": {"get": operation(parameters=parameters)}}))
    shop.both(lambda client: client.things.run(class_="c", from_="f", x_request_id="r", self_="s"))
    assert [shop.recorder.last.headers[n] for n in names] == ["c", "f", "r", "s"]


def test_a_header_value_cannot_start_another_header(make: Make) -> None:
    shop = make(with_parameter("header", {"type": "string"}))
    with pytest.raises(shop.module.RequestValidationError, match="p: a header value has to be printable"):
        shop.sync.things.run(p="a\r\nx-admin: true")


def test_cookie_parameters(make: Make) -> None:
    shop = make(with_parameter("cookie", {"type": "string"}))
    shop.both(lambda client: client.things.run(p="a;b"))
    assert shop.recorder.last.headers["cookie"] == "p=a%3Bb"


def test_parameters_of_one_name_in_several_places(make: Make) -> None:
    places = ("path", "query", "header", "cookie")
    parameters = [{"name": "id", "in": p, "required": True, "schema": {"type": "string"}} for p in places]
    shop = make(document({"/things/{id}": {"get": operation(parameters=parameters)}}))
    shop.both(lambda client: client.things.run(id="p", query_id="q", header_id="h", cookie_id="c"))
    assert shop.recorder.target == "/things/p?id=q"
    assert (shop.recorder.last.headers["id"], shop.recorder.last.headers["cookie"]) == ("h", "id=c")


def test_server_variables(make: Make) -> None:
    region = {"default": "eu", "enum": ["eu", "us"]}
    servers = [
        {"url": "https://{region}.api.test/{version}", "variables": {"region": region, "version": {"default": "v1"}}}
    ]
    shop = make(
        document({"/things": {"get": operation()}}, servers=servers), base_url="https://else.test", region="us"
    )
    client = type(shop.sync)(region="us", http_client=httpx2.Client(transport=httpx2.MockTransport(shop.recorder)))
    client.things.run()
    assert str(shop.recorder.last.url) == "https://us.api.test/v1/things"


def test_a_placeholder_that_nothing_declares_is_an_argument(make: Make) -> None:
    known = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    shop = make(document({"/things/{id}/{part-no}": {"get": operation(parameters=[known])}}))
    shop.both(lambda client: client.things.run(id=1, part_no="a b"))
    assert shop.recorder.target == "/things/1/a%20b"
    assert [f.id for f in shop.plan.findings] == ["path-parameter-implied"]


def test_a_placeholder_that_nothing_declares_is_an_argument_behind_a_reference_to_a_path_item(make: Make) -> None:
    reference = {"$ref": "#/components/pathItems/thing"}
    item = {"get": operation()}
    shop = make(document({"/things/{id}": reference}, components={"pathItems": {"thing": item}}))
    shop.both(lambda client: client.things.run(id="a b"))
    assert shop.recorder.target == "/things/a%20b"
    assert [f.id for f in shop.plan.findings] == ["path-parameter-implied"]


def test_what_one_path_implies_is_none_of_another_that_shares_its_path_item(make: Make) -> None:
    paths = {"/things/{id}": {"get": operation()}, "/things/{name}/again": {"$ref": "#/paths/~1things~1{id}"}}
    told = [f.message for f in make(document(paths)).plan.findings if f.id == "path-parameter-implied"]
    assert [text.partition(",")[0] for text in told] == [
        "GET /things/{id}: nothing declares 'id'",
        "GET /things/{name}/again: nothing declares 'name'",
    ]
