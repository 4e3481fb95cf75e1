"""What a run ends with: messages for people on standard error, and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tallystick.diagnostics import Findings, Format, one_line, render
from tallystick.errors import FindingsError, TallystickError

if TYPE_CHECKING:
    from tallystick.contract import Contract

TRACEBACK_VARIABLE = "TALLYSTICK_TRACEBACK"
"""Environment variable: set to anything, our own bugs print their traceback."""

_CIRCUMSTANCES = frozenset((errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENAMETOOLONG))
"""What an operating system says no to wherever it is asked, and no bug of ours."""


class Exit(IntEnum):
    """The exit codes of every command."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    BUG = 3
    INTERRUPTED = 130


def guarded(run: Callable[[], object]) -> int:
    """Return the exit code of a command; whatever it raises becomes a message on standard error.

    A command returns its own code, or nothing for 0.
    """
    try:
        code = run()
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except (KeyboardInterrupt, click.Abort):
        say("interrupted")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.CLEAN
    except FindingsError as error:
        print_findings(error.findings)
        return Exit.FINDINGS
    except TallystickError as error:
        say(f"error: {error.message}", f"  hint: {error.hint}" if error.hint else "")
        return error.exit_code
    except OSError as error:
        if error.errno not in _CIRCUMSTANCES:
            return _our_bug(error)
        about = f"{error.filename}: " if error.filename else ""  # a full disk is no file's
        say(f"error: {about}{error.strerror}")
        return Exit.USAGE
    except Exception as error:
        return _our_bug(error)
    return code if isinstance(code, int) else Exit.CLEAN


def print_findings(findings: Findings, form: Format = "text") -> None:
    """Print findings on standard output, with a closing line of counts on standard error for people."""
    click.echo(render(findings, form), nl=False)
    if form == "text" and findings:
        say(counted(findings))


def counted(findings: Findings) -> str:
    """Return how many findings there are, in words: `2 errors, 1 warning in 2 files`."""
    counts = {s: sum(f.severity == s for f in findings) for s in ("error", "warning", "info")}
    words = {"info": ("note", "notes")}
    parts = [
        plural(number, *words.get(severity, (severity, severity + "s")))
        for severity, number in counts.items()
        if number
    ]
    files = len({f.place.file for f in findings})
    return f"{', '.join(parts)} in {plural(files, 'file', 'files')}"


def plural(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def say_left_out(contract: Contract, spelled: str) -> None:
    """Say which operations of a document are left out, for commands that go on with the rest of it."""
    for refusal in contract.refused:
        say(one_line(f"{contract.place(refusal.pointer)}: {refusal.name} is left out: {refusal.reason}"))
    if contract.refused:
        say(f"  hint: `tallystick check {spelled}` says more")


def say(*lines: str) -> None:
    """Print lines for people on standard error; empty ones are left out."""
    for line in lines:
        if line:
            click.echo(line, err=True)


def _our_bug(error: Exception) -> int:
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exception(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}"
    say(
        f"error: this is a bug in tallystick: {type(error).__name__} in {place}: {error}",
        f"  hint: please report it; {TRACEBACK_VARIABLE}=1 prints the traceback",
    )
    return Exit.BUG
