"""Small documents, each odd in one way: every operation answers a request made from its own schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tallystick.contract import read
from tallystick.contract.model import Media, Operation
from tallystick.mock import create_app
from tallystick.mock.media_types import choose, is_json

from .conftest import Caller, Reply, Serve
from .sampling import request_for

OK = {"200": {"description": "d"}}
JSON = "application/json"


def answer(schema: Any, kind: str = JSON, status: str = "200") -> dict[str, Any]:
    return {"responses": {status: {"description": "d", "content": {kind: {"schema": schema}}}}}


def body(schema: Any, kind: str = JSON, **more: Any) -> dict[str, Any]:
    return {
        "post": {"requestBody": {"required": True, "content": {kind: {"schema": schema, **more}}}, **answer(schema)}
    }


def parameter(place: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {"name": "p", "in": place, "required": True, "schema": schema, **more}


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
LIST, PAIR = (
    {"type": "array", "items": TEXT, "minItems": 2},
    {"type": "object", "required": ["a", "b"], "properties": {"a": WHOLE, "b": TEXT}},
)
PAIRS, ID = {"type": "array", "minItems": 1, "items": PAIR}, {"type": "string", "format": "uuid"}
RECURSIVE = {
    "Tree": {
        "type": "object",
        "required": ["left"],
        "properties": {"left": {"anyOf": [{"$ref": "#/components/schemas/Tree"}, {"type": "null"}]}},
    },
    "Deep": {
        "type": "object",
        "required": ["next"],
        "properties": {"next": {"type": "array", "items": {"$ref": "#/components/schemas/Deep"}}},
    },
    "Ping": {"type": "object", "required": ["pong"], "properties": {"pong": {"$ref": "#/components/schemas/Pong"}}},
    "Pong": {"oneOf": [{"$ref": "#/components/schemas/Ping"}, {"type": "string"}]},
    "Map": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Map"}, "maxProperties": 1},
}
SCHEMAS: dict[str, Any] = {
    "not": {"type": "object", "required": ["a"], "not": {"required": ["b"]}, "properties": {"a": WHOLE, "b": WHOLE}},
    "not-const": {"type": "string", "not": {"enum": ["", "a"]}},
    "if-then-else": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": ["a", "b"]}, "x": WHOLE, "y": TEXT},
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"required": ["x"]},
        "else": {"required": ["y"]},
    },
    "unique": {
        "type": "array",
        "minItems": 5,
        "uniqueItems": True,
        "items": {"type": "string", "pattern": "^[a-c]{2}$"},
    },
    "unique-objects": {"type": "array", "minItems": 3, "uniqueItems": True, "items": PAIR},
    "unique-booleans": {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"type": "boolean"}},
    "huge": {"type": "string", "minLength": 70_000},
    "huge-pattern": {"type": "string", "pattern": "^[0-9a-f]{4096}$"},
    "exact": {"type": "string", "minLength": 36, "maxLength": 36, "format": "uuid"},
    "long-moment": {"type": "string", "format": "date-time", "minLength": 25, "maxLength": 25},
    "exact-moment": {"type": "string", "format": "date-time", "minLength": 24, "maxLength": 24},
    "long-email": {"type": "string", "format": "email", "minLength": 40},
    "long-address": {"type": "string", "format": "uri", "minLength": 200},
    "short-date": {"type": "string", "format": "date", "maxLength": 10},
    "encoded": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"},
    "encoded-json": {"type": "string", "contentMediaType": "application/json", "contentSchema": PAIR},
    "no-type": {"format": "date-time"},
    "ahead": {"type": "string", "pattern": r"^(?=.*\d)(?=.*[a-z]).{8,}$"},
    "behind": {"type": "string", "pattern": r"(?<!x)y$"},
    "unicode": {"type": "string", "pattern": r"^\p{L}{3}$"},
    "control": {"type": "string", "pattern": r"^\cA?[\w-]+$"},
    "slashes": {"type": "string", "pattern": r"^\/[a-z]+\/$"},
    "greedy": {"type": "string", "pattern": r"^(a+)+$"},
    "repeated-repeats": {"type": "string", "pattern": r"^((((a+)+)+)+)+$"},
    "unanchored": {"type": "string", "pattern": "[A-Z]{2}", "maxLength": 4},
    "two-patterns": {"allOf": [{"type": "string", "pattern": "^[a-z]+$"}, {"pattern": "^.{5}$"}]},
    "backreference": {"type": "string", "pattern": r"^([a-z])\1$"},
    "exclusive": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    "decimals": {"type": "number", "multipleOf": 0.01, "minimum": 0.01, "maximum": 0.05},
    "far": {"type": "integer", "minimum": -9007199254740993, "maximum": -9007199254740993},
    "negative": {"type": "number", "maximum": -1.5},
    "seven": {"type": "integer", "multipleOf": 7, "exclusiveMinimum": 7},
    "false-item": {"type": "array", "prefixItems": [WHOLE, TEXT], "items": False, "minItems": 2},
    "contains": {"type": "array", "contains": {"const": 3}, "minContains": 2, "items": WHOLE},
    "dependent": {
        "type": "object",
        "required": ["a"],
        "properties": {"a": WHOLE},
        "dependentRequired": {"a": ["b"]},
        "dependentSchemas": {"b": {"required": ["c"], "properties": {"c": {"const": 1}}}},
    },
    "unevaluated": {
        "allOf": [{"type": "object", "required": ["a"], "properties": {"a": WHOLE}}],
        "unevaluatedProperties": False,
        "properties": {"b": TEXT},
    },
    "names": {
        "type": "object",
        "minProperties": 2,
        "propertyNames": {"pattern": "^[a-z]{2}-[A-Z]{2}$"},
        "additionalProperties": WHOLE,
    },
    "by-pattern": {
        "type": "object",
        "minProperties": 1,
        "patternProperties": {"^x-": WHOLE},
        "additionalProperties": False,
    },
    "const-object": {"const": {"a": [1, None]}},
    "null": {"type": "null"},
    "mixed-enum": {"enum": [1, "a", None, {"a": 1}]},
    "any": True,
    "empty": {},
    "all-of-numbers": {"allOf": [{"type": "number", "minimum": 3}, {"type": "integer", "maximum": 4}]},
    "one-of-objects": {
        "oneOf": [
            {"type": "object", "required": ["a"], "properties": {"a": WHOLE}, "additionalProperties": False},
            {"type": "object", "required": ["b"], "properties": {"b": WHOLE}, "additionalProperties": False},
        ]
    },
    "read-only": {
        "type": "object",
        "required": ["id", "secret"],
        "properties": {"id": {"type": "string", "readOnly": True}, "secret": {"type": "string", "writeOnly": True}},
    },
    "odd-names": {
        "type": "object",
        "required": ["a/b", "~", "$ref", ""],
        "properties": {"a/b": WHOLE, "~": WHOLE, "$ref": TEXT, "": TEXT},
    },
}
STYLES: dict[str, Any] = {
    f"{place}-{style}-{explode}-{name}": parameter(place, schema, style=style, explode=explode)
    for place, styles in {
        "path": ("simple", "label", "matrix"),
        "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
        "header": ("simple",),
        "cookie": ("form",),
    }.items()
    for style in styles
    for explode in (True, False)
    for name, schema in {"text": TEXT, "list": LIST, "object": PAIR}.items()
    if (style != "deepObject" or (name == "object" and explode))
    and (not style.endswith("Delimited") or (name == "list" and not explode))
}
PATHS: dict[str, Any] = {f"/schema/{name}": body(schema) for name, schema in SCHEMAS.items()}
PATHS |= {f"/recursive/{name}": body({"$ref": f"#/components/schemas/{name}"}) for name in RECURSIVE}
PATHS |= {
    f"/style/{name}{'/{p}' if p['in'] == 'path' else ''}": {"get": {"parameters": [p], "responses": OK}}
    for name, p in STYLES.items()
}
PATHS |= {
    "/a/{x}": {"get": {"parameters": [{**parameter("path", TEXT), "name": "x"}], "responses": OK}},
    "/a/b": {"get": {"responses": {"201": {"description": "d"}}}},
    "/files/{id}.json": {"get": {"parameters": [{**parameter("path", WHOLE), "name": "id"}], "responses": OK}},
    "/files/{name}.{ext}": {
        "get": {"parameters": [{**parameter("path", TEXT), "name": n} for n in ("name", "ext")], "responses": OK}
    },
    "/files:batch": {"post": {"responses": OK}},
    "/trailing/": {"get": {"responses": OK}},
    "/ünï/cöde": {"get": {"responses": OK}},
    "/content": {
        "get": {
            "parameters": [{"name": "p", "in": "query", "required": True, "content": {JSON: {"schema": PAIR}}}],
            "responses": OK,
        }
    },
    "/reserved": {
        "get": {"parameters": [parameter("query", {"const": "a/b?c=d&e"}, allowReserved=True)], "responses": OK}
    },
    "/brackets": {"get": {"parameters": [{**parameter("query", LIST), "name": "ids[]"}], "responses": OK}},
    "/empty": {"get": {"parameters": [parameter("query", {"const": ""}, allowEmptyValue=True)], "responses": OK}},
    "/form": body(
        {**PAIR, "properties": {**PAIR["properties"], "c": LIST, "d": PAIR}}, "application/x-www-form-urlencoded"
    ),
    "/multipart": body(
        {
            "type": "object",
            "required": ["f", "n", "o"],
            "properties": {"f": {"type": "string", "format": "binary"}, "n": WHOLE, "o": PAIR, "l": LIST},
        },
        "multipart/form-data",
    ),
    "/multipart-typed": body(
        {"type": "object", "required": ["f"], "properties": {"f": TEXT}},
        "multipart/form-data",
        encoding={"f": {"contentType": "image/png, image/jpeg"}},
    ),
    "/xml": body(PAIR, "application/xml"),
    "/text": body(TEXT, "text/plain"),
    "/text-number": body(WHOLE, "text/plain"),
    "/text-object": body(PAIR, "text/plain"),
    "/form-text": body(TEXT, "application/x-www-form-urlencoded"),
    "/form-list": body(LIST, "application/x-www-form-urlencoded"),
    "/form-empty-object": body(
        {"type": "object", "required": ["o"], "properties": {"o": {"type": "object"}}},
        "application/x-www-form-urlencoded",
    ),
    "/multipart-bytes": body({"type": "string", "format": "binary"}, "multipart/form-data"),
    "/multipart-list": body(LIST, "multipart/form-data"),
    "/no-type": body(PAIR, ""),
    "/any-or-json": {
        "get": {"responses": {"200": {"description": "d", "content": {"*/*": {}, JSON: {"schema": PAIR}}}}}
    },
    "/objects": {
        "get": {"parameters": [parameter("query", {"type": "object", "required": ["l"], "properties": {"l": PAIRS}})]}
        | {"responses": OK}
    },
    "/any-content/{p}": {
        "get": {
            "parameters": [{"name": "p", "in": "path", "required": True, "content": {"*/*": {"schema": ID}}}],
            "responses": OK,
        }
    },
    "/pic/{x}?size={p}": {
        "get": {"parameters": [{**parameter("path", WHOLE), "name": n} for n in ("x", "p")], "responses": OK}
    },
    "/bytes": body({"type": "string", "format": "binary"}, "application/octet-stream"),
    "/any-type": body(PAIR, "*/*"),
    "/vendor": body(PAIR, "application/vnd.shop.v1+json"),
    "/charset": body(PAIR, "application/json; charset=utf-8"),
    "/merge": body(PAIR, "application/merge-patch+json"),
    "/lines": body(PAIR, "application/x-ndjson"),
    "/optional": {"post": {"requestBody": {"content": {JSON: {"schema": PAIR}}}, "responses": OK}},
    "/get-with-body": {"get": {"requestBody": {"content": {JSON: {"schema": PAIR}}}, "responses": OK}},
    "/png": {"get": answer({"type": "string", "format": "binary"}, "image/png")},
    "/picture": {"get": answer({"type": "string", "format": "binary"}, "image/*")},
    "/pdf": {"get": answer({}, "application/pdf")},
    "/events": {"get": answer(TEXT, "text/event-stream")},
    "/csv": {"get": answer(TEXT, "text/csv")},
    "/html": {"get": answer(TEXT, "text/html")},
    "/no-schema": {"get": {"responses": {"200": {"description": "d", "content": {JSON: {}}}}}},
    "/nothing": {"delete": {"responses": {"204": {"description": "d"}}}},
    "/nothing-with-content": {"delete": answer(PAIR, status="204")},
    "/moved": {
        "get": {
            "responses": {
                "302": {
                    "description": "d",
                    "headers": {"Location": {"required": True, "schema": {"type": "string", "format": "uri"}}},
                }
            }
        }
    },
    "/moved-softly": {"get": {"responses": {"3XX": {"description": "d"}}}},
    "/default": {"get": answer(PAIR, status="default")},
    "/range": {"get": answer(PAIR, status="2XX")},
    "/only-errors": {"get": answer(PAIR, status="4XX")},
    "/accepted": {"post": answer(PAIR, status="202")},
    "/headers": {
        "get": {
            "responses": {
                "200": {
                    "description": "d",
                    "headers": {
                        "X-List": {"required": True, "schema": LIST},
                        "X-Map": {"required": True, "explode": True, "schema": PAIR},
                        "X-Flag": {"required": True, "schema": {"type": "boolean"}},
                        "Content-Type": {"schema": TEXT},
                    },
                }
            }
        }
    },
    "/either": {
        "get": {"security": [{"basic": [], "key": []}, {"oauth": ["read"]}, {"openid": []}], "responses": OK}
    },
    "/optional-security": {"get": {"security": [{}, {"query": []}], "responses": OK}},
    "/cookie-security": {"get": {"security": [{"cookie": []}], "responses": OK}},
    "/unknown-security": {"get": {"security": [{"nowhere": []}], "responses": OK}},
    "/digest": {"get": {"security": [{"digest": []}], "responses": OK}},
    "/mutual": {"get": {"security": [{"mutual": []}], "responses": OK}},
    "/head": {"head": {"responses": OK}},
    "/options": {"options": {"responses": OK}},
    "/trace": {"trace": {"responses": OK}},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Odd", "version": "1"},
    "servers": [
        {
            "url": "https://{region}.shop.example/{base}",
            "variables": {"region": {"default": "eu"}, "base": {"default": "v2", "enum": ["v1", "v2"]}},
        },
        {"url": "/relative/"},
        {"url": "."},
    ],
    "paths": PATHS,
    "components": {
        "schemas": RECURSIVE,
        "securitySchemes": {
            "basic": {"type": "http", "scheme": "Basic"},
            "digest": {"type": "http", "scheme": "digest"},
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "query": {"type": "apiKey", "in": "query", "name": "key"},
            "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
            "oauth": {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "https://a.example", "scopes": {"read": ""}}},
            },
            "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://a.example"},
            "mutual": {"type": "mutualTLS"},
        },
    },
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Caller:
    place = tmp_path_factory.mktemp("odd") / "openapi.yaml"
    place.write_text(yaml.safe_dump(DOCUMENT, allow_unicode=True))
    return Caller(create_app(read(place, name="odd"), mode="stateless"))


def valid(call: Caller, operation: Operation, reply: Reply) -> None:
    """Hold an answer against the contract: its status, media type, headers and body."""
    outcome = operation.outcome(reply.status)
    assert outcome is not None, (reply.status, reply.body[:300])
    kind = reply.headers.get("content-type", "")
    media: Media | None = choose(outcome.media, kind) if kind else None
    assert bool(media) == (bool(outcome.media) and reply.status != 204), (kind, outcome.media)
    for header in outcome.headers:
        assert not header.required or header.name.lower() in reply.headers
    if media is not None and media.schema is not None and is_json(kind):
        broken = list(call.app.mock.validators.violations(media.schema, reply.json(), "response"))
        assert not broken, broken[0]


@pytest.mark.parametrize("dynamic", ["false", "true"])
@pytest.mark.parametrize("path", PATHS)
def test_an_odd_operation_answers(odd: Caller, path: str, dynamic: str) -> None:
    for operation in (o for o in odd.app.mock.contract.operations if o.path == path):
        target, headers, content = request_for(odd.app.mock.contract, operation, odd.app.mock.generator)
        for base in ("", "/v2", "/relative"):
            asked = {**headers, "prefer": f"dynamic={dynamic}, seed={base}"}
            reply = odd(operation.method, base + target, content, headers=asked)
            assert reply.status < 400 or not (operation.successes or path == "/default"), reply.body[:300]
            valid(odd, operation, reply)


def told_apart(path: str, method: str, status: str, place: str, schema: Any, content: Any = None) -> dict[str, Any]:
    """Return a path with an operation that a parameter and a body tell from others like it."""
    asked = {"requestBody": {"required": True, "content": {JSON: {"schema": content}}}} if content else {}
    names = [n for n in ("id", "name") if f"{{{n}}}" in path] or ["X-Target"]
    parameters = [{**parameter(place, schema), "name": n} for n in names]
    return {path: {method: {"parameters": parameters, **asked, "responses": {status: {"description": "d"}}}}}


def test_operations_that_the_path_does_not_tell_apart_are_told_apart_by_what_they_take(serve_text: Serve) -> None:
    paths = {
        **told_apart("/a/{id}/b", "get", "200", "path", ID),
        **told_apart("/a/{name}/b", "get", "201", "path", TEXT),
        **told_apart("/#one", "post", "200", "header", {"enum": ["one"]}, {"type": "object", "required": ["a"]}),
        **told_apart("/#two", "post", "201", "header", {"enum": ["two"]}, {"type": "object", "required": ["b"]}),
        **told_apart("/#three", "post", "202", "header", {"enum": ["two"]}, {"type": "object", "required": ["c"]}),
    }
    call = serve_text(json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths}))
    assert call.get("/a/00000000-0000-0000-0000-000000000000/b").status == 200
    assert [call.get("/a/x/b").status, call("HEAD", "/a/x/b").status, call.post("/a/x/b").status] == [201, 201, 405]
    sent = [("one", "a"), ("two", "b"), ("two", "c"), ("two", "d"), ("three", "a")]
    replies = [call.post("/", {member: 1}, X_Target=target) for target, member in sent]
    assert [r.status for r in replies] == [200, 201, 202, 400, 400]
    assert '"b" is a required' in replies[3].json()["detail"], "the first of those whose parameters fit"


@pytest.mark.parametrize(
    ("kind", "schema", "content"),
    [
        ("text/event-stream", {"type": "string", "example": "one\ntwo"}, b"data: one\ndata: two\n\n"),
        ("text/event-stream", {"type": "string", "example": "event: a\ndata: b\n\n"}, b"event: a\ndata: b\n\n"),
        ("text/event-stream", {"type": "object", "example": {"a": 1}}, b'data: {"a":1}\n\n'),
        ("text/event-stream", {"type": "array", "example": [1, 2]}, b"data: 1\n\ndata: 2\n\n"),
        ("application/x-ndjson", {"type": "array", "example": [{"a": 1}, {"a": 2}]}, b'{"a":1}\n{"a":2}\n'),
        ("application/jsonl", {"type": "object", "example": {"a": 1}}, b'{"a":1}\n'),
    ],
)
def test_a_stream_has_the_form_of_one(serve_text: Serve, kind: str, schema: Any, content: bytes) -> None:
    paths = {"/a": {"get": answer(schema, kind)}}
    call = serve_text(json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths}))
    reply = call.get("/a")
    assert (reply.status, reply.headers["content-type"], reply.body) == (200, kind, content)


@pytest.mark.parametrize(
    "document",
    [
        {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}},
        {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "webhooks": {"a": {"post": {"responses": OK}}}},
        {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "components": {}},
        {"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": {"/": {}}},
    ],
)
def test_a_document_without_operations_is_served(serve_text: Serve, document: dict[str, Any]) -> None:
    for mode in ("stateless", "stateful"):
        call = serve_text(json.dumps(document), mode=mode)
        missing = call.get("/nowhere")
        assert (missing.status, missing.headers["content-type"]) == (404, "application/problem+json")
        assert call.get("/").status == 200
        assert Path(call.get("/_tallystick/openapi.json").json()["info"]["title"]).name == document["info"]["title"]
