"""What answers show: nothing that only requests may say, and values that fit what the contract says of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tallystick.load.pointer import get

from .conftest import Caller, Serve

PEOPLE = """
openapi: 3.1.0
info: {title: People, version: '1'}
paths:
  /teams:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Team'}}}}
      responses:
        '201': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Team'}}}}
    get:
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Team'}}
  /teams/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Team'}}}}
  /example:
    get:
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {$ref: '#/components/schemas/User'}
              example: {name: Ann, password: s3cret}
components:
  schemas:
    Team:
      type: object
      required: [id]
      properties:
        id: {type: string, readOnly: true}
        code: {type: string, writeOnly: true}
        lead: {$ref: '#/components/schemas/User'}
        members: {type: array, items: {$ref: '#/components/schemas/User'}}
        owner:
          oneOf:
            - {$ref: '#/components/schemas/User'}
            - type: object
              required: [firm]
              properties: {firm: {type: string}, pin: {type: string, writeOnly: true}}
        by_name: {type: object, additionalProperties: {$ref: '#/components/schemas/User'}}
    User:
      type: object
      required: [name, password]
      properties:
        name: {type: string}
        password: {type: string, writeOnly: true}
"""


def test_what_only_requests_may_say_is_in_no_answer(serve_text: Serve) -> None:
    call = serve_text(PEOPLE, mode="stateful")
    user = {"name": "Ann", "password": "s3cret"}
    team = {"code": "s3cret", "lead": user, "members": [user], "by_name": {"ann": user}}
    made = call.post("/teams", {**team, "owner": user})
    other = call.post("/teams", {**team, "owner": {"firm": "F", "pin": "s3cret"}})
    assert (made.status, other.status) == (201, 201)
    seen = {"name": "Ann"}
    assert made.json() == {
        "id": made.json()["id"],
        "lead": seen,
        "members": [seen],
        "owner": seen,
        "by_name": {"ann": seen},
    }
    assert other.json()["owner"] == {"firm": "F"}
    assert call.get(f"/teams/{made.json()['id']}").json() == made.json()
    assert call.get("/teams").json() == [made.json(), other.json()]


@pytest.mark.parametrize("mode", ["stateful", "stateless"])
def test_an_example_shows_no_more(serve_text: Serve, mode: str) -> None:
    assert serve_text(PEOPLE, mode=mode).get("/example").json() == {"name": "Ann"}


def test_a_list_of_what_cannot_be_shown_is_empty(serve_text: Serve) -> None:
    call = serve_text(
        """
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /things:
    post:
      responses:
        '201': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
    get:
      responses:
        '200':
          description: d
          content:
            application/json:
              schema:
                type: object
                properties:
                  things:
                    type: array
                    items: {$ref: '#/components/schemas/Thing', maxProperties: 0}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
components:
  schemas:
    Thing: {type: object, required: [id], properties: {id: {type: string}}}
""",
        mode="stateful",
    )
    assert call.post("/things").status == 201
    listed = call.get("/things")
    assert (listed.status, listed.json()) == (200, {"things": []})


TAGGED = """
paths:
  /mapped:
    post:
      requestBody:
        content:
          application/json:
            schema:
              oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]
              discriminator: {propertyName: kind, mapping: {first: '#/components/schemas/A', second: B}}
      responses: {'204': {description: d}}
  /named:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                inner:
                  oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]
                  discriminator: {propertyName: kind}
      responses: {'204': {description: d}}
  /inherited:
    post:
      requestBody:
        content:
          application/json:
            schema: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}
      responses: {'204': {description: d}}
  /elsewhere:
    post:
      requestBody:
        content:
          application/json:
            schema:
              oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]
              discriminator: {propertyName: unknown}
      responses: {'204': {description: d}}
components:
  schemas:
    A: {type: object, required: [kind], properties: {kind: {type: string}, a: {type: number}}}
    B: {type: object, required: [kind], properties: {kind: {type: string}, b: {type: string}}}
    Pet:
      type: object
      required: [pet]
      properties: {pet: {type: string}}
      discriminator: {propertyName: pet}
    Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {type: object, properties: {age: {type: integer}}}]}
    Dog: {allOf: [{$ref: '#/components/schemas/Pet'}, {type: object, properties: {breed: {enum: [a, b]}}}]}
