"""Documents that say a thing loosely: what comes in is read as it is meant, what goes out fits as it is written."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest

from .conftest import Serve

OVERLAP = {
    "oneOf": [
        {"type": "object", "properties": {"status": {"type": "string"}}},
        {"type": "object", "properties": {"store": {"type": "object", "properties": {"code": {"type": "string"}}}}},
    ]
}
MORE = {
    "oneOf": [
        {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
        {
            "type": "object",
            "required": ["text"],
            "properties": {"text": {"type": "string"}, "duration": {"type": "number"}},
        },
    ]
}
NESTED = {"type": "object", "required": ["list"], "properties": {"list": {"type": "array", "items": MORE}}}


def answering(schema: dict[str, Any], **media: Any) -> str:
    """Return a document with one operation that is answered with a schema."""
    content = {"application/json": {"schema": schema, **media}}
    paths = {"/a": {"get": {"responses": {"200": {"description": "d", "content": content}}}}}
    return json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths})


@pytest.mark.parametrize("schema", [OVERLAP, MORE, NESTED])
def test_an_answer_fits_just_one_of_alternatives_that_overlap(serve_text: Serve, schema: dict[str, Any]) -> None:
    answer = serve_text(answering(schema)).get("/a").json()
    jsonschema_rs.validate(schema, answer)


def test_an_example_that_fits_several_alternatives_is_kept_but_told_apart(serve_text: Serve) -> None:
    answer = serve_text(answering(OVERLAP, example={"status": "open"})).get("/a").json()
    assert answer == {"status": "open", "store": None}


def test_alternatives_that_nothing_tells_apart_are_answered_as_they_are(serve_text: Serve) -> None:
    same = {"type": "object", "properties": {"id": {"type": "string"}}}
    schema = {"oneOf": [{**same, "description": "a"}, {**same, "description": "b"}]}
    assert [*serve_text(answering(schema)).get("/a").json()] == ["id"]


def test_a_base_is_told_by_the_name_of_what_is_built(serve_text: Serve) -> None:
    call = serve_text("""
paths:
  /a: {get: {responses: {'200': {description: d, content: {application/json: {schema:
    {$ref: '#/components/schemas/Photo'}}}}}}}
components:
  schemas:
    Thing: {type: object, required: [kind], properties: {kind: {type: string}}, discriminator: {propertyName: kind}}
    Work: {allOf: [{$ref: '#/components/schemas/Thing'}]}
    Photo: {allOf: [{$ref: '#/components/schemas/Work'}, {properties: {width: {type: integer}}}]}
""")
    assert call.get("/a").json()["kind"] == "Photo"


TEXTS = """
paths:
  /plain: {get: {responses: {'200': {description: d, content: {application/xml: {schema: {type: string}}}}}}}
  /none: {get: {responses: {'200': {description: d, content: {text/xml: {example: '{}'}}}}}}
  /own: {get: {responses: {'200': {description: d, content: {application/xml: {example: '<a b="c"/>'}}}}}}
"""


@pytest.mark.parametrize(("path", "tag"), [("/plain", "root"), ("/none", "root"), ("/own", "a")])
def test_a_text_is_xml_where_xml_is_promised(serve_text: Serve, path: str, tag: str) -> None:
    assert ET.fromstring(serve_text(TEXTS).get(path).body).tag == tag  # noqa: S314  # our own text


FORMS = """
paths:
  /a:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: ['item[name]', profile, tags]
              properties:
                'item[name]': {type: string}
                'ids[]': {type: array, items: {type: integer}}
                profile: {type: object, properties: {age: {type: integer}}}
                tags: {type: array, items: {type: string}}
      responses: {'204': {description: d}}
  /b:
    post:
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [plan]
              properties: {plan: {oneOf: [{type: string, enum: [auto]}, {type: object, required: [size]}]}}
      responses: {'204': {description: d}}
