"""`tallystick generate`: a contract's package, written or compared with what is on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tallystick.cli.arguments import TargetType, emission_options, read_target
from tallystick.cli.current import current_files, packages_of
from tallystick.cli.outcome import Exit, plural, print_findings, say
from tallystick.emit.options import Options
from tallystick.publish import Drift, Published, compare, read_record, write
from tallystick.settings import Target

if TYPE_CHECKING:
    from tallystick.contract import Contract
    from tallystick.emit.plan import Plan

DEFAULT_FOLDER = "generated"


@click.command("generate")
@click.argument("targets", metavar="CONTRACT...", type=TargetType(), nargs=-1, required=True)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of the package; by default one of its name in 'generated'."
)
@click.option("--check", is_flag=True, help="Write nothing; name files that are not current, and exit with 1.")
@click.option("--keep-going", is_flag=True, help="Replace a package even though the document has errors.")
@emission_options
def command(targets: tuple[Target, ...], out: Path | None, check: bool, keep_going: bool, options: Options) -> int:
    """Generate typed models and clients from CONTRACT.

    What a document gets wrong is named, with exit code 1, and the rest is generated: into a new folder, but not over
    a package that is there already, unless --keep-going says so.

    With --check, compare with what is on disk instead: changed, missing and orphaned files are named with a unified
    diff, and the exit code is 1.
    """
    if len(targets) > 1 and (out or options.name):
        raise click.UsageError("--out and --name are for one contract at a time")
    return max(_generate(target, out, options, check=check, keep_going=keep_going) for target in targets)


def build(contract: Contract, target: Target, options: Options) -> Plan:
    """Return the package of a contract, with what a shipped contract's own folder adds to it."""
    from tallystick.emit.plan import plan

    return plan(contract, replace(options, spec=target.folder))


def _generate(target: Target, out: Path | None, options: Options, *, check: bool, keep_going: bool) -> int:
    for place in [out] if out else packages_of(target, Path(DEFAULT_FOLDER)):
        if files := current_files(place, target, options):
            say(f"{place}: current, {plural(files, 'file', 'files')}")
            return Exit.CLEAN
    contract = read_target(target)
    built = build(contract, target, options)
    folder = out or Path(DEFAULT_FOLDER) / built.package
    findings = contract.findings + built.findings
    print_findings(findings)
    if check:
        return _report_drift(compare(built.files, folder), folder, target, built)
    if findings.errors and read_record(folder) and not keep_going:
        say(f"{folder}: left as it was", "  hint: mend the errors, or replace it all the same with --keep-going")
        return Exit.FINDINGS
    _report_written(contract, built, write(built.files, folder), folder)
    return Exit.FINDINGS if findings.errors else Exit.CLEAN


def _report_drift(drift: tuple[Drift, ...], folder: Path, target: Target, built: Plan) -> int:
    if not drift:
        say(f"{folder}: current, {plural(len(built.files), 'file', 'files')}")
        return Exit.CLEAN
    for file in drift:
        click.echo(f"{folder / file.path}: {file.kind}")
    for file in drift:
        click.echo(file.diff, nl=False)
    say(
        f"{folder}: {plural(len(drift), 'file is', 'files are')} not what {target.name} generates",
        f"  hint: tallystick generate {target.spelled} --out {folder}",
    )
    return Exit.FINDINGS


def _report_written(contract: Contract, built: Plan, done: Published, folder: Path) -> None:
    count = built.count
    say(
        f"{contract.name}: {plural(count.operations, 'operation', 'operations')} in, "
        f"{plural(count.methods, 'method', 'methods')} out; {plural(count.schemas, 'schema', 'schemas')} in, "
        f"{plural(count.classes, 'class', 'classes')} out",
        *(f"  refused: {name} at {pointer}: {reason}" for name, pointer, reason in count.refused),
        f"{folder}: {plural(done.total, 'file', 'files')}"
        f" ({len(done.added)} new, {len(done.changed)} changed, {len(done.removed)} removed)",
    )
