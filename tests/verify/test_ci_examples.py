"""The examples for CI: their scripts are run, line by line, as a runner would, against a server of this machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .listening import listening

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "ci"
DOCUMENT = """
openapi: 3.1.0
info: {title: Two, version: '1'}
paths:
  /a: {get: {operationId: a, responses: {'204': {description: Fine.}}}}
  /b: {get: {operationId: b, responses: {'204': {description: Fine.}}}}
"""


@pytest.fixture
def address() -> Iterator[str]:
    with listening(lambda asked: (204 if asked.command == "GET" else 405, {"Allow": "GET"})) as address:
        yield address


@pytest.fixture
def runner(tmp_path: Path, address: str) -> Any:
    """Run a script in an empty folder in which `tallystick` is this checkout's and `pip` installs nothing."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in (("tallystick", f'exec {sys.executable} -m tallystick "$@"'), ("pip", "echo $@")):
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    (work / "two.yaml").write_text(DOCUMENT)
    (work / "contract-baseline.txt").write_text("# nothing is accepted\n")
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    known = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "generator"), "API_URL": address}

    def run(script: str, **more: str) -> None:
        small = script.replace("tallystick test ivy", "tallystick test two.yaml --max-examples 1").replace(
            "--rate 20", ""
        )
        done = subprocess.run(["sh", "-ec", small], cwd=work, env={**known, **more}, capture_output=True, text=True)  # noqa: S607
        assert done.returncode == 0, done.stdout + done.stderr

    run.work = work  # type: ignore[attr-defined]
    return run


def test_github_actions(runner: Any) -> None:
    jobs = yaml.safe_load((FOLDER / "github-actions.yml").read_text())["jobs"]
    parts = jobs["test"]["strategy"]["matrix"]["part"]
    for part in parts[:2]:
        for step in jobs["test"]["steps"]:
            if "run" in step:
                assert set(re.findall(r"\$([A-Z_]+)", step["run"])) <= step.get("env", {}).keys()
                filled = step["run"].replace("${{ matrix.part }}", str(part)).replace("/4", f"/{len(parts)}")
                runner(re.sub(r"\$\{\{.*?\}\}", "7", filled))
        (runner.work / "report").rename(runner.work / f"report-{part}")
    for step in jobs["merge"]["steps"]:
        if "run" in step:
            runner(step["run"])
    assert _operations(runner.work) == 2


def test_gitlab(runner: Any) -> None:
    jobs = yaml.safe_load((FOLDER / "gitlab-ci.yml").read_text())
    total = jobs["contract"]["parallel"]
    for index in (1, 2):
        for line in (*jobs["contract"]["before_script"], *jobs["contract"]["script"]):
            runner(line, CI_NODE_INDEX=str(index), CI_NODE_TOTAL=str(total))
        assert (runner.work / f"report-{index}" / "junit.xml").is_file()
    for line in (*jobs["merge"]["before_script"], *jobs["merge"]["script"]):
        runner(line)
    assert _operations(runner.work) == 2


def _operations(work: Path) -> int:
    report = json.loads((work / "report" / "report.json").read_text())
    return sum(item["kind"] == "operation" and item["exercised"] for item in report["coverage"]["items"])
