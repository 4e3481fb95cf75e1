"""`tallystick report`: work with reports of earlier test runs."""

from __future__ import annotations

from pathlib import Path

import click

from tallystick.cli.arguments import report_option
from tallystick.cli.outcome import Exit
from tallystick.errors import ConfigurationError
from tallystick.verify import report
from tallystick.verify.outcome.merge import merge
from tallystick.verify.result import Result


@click.group("report", short_help="Work with reports of earlier test runs.")
def command() -> None:
    """Work with the reports that `tallystick test` left behind."""


@command.command("merge", short_help="Make one report of several.")
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path))
@report_option
def merged(reports: tuple[Path, ...], report_dir: Path) -> int:
    """Make one report of the REPORTS of a run's parts: report.json files, or the folders that hold them.

    Exits like a run: 0 when nothing was found in any part, else 1.
    """
    result = merge([_read(path) for path in reports])
    page = report.write(result, report_dir)
    click.echo(report.as_text(result, page), nl=False)
    return Exit.CLEAN if result.clean else Exit.FINDINGS


def _read(path: Path) -> Result:
    file = path / "report.json" if path.is_dir() else path
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        hint = "name report.json files that `tallystick test` wrote, or the folders that hold them"
        raise ConfigurationError(f"there is no report {file}", hint=hint) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the report {file} can't be read: {error}") from error
    return report.from_json(text, str(file))
