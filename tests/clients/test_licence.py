"""The project file of a package says under which licence the contract puts the API."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tallystick.contract import read
from tallystick.emit.plan import Options, plan


def project(folder: Path, licence: Any, options: Options) -> Any:
    told = {"license": licence} if licence else {}
    answer = {"200": {"description": "it"}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1", **told},
        "paths": {"/things": {"get": {"operationId": "listThings", "tags": ["things"], "responses": answer}}},
    }
    path = folder / "things.json"
    path.write_text(json.dumps(document))
    return tomllib.loads(plan(read(path, name="things"), options).files["pyproject.toml"])["project"]


@pytest.mark.parametrize("only", ["all", "models", "server"])
@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ({"name": "Apache 2.0", "identifier": "Apache-2.0"}, "Apache-2.0"),
        ({"name": "mit"}, "MIT"),
        ({"name": 'Terms of "Things"\n\\'}, {"text": 'Terms of "Things" \\'}),
        ({"name": " "}, None),
        (None, None),
    ],
)
def test_the_licence_is_that_of_the_contract(tmp_path: Path, only: Any, licence: Any, expected: Any) -> None:
    assert project(tmp_path, licence, Options(only=only)).get("license") == expected
