"""What the journal tells, and what it must not: everything that a contract calls sensitive, wherever it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tallystick.mock.running import RunningMock
from tallystick.mock.store import open_store

CODES = """
openapi: 3.1.0
info: {title: Codes, version: '1'}
paths:
  /codes/{code}/uses/{use}:
    parameters:
      - {name: code, in: path, required: true, schema: {$ref: '#/components/schemas/Secret'}}
      - {name: use, in: path, required: true, schema: {type: string}}
    get:
      operationId: getCode
      parameters:
        - {name: pin, in: query, schema: {$ref: '#/components/schemas/Secret'}}
        - name: by
          in: query
          style: deepObject
          explode: true
          schema: {type: object, properties: {pin: {$ref: '#/components/schemas/Secret'}}}
        - {name: X-Pin, in: header, schema: {$ref: '#/components/schemas/Secret'}}
        - {name: plain, in: query, schema: {type: string}}
      responses:
        '200':
          description: d
          headers: {X-Next: {required: true, schema: {$ref: '#/components/schemas/Secret', const: SECRET-in-header}}}
          content:
            application/json:
              schema:
                type: object
                required: [list, map, pair, choice]
                properties:
                  list: {type: array, items: {$ref: '#/components/schemas/Secret'}, const: [SECRET-in-list]}
                  map: {additionalProperties: {$ref: '#/components/schemas/Secret'}, const: {a: SECRET-in-map}}
                  pair:
                    prefixItems: [{type: integer}, {$ref: '#/components/schemas/Secret'}]
                    const: [1, SECRET-in-pair]
                  choice:
                    if: {required: [n]}
                    else: {properties: {pin: {$ref: '#/components/schemas/Secret'}}}
                    const: {pin: SECRET-in-else}
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties:
                pin: {$ref: '#/components/schemas/Secret', pattern: '^SECRET'}
                pins: {type: array, items: {$ref: '#/components/schemas/Secret'}, maxItems: 1}
      responses: {'204': {description: d}, '400': {description: d}}
components:
  schemas:
    Secret: {type: string, x-sensitive: true}
"""


@pytest.fixture(params=["memory:", "sqlite:"])
def mock(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningMock]:
    (tmp_path / "codes.yaml").write_text(CODES)
    address = request.param if request.param == "memory:" else f"sqlite:///{tmp_path / 'state'}"
    with RunningMock(tmp_path / "codes.yaml", port=None, store=open_store(address)) as running:
        yield running


@pytest.fixture
def client(mock: RunningMock) -> httpx2.Client:
    return httpx2.Client(base_url=mock.url, transport=mock.transport)


def secrets(mock: RunningMock) -> list[str]:
    return re.findall(r"SECRET[\w-]*", json.dumps(mock.control.journal()))


def test_parameters_headers_and_bodies_are_masked(mock: RunningMock, client: httpx2.Client) -> None:
    answer = client.get(
        "/codes/SECRET-1/uses/u-1?pin=SECRET-2&by[pin]=SECRET-3&plain=shown", headers={"X-Pin": "SECRET-4"}
    )
    assert answer.status_code == 200
    assert len(re.findall("SECRET", answer.text + str(answer.headers))) == 5
    (entry,) = mock.control.journal()
    assert secrets(mock) == []
    assert entry["target"] == "/codes/***/uses/u-1?pin=***&by[pin]=***&plain=shown"
    assert (entry["headers"]["x-pin"], entry["answerHeaders"]["X-Next"]) == ("***", "***")
    assert entry["answerBody"]["pair"] == [1, "***"]


@pytest.mark.parametrize(
    "body",
    [
        {"pin": "wrong-SECRET"},
        {"pins": ["SECRET-1", "SECRET-2"]},
        {"pins": [{"SECRET": 1}]},
        {"pins": "SECRET"},
        ["SECRET"],
        {"pin": ["SECRET"]},
    ],
)
def test_what_is_wrong_with_a_sensitive_value_does_not_repeat_it(
    mock: RunningMock, client: httpx2.Client, body: object
) -> None:
    refused = client.post("/codes/c/uses/u", json=body)
    assert (refused.status_code, "SECRET" in refused.text, "***" in refused.text) == (400, False, True)
    assert secrets(mock) == []


def test_a_parameter_that_is_wrong_is_not_repeated_either(mock: RunningMock, client: httpx2.Client) -> None:
    refused = client.get("/codes/c/uses/u?pin=SECRET-1&pin=SECRET-2")
    assert (refused.status_code, "SECRET" in refused.text) == (400, False)
    assert secrets(mock) == []


def test_a_body_that_nobody_described_is_not_told(mock: RunningMock, client: httpx2.Client) -> None:
    for target, kind in (("/codes/c/uses/u", "text/plain"), ("/nowhere", "application/json")):
        client.post(target, content=b'{"pin": "SECRET"}', headers={"Content-Type": kind})
    assert [entry["body"] for entry in mock.control.journal()] == ["(17 bytes)", "(17 bytes)"]
