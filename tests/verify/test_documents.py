"""Documents of other people: headers that HTTP can't send, bodies that are lists, members that say the kind."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tallystick import verify
from tallystick.contract import Schema, read
from tallystick.load import Json
from tallystick.verify.result import Problem
from tallystick.verify.walks.items import kinds

DOCUMENT = """
openapi: 3.1.0
info: {title: Shelves, version: '1'}
paths:
  /shelf:
    get:
      operationId: look
      parameters: [{name: X-Shelf, in: header, schema: {type: string}}]
      responses:
        '200':
          description: It
          content: {application/json: {schema: {$ref: '#/components/schemas/Shelf'}}}
    patch:
      operationId: change
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: array, minItems: 1, items: {$ref: '#/components/schemas/Step'}}
            example: [{do: add}]
      responses: {'200': {description: Done}, '400': {description: Not like that}}
components:
  schemas:
    Shelf: {type: object, properties: {width: {type: integer}, label: {type: string}}}
    Step: {type: object, required: [do], properties: {do: {enum: [add, drop]}}}
"""
TABLES = """
openapi: 3.1.0
info: {title: Tables, version: '1'}
security: [{connection: []}]
paths:
  /table:
    get: {operationId: table, responses: {'200': {description: It, content: {xls: {schema: {type: string}}}}}}
components: {securitySchemes: {connection: {type: mutualTLS}}}
"""


def failures(folder: Path, look: Json, refuses: Callable[[Json], bool], text: str = DOCUMENT) -> verify.Result:
    path = folder / "shelves.yaml"
    path.write_text(text, encoding="utf-8")
    contract = read(path, name="shelves", root=folder)

    async def shelf(request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse(look)
        try:
            given = await request.json() if "json" in request.headers.get("content-type", "") else None
        except ValueError:
            return JSONResponse({}, 400)
        return JSONResponse({}, 400 if refuses(given) else 200)

    app = Starlette(routes=[Route("/shelf", shelf, methods=["GET", "PATCH"])])
    plan = verify.Plan(max_examples=1, phases=("examples", "walks", "coverage"))
    return verify.run(contract, verify.in_process(contract, app, "shelves"), plan)


def is_wrong(steps: Json) -> bool:
    return not (isinstance(steps, list) and steps and all(is_step(step) for step in steps))


def is_step(step: Json) -> bool:
    return isinstance(step, dict) and step.get("do") in ("add", "drop")


def test_a_body_that_is_a_list_is_judged(tmp_path: Path) -> None:
    assert failures(tmp_path, {}, is_wrong).clean
    lenient = failures(tmp_path, {}, lambda steps: not isinstance(steps, list))
    assert "A body in which 0/do is none of the list is accepted" in {f.title for f in lenient.failures}
    assert "A body that has less than 1 items is accepted" in {f.title for f in lenient.failures}


def test_two_places_in_an_answer_are_two_failures(tmp_path: Path) -> None:
    found = [failures(tmp_path, look, is_wrong).failures for look in ({"width": "1"}, {"label": 1})]
    names = [[failure.fingerprint for failure in one] for one in found]
    assert [failure.place for one in found for failure in one] == ["/width type", "/label type"]
    assert len(names[0]) == len(names[1]) == 1 and names[0] != names[1]


def test_a_header_that_can_not_be_sent_leaves_its_operation_out(tmp_path: Path) -> None:
    result = failures(tmp_path, {}, is_wrong, DOCUMENT.replace("X-Shelf", "my shelf"))
    said = "its header parameter 'my shelf' has a name that HTTP can't send, so it is left out"
    assert result.clean and Problem("GET /shelf", said) in result.problems


def test_the_member_that_says_the_kind_is_no_free_text() -> None:
    base = {"type": "object", "properties": {"@type": {"type": "string"}}, "discriminator": {"propertyName": "@type"}}
    assert kinds(Schema.at({"a": base}, "/a")) == {"@type"}
    assert kinds(Schema.at({"a": {"allOf": [{"$ref": "#/b"}]}, "b": base}, "/a")) == {"@type"}


def test_an_answer_of_a_type_that_the_document_misnames(tmp_path: Path) -> None:
    path = tmp_path / "tables.yaml"
    path.write_text(TABLES, encoding="utf-8")
    contract = read(path, name="tables", root=tmp_path)

    async def table(_: Request) -> Response:
        return Response(b"PK", headers={"content-type": "xls"})

    app = Starlette(routes=[Route("/table", table)])
    plan = verify.Plan(max_examples=1, phases=("examples", "walks", "coverage"))
    result = verify.run(contract, verify.in_process(contract, app, "tables"), plan)
    assert {item.subject for item in result.coverage.items if item.kind == "operation" and item.exercised}
    assert result.clean, result.failures


PARCELS = """
openapi: 3.0.3
info: {title: parcels, version: '1'}
paths:
  /parcels:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Parcel'}
            examples: {far: {$ref: '#/components/examples/Far'}, away: {externalValue: 'https://a.example/p.json'}}
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {oneOf: [{$ref: '#/components/schemas/Sent'}, {$ref: '#/components/schemas/Lost'}]}
components:
  examples: {Far: {summary: Far away, value: {$ref: examples/parcel.json}}}
  schemas:
    Parcel:
      type: object
      required: [value]
      properties: {value: {$ref: '#/components/schemas/Sum'}}
      example: {$ref: examples/parcel.json}
    Sum: {type: integer, minimum: 1}
    Sent: {type: object, required: [state], properties: {state: {type: string, example: sent}}}
    Lost: {type: object, required: [state], properties: {state: {type: string, example: lost}}}
