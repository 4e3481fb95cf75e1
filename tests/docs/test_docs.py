"""The documentation holds: its code runs, its commands and options exist, its links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tallystick.cli import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "examples").glob("*/README.md"),
        *(ROOT / "spec").rglob("*.md"),
    ],
    key=lambda p: p.as_posix(),
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(tallystick [^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def command_lines(text: str) -> Iterator[str]:
    """Yield every `tallystick …` of a page: in running text, in shell blocks, in console blocks."""
    yield from INLINE.findall(text)
    for language, body in BLOCK.findall(text):
        if language in ("sh", "console"):
            for line in body.replace("\\\n", " ").splitlines():
                for piece in re.split(r"&&|\|", line.removeprefix("$ ")):
                    if piece.strip().startswith("tallystick "):
                        yield piece.strip()


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_commands_and_options_exist(page: Path) -> None:
    for line in command_lines(page.read_text()):
        words = [w for w in shlex.split(line.partition(" #")[0], posix=True) if w != "…"]
        command: click.Command = cli
        context = click.Context(cli)
        for word in words[1:]:
            if isinstance(command, click.Group) and not word.startswith("-"):
                found = command.get_command(context, word)
                assert found is not None, f"{page_id(page)}: there is no command {word!r} in `{line}`"
                command = found
            elif word.startswith("--"):
                known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
                assert word.partition("=")[0] in known, f"{page_id(page)}: no option {word!r} in `{line}`"


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{page_id(page)} links to {target}, which is not there"


def python_blocks(page: Path) -> list[str]:
    return [body for language, body in BLOCK.findall(page.read_text()) if language == "python"]


RUNNABLE = [page for page in PAGES if python_blocks(page) and page.parent != ROOT / "spec"]


@pytest.mark.parametrize("page", RUNNABLE, ids=page_id)
def test_python_runs_against_the_mock(page: Path, ivy_address: str, tmp_path: Path) -> None:
    """The blocks of a page run as one program, with `generated/` on the path and a mock at its address."""
    program = "\n".join(python_blocks(page)).replace("http://127.0.0.1:8080", ivy_address)
    script = tmp_path / "page.py"
    script.write_text(program)
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("generated", "generator"))
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{page_id(page)}:\n{done.stderr}"
