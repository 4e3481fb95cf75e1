"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from tallystick.contract import Contract, read
from tallystick.diagnostics import FORMATS
from tallystick.settings import Target, find

F = TypeVar("F", bound=Callable[..., Any])


def contract_argument(command: F) -> F:
    """Add the CONTRACT argument; the command receives a `Target` named `target`."""
    return click.argument("target", metavar="CONTRACT", type=TargetType())(command)


def format_option(command: F) -> F:
    """Add `--format` for findings; the command receives it as `form`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="How findings are printed.",
    )(command)


class TargetType(click.ParamType[Target]):
    """A contract's name or the path of a document."""

    name = "contract"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Target:
        """Return what the text stands for."""
        return value if isinstance(value, Target) else find(value)


def read_target(target: Target) -> Contract:
    """Return the contract of a target. Raises `FindingsError` when it can't be read."""
    return read(target.document, name=target.name, root=target.root)
