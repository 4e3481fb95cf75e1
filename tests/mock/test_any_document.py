"""Documents of others, stateless: every operation answers a request made from its own schemas."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tallystick.contract import read
from tallystick.mock import create_app
from tallystick.mock.values.generate import Unsatisfiable

from .conftest import Caller, Serve
from .sampling import request_for

ALL = os.environ.get("TALLYSTICK_CORPUS")
"""Folder of documents of others, to be tried all; without it, the smaller ones beside the checkout are."""
CORPUS = Path(ALL) if ALL else Path(__file__).parents[3] / "shared" / "corpus"
INDEX = CORPUS / "INDEX.json"
DOCUMENTS: list[dict[str, Any]] = json.loads(INDEX.read_text())["documents"] if INDEX.is_file() else []
LARGE = 300_000
"""Bytes from which on a document is only tried when all are asked for."""

CONTRADICTORY = {
    # Answers with a return: it has to hold the return that returned it, and so on without end.
    "modern-treasury": {"createPaymentOrder", "getPaymentOrder", "updatePaymentOrder", "createReturn", "getReturn"},
    # An id that has to be a UUID of 24 characters.
    "intercom": {"createConversation"},
}
"""Operations for which a document leaves no valid request or no valid answer."""


@pytest.mark.parametrize("entry", DOCUMENTS, ids=lambda d: d["name"])
def test_every_operation_of_a_document_answers(entry: dict[str, Any]) -> None:
    if entry["bytes"] > LARGE and not ALL:
        pytest.skip("a large document: nox -s corpus")
    contract = read(CORPUS / entry["entry"], name=entry["name"])
    app = create_app(contract, mode="stateless")
    call = Caller(app)
    failed: dict[str, str] = {}
    for operation in contract.operations:
        try:
            target, headers, body = request_for(contract, operation, app.mock.generator)
        except Unsatisfiable as problem:
            failed[operation.id] = f"no request, {problem}"
            continue
        reply = call(operation.method, target, body, headers=headers)
        answerable = any(o.is_success or o.status[0] in "3d" for o in operation.outcomes)
        if (reply.status >= 400 and answerable) or reply.status == 500:
            failed[operation.id] = f"{reply.status} {reply.body[:200]!r}"
    assert set(failed) == CONTRADICTORY.get(entry["name"], set()), failed


PETS = """
openapi: 3.1.0
info: {title: Pets, version: '1'}
security: [{key: []}]
paths:
  /pets/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer, minimum: 1}}
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Pet'}
              examples:
                cat: {value: {name: Tom, kind: cat}}
                dog: {value: {name: Rex, kind: dog}}
            text/plain: {schema: {type: string}}
        '404':
          description: d
          content: {application/json: {schema: {$ref: '#/components/schemas/Problem'}}}
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    Problem: {type: object, required: [title], properties: {title: {type: string}}}
    Pet:
      type: object
      required: [name, kind]
      properties:
        name: {type: string, minLength: 3, maxLength: 8, pattern: '^[A-Z][a-z]+$'}
        kind: {enum: [cat, dog]}
        friends: {type: array, maxItems: 2, items: {$ref: '#/components/schemas/Pet'}}
"""
BEARER = {"Authorization": "Bearer test-key"}


@pytest.fixture
def pets(serve_text: Serve) -> Caller:
    call = serve_text(PETS)
    call.headers = BEARER
    return call


def test_prefer_chooses_the_status(pets: Caller) -> None:
    reply = pets.get("/pets/1", Prefer="code=404")
    assert (reply.status, reply.headers["preference-applied"]) == (404, "code=404")
    assert isinstance(reply.json()["title"], str)
    assert pets.get("/pets/1", Prefer="code=404, code=200").status == 404, "the first counts"
    refused = pets.get("/pets/1", Prefer="code=418")
    assert (refused.status, refused.json()["title"]) == (400, "Prefer: there is no answer 418 here, but 200, 404.")


def test_prefer_chooses_the_example(pets: Caller) -> None:
    assert pets.get("/pets/1").json() == {"name": "Tom", "kind": "cat"}
    assert pets.get("/pets/1", Prefer='example="dog"').json() == {"name": "Rex", "kind": "dog"}
    refused = pets.get("/pets/1", Prefer="example=cow")
    assert (refused.status, refused.json()["title"]) == (
        400,
        "Prefer: there is no example 'cow' of the answer 200, but cat, dog.",
    )


def test_a_contract_may_have_a_prefer_of_its_own(serve_text: Serve) -> None:
    call = serve_text("""
paths:
  /a:
    get:
      parameters: [{name: Prefer, in: header, schema: {type: string, enum: [return=minimal]}}]
      responses: {'200': {description: d}, '201': {description: d}}