"""
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"item[name]=a", 204),
        (b"item%5Bname%5D=a&ids[]=1&ids[]=2", 204),
        (b"item[name]=a&ids[]=x", 400),
        (b"item[name]=a&profile[age]=3&tags=b", 204),
        (b"item[name]=a&profile[age]=x", 400),
        (b"item=a", 400),
    ],
)
def test_a_form_says_names_with_brackets_and_nothing_that_is_empty(
    serve_text: Serve, body: bytes, status: int
) -> None:
    assert serve_text(FORMS)("POST", "/a", body, headers=FORM).status == status


@pytest.mark.parametrize(("plan", "status"), [("auto", 204), ('{"size": 1}', 204), ("{}", 400), ("other", 400)])
def test_a_part_is_text_or_json_as_its_schema_takes_it(serve_text: Serve, plan: str, status: int) -> None:
    body = f'--x\r\nContent-Disposition: form-data; name="plan"\r\n\r\n{plan}\r\n--x--\r\n'.encode()
    sent = serve_text(FORMS)("POST", "/b", body, headers={"content-type": "multipart/form-data; boundary=x"})
    assert sent.status == status


FORMATS = """
paths:
  /a:
    post:
      parameters:
        - {name: since, in: query, example: yesterday, schema: {type: string, format: date}}
        - {name: until, in: query, schema: {type: string, format: date}}
        - {name: at, in: query, schema: {type: integer, format: int32, example: 1418556452651}}
      requestBody:
        content:
          application/json:
            examples: {one: {value: {born: in May}}}
            schema:
              type: object
              properties:
                id: {type: string, format: uuid, example: 6762f11b1bb69f9f2193bba3}
                other: {type: string, format: uuid}
                born: {type: string, format: date}
                at: {type: object, properties: {start: {type: string, format: date}}}
              example: {at: {start: 2025-10-15T13:51:00.779Z}}
      responses: {'204': {description: d}}
"""


@pytest.mark.parametrize(
    ("target", "body", "status"),
    [
        ("/a?since=tomorrow", {}, 204),
        ("/a?until=tomorrow", {}, 400),
        ("/a?at=99999999999", {}, 204),
        ("/a?at=x", {}, 400),
        ("/a", {"id": "1-a"}, 204),
        ("/a", {"other": "1-a"}, 400),
        ("/a", {"born": "in June"}, 204),
        ("/a", {"born": 6}, 400),
        ("/a", {"at": {"start": "2025-10-15T00:00:00Z"}}, 204),
    ],
)
def test_a_format_that_the_document_itself_breaks_is_not_insisted_on(
    serve_text: Serve, target: str, body: Any, status: int
) -> None:
    assert serve_text(FORMATS).post(target, body).status == status


PATHS = """
paths:
  /blog/{page}{type}:
    get:
      parameters:
        - {name: page, in: path, required: true, schema: {type: string}}
        - {name: type, in: path, required: true, schema: {type: string, enum: [.json, .xml]}}
      responses: {'204': {description: d}}
  /at/{place}.{type}:
    get:
      parameters:
        - {name: place, in: path, required: true, schema: {type: string, pattern: '^[0-9.,]+$'}}
        - {name: type, in: path, required: true, schema: {type: string, enum: [json, xml]}}
      responses: {'204': {description: d}}
  /status/{provider}/{account}/{name}:
    get:
      parameters:
        - {name: provider, in: path, required: true, schema: {type: string, enum: [hub]}}
        - {name: account, in: path, required: true, schema: {type: string}}
        - {name: name, in: path, required: true, schema: {type: string}}
      responses: {'202': {description: d}}
  /status/{id}/branch/{branch}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: branch, in: path, required: true, schema: {type: string}}
      responses: {'204': {description: d}}
  /send#to/{partner}:
    post:
      parameters: [{name: partner, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: d}}
