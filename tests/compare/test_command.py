"""The command from the outside: formats, exit codes, revisions, wrong usage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
    "PYTHONPATH": str(ROOT / "generator"),
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}
OLD = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    post:
      requestBody: {content: {application/json: {schema: {$ref: 'pet.yaml'}}}}
      responses: {'200': {description: ok}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: 'pet.yaml'}}}}
      responses: {'200': {description: ok}}
"""
PET = """\
type: object
properties:
  name: {type: string, maxLength: 20}
"""
NEW_PET = """\
type: object
properties:
  name: {type: string, maxLength: 10}
  kind: {type: string}
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tallystick", "compare", *arguments]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the old document in `old`, the new one in `new`."""
    for name, pet in (("old", PET), ("new", NEW_PET)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "api.yaml").write_text(OLD)
        (tmp_path / name / "pet.yaml").write_text(pet)
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")
    command = ["git", *identity, *arguments]
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose tag `v1` has the old document and whose working folder has the new one."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "api.yaml").write_text(OLD)
    (tmp_path / "api" / "pet.yaml").write_text(PET)
    (tmp_path / "link.yaml").symlink_to("api/api.yaml")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "one")
    git(tmp_path, "tag", "v1")
    (tmp_path / "api" / "pet.yaml").write_text(NEW_PET)
    return tmp_path


def test_text(folder: Path) -> None:
    ran = run(folder, "old/api.yaml", "new/api.yaml")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout == (
        "new/pet.yaml:3:24: request-limit-tightened: POST /pets: 'name' of the request body has maxLength lowered"
        " from 20 to 10: clients that used the room they had are refused\n"
        "    name: {type: string, maxLength: 10}\n"
        "                         ^\n"
        "  was: old/pet.yaml:3:24\n"
        "  also: PUT /pets\n"
        "new/pet.yaml:4:3: request-optional-member-added: info: POST /pets: The request body got the optional"
        " property 'kind': what clients send today stays valid\n"
        "    kind: {type: string}\n"
        "    ^\n"
        "  also: PUT /pets\n"
        "2 breaking, 2 compatible changes; this calls for a new major version\n"
    )


def test_a_difference_is_told_once_however_many_places_it_has(folder: Path) -> None:
    for name, more in (("old", ""), ("new", "  b: {type: string}\n")):
        api = OLD.replace("pet.yaml'", "pair.yaml'")
        (folder / name / "api.yaml").write_text(api)
        (folder / name / "pair.yaml").write_text(
            "properties:\n  left: {$ref: half.yaml}\n  right: {$ref: half.yaml}\n"
        )
        (folder / name / "half.yaml").write_text(f"properties:\n  a: {{type: string}}\n{more}")
    assert run(folder, "old/api.yaml", "new/api.yaml").stdout == (
        "new/half.yaml:3:3: request-optional-member-added: info: POST /pets: The request body got the optional"
        " property 'left/b': what clients send today stays valid\n"
        "    b: {type: string}\n"
        "    ^\n"
        "  also: right/b, PUT /pets\n"
        "4 compatible changes; nothing breaks; this calls for a new minor version\n"
    )


def test_json(folder: Path) -> None:
    ran = run(folder, "old/api.yaml", "new/api.yaml", "--format", "json")
    found: dict[str, Any] = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert list(found) == ["bump", "version", "changes", "notes"]
    assert found["version"] == {"old": "1", "new": "1", "suffices": None}
    assert found["bump"] == "major"
    assert found["changes"][0] == {
        "id": "request-limit-tightened",
        "kind": "request.property.maxLength.lowered",
        "breaking": True,
        "severity": "error",
        "direction": "request",
        "operation": "POST /pets",
        "names": ["20", "10", "name"],
        "message": "'name' of the request body has maxLength lowered from 20 to 10: "
        "clients that used the room they had are refused",
        "old": {"file": "old/pet.yaml", "line": 3, "column": 24, "pointer": "/properties/name/maxLength"},
        "new": {"file": "new/pet.yaml", "line": 3, "column": 24, "pointer": "/properties/name/maxLength"},
    }
    assert [c["operation"] for c in found["changes"]] == ["POST /pets", "PUT /pets"] * 2


def test_markdown(folder: Path) -> None:
    ran = run(folder, "old/api.yaml", "new/api.yaml", "--format", "markdown")
    assert ran.stdout == (
        "## Breaking changes\n\n"
        "- `POST /pets` 'name' of the request body has maxLength lowered from 20 to 10: clients that used the room"
        " they had are refused"
        " (`request-limit-tightened`, `old/pet.yaml:3:24` → `new/pet.yaml:3:24`; also PUT /pets)\n\n"
        "## Compatible changes\n\n"
        "- `POST /pets` The request body got the optional property 'kind': what clients send today stays valid"
        " (`request-optional-member-added`, `new/pet.yaml:4:3`; also PUT /pets)\n\n"
        "2 breaking, 2 compatible changes; this calls for a new major version.\n"
    )


def test_github(folder: Path) -> None:
    ran = run(folder, "old/api.yaml", "new/api.yaml", "--format", "github")
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("::error file=new/pet.yaml,line=3,col=24,title=request-limit-tightened::POST /pets: ")
    assert lines[0].endswith(": clients that used the room they had are refused. Also PUT /pets")
    assert lines[1].startswith("::notice file=new/pet.yaml,line=4,col=3,title=request-optional-member-added::")
    assert lines[2] == "::notice title=version::2 breaking, 2 compatible changes; this calls for a new major version"


