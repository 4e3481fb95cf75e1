"""`tallystick generate`, as its user sees it: whole output, exit codes, and what is on disk afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PETS = """\
openapi: 3.1.0
info: {title: Pets, version: '1.2'}
servers: [{url: https://pets.example}]
paths:
  /pets/{petId}:
    get:
      operationId: getPet
      tags: [pets]
      summary: A pet by its id.
      parameters: [{name: petId, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: The pet.
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: {type: string}
        kindOfAnimal: {type: string, maxLength: 40, description: What it is.}
"""


@pytest.fixture
def pets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one small document, as the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pets.yaml").write_text(PETS)
    return tmp_path


def files_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_package_is_written_and_counted(pets: Path, tallystick: Callable[..., Any]) -> None:
    done = tallystick("generate", "pets.yaml")
    files = len(files_of(pets / "generated" / "pets"))
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        "pets: 1 operation in, 1 method out; 1 schema in, 1 class out\n"
        f"generated/pets: {files} files ({files} new, 0 changed, 0 removed)\n"
    )


def test_the_same_input_gives_the_same_bytes(pets: Path, tallystick: Callable[..., Any]) -> None:
    tallystick("generate", "pets.yaml", "--out", "one")
    tallystick("generate", "pets.yaml", "--out", "two")
    assert files_of(pets / "one") == files_of(pets / "two")


def test_the_project_around_does_not_change_the_bytes(pets: Path, tallystick: Callable[..., Any]) -> None:
    tallystick("generate", "pets.yaml", "--out", "one")
    (pets / "pyproject.toml").write_text("[tool.ruff]\nline-length = 40\n[tool.black]\nline-length = 40\n")
    tallystick("generate", "pets.yaml", "--out", "two")
    assert files_of(pets / "one") == files_of(pets / "two")


def test_check_is_quiet_when_current(pets: Path, tallystick: Callable[..., Any]) -> None:
    tallystick("generate", "pets.yaml")
    done = tallystick("generate", "pets.yaml", "--check")
    files = len(files_of(pets / "generated" / "pets"))
    assert (done.code, done.out, done.err) == (0, "", f"generated/pets: current, {files} files\n")


def test_check_names_changed_missing_and_orphaned_files(pets: Path, tallystick: Callable[..., Any]) -> None:
    tallystick("generate", "pets.yaml")
    package = pets / "generated" / "pets"
    models = (package / "models.py").read_text()
    (package / "models.py").write_text(models.replace("name: str", "name: int"))
    (package / "client.py").unlink()
    (package / "left_over.py").write_text("")
    before = files_of(package)
    done = tallystick("generate", "pets.yaml", "--check")
    assert done.code == 1
    assert done.out.splitlines()[:3] == [
        "generated/pets/client.py: missing",
        "generated/pets/left_over.py: orphaned",
        "generated/pets/models.py: changed",
    ]
    assert "-    name: int\n+    name: str\n" in done.out
    assert done.err == (
        "generated/pets: 3 files are not what pets generates\n"
        "  hint: tallystick generate pets.yaml --out generated/pets\n"
    )
    assert files_of(package) == before, "--check writes nothing"


def test_a_folder_with_hand_written_files_is_refused(pets: Path, tallystick: Callable[..., Any]) -> None:
    (pets / "src").mkdir()
    (pets / "src" / "mine.py").write_text("precious = True\n")
    done = tallystick("generate", "pets.yaml", "--out", "src")
    assert (done.code, done.out) == (2, "")
    assert "error: src holds files that were not generated: mine.py\n" in done.err
    assert files_of(pets / "src") == {"mine.py": b"precious = True\n"}


def test_an_edited_file_is_not_overwritten(pets: Path, tallystick: Callable[..., Any]) -> None:
    tallystick("generate", "pets.yaml")
    models = pets / "generated" / "pets" / "models.py"
    models.write_text(models.read_text() + "# mine\n")
    (pets / "pets.yaml").write_text(PETS.replace("name: {type: string}", "name: {type: integer}"))
    done = tallystick("generate", "pets.yaml")
    assert done.code == 2
    assert "error: generated files were edited by hand: models.py\n" in done.err
    assert models.read_text().endswith("# mine\n")


def test_a_failed_run_leaves_the_old_tree(pets: Path, tallystick: Callable[..., Any]) -> None:
    tallystick("generate", "pets.yaml")
    before = files_of(pets / "generated")
    (pets / "pets.yaml").write_text("openapi: 3.1.0\n  broken: [\n")
    done = tallystick("generate", "pets.yaml")
    assert done.code == 1
    assert done.out.startswith("pets.yaml:2:9: yaml-syntax: not valid YAML: ")
    assert files_of(pets / "generated") == before


def test_a_document_with_errors_is_generated_as_far_as_it_is_clear(
    pets: Path, tallystick: Callable[..., Any]
) -> None:
    (pets / "pets.yaml").write_text(PETS.replace("schemas/Pet'", "schemas/Pett'"))
    for _ in range(2):  # the second time it is there already, and the errors are said again
        done = tallystick("generate", "pets.yaml", "--keep-going")
        assert done.code == 1
        assert done.out.startswith("pets.yaml:14:")
        assert "ref-dangling: #/components/schemas/Pett leads nowhere\n" in done.out
        assert "pets: 1 operation in, 1 method out; " in done.err
    assert (pets / "generated" / "pets" / "client.py").is_file()


def test_a_document_with_errors_does_not_replace_a_package(pets: Path, tallystick: Callable[..., Any]) -> None:
    tallystick("generate", "pets.yaml")
    before = files_of(pets / "generated")
    (pets / "pets.yaml").write_text(PETS.replace("schemas/Pet'", "schemas/Pett'"))
    done = tallystick("generate", "pets.yaml")
    assert done.code == 1
    assert "generated/pets: left as it was\n" in done.err
    assert files_of(pets / "generated") == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ivi"], "error: there is no contract 'ivi'\n"),
        (["pets.yaml", "ivy", "--out", "x"], "Error: --out and --name are for one contract at a time\n"),
        (
            ["pets.yaml", "--models", "marshmallow"],
            "Error: Invalid value for '--models': 'marshmallow' is not one of",
        ),
        (
            ["pets.yaml", "--only", "client"],
            "Error: Invalid value for '--only': 'client' is not one of 'all', 'models', 'server'.",
        ),
    ],
)
def test_wrong_usage_exits_with_2(
    pets: Path, tallystick: Callable[..., Any], arguments: list[str], message: str
) -> None:
    done = tallystick("generate", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert not (pets / "generated").exists()


def test_a_missing_document_is_wrong_usage(pets: Path, tallystick: Callable[..., Any]) -> None:
    done = tallystick("generate", "nowhere.yaml")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: there is no file 'nowhere.yaml'\n")
