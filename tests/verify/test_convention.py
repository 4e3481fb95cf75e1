"""Documents that declare no lifecycle: what their paths and methods promise is tried all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tallystick import verify
from tallystick.contract import Contract, read
from tallystick.verify.walks import items

from .kennel import FAULTS, application

DOCUMENT = Path(__file__).with_name("kennel.yaml")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "sleep", lambda _: None)


@pytest.fixture(scope="module")
def kennel() -> Contract:
    return read(DOCUMENT, name="kennel")


def outcome(kennel: Contract, fault: str, **plan: object) -> verify.Result:
    target = verify.in_process(kennel, application(fault), "kennel")
    return verify.run(kennel, target, verify.Plan(**plan))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_right_server_has_no_failures(kennel: Contract, seed: int) -> None:
    result = outcome(kennel, "", seed=seed, max_examples=3)
    assert [f"{f.operation}: {f.check}: {f.title}: {f.message}" for f in result.failures] == []
    promises = [item for item in result.coverage.items if item.kind == "convention"]
    assert sorted(item.subject for item in promises) == [
        "dogs.{dogId}.visits: an unknown id is not found",
        "dogs.{dogId}.visits: another caller does not get it",
        "dogs.{dogId}.visits: each has an id of its own",
        "dogs.{dogId}.visits: reading gives what was created",
        "dogs.{dogId}.visits: reading shows what PUT did",
        "dogs: an unknown id is not found",
        "dogs: another caller does not get it",
        "dogs: each has an id of its own",
        "dogs: reading gives what was created",
        "dogs: reading shows what PATCH did",
        "dogs: the list shows what was created",
        "dogs: what is deleted is gone",
    ]
    assert [(item.subject, item.why) for item in promises if not item.exercised] == [
        ("dogs.{dogId}.visits: another caller does not get it", "no list says what callers share")
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_server_is_found_out(kennel: Contract, fault: str) -> None:
    result = outcome(kennel, fault, phases=("walks",))
    assert "convention" in {failure.check for failure in result.failures}


LABELS = """
openapi: 3.1.0
info: {title: Labels, version: '1'}
paths:
  /labels:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Label'}}}}
      responses: {'201': {$ref: '#/components/responses/Label'}, '400': {description: Not like that}}
  /labels/{name}:
    parameters: [{name: name, in: path, required: true, schema: {$ref: '#/components/schemas/Name'}}]
    get: {responses: {'200': {$ref: '#/components/responses/Label'}, '404': {description: None}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Label'}}}}
      responses: {'200': {$ref: '#/components/responses/Label'}, '400': {description: No}, '404': {description: None}}
components:
  responses:
    Label: {description: It, content: {application/json: {schema: {$ref: '#/components/schemas/Label'}}}}
  schemas:
    Name: {type: string, minLength: 1, maxLength: 2, pattern: '^[a-z]+$'}
    Label:
      type: object
      required: [name]
      properties: {name: {$ref: '#/components/schemas/Name'}, colour: {type: string}}
"""


def test_a_key_that_callers_choose_may_be_taken_and_stays(
    tallystick: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "labels.yaml"
    document.write_text(LABELS, encoding="utf-8")
    code = tallystick("test", document, "--max-examples", 40, "--report-dir", tmp_path / "report")
    assert code == 0, capsys.readouterr().out
