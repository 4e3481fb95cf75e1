"""Documents with schemas that nothing can be held against: what can't be checked is not judged, and ends no run."""

from collections.abc import Callable
from pathlib import Path

import pytest

LEVELS = 18
"""Schemas, each of which asks twice for the one before it: more than a validator is asked to go through."""
DOCUMENT = """
openapi: 3.1.0
info: {title: Things, version: '1'}
security: [{key: []}]
paths:
  /things:
    post:
      operationId: createThing
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/NewThing'}, example: {name: one, size: 1}}}
      responses:
        '201': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '400': {description: Not like that.}
        '409': {description: There is one of that name.}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: readThing
      responses:
        '200': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '404': {description: There is none.}
    patch:
      operationId: changeThing
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NewThing'}}}}
      responses:
        '200': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '400': {description: Not like that.}
        '404': {description: There is none.}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  schemas:
    Thing: {type: object, required: [id], properties: {id: {type: string}, name: {}, size: {}}}
    NewThing:
      type: object
      required: [name]
      properties: {name: {type: string, $ref: '#/components/schemas/Part17'}, size: {type: integer}}
      $ref: '#/components/schemas/Part17'
    Part0: {maxProperties: 9}
"""
LIFECYCLE = """
x-lifecycle:
  thing:
    description: A thing.
    key: id
    unique: [name]
    initial: there
    states: {there: {description: It is there.}}
    operations:
      createThing: {effect: create}
      readThing: {effect: read, key: $request.path.id}
"""


@pytest.mark.parametrize("more", ["", LIFECYCLE], ids=["by convention", "by lifecycle"])
def test_a_schema_that_cannot_be_checked_ends_no_run(
    tallystick: Callable[..., int], tmp_path: Path, capsys, more: str
) -> None:
    before = "{{$ref: '#/components/schemas/Part{0}'}}"
    part = f"    Part{{1}}: {{{{dependentSchemas: {{{{a: {before}, b: {before}}}}}}}}}\n"
    parts = "".join(part.format(i - 1, i) for i in range(1, LEVELS))
    path = tmp_path / "things.yaml"
    path.write_text(DOCUMENT + parts + more, encoding="utf-8")
    code = tallystick("test", path, "--max-examples", "1", "--report-dir", tmp_path / "report")
    said = capsys.readouterr()
    assert (code, said.err) == (0, ""), said
    assert "operations 3/3" in said.out