""")
    asked = ("code=201", "return=minimal", "return=minimal, code=201", "code=201; return=minimal", "return=much", "")
    assert [call.get("/a", Prefer=p).status for p in asked] == [201, 200, 201, 201, 400, 200]


def test_prefer_makes_values_up_by_seed(pets: Caller) -> None:
    first = pets.get("/pets/1", Prefer="dynamic=true, seed=a").body
    assert first == pets.get("/pets/1", Prefer="dynamic=true, seed=a").body
    others = {pets.get("/pets/1", Prefer=f"dynamic=true, seed={n}").body for n in range(8)}
    assert len(others) > 1
    assert b"Tom" not in first


def test_accept_chooses_the_media_type(pets: Caller) -> None:
    assert pets.get("/pets/1", Accept="text/*").headers["content-type"] == "text/plain"
    assert (
        pets.get("/pets/1", Accept="text/plain;q=0.1, application/json").headers["content-type"] == "application/json"
    )
    assert pets.get("/pets/1", Accept="image/png").status == 406


XML = """
paths:
  /pets:
    post:
      requestBody: {required: true, content: {application/xml: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'200': {description: d, content: {application/xml: {schema: {$ref: '#/components/schemas/Pet'}}}}}
    get:
      responses:
        '200':
          description: d
          content:
            application/xml:
              schema: {type: array, minItems: 1, items: {$ref: '#/components/schemas/Pet'}, xml: {name: pets}}
components:
  schemas:
    Pet:
      type: object
      additionalProperties: false
      required: [id, 1 name, tags, photos, good]
      xml: {name: pet, namespace: 'https://a.example/pet'}
      properties:
        id: {type: integer, xml: {attribute: true}, example: 7}
        1 name: {type: string, example: 'a < b'}
        good: {type: boolean}
        tags:
          {type: array, minItems: 2, items: {type: string, xml: {name: tag}}, xml: {wrapped: true}, example: [x, y]}
        photos: {type: array, minItems: 2, items: {type: integer}, example: [1, 2]}
"""
PET = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<pet xmlns="https://a.example/pet" id="7"><_1_name>a &lt; b</_1_name><good>true</good>'
    "<tags><tag>x</tag><tag>y</tag></tags><photos>1</photos><photos>2</photos></pet>"
)


def test_xml_is_written_as_the_contract_says(serve_text: Serve) -> None:
    call = serve_text(XML)
    listed = call.get("/pets")
    root = ET.fromstring(listed.body)  # noqa: S314  # our own text
    assert (listed.headers["content-type"], root.tag, len(root)) == ("application/xml", "pets", 1)
    sent = PET.replace("_1_name", "name").encode()
    kind = {"content-type": "application/xml"}
    assert call("POST", "/pets", sent, headers=kind).status == 400, "name is no member"
    made = call("POST", "/pets", PET.encode(), headers=kind)
    assert made.status == 400, "the member is called '1 name', which XML can't say"


def test_xml_is_read_as_the_contract_says(serve_text: Serve) -> None:
    call = serve_text(XML.replace("1 name", "name"))
    kind = {"content-type": "application/xml"}
    pet = PET.replace("_1_name", "name")
    made = call("POST", "/pets", pet.encode(), headers=kind)
    assert (made.status, made.body.decode()) == (200, pet)
    for old, new in (
        ('id="7"', 'id="x"'),
        ("<photos>1</photos><photos>2</photos>", "<photos>1</photos>"),
        ("<good>true</good>", "<good>maybe</good>"),
        ("</pet>", "<other/></pet>"),
        ("</pet>", ""),
        ("<pet ", '<!DOCTYPE a [<!ENTITY b "c">]><pet '),
        ("true", "<a>" * 300 + "</a>" * 300),
    ):
        assert call("POST", "/pets", pet.replace(old, new).encode(), headers=kind).status == 400, new


def test_a_request_that_breaks_the_contract_is_refused(pets: Caller) -> None:
    assert pets.get("/pets/none").status == 400
    assert pets.get("/pets/0").status == 400
    refused = pets.get("/pets/1", Authorization="Basic dTpw")
    assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")


def test_without_state_nobody_in_particular_has_to_call(pets: Caller) -> None:
    assert pets.get("/pets/1", Authorization="Bearer somebody's").status == 200
    assert pets.get("/pets/1", Authorization="Bearer ").status == 401


def test_named_credentials_are_the_only_good_ones_without_state_too(serve: Serve) -> None:
    ivy = serve("ivy", mode="stateless", credentials={"apiKey": [{"value": "app.secret"}]})
    details, known = "/api/service/data/session/details", {"id": "any"}
    called = [
        ivy("POST", details, known, headers={"x-ivy-api-key": key}).status for key in ("app.secret", "test-key")
    ]
    assert called == [200, 401]


@pytest.mark.parametrize(
    "schema",
    [
        "{type: object, minProperties: 3, propertyNames: {pattern: '^x-[a-z]{3}$'}, additionalProperties: true}",
        "{allOf: [{type: object, required: [a]}, {properties: {a: {type: string, format: date}}}]}",
        "{oneOf: [{type: object, required: [a], not: {required: [b]}}, {type: object, required: [b]}]}",
        "{type: array, minItems: 3, uniqueItems: true, items: {enum: [1, 2, 3]}}",
        "{type: array, prefixItems: [{type: integer}, {type: string}], items: false, minItems: 2}",
        "{type: array, contains: {const: 7}}",
        "{type: number, exclusiveMinimum: 1.5, maximum: 1.75, multipleOf: 0.25}",
        "{type: integer, minimum: 100, multipleOf: 7}",
        "{type: string, pattern: '^(?:[0-9]{4}-){3}[0-9]{4}$'}",
        "{type: string, minLength: 50, maxLength: 50}",
        "{type: object, required: [k], properties: {k: {const: a}}, if: {required: [k]}, then: {required: [v]}}",
        "{type: object, required: [a], properties: {a: {type: string}}, dependentRequired: {a: [b, c]}}",
        "{type: [string, 'null'], enum: [null]}",
        "{$ref: '#/components/schemas/Tree'}",
    ],
)
def test_values_are_found_for_schemas(serve_text: Serve, schema: str) -> None:
    call = serve_text(f"""
openapi: 3.1.0
info: {{title: t, version: '1'}}
paths:
  /a:
    get: {{responses: {{'200': {{description: d, content: {{application/json: {{schema: {schema}}}}}}}}}}}
components:
  schemas:
    Tree:
      type: object
      required: [children]
      properties: {{children: {{type: array, items: {{$ref: '#/components/schemas/Tree'}}}}}}
""")
    plain, dynamic = call.get("/a"), call.get("/a", Prefer="dynamic=true")
    assert (plain.status, dynamic.status) == (200, 200), (plain.body, dynamic.body)


@pytest.mark.parametrize(
    "schema", ["{type: array, minItems: 1000000000}", "{type: object, minProperties: 1000000000}"]
)
def test_what_is_too_large_to_be_made_is_not_begun(serve_text: Serve, schema: str) -> None:
    call = serve_text(f"""
openapi: 3.1.0
info: {{title: t, version: '1'}}
paths:
  /a:
    get: {{responses: {{'200': {{description: d, content: {{application/json: {{schema: {schema}}}}}}}}}}}
""")
    assert call.get("/a").status == 500


FORMS = """
paths:
  /a/{id}:
    post:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer, format: int64}}
        - {name: day, in: query, schema: {type: string, format: date}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                small: {type: integer, format: int32}
                huge: {type: integer, format: int32, minimum: 3000000000}
                id: {type: string, format: uuid}
                mail: {type: string, format: email}
                at: {type: string, format: date-time}
                raw: {type: string, format: byte}
                odd: {type: string, format: phone}
      responses: {'204': {description: d}}
"""


@pytest.mark.parametrize(
    ("target", "body", "status"),
    [
        ("/a/9223372036854775807", {}, 204),
        ("/a/9223372036854775808", {}, 400),
        ("/a/1?day=2024-02-30", {}, 400),
        ("/a/1?day=2024-02-29", {}, 204),
        ("/a/1", {"small": 2**31 - 1}, 204),
        ("/a/1", {"small": 2**31}, 400),
        ("/a/1", {"huge": 3_000_000_000}, 204),
        ("/a/1", {"id": "no"}, 400),
        ("/a/1", {"mail": "no"}, 400),
        ("/a/1", {"at": "2024-01-01"}, 400),
        ("/a/1", {"raw": "c2FtcGxl"}, 204),
        ("/a/1", {"raw": "no!"}, 400),
        ("/a/1", {"odd": "anything"}, 204),
    ],
)
def test_formats_are_part_of_the_contract(serve_text: Serve, target: str, body: Any, status: int) -> None:
    assert serve_text(FORMS).post(target, body).status == status


def test_operations_that_only_a_query_tells_apart_are_told_apart(serve_text: Serve) -> None:
    call = serve_text("""
paths:
  /token: {post: {responses: {'200': {description: d}}}}
  /token?refresh: {post: {responses: {'201': {description: d}}}}
  /token?act=end&now: {post: {responses: {'202': {description: d}}}}
""")
    targets = ("/token", "/token?refresh", "/token?x=1&refresh", "/token?now&act=end", "/token?act=end", "/token?z")
    assert [call.post(t).status for t in targets] == [200, 201, 201, 202, 200, 200]


def test_a_template_answers_where_a_fixed_path_lacks_the_method(serve_text: Serve) -> None:
    call = serve_text("""
paths:
  /a/{x}:
    parameters: [{name: x, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: d}}}
  /a/b: {post: {responses: {'201': {description: d}}}}
