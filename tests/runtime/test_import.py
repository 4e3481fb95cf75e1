"""Importing a generated package imports little: what takes long comes with the first use of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

GENERATED = Path(__file__).parents[2] / "generated"
LATER = ("httpx", "httpx2", "pyreqwest", "pydantic.main", "pydantic.type_adapter")


def imported_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(GENERATED)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("package", ["ivy_api", "ivy_legacy_api", "worldline_connect"])
def test_bar_58_a_package_is_imported_without_what_takes_long(package: str) -> None:
    found = imported_by(f"import {package}")
    assert f"{package}.client" in found
    assert found.isdisjoint({*LATER, f"{package}.models"})
    assert not [name for name in found if name.startswith(f"{package}.resources.")]


def test_a_resource_brings_itself_alone() -> None:
    found = imported_by("from ivy_api import Ivy; Ivy(api_key='k').data_sessions")
    assert {name for name in found if name.startswith("ivy_api.resources.")} == {"ivy_api.resources.data_sessions"}
    assert "pyreqwest" not in found
