"""What any server must get right before the contract's own rules: methods, media types, hostile input."""

from __future__ import annotations

import json

import pytest

from tallystick.mock.app import MAX_BODY

from .conftest import Serve

CREATE = "/api/service/data/session/create"
BODY = {"referenceId": "r-1"}


def test_an_unknown_path_is_the_providers_not_found(serve: Serve) -> None:
    reply = serve("ivy").post("/nowhere", BODY)
    assert (reply.status, reply.json()["code"]) == (404, "NOT_FOUND")


def test_a_method_that_is_not_declared_names_those_that_are(serve: Serve) -> None:
    reply = serve("ivy").get(CREATE)
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert list(reply.json()) == ["message"]


def test_a_preflight_is_answered(serve: Serve) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    reply = serve("ivy")("OPTIONS", CREATE, headers=asked)
    assert reply.status == 204
    assert reply.headers["access-control-allow-methods"] == "POST"


@pytest.mark.parametrize(
    "body",
    [
        b'{"referenceId":',
        b"\xff\xfe",
        b'{"referenceId": NaN}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"referenceId": "\\ud800"}',
        b"1" * 5000,
        b"",
    ],
)
def test_a_malformed_body_is_refused(serve: Serve, body: bytes) -> None:
    reply = serve("ivy")("POST", CREATE, body, headers={"content-type": "application/json"})
    assert (reply.status, reply.json()["code"]) == (400, "VALIDATION")


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        (b"\x1f\x8b\x08", {"content-encoding": "gzip"}, "The body is encoded with gzip; only identity is taken."),
        (b'{"referenceId": "\xff"}', {}, "The body is not UTF-8, at byte 17."),
        (b'{"referenceId": "' + b"a" * 5000 + b'"}', {}, 'aaa" is longer than 200 characters'),
        (b"{", {}, "The body is not JSON: "),
    ],
)
def test_a_refusal_says_what_is_wrong(serve: Serve, body: bytes, headers: dict[str, str], message: str) -> None:
    reply = serve("ivy")("POST", CREATE, body, headers={"content-type": "application/json", **headers})
    assert reply.status == 400
    assert message in reply.json()["message"]
    assert len(reply.json()["message"]) <= 300


ERRORS = """
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        '200': {description: d}
        '400': {description: d, content: {application/json: {schema: SCHEMA}}}
"""
CODED = "{type: object, required: [code, message], properties: {code: {type: string}, message: {type: string}}}"


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        (CODED, {"code": "invalid", "message": "M"}),
        (
            f"{{type: object, required: [errors], properties: {{errors: {{type: array, items: {CODED}}}}}}}",
            {"errors": [{"code": "invalid", "message": "M"}]},
        ),
        (
            (
                "{type: object, required: [error], properties: "
                "{error: {type: string}, error_description: {type: string}}}"
            ),
            {"error": "invalid", "error_description": "M"},
        ),
        ("{type: object, required: [error], properties: {error: {type: string}}}", {"error": "M"}),
        (
            "{type: object, required: [code], properties: {code: {enum: [bad, good]}, detail: {type: string}}}",
            {"code": "bad", "detail": "M"},
        ),
        (
            "{type: object, required: [code], properties: {code: {type: integer}, message: {type: string}}}",
            {"code": 400, "message": "M"},
        ),
        (
            (
                "{type: object, required: [code, message], example: {code: E7, message: no},"
                " properties: {code: {type: string}, message: {type: string}}}"
            ),
            {"code": "E7", "message": "M"},
        ),
    ],
)
def test_an_error_of_any_shape_tells(serve_text: Serve, schema: str, body: object) -> None:
    reply = serve_text(ERRORS.replace("SCHEMA", schema)).get("/a/x")
    reason = json.dumps('The path parameter \'id\' is not valid: "x" is not of type "integer"')
    told = reply.body.decode().replace(reason, '"M"')
    assert (reply.status, json.loads(told)) == (400, body)


def test_another_media_type_is_refused(serve: Serve) -> None:
    reply = serve("ivy")("POST", CREATE, b"referenceId=1", headers={"content-type": "text/plain"})
    assert reply.status == 400
    assert "application/json" in reply.json()["message"]


def test_an_answer_nobody_wants_is_not_made(serve: Serve) -> None:
    reply = serve("ivy").post(CREATE, BODY, accept="text/html")
    assert reply.status == 400


def test_a_body_that_is_too_long_is_refused(serve: Serve) -> None:
    reply = serve("ivy")("POST", CREATE, b" " * (MAX_BODY + 1))
    assert reply.status == 413
    assert list(reply.json()) == ["message"]


def test_a_page_of_another_origin_may_read_any_answer(serve: Serve) -> None:
    call = serve("ivy")
    for path, body in ((CREATE, BODY), (CREATE, {}), ("/nowhere", BODY), (CREATE, b" " * (MAX_BODY + 1))):
        reply = call("POST", path, body, headers={"Origin": "https://shop.example"})
        assert reply.headers["access-control-allow-origin"] == "*"


def test_head_is_get_without_a_body(serve_text: Serve) -> None:
    call = serve_text("""
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a:
    get: {responses: {'200': {description: d, content: {application/json: {schema: {type: integer}}}}}}
""")
    head, get = call("HEAD", "/a"), call.get("/a")
    assert (head.status, head.body, head.headers) == (200, b"", get.headers)
