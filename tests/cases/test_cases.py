"""Specifications in, the whole output and the exit code out.

A case is a folder with a `command` file: the arguments of a command line, which is run in that folder. What it prints,
and its exit code, stand in `expected.txt`. `python tests/cases/test_cases.py` writes all of these anew; read the
difference before committing it.
"""

from __future__ import annotations

import contextlib
import io
import shlex
from pathlib import Path

import pytest

from tallystick.cli import main

CASES = Path(__file__).parent
EXPECTED = "expected.txt"
FOLDERS = sorted(p.parent for p in CASES.rglob("command"))


def replay(folder: Path) -> str:
    out, err = io.StringIO(), io.StringIO()
    code: object = None
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(shlex.split((folder / "command").read_text()))
        except SystemExit as leave:
            code = leave.code
    return f"exit {code}\n--- stdout\n{out.getvalue()}--- stderr\n{err.getvalue()}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.relative_to(CASES).as_posix())
def test_case(folder: Path) -> None:
    assert replay(folder) == (folder / EXPECTED).read_text()


def test_no_expectation_is_without_its_command() -> None:
    assert sorted(p.parent for p in CASES.rglob(EXPECTED)) == FOLDERS


if __name__ == "__main__":
    for each in FOLDERS:
        (each / EXPECTED).write_text(replay(each))
