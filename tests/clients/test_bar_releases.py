"""From one release of a package to the next, and from one Python to another."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import nox
import pytest

from tallystick.contract import read
from tallystick.emit.plan import Options, plan

from .conftest import document, operation
from .surface import PACKAGES, ROOT, members_lost, users_broken

PYTHONS = nox.project.python_versions(nox.project.load_toml(ROOT / "pyproject.toml"))
THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "size": {"type": "integer"}}}
USER = """
from shop import Shop

client = Shop(base_url="https://shop.test")
print(client.things.list(color="red").size)
"""


def written(folder: Path, thing: dict[str, Any], parameters: list[dict[str, Any]]) -> Path:
    """Write the package `shop`, whose one operation takes these parameters and answers with this thing."""
    schema = {"$ref": "#/components/schemas/Thing"}
    answer = {"description": "a thing", "content": {"application/json": {"schema": schema}}}
    listed = operation(operationId="listThings", parameters=parameters, responses={"200": answer})
    path = folder / "shop.json"
    folder.mkdir()
    path.write_text(json.dumps(document({"/things": {"get": listed}}, components={"schemas": {"Thing": thing}})))
    for name, text in plan(read(path, name="shop"), Options()).files.items():
        target = folder / "shop" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder


def parameter(name: str, **more: object) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string"}, **more}


def test_bar_62_what_a_release_takes_away_is_named(tmp_path: Path) -> None:
    before = written(tmp_path / "before", THING, [parameter("color")])
    more = {**THING, "properties": {**THING["properties"], "weight": {"type": "number"}}}
    richer = written(tmp_path / "richer", more, [parameter("color"), parameter("shape")])
    less = {**THING, "properties": {"id": {"type": "string"}}}
    poorer = written(tmp_path / "poorer", less, [parameter("colour"), parameter("shop", required=True)])
    user = tmp_path / "test_user.py"
    user.write_text(USER)

    assert members_lost("shop", before, richer) == []
    assert users_broken([user], before, richer) == []
    assert members_lost("shop", before, poorer) == [
        "shop.models.Thing.size: Public object was removed",
        "shop.resources.things.Things.list(color): Parameter was removed",
        "shop.resources.things.Things.list(shop): Parameter was added as required",
    ]
    assert [line.partition(": error: ")[2] for line in users_broken([user], before, poorer)] == [
        'Unexpected keyword argument "color" for "__call__" of "Method"; did you mean "colour"?  [call-arg]',
        '"Thing" has no attribute "size"  [attr-defined]',
    ]


@pytest.mark.parametrize("version", PYTHONS)
def test_bar_65_strict_for_every_python(version: str) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--python-version", version, *PACKAGES]
    done = subprocess.run(command, cwd=ROOT / "generated", capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)


def test_bar_65_packages_are_for_the_pythons_that_are_tested() -> None:
    for package in PACKAGES:
        project = tomllib.loads((ROOT / "generated" / package / "pyproject.toml").read_text())["project"]
        assert project["requires-python"] == f">={PYTHONS[0]}"