def test_annotations_of_what_only_a_revision_has_are_at_no_line(repository: Path) -> None:
    (repository / "api" / "api.yaml").write_text(OLD.partition("    put:")[0])
    (repository / "api" / "pet.yaml").write_text(PET)
    ran = run(repository, "git:v1:api/api.yaml", "api/api.yaml", "--format", "github")
    assert ran.stdout.splitlines()[0] == (
        "::error title=operation-removed::PUT /pets: The operation was removed: clients that call it are refused."
        " It was at git:v1:api/api.yaml:8:5"
    )


def test_exit_codes(folder: Path) -> None:
    (folder / "new" / "pet.yaml").write_text(PET + "  kind: {type: string}\n")
    compatible = run(folder, "old/api.yaml", "new/api.yaml")
    assert (compatible.returncode, compatible.stdout.splitlines()[-1]) == (
        0,
        "2 compatible changes; nothing breaks; this calls for a new minor version",
    )
    assert run(folder, "old/api.yaml", "new/api.yaml", "--fail-on", "any").returncode == 1
    (folder / "new" / "pet.yaml").write_text(PET + "title: Pet\n")
    words = run(folder, "old/api.yaml", "new/api.yaml", "--fail-on", "any")
    patch = "nothing that travels has changed; this calls for a new patch version\n"
    assert (words.returncode, words.stdout) == (0, patch)
    same = run(folder, "old/api.yaml", "old/api.yaml", "--fail-on", "any")
    assert (same.returncode, same.stdout) == (0, "the documents are the same\n")


def test_sunsets_are_judged_by_the_given_day(folder: Path) -> None:
    text = OLD.replace("    post:", "    post:\n      deprecated: true\n      x-sunset: '2026-06-01'")
    (folder / "old" / "api.yaml").write_text(text)
    (folder / "old" / "none.yaml").write_text("openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\npaths: {}\n")
    early = run(folder, "old/api.yaml", "old/none.yaml", "--today", "2026-05-31", "--format", "json")
    late = run(folder, "old/api.yaml", "old/none.yaml", "--today", "2026-06-01", "--format", "json")
    assert [c["id"] for c in json.loads(early.stdout)["changes"]] == ["operation-early-removal", "operation-removed"]
    assert [c["id"] for c in json.loads(late.stdout)["changes"]] == ["operation-removed"]


def test_a_revision_with_several_files(repository: Path) -> None:
    ran = run(repository, "git:v1:api/api.yaml", "api/api.yaml", "--format", "json")
    places = [(c["old"] or {}).get("file") for c in json.loads(ran.stdout)["changes"]]
    assert (ran.returncode, ran.stderr) == (1, "")
    assert places[:2] == ["git:v1:api/pet.yaml", "git:v1:api/pet.yaml"]
    again = run(repository, "git:v1:api/api.yaml", "api/api.yaml", "--format", "json")
    assert again.stdout == ran.stdout


def test_a_revision_from_a_folder_below(repository: Path) -> None:
    ran = run(repository / "api", "git:HEAD:api.yaml", "git:HEAD:api/api.yaml")
    assert (ran.returncode, ran.stdout) == (0, "the documents are the same\n")


def test_links_of_a_revision_are_not_followed(repository: Path) -> None:
    ran = run(repository, "git:v1:link.yaml", "api/api.yaml")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: v1 has no file link.yaml\n")


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ("git:v9:api/api.yaml", "error: there is no revision 'v9'\n"),
        ("git:--all:api/api.yaml", "error: there is no revision '--all'\n"),
        ("git:v1:api/none.yaml", "error: v1 has no file api/none.yaml\n"),
        ("git:v1:../api.yaml", "error: v1 has no file ../api.yaml\n"),
        ("git:v1", "error: 'git:v1' names no revision and path\n"),
        ("git:v1:api/pet.yaml", "error: git:v1:api/pet.yaml:1:1: this is not an OpenAPI document\n"),
        ("api/pet.yaml", "error: api/pet.yaml:1:1: this is not an OpenAPI document\n"),
        ("none.yaml", "error: there is no file 'none.yaml'\n"),
        ("nothing", "error: there is no contract 'nothing'\n"),
    ],
)
def test_wrong_usage(repository: Path, old: str, message: str) -> None:
    ran = run(repository, old, "api/api.yaml")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.replace(":1:1: this", ": this") == message.replace(
        ":1:1: this", ": this"
    ) or ran.stderr.startswith(message)
    assert "Traceback" not in ran.stderr


def test_outside_of_a_repository(folder: Path) -> None:
    ran = run(folder, "git:v1:old/api.yaml", "old/api.yaml")
    assert (ran.returncode, ran.stderr) == (2, "error: this is not in the working folder of a git repository\n")


def test_an_operation_that_can_not_be_read_is_not_called_removed(folder: Path) -> None:
    broken = OLD.replace("    put:", "    put:\n      parameters: [{in: nowhere}]")
    (folder / "new" / "api.yaml").write_text(broken)
    (folder / "new" / "pet.yaml").write_text(PET)
    ran = run(folder, "old/api.yaml", "new/api.yaml")
    assert ran.returncode == 0
    assert ran.stdout.startswith("note: PUT /pets can't be compared: a parameter has no name or no place\n")


def test_rules_are_listed() -> None:
    listed = run(ROOT, "--rules")
    as_json = json.loads(run(ROOT, "--rules", "json").stdout)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert [line.split()[1] for line in listed.stdout.splitlines()] == [rule["id"] for rule in as_json]


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    command = [sys.executable, "-m", "tallystick", "compare", "ivy", "worldline", "--format", "json"]
    outputs = set()
    for seed in ("1", "2"):
        environment = {**ENVIRONMENT, "PYTHONHASHSEED": seed}
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
        assert ran.returncode == 1
        outputs.add(ran.stdout)
    assert len(outputs) == 1


def test_a_large_document_with_itself() -> None:
    found = run(ROOT, "ivy", "ivy")
    assert (found.returncode, found.stdout) == (0, "the documents are the same\n")