"""


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/blog/news.json", 204),
        ("GET", "/blog/news.txt", 400),
        ("GET", "/at/37.8,-122.2.xml", 400),
        ("GET", "/at/37.8,122.2.xml", 204),
        ("GET", "/at/37.8,122.2.txt", 400),
        ("GET", "/status/1/branch/main", 204),
        ("GET", "/status/hub/a/b", 202),
        ("POST", "/send", 204),
    ],
)
def test_paths_are_taken_apart_as_their_parameters_say(
    serve_text: Serve, method: str, target: str, status: int
) -> None:
    assert serve_text(PATHS)(method, target).status == status


ERRORS = """
paths:
  /a:
    get:
      parameters: [{name: n, in: query, required: true, schema: {type: integer}}]
      responses:
        '200': {description: d}
        '400':
          description: d
          headers: {X-Request-Id: {required: true, schema: {type: string, format: uuid}}}
          content: {application/json: {schema: {type: string}}}
"""


def test_an_error_says_what_is_wrong_and_has_the_headers_that_it_must_have(serve_text: Serve) -> None:
    refused = serve_text(ERRORS).get("/a")
    assert (refused.status, refused.json()) == (400, "The query parameter 'n' is required.")
    assert len(refused.headers["x-request-id"]) == 36


QUOTED = """
paths:
  /a:
    get:
      parameters: [{name: n, in: query, schema: {type: integer}}]
      responses:
        '200': {description: d, content: {application/json: {example: '{"n": 1}', schema: {type: object}}}}
        '400': {description: d, content: {application/json: {example: '{"error": "x", "code": 7}', schema: &error
          {type: object, required: [error], properties: {error: {type: string}, code: {type: integer}}}}}}
  /b:
    get:
      parameters: [{name: n, in: query, schema: {type: integer}}]
      responses:
        '200': {description: d, content: {application/json: {example: '{"n": 1}', schema: {type: string}}}}
        '400': {description: d, content: {application/json: {example: none, schema: *error}}}
"""


def test_an_example_may_be_json_in_a_text_and_is_passed_over_where_it_breaks_its_schema(serve_text: Serve) -> None:
    call = serve_text(QUOTED)
    assert (call.get("/a").json(), call.get("/b").json()) == ({"n": 1}, '{"n": 1}')
    assert call.get("/a?n=x").json()["code"] == 7
    assert isinstance(call.get("/b?n=x").json()["error"], str)


NULLS = """
paths:
  /a:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
      responses:
        '200':
          description: d
          content:
            application/json:
              example: {id: a, kind: null, plain: null, parent: null, tags: [null, b], deep: {kind: null}}
              schema: {$ref: '#/components/schemas/A'}
components:
  schemas:
    B: {type: object, properties: {id: {type: string}}}
    A:
      type: object
      required: [kind, tags]
      properties:
        id: {type: string}
        kind: {type: string, nullable: true, enum: [x, y]}
        plain: {type: string, nullable: true}
        parent: {allOf: [{$ref: '#/components/schemas/B'}], nullable: true}
        tags: {type: array, items: {type: string, nullable: true, enum: [a, b]}}
        deep: {type: object, properties: {kind: {type: string, nullable: true, enum: [x]}}}
"""
KEPT = {"3.0.3": {"plain": None}, "3.1.0": {}}


@pytest.mark.parametrize("version", KEPT)
def test_null_is_sent_only_where_the_document_says_so_in_so_many_words(serve_text: Serve, version: str) -> None:
    call = serve_text(f"openapi: {version}\ninfo: {{title: t, version: '1'}}{NULLS}")
    answer = call.post("/a", {"kind": None, "tags": [None], "parent": None, "plain": None})
    assert answer.status == 200
    shown = {"id": "a", "kind": "x", "tags": ["a", "b"], "deep": {}, **KEPT[version]}
    assert {**answer.json(), "kind": "x", "tags": ["a", "b"]} == shown
    assert answer.json()["kind"] in ("x", "y")
    assert None not in answer.json()["tags"]


def test_null_that_only_ends_what_goes_on_for_ever_is_sent_all_the_same(serve_text: Serve) -> None:
    call = serve_text("""
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a: {get: {responses: {'200': {description: d, content: {application/json: {schema:
    {$ref: '#/components/schemas/A'}}}}}}}
components:
  schemas:
    A: {type: object, required: [next], properties: {next: {$ref: '#/components/schemas/A', nullable: true}}}
""")
    assert call.get("/a").status == 200
