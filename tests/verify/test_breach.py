"""A second opinion on requests: whether they break the contract as they were sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from tallystick.contract import Contract, read
from tallystick.contract.validation import Validators
from tallystick.verify.data.breach import breaks, is_ambiguous, is_empty, refers

DOCUMENT = """
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a/{kind}:
    post:
      parameters:
        - {name: kind, in: path, required: true, schema: {enum: [x, y], type: string}}
        - {name: n, in: query, required: true, schema: {type: integer, format: int32}}
        - {name: many, in: query, schema: {type: array, maxItems: 2, items: {type: integer}}}
        - {name: flag, in: query, schema: {type: boolean}}
        - {name: form, in: query, style: deepObject, schema: {type: object}}
        - {name: Accept, in: header, required: true, schema: {type: string}}
        - {name: X-Size, in: header, required: true, schema: {type: number, minimum: 1}}
      requestBody:
        required: true
        content:
          application/json: {schema: {type: object, required: [a], properties: {a: {type: integer}}}}
          application/xml: {schema: {type: object, properties: {tags: {type: array}}}}
          application/merge-patch+json:
            schema: {oneOf: [{type: object, properties: {a: {enum: [1]}}}, {type: object, required: [b]}]}
          application/x-www-form-urlencoded: {schema: {type: object, properties: {tags: {type: array}}}}
      responses: {'200': {description: fine}}
"""


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    file = Path(tmp_path_factory.mktemp("document")) / "a.yaml"
    file.write_text(DOCUMENT)
    return read(file, name="a")


def broken(contract: Contract, **changes: Any) -> bool:
    sent: dict[str, Any] = {
        "path": "x",
        "query": "n=1",
        "headers": {"X-Size": "1"},
        "body": b'{"a": 1}',
        "type": "application/json",
        **changes,
    }
    request = requests.Request(
        "POST",
        f"http://h/base/a/{sent['path']}?{sent['query']}",
        headers={**sent["headers"], "Content-Type": sent["type"]},
        data=sent["body"],
    ).prepare()
    clearly = bool(changes.get("clearly"))
    return breaks(contract.operations[0], request, "/base", Validators(contract), clearly=clearly)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"query": "n=1.0"},
        {"query": "n=1&n=two"},
        {"query": "n=1&unknown=2"},
        {"query": "n=1&many=1&many=2"},
        {"query": "n=1&flag=True"},
        {"query": "n=1&form=odd"},
        {"body": b"<a>no number</a>", "type": "application/xml"},
    ],
)
def test_what_a_server_may_take(contract: Contract, changes: dict[str, Any]) -> None:
    assert not broken(contract, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "z"},
        {"query": ""},
        {"query": "n=1.5"},
        {"query": "n=4294967296"},
        {"query": "n=one"},
        {"query": "n=1&many=1&many=2&many=3"},
        {"query": "n=1&many=one"},
        {"query": "n=1&flag=maybe"},
        {"headers": {}},
        {"headers": {"X-Size": "0.5"}},
        {"body": b""},
        {"body": b"{"},
        {"body": b'{"a": "1"}'},
    ],
)
def test_what_a_server_has_to_refuse(contract: Contract, changes: dict[str, Any]) -> None:
    assert broken(contract, **changes)


@pytest.mark.parametrize(
    ("body", "media_type", "empty"),
    [
        (b"", "text/plain", True),
        (b"--b--\r\n", "multipart/form-data; boundary=b", True),
        (b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n', "multipart/form-data", False),
        (b"{}", "application/json", False),
    ],
)
def test_bodies_that_nobody_can_tell_from_none(contract: Contract, body: bytes, media_type: str, empty: bool) -> None:
    request = requests.Request("POST", "http://h/", headers={"Content-Type": media_type}, data=body).prepare()
    assert is_empty(contract.operations[0], request) is empty


@pytest.mark.parametrize(
    ("query", "body", "made_up"),
    [
        ("after=abc", b"", True),
        ("limit=3", b"", False),
        ("", b'{"customerId": "x"}', True),
        ("", b'{"items": [{"product_id": "x"}]}', True),
        ("", b'{"id": 0, "quantity": 1}', True),
        ("", b'{"name": "x", "amount": 3}', False),
        ("", b"no JSON", False),
    ],
)
def test_what_names_something_that_may_not_be_there(query: str, body: bytes, made_up: bool) -> None:
    assert refers(requests.Request("POST", f"http://h/?{query}", data=body).prepare()) is made_up


@pytest.mark.parametrize(("body", "is_broken"), [(b'{"b": 1}', False), (b'{"a": 2}', True), (b'{"a": 1}', False)])
def test_what_fits_several_alternatives_breaks_nothing_clearly(
    contract: Contract, body: bytes, is_broken: bool
) -> None:
    assert broken(contract, body=body, type="application/merge-patch+json", clearly=True) is is_broken


def test_what_fits_several_alternatives_need_not_be_taken(contract: Contract) -> None:
    assert broken(contract, body=b'{"b": 1}', type="application/merge-patch+json")


@pytest.mark.parametrize(
    ("form", "ambiguous"),
    [("application/x-www-form-urlencoded", True), ("application/xml", True), ("application/json", False)],
)
def test_a_list_in_a_form_is_ambiguous(contract: Contract, form: str, ambiguous: bool) -> None:
    request = requests.Request(
        "POST", "http://testserver/a/x", data=b"tags=", headers={"Content-Type": form}
    ).prepare()
    assert is_ambiguous(contract.operations[0], request, "") is ambiguous


@pytest.mark.parametrize(("items", "ambiguous"), [("{type: object}", True), ("{type: string}", False)])
def test_a_parameter_with_parts_in_its_parts_is_ambiguous(tmp_path: Path, items: str, ambiguous: bool) -> None:
    schema = f"{{type: array, items: {items}}}"
    document = tmp_path / "lines.yaml"
    document.write_text(f"""
openapi: 3.1.0
info: {{title: t, version: '1'}}
paths:
  /lines:
    get:
      parameters: [{{name: X-Lines, in: header, schema: {schema}}}]
      responses: {{'204': {{description: d}}}}
""")
    operation = read(document, name="lines").operations[0]
    plain, sent = (requests.Request("GET", "http://h/lines", headers=h).prepare() for h in ({}, {"X-Lines": "a,b"}))
    assert is_ambiguous(operation, sent, "") is ambiguous
    assert not is_ambiguous(operation, plain, "")
