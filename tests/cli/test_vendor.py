"""`tallystick vendor`: into another project, checked, updated, and nothing lost on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1.2"},
    "servers": [{"url": "https://pets.example"}],
    "paths": {
        "/pets/{petId}": {
            "get": {
                "operationId": "getPet",
                "tags": ["pets"],
                "parameters": [{"name": "petId", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "The pet.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {"Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}}
    },
}
Tallystick = Callable[..., Any]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another team's project: a contract of theirs, and a source folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    write_contract(tmp_path, DOCUMENT)
    return tmp_path


def write_contract(project: Path, document: dict[str, Any]) -> None:
    (project / "contracts" / "pets.json").write_text(json.dumps(document))


def vendor_pets(tallystick: Tallystick) -> None:
    assert tallystick("vendor", "contracts/pets.json", "--into", "src/acme/_vendor", "--as", "pets_api").code == 0


def test_a_package_and_its_lock_are_written(project: Path, tallystick: Tallystick) -> None:
    vendor_pets(tallystick)
    lock = json.loads((project / "src/acme/_vendor/tallystick.lock").read_text())["packages"]["pets_api"]
    assert (lock["contract"], lock["version"]) == ("../../../contracts/pets.json", "1.2")
    assert lock["options"] == {"models": "pydantic", "only": "all", "templates": None, "transports": []}
    on_disk = {p for p in (project / "src/acme/_vendor/pets_api").rglob("*") if p.is_file()}
    assert len(lock["files"]) == len(on_disk)


def test_a_fresh_package_is_current(project: Path, tallystick: Tallystick) -> None:
    vendor_pets(tallystick)
    done = tallystick("vendor", "--check")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("src/acme/_vendor/pets_api: current, ")


def test_check_names_what_was_changed_lost_and_left_over(project: Path, tallystick: Tallystick) -> None:
    vendor_pets(tallystick)
    package = project / "src/acme/_vendor/pets_api"
    (package / "models.py").write_text("# mine\n")
    (package / "client.py").unlink()
    (package / "extra.py").write_text("")
    done = tallystick("vendor", "--check", "src/acme/_vendor")
    assert done.code == 1
    assert done.out.splitlines() == [
        "src/acme/_vendor/pets_api/client.py: missing",
        "src/acme/_vendor/pets_api/extra.py: orphaned",
        "src/acme/_vendor/pets_api/models.py: changed",
    ]


def test_check_says_that_the_contract_is_newer(project: Path, tallystick: Tallystick) -> None:
    vendor_pets(tallystick)
    write_contract(project, {**DOCUMENT, "info": {"title": "Pets", "version": "1.3"}})
    done = tallystick("vendor", "--check")
    assert (done.code, done.out) == (1, "src/acme/_vendor/pets_api: its contract has changed: 1.2 -> 1.3\n")


def test_check_says_that_the_contract_is_gone(project: Path, tallystick: Tallystick) -> None:
    vendor_pets(tallystick)
    (project / "contracts/pets.json").unlink()
    done = tallystick("vendor", "--check")
    assert done.code == 1
    assert done.out == "src/acme/_vendor/pets_api: its contract ../../../contracts/pets.json is not there any more\n"


def test_update_says_what_changes_before_it_writes(project: Path, tallystick: Tallystick) -> None:
    vendor_pets(tallystick)
    newer = json.loads(json.dumps(DOCUMENT))
    newer["info"]["version"] = "2.0"
    newer["components"]["schemas"]["Pet"]["required"] = []
    newer["paths"]["/pets"] = {"get": {"operationId": "listPets", "responses": {"204": {"description": "None."}}}}
    write_contract(project, newer)
    dry = tallystick("vendor", "--update", "--dry-run")
    assert dry.code == 0
    assert dry.out.startswith("pets_api: pets 1.2 -> 2.0\n")
    assert "GET /pets" in dry.out and "'name'" in dry.out
    assert tallystick("vendor", "--check").code == 1, "a dry run writes nothing"
    done = tallystick("vendor", "--update")
    assert (done.code, done.out) == (0, dry.out)
    assert tallystick("vendor", "--check").code == 0


def test_update_does_not_overwrite_an_edit(project: Path, tallystick: Tallystick) -> None:
    vendor_pets(tallystick)
    models = project / "src/acme/_vendor/pets_api/models.py"
    models.write_text("# mine\n")
    write_contract(project, {**DOCUMENT, "info": {"title": "Pets", "version": "1.3"}})
    done = tallystick("vendor", "--update")
    assert done.code == 2
    assert "error: generated files were edited by hand: models.py\n" in done.err
    assert models.read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Error: say what goes where: tallystick vendor CONTRACT --into DIR\n"),
        (["ivy"], "Error: say what goes where: tallystick vendor CONTRACT --into DIR\n"),
        (["--check"], "error: there is no tallystick.lock below the working folder\n"),
        (["--check", "contracts"], "error: contracts has no tallystick.lock\n"),
        (["--check", "--update"], "Error: --check and --update are two different things\n"),
    ],
)
def test_wrong_usage(project: Path, tallystick: Tallystick, arguments: list[str], message: str) -> None:
    done = tallystick("vendor", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_broken_lock_is_refused(project: Path, tallystick: Tallystick) -> None:
    (project / "tallystick.lock").write_text("{}")
    done = tallystick("vendor", "--check")
    assert done.code == 2
    assert "error: tallystick.lock is not a lock that this version understands\n" in done.err


def test_a_contract_with_errors_does_not_replace_a_package(project: Path, tallystick: Tallystick) -> None:
    vendor_pets(tallystick)
    models = project / "src/acme/_vendor/pets_api/models.py"
    before = models.read_bytes()
    broken = json.loads(json.dumps(DOCUMENT).replace("schemas/Pet", "schemas/Pett"))
    write_contract(project, broken)
    for arguments in (["--update"], ["contracts/pets.json", "--into", "src/acme/_vendor", "--as", "pets_api"]):
        done = tallystick("vendor", *arguments)
        assert done.code == 1
        assert "ref-dangling: #/components/schemas/Pett leads nowhere\n" in done.out
        assert "src/acme/_vendor/pets_api: left as it was" in done.err
    assert models.read_bytes() == before
