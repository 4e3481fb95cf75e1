"""What tests of several folders share."""

from __future__ import annotations

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