"""


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("/mapped", [{"kind": "first"}, {"kind": "second", "b": "x"}], [{"kind": "AAA"}, {"kind": "A"}]),
        ("/named", [{"inner": {"kind": "A"}}, {"inner": {"kind": "B"}}], [{"inner": {"kind": "C", "b": "x"}}]),
        ("/inherited", [{"pet": "Cat"}, {"pet": "Dog", "breed": "a"}], [{"pet": ""}, {"pet": "x", "breed": "a"}]),
        ("/elsewhere", [{"kind": "x"}], [{}]),
    ],
)
def test_what_a_discriminator_does_not_know_is_refused(
    serve_text: Serve, path: str, good: list[Any], bad: list[Any]
) -> None:
    call: Caller = serve_text(TAGGED)
    assert [call.post(path, body).status for body in good] == [204] * len(good)
    assert [call.post(path, body).status for body in bad] == [400] * len(bad)


def multipart(*parts: tuple[str, Any]) -> bytes:
    head = '--x\r\nContent-Disposition: form-data; name="{}"\r\nContent-Type: application/json\r\n\r\n{}\r\n'
    return ("".join(head.format(name, json.dumps(value)) for name, value in parts) + "--x--\r\n").encode()


def test_a_part_can_say_that_there_is_no_list(serve_text: Serve) -> None:
    call = serve_text("""
paths:
  /a:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              properties:
                some: {type: array, nullable: true, items: {type: object}}
                none: {type: array, items: {type: object}}
      responses: {'204': {description: d}}
""")
    kind = {"content-type": "multipart/form-data; boundary=x"}
    good: list[Any] = [
        [],
        [("some", None)],
        [("some", [{}, {}])],
        [("some", {}), ("some", {})],
        [("none", {})],
    ]
    for parts in good:
        assert call("POST", "/a", multipart(*parts), headers=kind).status == 204, parts
    bad: list[Any] = [[("none", None)], [("some", True)], [("some", {}), ("some", None)]]
    for parts in bad:
        assert call("POST", "/a", multipart(*parts), headers=kind).status == 400, parts


def test_a_parameter_with_two_values_is_not_one_text(serve_text: Serve) -> None:
    call = serve_text("""
paths:
  /a:
    get:
      parameters:
        - {name: id, in: query, schema: {type: string, minLength: 6}}
        - {name: n, in: query, schema: {type: integer}}
        - {name: ids, in: query, schema: {type: array, items: {type: string}}}
      responses: {'204': {description: d}}
""")
    assert [call.get(f"/a?{q}").status for q in ("id=abcdef", "n=1", "ids=a&ids=b")] == [204] * 3
    assert [call.get(f"/a?{q}").status for q in ("id=null&id=null", "n=1&n=2")] == [400] * 2


def test_an_answer_fits_one_alternative_where_one_can_be_told(serve_text: Serve) -> None:
    call = serve_text("""
paths:
  /a:
    get:
      parameters: [{name: n, in: query, required: true, schema: {type: integer}}]
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}
        '400':
          description: d
          content:
            application/json:
              schema: {oneOf: [{$ref: '#/components/schemas/One'}, {$ref: '#/components/schemas/Two'}]}
components:
  schemas:
    One: {type: object, properties: {error: {type: object, properties: {code: {enum: [one]}}}}}
    Two: {type: object, properties: {error: {type: object, properties: {code: {enum: [two]}}}}}
    Pet:
      type: object
      required: [pet]
      properties: {pet: {type: string}}
      discriminator: {propertyName: pet, mapping: {cat: Cat, dog: Dog}}
    Cat: {allOf: [{$ref: '#/components/schemas/Pet'}]}
    Dog: {allOf: [{$ref: '#/components/schemas/Pet'}]}