""")
    assert [call.get("/a/b").status, call.post("/a/b").status, call("HEAD", "/a/b").status] == [200, 201, 200]
    assert call("PUT", "/a/b").status == 405


def test_alternatives_that_nothing_tells_apart_are_one(serve_text: Serve) -> None:
    call = serve_text("""
paths:
  /same:
    post:
      requestBody:
        content:
          application/json:
            schema:
              oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]
      responses: {'204': {description: d}}
  /apart:
    post:
      requestBody:
        content:
          application/json:
            schema: {oneOf: [{type: object, required: [a]}, {type: object, required: [b]}]}
      responses: {'204': {description: d}}
components:
  schemas:
    A: {type: object, properties: {a: {type: string}}}
    B: {type: object, properties: {b: {type: string}}}
""")
    assert [call.post("/same", {"a": "x"}).status, call.post("/same", {"a": 1}).status] == [204, 204]
    assert call.post("/same", {"a": 1, "b": 1}).status == 400
    assert [call.post("/apart", {"a": 1}).status, call.post("/apart", {"a": 1, "b": 1}).status] == [204, 400]


def test_a_form_says_values_of_all_alternatives(serve_text: Serve) -> None:
    call = serve_text("""
paths:
  /a:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties:
                data:
                  anyOf:
                    - {type: object, required: [who], properties: {who: {$ref: '#/components/schemas/W'}}}
                    - {type: object, required: [who], properties: {who: {$ref: '#/components/schemas/V'}}}
                plain: {type: object, properties: {n: {type: integer}}}
      responses: {'204': {description: d}}
