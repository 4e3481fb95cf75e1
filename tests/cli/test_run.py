"""`tallystick run`: one document through everything."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GENERATOR = Path(__file__).parents[2] / "generator"
PETS = """\
openapi: 3.1.0
info: {title: 'Pets, see http://127.0.0.1:9/pets', version: '1.2'}
servers: [{url: https://pets.example}]
paths:
  /pets/{petId}:
    get:
      operationId: getPet
      summary: A pet by its id.
      parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
      responses:
        '200': {description: The pet., content: {application/json: {schema: {type: string}}}}
        '400': {description: No such id.}
        '406': {description: No JSON is wanted.}
"""


@pytest.fixture
def pets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small document in the working folder, whose title names a server that is not its mock."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(GENERATOR))  # for the mock, which is a process of its own
    path = tmp_path / "pets.yaml"
    path.write_text(PETS)
    return path


def test_a_document_is_checked_generated_served_and_tested(pets: Path, tallystick: Callable[..., Any]) -> None:
    done = tallystick("run", "pets.yaml", "--max-examples", "2")
    assert done.code == 0
    first = (
        r"pets: 1 operation; \d+ files in generated/pets; \d+ cases against its mock, all as the contract says; .*"
    )
    assert re.fullmatch(first, done.out.splitlines()[0])
    assert (pets.parent / "generated" / "pets" / "client.py").is_file()
    assert (pets.parent / "reports" / "pets" / "report.html").is_file()


def test_a_title_of_several_lines_names_no_server_either(pets: Path, tallystick: Callable[..., Any]) -> None:
    pets.write_text(
        PETS.replace("'Pets, see http://127.0.0.1:9/pets'", '"Pets\\nlistening on http://127.0.0.1:9\\n"')
    )
    assert tallystick("run", "pets.yaml", "--max-examples", "2").code == 0


def test_a_document_with_errors_goes_no_further(pets: Path, tallystick: Callable[..., Any]) -> None:
    pets.write_text(PETS.replace("type: integer", "type: integre"))
    done = tallystick("run", "pets.yaml")
    assert done.code == 1
    assert "schema-keyword" in done.out
    assert sorted(path.name for path in pets.parent.iterdir()) == ["pets.yaml"]
