"""What is unchanged is recognised without reading the contract or generating; any change at all is noticed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tallystick import settings
from tallystick.emit import inputs

PETS = """\
openapi: 3.1.0
info: {title: Pets, version: '1.2'}
servers: [{url: https://pets.example}]
paths:
  /pets:
    get:
      operationId: listPets
      tags: [pets]
      responses:
        '200': {description: All., content: {application/json: {schema: {$ref: 'schemas/pet.yaml'}}}}
"""
PET = "type: object\nproperties: {name: {type: string}}\n"


@pytest.fixture
def emissions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A document in two files and a package made of it; the list grows with every reading and every emission."""
    import tallystick.contract
    import tallystick.emit.plan

    done: list[str] = []

    def noted(name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            done.append(name)
            return act(*args, **options)

        return run

    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "pets.yaml").write_text(PETS)
    (tmp_path / "schemas" / "pet.yaml").write_text(PET)
    (tmp_path / "ours").mkdir()
    monkeypatch.setattr(tallystick.contract, "read", noted("read", tallystick.contract.read))
    monkeypatch.setattr(tallystick.emit.plan, "plan", noted("plan", tallystick.emit.plan.plan))
    return done


@pytest.fixture
def generated(emissions: list[str], tallystick: Callable[..., Any]) -> list[str]:
    assert tallystick("generate", "pets.yaml").code == 0
    assert emissions == ["read", "plan"]
    emissions.clear()
    return emissions


@pytest.mark.parametrize("more", [[], ["--check"], ["--out", "generated/pets"]])
def test_unchanged_is_neither_read_nor_generated(
    generated: list[str], tallystick: Callable[..., Any], more: list[str]
) -> None:
    done = tallystick("generate", "pets.yaml", *more)
    files = sum(path.is_file() for path in Path("generated").rglob("*"))
    assert (done.code, done.out, done.err) == (0, "", f"generated/pets: current, {files} files\n")
    assert generated == []


def edit(path: str, old: str, new: str) -> Callable[[pytest.MonkeyPatch], None]:
    def change(_: pytest.MonkeyPatch) -> None:
        text = Path(path).read_text()
        assert old in text
        Path(path).write_text(text.replace(old, new))

    return change


def other_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "_code", lambda: "other")


def other_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "engine", lambda: "datamodel-code-generator 0.1")


def lie(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file was edited, and its hash in the record with it."""
    models = Path("generated/pets/models.py")
    record = Path("generated/pets/_provenance.json")
    facts = json.loads(record.read_text())
    models.write_text(models.read_text() + "# mine\n")
    facts["files"]["models.py"] = inputs.hashlib.sha256(models.read_bytes()).hexdigest()
    record.write_text(json.dumps(facts, indent=2) + "\n")


CHANGES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "contract": edit("pets.yaml", "listPets", "showPets"),
    "comment": edit("pets.yaml", "openapi:", "# a word\nopenapi:"),
    "other source": edit("schemas/pet.yaml", "name:", "called:"),
    "source gone": lambda _: Path("schemas/pet.yaml").unlink(),
    "file edited": edit("generated/pets/models.py", "name", "names"),
    "file gone": lambda _: Path("generated/pets/client.py").unlink(),
    "file added": lambda _: (Path("generated/pets/more.py").write_text(""), None)[1],
    "support code edited": edit("generated/pets/_runtime/retry.py", "policy.retries", "policy.times"),
    "record edited": edit("generated/pets/_provenance.json", '"version": "1.2"', '"version": "1.3"'),
    "record is nonsense": edit("generated/pets/_provenance.json", '"sources": [', '"sources": [1, '),
    "record gone": lambda _: Path("generated/pets/_provenance.json").unlink(),
    "file and record edited": lie,
    "code of the generator": other_code,
    "engine": other_engine,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_any_change_is_noticed(
    generated: list[str],
    tallystick: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[pytest.MonkeyPatch], None],
) -> None:
    change(monkeypatch)
    tallystick("generate", "pets.yaml", "--check")
    assert generated[:1] == ["read"]


@pytest.mark.parametrize("options", [["--models", "msgspec"], ["--only", "models"], ["--name", "pets"]])
def test_other_options_are_noticed(generated: list[str], tallystick: Callable[..., Any], options: list[str]) -> None:
    tallystick("generate", "pets.yaml", "--check", *options)
    assert generated == ["read", "plan"]


def test_other_templates_are_noticed(generated: list[str], tallystick: Callable[..., Any]) -> None:
    shutil.copy(settings.templates_folder() / "README.md.jinja", "ours")
    arguments = ("generate", "pets.yaml", "--templates", "ours", "--out", "mine")
    tallystick(*arguments)
    generated.clear()
    tallystick(*arguments)
    assert generated == []
    edit("ours/README.md.jinja", "\n", "\n\n")(pytest.MonkeyPatch())
    tallystick(*arguments)
    assert generated == ["read", "plan"]


def test_a_missing_source_may_appear_later(emissions: list[str], tallystick: Callable[..., Any]) -> None:
    Path("schemas/pet.yaml").unlink()
    tallystick("generate", "pets.yaml")
    emissions.clear()
    Path("schemas/pet.yaml").write_text(PET)
    tallystick("generate", "pets.yaml")
    assert emissions == ["read", "plan"]


def test_a_change_that_makes_no_difference_is_no_drift(generated: list[str], tallystick: Callable[..., Any]) -> None:
    edit("pets.yaml", "openapi:", "# a word\nopenapi:")(pytest.MonkeyPatch())
    assert tallystick("generate", "pets.yaml", "--check").code == 0
    assert "(0 new, 0 changed, 0 removed)" in tallystick("generate", "pets.yaml").err
    generated.clear()
    assert tallystick("generate", "pets.yaml", "--check").code == 0
    assert generated == [], "the record was brought up to date"


def test_the_record_names_no_place_of_this_machine(generated: list[str], tmp_path: Path) -> None:
    text = Path("generated/pets/_provenance.json").read_text()
    assert json.loads(text)["inputs"]["sources"] == ["pets.yaml", "schemas/pet.yaml"]
    assert str(tmp_path) not in text


@pytest.mark.parametrize(
    "again", [["pets.yaml", "--into", "app"], ["--check", "app"], ["--update", "app"]], ids=" ".join
)
def test_an_unchanged_vendored_package_is_recognised(
    emissions: list[str], tallystick: Callable[..., Any], again: list[str]
) -> None:
    tallystick("vendor", "pets.yaml", "--into", "app")
    emissions.clear()
    done = tallystick("vendor", *again)
    assert (done.code, emissions) == (0, [])
    assert done.err.startswith("app/pets: current, ")
    edit("app/pets/models.py", "name", "names")(pytest.MonkeyPatch())
    tallystick("vendor", *again)
    assert emissions[:1] == ["read"]


def test_nothing_heavy_is_imported_to_find_that_nothing_changed(generated: list[str]) -> None:
    heavy = ("datamodel_code_generator", "jinja2", "pydantic", "schemathesis", "yaml")
    code = (
        "import sys\nfrom tallystick.cli import main\n"
        "try:\n    main(['generate', '--check', 'pets.yaml'])\n"
        f"except SystemExit as left:\n    print(left.code, [m for m in {heavy!r} if m in sys.modules])"
    )
    source = str(Path(inputs.__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": source})
    assert done.stdout == "0 []\n", done.stderr
