"""The few exceptions that cross module borders; the command line turns each into a message and an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallystick.diagnostics import Findings


class TallystickError(Exception):
    """Base of everything Tallystick raises on purpose. Its text is one sentence for the user.

    `hint` names the fix, where one is known.
    """

    exit_code = 3

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(TallystickError):
    """What was asked for can't be done as asked: unknown contract, bad option, unreachable server."""

    exit_code = 2


class ConfigurationError(TallystickError):
    """The surroundings don't allow it: a port is taken, an output folder is not ours, a file can't be written."""

    exit_code = 2


class FindingsError(TallystickError):
    """The user's documents have problems that stop the work. `findings` holds all of them, sorted."""

    exit_code = 1

    def __init__(self, findings: Findings) -> None:
        super().__init__(f"{len(findings)} finding(s)")
        self.findings = findings
