"""What a handler is given: parameters of every style, bodies of every media type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Built, Recording, call, document, operation, query

LIST = {"type": "array", "items": {"type": "integer"}}
OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}
STYLES: list[tuple[str, str, bool, Any, str, Any]] = [
    ("query", "form", True, {"type": "integer"}, "?q=5", 5),
    ("query", "form", True, {"type": "string"}, "?q=5", "5"),
    ("query", "form", True, {"type": "boolean"}, "?q=true", True),
    ("query", "form", True, {"type": "number"}, "?q=1.5", 1.5),
    ("query", "form", True, LIST, "?q=1&q=2", [1, 2]),
    ("query", "form", False, LIST, "?q=1,2", [1, 2]),
    ("query", "form", False, {"type": "array", "items": {"type": "string"}}, "?q=a%2Cb,c", ["a,b", "c"]),
    ("query", "spaceDelimited", False, LIST, "?q=1%202", [1, 2]),
    ("query", "spaceDelimited", False, LIST, "?q=1+2", [1, 2]),
    ("query", "pipeDelimited", False, LIST, "?q=1%7C2", [1, 2]),
    ("query", "pipeDelimited", False, LIST, "?q=1|2", [1, 2]),
    ("query", "form", False, OBJECT, "?q=a,1,b,x", {"a": 1, "b": "x"}),
    ("query", "form", True, OBJECT, "?a=1&b=x", {"a": 1, "b": "x"}),
    ("query", "deepObject", True, OBJECT, "?q[a]=1&q%5Bb%5D=x", {"a": 1, "b": "x"}),
    ("path", "simple", False, {"type": "string"}, "/a%2Fb%20c", "a/b c"),
    ("path", "simple", False, LIST, "/1,2", [1, 2]),
    ("path", "simple", True, OBJECT, "/a=1,b=x", {"a": 1, "b": "x"}),
    ("path", "label", False, LIST, "/.1,2", [1, 2]),
    ("path", "label", True, LIST, "/.1.2", [1, 2]),
    ("path", "matrix", False, LIST, "/;q=1,2", [1, 2]),
    ("path", "matrix", True, LIST, "/;q=1;q=2", [1, 2]),
    ("path", "matrix", True, OBJECT, "/;a=1;b=x", {"a": 1, "b": "x"}),
    ("header", "simple", False, LIST, "1, 2", [1, 2]),
    ("header", "simple", True, OBJECT, "a=1,b=x", {"a": 1, "b": "x"}),
    ("cookie", "form", True, {"type": "integer"}, "q=7", 7),
]


@pytest.mark.parametrize(("place", "style", "explode", "schema", "sent", "value"), STYLES)
def test_a_parameter_arrives_as_its_value(
    build: Callable[..., Built], place: str, style: str, explode: bool, schema: Any, sent: str, value: Any
) -> None:
    parameter = {"name": "q", "in": place, "required": True, "style": style, "explode": explode, "schema": schema}
    path = "/things/{q}" if place == "path" else "/things"
    built = build(document({path: {"get": operation(parameters=[parameter])}}))
    things = Recording()
    headers = {"q": sent} if place == "header" else {"cookie": sent} if place == "cookie" else {}
    url = "/things" + (sent if place in ("query", "path") else "")
    answer = call(built.module.create_app(things=things), "GET", url, headers=headers)
    assert answer.status_code == 204, answer.text
    given = things.seen["q"]
    assert (given.to_dict() if hasattr(given, "to_dict") else given) == value


ABSENT: list[tuple[Any, Any, str]] = [
    ({"type": "integer", "default": 20}, 20, "int"),
    ({"type": "array", "items": {"type": "string"}, "default": ["a"]}, ["a"], "list[str]"),
    ({"type": ["string", "null"], "default": None}, None, "str | None"),
    ({"type": "integer", "default": "many"}, None, "int | None"),
    ({"type": "integer"}, None, "int | None"),
]


@pytest.mark.parametrize(("schema", "value", "annotation"), ABSENT)
def test_a_parameter_that_was_not_sent_has_its_default(
    build: Callable[..., Built], schema: Any, value: Any, annotation: str
) -> None:
    built = build(document({"/things": {"get": operation(parameters=[query(schema)])}}))
    things = Recording()
    assert call(built.module.create_app(things=things), "GET", "/things").status_code == 204
    assert things.seen["q"] == value
    assert f"q: {annotation}) -> None" in (built.folder / "handlers" / "things.py").read_text().replace(
        "Reply[None] | ", ""
    )


def given(build: Callable[..., Built], media: Any, /, *, required: bool = True, **sent: Any) -> tuple[int, Any]:
    """Send a body, and return the status and what the handler was given."""
    body = {"required": required, "content": media}
    built = build(document({"/things": {"post": operation(requestBody=body)}}))
    things = Recording()
    answer = call(built.module.create_app(things=things), "POST", "/things", **sent)
    value = things.seen.get("body")
    return answer.status_code, value.to_dict() if hasattr(value, "to_dict") else value


FORM = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"type": "integer"}, "list": LIST, "deep": OBJECT},
}


def test_json_arrives_as_a_model(build: Callable[..., Built]) -> None:
    content = {"application/vnd.shop+json": {"schema": OBJECT}}
    headers = {"content-type": "application/vnd.shop+json; charset=utf-8"}
    assert given(build, content, content=b'{"a": 1}', headers=headers) == (204, {"a": 1})


def test_a_form_arrives_as_a_model(build: Callable[..., Built]) -> None:
    encoding = {"deep": {"style": "deepObject", "explode": True}, "list": {"style": "form", "explode": False}}
    content = {"application/x-www-form-urlencoded": {"schema": FORM, "encoding": encoding}}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    sent = b"a=1&list=1,2&deep[a]=3&deep%5Bb%5D=x+y"
    expected = {"a": 1, "list": [1, 2], "deep": {"a": 3, "b": "x y"}}
    assert given(build, content, content=sent, headers=headers) == (204, expected)
    assert given(build, content, content=b"a=x", headers=headers)[0] == 400


def test_a_multipart_body_arrives_with_its_files(build: Callable[..., Built]) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "data": OBJECT, "file": {"type": "string", "format": "binary"}},
    }
    built = build(
        document(
            {"/things": {"post": operation(requestBody={"content": {"multipart/form-data": {"schema": schema}}})}},
            openapi="3.0.3",
        )
    )
    things = Recording()
    parts = {
        "file": ("x.bin", b"\xff\x00", "application/octet-stream"),
        "data": (None, b'{"a": 2}', "application/json"),
    }
    app = built.module.create_app(things=things)
    assert call(app, "POST", "/things", data={"a": "1"}, files=parts).status_code == 204
    body = things.seen["body"]
    assert (body.a, body.data.a, body.file) == (1, 2, b"\xff\x00")


def test_text_and_bytes_arrive_as_they_are(build: Callable[..., Built]) -> None:
    text = {"text/plain": {"schema": {"type": "string", "maxLength": 3}}}
    assert given(build, text, content="é!".encode(), headers={"content-type": "text/plain"}) == (204, "é!")
    assert given(build, text, content=b"long", headers={"content-type": "text/plain"})[0] == 400
    anything = {"application/octet-stream": {"schema": {}}}
    headers = {"content-type": "application/octet-stream"}
    assert given(build, anything, content=b"\xff", headers=headers) == (204, b"\xff")


def test_an_optional_body_may_be_absent(build: Callable[..., Built]) -> None:
    content = {"application/json": {"schema": OBJECT}}
    assert given(build, content, required=False) == (204, None)
    assert given(build, content, required=True)[0] == 400


def test_several_media_types_are_taken(build: Callable[..., Built]) -> None:
    content = {"application/json": {"schema": OBJECT}, "image/*": {"schema": {}}}
    assert given(build, content, json={"a": 1}) == (204, {"a": 1})
    assert given(build, content, content=b"\x89", headers={"content-type": "image/png"}) == (204, b"\x89")


@pytest.mark.parametrize(
    ("schema", "sent"),
    [({"type": "integer", "maximum": 3}, "4"), ({"type": "boolean"}, "1"), ({"enum": ["a"]}, "b"), (LIST, "x")],
)
def test_a_parameter_that_breaks_the_contract_is_refused(build: Callable[..., Built], schema: Any, sent: str) -> None:
    parameter = {"name": "q", "in": "query", "schema": schema}
    built = build(document({"/things": {"get": operation(parameters=[parameter])}}))
    app = built.module.create_app(things=Recording())
    assert call(app, "GET", f"/things?q={sent}").status_code == 400


def test_what_was_not_sent_is_none_or_refused(build: Callable[..., Built]) -> None:
    for required, status in ((False, 204), (True, 400)):
        parameter = {"name": "q", "in": "query", "required": required, "schema": {"type": "string"}}
        built = build(document({"/things": {"get": operation(parameters=[parameter])}}))
        things = Recording()
        assert call(built.module.create_app(things=things), "GET", "/things").status_code == status
        assert things.seen == ({} if required else {"q": None})


def test_a_read_only_member_need_not_be_sent(build: Callable[..., Built]) -> None:
    schema = {
        "type": "object",
        "required": ["id", "a"],
        "properties": {"id": {"type": "string", "readOnly": True}, "a": {"type": "integer"}},
    }
    assert given(build, {"application/json": {"schema": schema}}, json={"a": 1}) == (204, {"a": 1})


def test_hostile_paths_stay_text(build: Callable[..., Built]) -> None:
    parameter = {"name": "q", "in": "path", "required": True, "schema": {"type": "string"}}
    built = build(document({"/things/{q}/x:{r}": {"get": operation(parameters=[parameter])}}))
    things = Recording()
    app = built.module.create_app(things=things)
    assert call(app, "GET", "/things/..%2F..%2Fetc/x:1").status_code == 204
    assert things.seen == {"q": "../../etc", "r": "1"}  # whether it is declared or not
