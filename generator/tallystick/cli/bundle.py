"""`tallystick bundle`: a document and all it refers to, as one file."""

from __future__ import annotations

from pathlib import Path

import click

from tallystick.cli.arguments import contract_argument, format_option, read_target
from tallystick.cli.outcome import Exit, plural, print_findings, say
from tallystick.contract import Contract
from tallystick.diagnostics import Findings, Format
from tallystick.errors import ConfigurationError, FindingsError, UsageError
from tallystick.export import Version, as_json, as_yaml, export
from tallystick.publish import write_file
from tallystick.settings import Target

_FORMS = {".json": as_json, ".yaml": as_yaml, ".yml": as_yaml}


@click.command("bundle")
@contract_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write, JSON or YAML by its suffix.",
)
@click.option(
    "--openapi",
    "version",
    type=click.Choice(("3.0", "3.1")),
    help="Version of OpenAPI to write.  [default: the document's own]",
)
@click.option("--lossy", is_flag=True, help="Write the file even if the version can't say everything.")
@format_option
def command(target: Target, output: Path, version: Version | None, lossy: bool, form: Format) -> int:
    """Write CONTRACT and all it refers to as one file.

    What OpenAPI 3.0 can't say of a 3.1 document is a finding at its place; then nothing is written, unless --lossy.
    """
    write = _FORMS.get(output.suffix.lower())
    if write is None:
        raise UsageError(f"{output} is neither JSON nor YAML", hint="end its name in .json, .yaml or .yml")
    contract = read_target(target)
    _require_sound(contract)
    _require_other_file(contract, output)
    exported = export(contract, version, lossy=lossy)
    print_findings(exported.findings, form)
    if exported.findings.errors:
        say(f"{output} is not written; --lossy leaves out what OpenAPI 3.0 can't say")
        return Exit.FINDINGS
    write_file(output, write(exported.data))
    operations = plural(len(contract.operations), "operation", "operations")
    files = plural(len(contract.bundle.sources), "file", "files")
    say(f"{output}: OpenAPI {exported.data['openapi']}, {operations}, from {files}")
    return Exit.CLEAN


def _require_sound(contract: Contract) -> None:
    """Raise `FindingsError` when a reference leads nowhere: one file could not say what the files mean."""
    if contract.bundle.findings.errors:
        raise FindingsError(Findings(contract.bundle.findings.errors))


def _require_other_file(contract: Contract, output: Path) -> None:
    """Raise when writing would replace a file that the document is made of, or a folder is in the way."""
    if output.resolve() in {source.path.resolve() for source in contract.bundle.sources}:
        raise UsageError(f"{output} is one of the files to bundle", hint="choose another name")
    if output.is_dir():
        raise ConfigurationError(f"{output} is a folder", hint="name a file in it")
    if not output.parent.is_dir():
        raise ConfigurationError(f"there is no folder {output.parent}", hint="make it first")
