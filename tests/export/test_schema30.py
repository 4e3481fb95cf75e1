"""A 3.1 document written as 3.0 accepts the same values, or says what it can't."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from tallystick.contract import Contract, read
from tallystick.contract.validation import Validators
from tallystick.export import as_yaml, export
from tallystick.load import Json
from tallystick.load.pointer import get

HEAD = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n"


def contract_of(folder: Path, text: str) -> Contract:
    path = folder / "openapi.yaml"
    path.write_text(text)
    return read(path, name="t")


def with_schema(folder: Path, schema: str) -> Contract:
    others = "    Name: {type: string, maxLength: 3}\n"
    return contract_of(folder, f"{HEAD}components:\n  schemas:\n{others}    It: {schema}\n")


VALUES: list[Json] = json.loads("""
[
  null, true, 0, 1, 5, 5.5, 10, -1, "", "a", "abcd", "YWJj", [], [1], ["a"], [1, "a"], {}, {"a": 1}, {"b": "x"},
  {"a": 1, "b": 2}, {"a": "x"}, {"a": null}, {"kind": "cat"}, {"kind": "dog", "a": 1}
]
""")
FAITHFUL = {
    "nullable type": "{type: [string, 'null']}",
    "nullable enum": "{type: [string, 'null'], enum: [a, null]}",
    "null alone": "{type: 'null'}",
    "several types": "{type: [string, integer]}",
    "several types and null": "{type: [string, array, 'null'], maxLength: 2}",
    "several types and alternatives": "{type: [string, integer], anyOf: [{minimum: 5}, {maxLength: 1}]}",
    "null among alternatives": "{anyOf: [{$ref: '#/components/schemas/Name'}, {type: 'null'}]}",
    "constant": "{const: 5}",
    "constant null": "{const: null}",
    "constant in members": "{type: object, properties: {kind: {const: cat}}}",
    "exclusive bounds": "{type: number, exclusiveMinimum: 1, exclusiveMaximum: 10}",
    "both kinds of bounds": "{type: number, minimum: 5, exclusiveMinimum: 1}",
    "both kinds of bounds, equal": "{type: number, maximum: 5, exclusiveMaximum: 5}",
    "beside a reference": "{$ref: '#/components/schemas/Name', minLength: 1, description: d}",
    "dependent members": "{type: object, dependentRequired: {a: [b]}}",
    "dependent schemas": "{type: object, dependentSchemas: {a: {required: [b]}}}",
    "condition": "{if: {type: string}, then: {maxLength: 1}, else: {type: object}}",
    "condition without else": "{if: {type: string}, then: {maxLength: 1}}",
    "boolean schemas": "{type: object, properties: {a: true, b: false}}",
    "closed": "{type: object, properties: {a: true}, additionalProperties: false}",
    "array of anything": "{type: array}",
    "array of booleans": "{type: array, items: false}",
    "nested": "{type: object, properties: {a: {type: [integer, 'null']}}}",
}


@pytest.mark.parametrize("schema", FAITHFUL.values(), ids=FAITHFUL.keys())
def test_accepts_the_same(schema: str, tmp_path: Path) -> None:
    before = with_schema(tmp_path, schema)
    exported = export(before, "3.0")
    assert not exported.findings
    assert not list(OpenAPIV30SpecValidator(exported.data).iter_errors())
    after = contract_of(tmp_path, as_yaml(exported.data))
    assert after.openapi == "3.0.4" and not after.findings
    old, new = Validators(before), Validators(after)
    for value in VALUES:
        accepted = old.is_valid(before.schemas["It"], value, "request")
        assert new.is_valid(after.schemas["It"], value, "request") == accepted, json.dumps(value)


LOSING = {
    "prefixItems": "{type: array, prefixItems: [{type: string}]}",
    "contains": "{type: array, contains: {type: string}}",
    "patternProperties": "{type: object, patternProperties: {'^a': {type: string}}}",
    "propertyNames": "{type: object, propertyNames: {maxLength: 3}}",
    "unevaluatedProperties": "{type: object, unevaluatedProperties: false}",
    "contentMediaType": "{type: string, contentMediaType: application/json}",
    "$defs": "{$defs: {a: {type: string}}}",
    "examples": "{type: string, examples: [a, b]}",
}


@pytest.mark.parametrize(("keyword", "schema"), LOSING.items(), ids=LOSING.keys())
def test_says_what_it_loses_where(keyword: str, schema: str, tmp_path: Path) -> None:
    exported = export(with_schema(tmp_path, schema), "3.0")
    (finding,) = exported.findings
    assert finding.id == "lost-in-30" and finding.place.pointer == f"/components/schemas/It/{keyword}"
    assert finding.place.line == 7 and finding.severity == "error"
    assert not list(OpenAPIV30SpecValidator(exported.data).iter_errors())


def test_losses_can_be_accepted(tmp_path: Path) -> None:
    exported = export(with_schema(tmp_path, LOSING["contains"]), "3.0", lossy=True)
    assert [f.severity for f in exported.findings] == ["warning"]


def test_base64_is_a_format_in_30(tmp_path: Path) -> None:
    exported = export(with_schema(tmp_path, "{type: string, contentEncoding: base64, examples: [YWJj]}"), "3.0")
    assert get(exported.data, "/components/schemas/It") == {"type": "string", "format": "byte", "example": "YWJj"}
    assert not exported.findings


DOCUMENT = """
openapi: 3.1.0
info: {title: t, summary: s, version: '1', license: {name: MIT, identifier: MIT}}
webhooks:
  done:
    post:
      requestBody: {content: {application/json: {schema: {const: done}}}}
      responses: {'200': {$ref: '#/components/responses/Taken', description: It is taken.}}
components:
  responses: {Taken: {description: Taken.}}
"""


def test_the_document_around_the_schemas(tmp_path: Path) -> None:
    exported = export(contract_of(tmp_path, DOCUMENT), "3.0")
    body = {"content": {"application/json": {"schema": {"enum": ["done"]}}}}
    taken = {"200": {"$ref": "#/components/responses/Taken"}}
    licence = {"name": "MIT", "url": "https://spdx.org/licenses/MIT.html", "x-identifier": "MIT"}
    assert exported.data == {
        "openapi": "3.0.4",
        "info": {"title": "t", "version": "1", "license": licence, "x-summary": "s"},
        "components": {"responses": {"Taken": {"description": "Taken."}}},
        "paths": {},
        "x-webhooks": {"done": {"post": {"requestBody": body, "responses": taken}}},
    }
    assert [f.message for f in exported.findings] == ["OpenAPI 3.0 has no description beside a reference"]


def test_a_30_document_becomes_31(tmp_path: Path) -> None:
    schema = "{type: integer, nullable: true, minimum: 1, exclusiveMinimum: true}"
    before = contract_of(tmp_path, f"{HEAD.replace('3.1.0', '3.0.3')}components: {{schemas: {{It: {schema}}}}}\n")
    data = export(before, "3.1").data
    assert data["openapi"] == "3.1.1"
    assert data["components"] == {"schemas": {"It": {"type": ["integer", "null"], "exclusiveMinimum": 1}}}


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_the_documents_own_version_is_not_touched(version: str, tmp_path: Path) -> None:
    before = contract_of(tmp_path, HEAD.replace("3.1.0", f"{version}.2"))
    assert export(before).data == export(before, version).data == before.bundle.data  # type: ignore[arg-type]