""")
    assert call.get("/a?n=1").json()["pet"] in ("cat", "dog"), "they overlap, but a discriminator is heeded"
    refused = call.get("/a")
    assert (refused.status, refused.json()["error"]["code"]) == (400, "one")


def test_a_base_is_shown_with_a_value_that_its_mapping_knows(serve_text: Serve) -> None:
    call = serve_text("""
paths:
  /base:
    get:
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Field'}}}}
  /derived:
    get:
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}
components:
  schemas:
    Field:
      type: object
      required: [type]
      properties: {type: {type: string}}
      discriminator: {propertyName: type, mapping: {text: Text, box: '#/components/schemas/Box'}}
    Text: {allOf: [{$ref: '#/components/schemas/Field'}]}
    Box: {allOf: [{$ref: '#/components/schemas/Field'}, {type: object, properties: {ticked: {type: boolean}}}]}
""")
    assert [call.get(path).json()["type"] for path in ("/base", "/derived")] == ["text", "box"]


def asking_for_n(status: str, content_type: str, schema: dict[str, Any]) -> str:
    """Return a document whose one operation requires the query parameter `n`, and has one schema of errors."""
    content = {content_type: {"schema": schema}}
    answers = {"204": {"description": "d"}, status: {"description": "d", "content": content}}
    asked = [{"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}}]
    paths = {"/a": {"get": {"parameters": asked, "responses": answers}}}
    return json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths})


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            {"type": "array", "items": {"type": "object", "properties": {"detail": {"type": "string"}}}},
            "errors/0/detail",
        ),
        (
            {"type": "object", "properties": {"message": {"type": "string"}, "n": {"type": "integer"}}},
            "errors/message",
        ),
    ],
)
def test_an_error_says_what_is_wrong_though_all_of_it_may_be_left_out(
    serve_text: Serve, error: dict[str, Any], told: str
) -> None:
    shape = {"type": "object", "properties": {"meta": {"type": "object"}, "errors": error}}
    refused = serve_text(asking_for_n("429", "application/json", shape)).get("/a")
    assert refused.status == 400
    assert get(refused.json(), f"/{told}") == "The query parameter 'n' is required."


@pytest.mark.parametrize(
    ("schema", "content_type", "told"),
    [
        ({"type": "object", "properties": {"detail": {"type": "string"}}}, "application/jwt", '{"detail":"The query'),
        ({"type": "object", "properties": {"detail": {"type": "string"}}}, "text/xml", "<detail>The query"),
        ({"type": "string"}, "text/xml", "The query"),
        ({"type": "string"}, "text/plain", "The query"),
        ({}, "text/plain", "The query"),
    ],
)
def test_an_error_that_is_no_json_has_the_form_that_its_schema_gives_it(
    serve_text: Serve, schema: dict[str, Any], content_type: str, told: str
) -> None:
    refused = serve_text(asking_for_n("400", content_type, schema)).get("/a")
    assert refused.headers["content-type"] == content_type
    assert told in refused.body.decode()


ERRORS = {
    "alternatives that nothing tells apart": (
        {
            "oneOf": [
                {"type": "object", "properties": {"message": {"type": "string", "default": default}}}
                for default in ("no key", "no such key")
            ]
        },
        "/message",
    ),
    "alternatives that nothing tells apart, required": (
        {
            "oneOf": [
                {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string", "example": e}}}
                for e in ("too many", "too few")
            ]
        },
        "/detail",
    ),
    "a word for it before the word": (
        {"type": "object", "required": ["error_msg"], "properties": {"error_msg": {"type": "string"}}},
        "/error_msg",
    ),
    "in one word": ({"type": "object", "properties": {"errorMessage": {"type": "string"}}}, "/errorMessage"),
}


@pytest.mark.parametrize("content_type", ["application/json", "*/*"])
@pytest.mark.parametrize("name", ERRORS)
def test_an_error_says_what_is_wrong_whatever_its_members_are_called(
    serve_text: Serve, name: str, content_type: str
) -> None:
    shape, told = ERRORS[name]
    refused = serve_text(asking_for_n("400", content_type, shape)).get("/a")
    assert (refused.status, refused.headers["content-type"]) == (400, "application/json")
    assert get(refused.json(), told) == "The query parameter 'n' is required."