components:
  schemas:
    W: {type: object, required: [name], properties: {name: {type: string}}}
    V: {type: object, properties: {at: {type: integer}}}
""")
    form = {"content-type": "application/x-www-form-urlencoded"}
    for body in (b"data[who][at]=5", b"data[who][name]=a", b"plain[n]=1", b"plain=%7B%22n%22:1%7D"):
        assert call("POST", "/a", body, headers=form).status == 204, body
    for body in (b"data[who][at]=x", b"plain[n]=x"):
        assert call("POST", "/a", body, headers=form).status == 400, body


def test_a_reference_is_no_example(serve_text: Serve) -> None:
    call = serve_text("""
paths:
  /a:
    get:
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {type: object, required: [n], properties: {n: {type: integer}}}
              examples: {e: {value: {$ref: examples/e.json}}}
""")
    assert isinstance(call.get("/a").json()["n"], int)


def test_another_protocol_is_not_spoken(serve_text: Serve) -> None:
    call = serve_text("""
paths:
  /live: {get: {responses: {'101': {description: d}}}}
  /both: {get: {responses: {'101': {description: d}, '204': {description: d}}}}
""")
    assert [call.get(path).status for path in ("/live", "/both")] == [426, 204]
    upgrade = call.get("/live").headers
    assert (upgrade["upgrade"], upgrade["connection"]) == ("websocket", "Upgrade, close")
    assert call.get("/both", Prefer="code=101").status == 400


@pytest.mark.parametrize(
    ("offered", "accept", "sent"),
    [
        ("*/*", "application/json", "application/json"),
        ("*/*", "application/problem+json", "application/problem+json"),
        ("*/*", "application/x-unknown", None),
        ("*/*", "text/*", None),
        ("application/*", "image/png", None),
        ("image/*", "image/jpeg", "image/jpeg"),
        ("image/*", "image/jpeg;q=0, image/*", "image/png"),
        ("image/*", "application/json", None),
        ("Application/JSON", "application/json", "application/json"),
    ],
)
def test_a_range_is_sent_as_what_is_accepted(serve_text: Serve, offered: str, accept: str, sent: str | None) -> None:
    answer = {"description": "d", "content": {offered: {"schema": {"type": "string"}}}}
    paths = {"/a": {"get": {"responses": {"200": answer}}}}
    call = serve_text(json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths}))
    reply = call.get("/a", Accept=accept)
    assert (reply.status, reply.headers["content-type"]) == (
        (200, sent) if sent else (406, "application/problem+json")
    )
