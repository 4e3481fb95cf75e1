"""Values against the schemas of a contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tallystick.contract import Contract, Schema, read
from tallystick.contract.validation import Direction, Validators

DOCUMENT = """
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a~b/{id}:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                count: {type: integer}
                pet: {$ref: '#/components/schemas/Pet'}
      responses: {'200': {description: d}}
    put:
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/paths/~1a~0b~1%7Bid%7D/post/requestBody/content/application~1json/schema'}
      responses: {'200': {description: d}}
components:
  schemas:
    Pet:
      type: object
      required: [id, name, secret]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string}
        secret: {type: string, writeOnly: true}
        born: {type: string, format: date}
"""


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    path = tmp_path / "openapi.yaml"
    path.write_text(DOCUMENT)
    return read(path, name="t")


def test_says_where_in_the_value_and_where_in_the_document(contract: Contract) -> None:
    body = contract.operations[0].body
    assert body is not None and body.media[0].schema is not None
    value = {"count": "1", "pet": {"name": 2}}
    found = {
        (v.pointer, v.keyword, v.schema_pointer)
        for v in Validators(contract).violations(body.media[0].schema, value, "request")  # type: ignore[arg-type]
    }
    schema = "/paths/~1a~0b~1{id}/post/requestBody/content/application~1json/schema"
    pet = "/components/schemas/Pet"
    assert found == {
        ("/count", "type", schema + "/properties/count/type"),
        ("/pet/name", "type", pet + "/properties/name/type"),
        ("/pet", "required", pet + "/required"),
    }


def test_references_to_places_with_braces_are_followed(contract: Contract) -> None:
    body = contract.operations[1].body
    assert body is not None and body.media[0].schema is not None
    violations = Validators(contract).violations(body.media[0].schema, {"count": "1"}, "request")
    assert [v.pointer for v in violations] == ["/count"]


@pytest.mark.parametrize(
    ("direction", "missing"),
    [("request", ['"name"', '"secret"']), ("response", ['"id"', '"name"'])],
)
def test_members_that_do_not_travel_are_not_required(
    contract: Contract, direction: Direction, missing: list[str]
) -> None:
    violations = Validators(contract).violations(contract.schemas["Pet"], {}, direction)
    assert sorted(v.message.split()[0] for v in violations) == missing


def test_formats_are_checked(contract: Contract) -> None:
    pet = {"id": 1, "name": "a", "born": "yesterday"}
    assert not Validators(contract).is_valid(contract.schemas["Pet"], pet, "response")  # type: ignore[arg-type]


def nothing_is_known(validators: Validators, schema: Schema) -> bool:
    """Say whether values of a schema are taken to be neither valid nor invalid."""
    known = (validators.can_check(schema, "request"), validators.is_valid(schema, "x", "request"))
    allowed = validators.allows(schema, "x", "request") and not list(validators.violations(schema, "x", "request"))
    return known == (False, False) and allowed


def test_nothing_is_known_of_a_schema_that_cannot_be_compiled(contract: Contract) -> None:
    assert nothing_is_known(Validators(contract), Schema(contract.document, "/info/title", {}))
    assert not nothing_is_known(Validators(contract), contract.schemas["Pet"])


@pytest.mark.parametrize(
    "malformed",
    [
        "pattern: '['",
        "patternProperties: {'[': {type: integer}}",
        "multipleOf: 0",
        "dependentRequired: true",
        "dependentRequired: {a: [b, b]}",
        "dependencies: 5",
        "unevaluatedItems: 5",
        "unevaluatedProperties: none",
        "$dynamicRef: '#nowhere'",
        "$ref: '#/info/title'",
    ],
)
def test_the_rest_of_a_schema_holds_where_one_keyword_means_nothing(tmp_path: Path, malformed: str) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(DOCUMENT + f"    Short: {{type: string, maxLength: 2, {malformed}}}\n")
    found = read(path, name="t")
    fits = [Validators(found).is_valid(found.schemas["Short"], value, "request") for value in ("ab", "abc", 5)]
    assert fits == [True, False, False]


def test_a_batch_says_whose_error_it_is_and_passes_over_what_cannot_be_compiled(contract: Contract) -> None:
    pet, broken = contract.schemas["Pet"], Schema(contract.document, "/info/title", {})
    good, bad = json.loads('{"id": 1, "name": "a"}'), json.loads('{"id": "1", "name": "a"}')
    values = [(pet, good), (broken, "x"), (pet, bad), (broken, 5), (pet, good)]
    errors = list(Validators(contract).batch(values, "response"))
    assert [(index, list(error.instance_path)) for index, error in errors] == [(2, [2, "id"])]


def tower(folder: Path, keyword: str, bottom: str, more: str = "") -> Contract:
    """Return a contract with schemas S0 to S59, each `keyword` over twice the one before, and with some more."""
    both = f"{{{keyword}: [{{$ref: '#/components/schemas/S%d'}}, {{$ref: '#/components/schemas/S%d'}}]}}"
    schemas = [bottom, *(both % (i - 1, i - 1) for i in range(1, 60))]
    head = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n"
    path = folder / "openapi.yaml"
    path.write_text(head + "".join(f"    S{i}: {schema}\n" for i, schema in enumerate(schemas)) + more)
    return read(path, name="t")


def test_nothing_is_known_of_a_schema_whose_alternatives_multiply(tmp_path: Path) -> None:
    found = tower(tmp_path, "anyOf", "{type: integer, properties: {a: {}}}")
    top = found.schemas["S59"]
    assert nothing_is_known(Validators(found), top)
    assert not list(Validators(found).batch([(top, "x")], "request"))
    assert set(top.members()) == set() and not top.nullable


@pytest.mark.parametrize("place", ["properties: {a: %s}", "items: {items: %s}", "prefixItems: [{contains: %s}]"])
def test_nothing_is_known_of_a_schema_inside_of_which_alternatives_multiply(tmp_path: Path, place: str) -> None:
    more = (
        f"    Box: {{{place % {'$ref': '#/components/schemas/S59'}}}}\n    Small: {{{place % {'type': 'integer'}}}}\n"
    )
    found = tower(tmp_path, "anyOf", "{type: integer}", more)
    assert nothing_is_known(Validators(found), found.schemas["Box"])
    assert not nothing_is_known(Validators(found), found.schemas["Small"])


def test_allof_towers_are_walked_once(tmp_path: Path) -> None:
    top = tower(tmp_path, "allOf", "{type: object, properties: {a: {}}}").schemas["S59"]
    assert set(top.members()) == {"a"} and not top.nullable


@pytest.mark.parametrize("ref", ["#/paths/~1a~1%7Bx%20y%7D/s", "#/paths/~1a~1{x y}/s"])
def test_a_reference_may_lead_into_a_path(tmp_path: Path, ref: str) -> None:
    path = tmp_path / "openapi.json"
    answer = {"description": "d", "content": {"application/json": {"schema": {"type": "integer"}}}}
    inner = ref.replace("/s", "/get/responses/200/content/application~1json/schema")
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a/{x y}": {"get": {"responses": {"200": answer}}}},
        "components": {"schemas": {"A": {"$ref": inner}}},
    }
    path.write_text(json.dumps(document))
    contract = read(path, name="t")
    schema = contract.schemas["A"]
    assert schema.resolved.types == ("integer",)
    assert [Validators(contract).is_valid(schema, value, "request") for value in (1, "a")] == [True, False]