"""


def parcels(tmp_path: Path, document: str, answer: Json) -> verify.Result:
    path = tmp_path / "parcels.yaml"
    path.write_text(document, encoding="utf-8")
    contract = read(path, name="parcels", root=tmp_path)

    async def parcel(request: Request) -> Response:
        try:
            given = await request.json()
        except ValueError:
            return JSONResponse({}, 400)
        if not isinstance(given, dict) or not given.keys().isdisjoint(("$ref", "summary")):
            return JSONResponse({}, 400)
        value = given.get("value")
        sound = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 1 and value == int(value)
        return JSONResponse(answer if sound else {}, 200 if sound else 400)

    app = Starlette(routes=[Route("/parcels", parcel, methods=["POST"])])
    plan = verify.Plan(max_examples=3, phases=("examples", "fuzzing"))
    return verify.run(contract, verify.in_process(contract, app, "parcels"), plan)


def test_a_reference_in_place_of_an_example_is_not_sent_and_alternatives_may_overlap(tmp_path: Path) -> None:
    result = parcels(tmp_path, PARCELS, {"state": "sent"})
    assert result.clean, result.failures
    said = "its answer 200 fits several alternatives, which the contract's oneOf does not tell apart"
    assert Problem("POST /parcels", said) in result.problems


def test_alternatives_that_can_be_told_apart_may_not_overlap(tmp_path: Path) -> None:
    told_apart = PARCELS.replace("Lost: {type: object, required: [state]", "Lost: {type: object, required: [lost]")
    assert not parcels(tmp_path, told_apart, {"state": "sent", "lost": True}).clean
    assert parcels(tmp_path, told_apart, {"state": "sent"}).clean


PAGES = """
openapi: 3.0.3
info: {title: pages, version: '1'}
paths:
  /pages:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Asked'}}}}
      responses: {'200': {description: A page}, '400': {description: None}}
components:
  schemas:
    Asked: {oneOf: [{$ref: '#/components/schemas/Next'}, {$ref: '#/components/schemas/First'}]}
    Next: {%s, properties: {cursor: {type: string, example: abc}}}
    First: {%s, properties: {limit: {type: integer}}}
"""


def test_a_body_that_several_alternatives_take_may_be_taken(tmp_path: Path) -> None:
    path = tmp_path / "pages.yaml"

    async def page(request: Request) -> Response:
        try:
            return JSONResponse({"asked": await request.json()})
        except ValueError:
            return JSONResponse({}, 400)

    def titles(what: str) -> set[str]:
        path.write_text(PAGES % (what, what), encoding="utf-8")
        contract = read(path, name="pages", root=tmp_path)
        app = Starlette(routes=[Route("/pages", page, methods=["POST"])])
        result = verify.run(contract, verify.in_process(contract, app, "pages"), verify.Plan(phases=("walks",)))
        return {failure.title for failure in result.failures}

    lists = {"A body that is an array is accepted", "A body that is null is accepted"}
    assert lists.isdisjoint(titles("description: anything"))
    assert lists <= titles("type: object")


def test_what_is_noted_of_many_operations_is_said_once(
    tallystick: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "string"}}}}}
    paths = {f"/{name}": {"get": {"responses": answer}} for name in "abcde"}
    document = tmp_path / "many.json"
    document.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}))
    assert tallystick("test", document, "--max-examples", 1, "--report-dir", tmp_path / "report") == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note: ")]
    said = "GET /a, GET /b, GET /c and 2 more: it refuses with 406, of which the contract says nothing"
    assert notes == [f"note: {said}"]
