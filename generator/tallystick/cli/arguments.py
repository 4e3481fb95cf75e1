"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from tallystick.diagnostics import FORMATS
from tallystick.emit.options import Options
from tallystick.names import import_name
from tallystick.settings import Target, find

if TYPE_CHECKING:
    from tallystick.contract import Contract

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


def report_option(command: F) -> F:
    """Add `--report-dir`; the command receives it as `report_dir`."""
    return click.option(
        "--report-dir",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("tallystick-report"),
        show_default=True,
        help="Where the reports go.",
    )(command)


def emission_options(command: F) -> F:
    """Add the options that say what is generated; the command receives them as one `Options` named `options`."""

    @wraps(command)
    def collected(*args: Any, models: Any, only: Any, package: str, **rest: Any) -> Any:
        templates, transports = rest.pop("templates"), rest.pop("transports")
        options = Options(models=models, only=only, name=package, templates=templates, transports=transports)
        return command(*args, options=options, **rest)

    flavours = click.option(
        "--models",
        type=click.Choice(["pydantic", "msgspec", "dataclass", "typeddict"]),
        default="pydantic",
        show_default=True,
        help="Library that the models are written for.",
    )
    parts = click.option(
        "--only",
        type=click.Choice(["all", "models", "server"]),
        default="all",
        show_default=True,
        help="What is in the package: the client with its models (all), the models alone, or the server half.",
    )
    name = click.option(
        "--name", "--as", "package", default="", callback=_importable, help="Import name of the package."
    )
    folder = click.option(
        "--templates",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="Folder of templates that replace ours, one by one, by file name.",
    )
    transports = click.option(
        "--transport",
        "transports",
        type=click.Choice(["pyreqwest"]),
        multiple=True,
        help="Another HTTP library that clients can be given, besides httpx2 and httpx.",
    )
    return cast("F", flavours(parts(name(folder(transports(collected))))))


def _importable(_context: click.Context, _option: click.Parameter, name: str) -> str:
    """Return the name of a package, if that is what it will be called."""
    if name and import_name(name) != name:
        raise click.BadParameter(f"{name!r} is no import name of a package; write it like {import_name(name)}")
    return name


class TargetType(click.ParamType[Target]):
    """A contract's name or the path of a document."""

    name = "contract"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Target:
        """Return what the text stands for."""
        return value if isinstance(value, Target) else find(value)


def read_target(target: Target) -> Contract:
    """Return the contract of a target. Raises `FindingsError` when it can't be read."""
    from tallystick.contract import read

    return read(target.document, name=target.name, root=target.root)
