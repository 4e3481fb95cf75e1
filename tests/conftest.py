"""What tests of several folders share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tallystick.cli import cli
from tallystick.cli.outcome import guarded

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def tallystick(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command line in this process."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = guarded(lambda: cli.main(args=[str(a) for a in arguments], standalone_mode=False))
        printed = capsys.readouterr()
        return Outcome(int(code), printed.out, printed.err)

    return run


@pytest.fixture(scope="session", autouse=True)
def _known_to_mypy(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let mypy read the standard library, pydantic and the like once, not anew for each test that starts it."""
    os.environ["MYPY_CACHE_DIR"] = str(tmp_path_factory.mktemp("mypy"))


@pytest.fixture(scope="session")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], str]:
    """Return a function from a folder to what mypy and basedpyright, both strict, have against what is in it."""

    def check(folder: Path) -> str:
        config = tmp_path_factory.mktemp("pyright") / "pyrightconfig.json"
        included = {"include": [str(folder)], "extraPaths": [str(folder)], "exclude": ["**/.*"]}
        config.write_text(json.dumps({"typeCheckingMode": "strict", "pythonVersion": "3.11", **included}))
        pyright = ("basedpyright", "--level", "error", "--pythonpath", sys.executable, "--project", str(config))
        said = ""
        for tool in (("mypy", "--strict", "--no-error-summary", "."), pyright):
            command = [sys.executable, "-m", *tool]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            said += done.stdout + done.stderr if done.returncode else ""
        return said

    return check
