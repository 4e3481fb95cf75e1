"""Answers that a document leaves to HTTP are no failures of a server."""

from __future__ import annotations

from pathlib import Path

from tallystick import verify
from tallystick.contract import read

DOCUMENT = """
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /notes:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses:
        '201': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
  /never:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'405': {description: d}}
  /live:
    get: {responses: {'101': {description: d}}}
  /empty:
    post: {responses: {'204': {description: d, content: {application/json: {schema: {type: object}}}}}}
  /broken:
    get: {responses: {'500': {description: d}, '503': {description: d}}}
  /lines:
    put:
      parameters: [{name: lines, in: header, schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}]
      responses: {'204': {description: d}, '400': {description: d}}
  /tree:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Tree'}}}}
      responses: {'204': {description: d}, '400': {description: d}}
components:
  schemas:
    Note: {type: object, required: [id], properties: {id: {type: string, enum: [a, b]}}}
    Tree: {type: object, required: [above], properties: {above: {$ref: '#/components/schemas/Tree'}}}
"""


def test_what_a_document_leaves_unsaid_is_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(DOCUMENT)
    contract = read(path, name="notes")
    plan = verify.Plan(max_examples=5, phases=("examples", "walks", "coverage", "fuzzing"))
    result = verify.run(contract, verify.local_mock(contract, None, plan), plan)
    assert [f"{f.check} {f.message}" for f in result.failures] == []
    noted = {(note.subject, note.reason.partition(",")[0]) for note in result.problems}
    assert {("POST /notes", "it refuses with 409"), ("GET /live", "it refuses with 426")} <= noted
    assert ("POST /empty", "its answer 204 can't have the body that the contract gives it (RFC 9110)") in noted


def test_of_two_schemes_for_one_header_the_last_is_tried(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text("""
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a: {get: {security: [{one: [], two: []}], responses: {'200': {description: d}}}}
components:
  securitySchemes:
    one: {type: oauth2, flows: {implicit: {authorizationUrl: https://a.example, scopes: {}}}}
    two: {type: http, scheme: bearer}
""")
    contract = read(path, name="two")
    plan = verify.Plan(max_examples=1, phases=("walks",))
    result = verify.run(contract, verify.local_mock(contract, None, plan), plan)
    assert [f"{f.check} {f.message}" for f in result.failures] == []
