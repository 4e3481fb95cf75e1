"""The example project works as its README says: two packages in its own namespace, its own tests green there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "vendoring"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh copy of the example, as the working folder."""
    copy = tmp_path / "shop"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("_vendor", "__pycache__", ".*_cache"))
    monkeypatch.chdir(copy)
    return copy


def test_the_commands_of_its_readme_work_in_order(shop: Path, tallystick: Callable[..., Any]) -> None:
    ran = 0
    for block in re.findall(r"^```sh\n(.*?)^```", (shop / "README.md").read_text(), re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line)
            if words[0] == "tallystick":
                done = tallystick(*words[1:])
                assert done.code == 0, f"{line}:\n{done.out}{done.err}"
            else:
                assert words == ["pytest"]
                run_its_tests(shop)
            ran += 1
    assert ran == 6


def run_its_tests(shop: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generator")}
    installed = entry_points(group="pytest11", name="tallystick")
    command = [sys.executable, "-m", "pytest", "-q", *([] if installed else ["-p", "tallystick.pytest_mock"])]
    done = subprocess.run(command, cwd=shop, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_vendored_packages_are_strict_under_their_new_name(shop: Path, tallystick: Callable[..., Any]) -> None:
    tallystick("vendor", "ivy", "--into", "src/acme/_vendor")
    tallystick("vendor", "worldline", "--into", "src/acme/_vendor", "--as", "worldline")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "src"],
        cwd=shop,
        env={**os.environ, "MYPYPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
