"""`tallystick vendor`: a generated package inside another project, with a lock, kept current."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from tallystick.cli.arguments import emission_options, read_target
from tallystick.cli.current import current_files
from tallystick.cli.outcome import Exit, plural, print_findings, say
from tallystick.emit.options import Options
from tallystick.errors import UsageError
from tallystick.publish import (
    LOCK,
    RECORD,
    Vendored,
    digest,
    document_path,
    drift,
    read_lock,
    read_record,
    write,
    write_file,
    write_lock,
)
from tallystick.settings import Target, find

if TYPE_CHECKING:
    from tallystick.contract import Contract
    from tallystick.emit.plan import Plan

_SKIPPED = frozenset(("node_modules", "site-packages", "build", "dist"))


@click.command("vendor")
@click.argument("subject", metavar="CONTRACT | DIR", required=False)
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="Folder that the package goes into.")
@click.option("--check", is_flag=True, help="Name files that were changed, lost or left over, and newer contracts.")
@click.option("--update", is_flag=True, help="Say what changes, then write it.")
@click.option("--dry-run", is_flag=True, help="With --update: only say what would change.")
@emission_options
def command(
    subject: str | None, into: Path | None, check: bool, update: bool, dry_run: bool, options: Options
) -> int:
    """Write the package of CONTRACT into a folder of your project, under any parent package, with a lock.

    With --check or --update, the packages that the lock in DIR lists; without DIR, those of every lock below the
    working folder. Files edited by hand are named and never overwritten.
    """
    if check and update:
        raise click.UsageError("--check and --update are two different things")
    if check or update:
        locks = list(_locks(Path(subject) if subject else None))
        return max(_check(folder) if check else _update(folder, dry_run=dry_run) for folder in locks)
    if subject is None or into is None:
        raise click.UsageError("say what goes where: tallystick vendor CONTRACT --into DIR")
    return _vendor(find(subject), into, options)


def _locks(folder: Path | None) -> Iterator[Path]:
    """Yield the folders with a lock. Raises `UsageError` when there is none."""
    if folder is not None:
        if not (folder / LOCK).is_file():
            raise UsageError(f"{folder} has no {LOCK}", hint="vendor a package into it first, with --into")
        yield folder
        return
    found = sorted(p.parent for p in Path().rglob(LOCK) if not _is_skipped(p))
    if not found:
        raise UsageError(f"there is no {LOCK} below the working folder", hint="name its folder, or vendor a package")
    yield from found


def _is_skipped(path: Path) -> bool:
    return any(part in _SKIPPED or part.startswith(".") for part in path.parts[:-1])


def _vendor(target: Target, into: Path, options: Options) -> int:
    for name, entry in read_lock(into).items():
        is_meant = entry.contract == _spelled(target, into) and options.name in ("", name)
        if is_meant and (files := _current_files(into, entry, target, options)):
            say(f"{into / name}: current, {plural(files, 'file', 'files')}")
            return Exit.CLEAN
    contract = read_target(target)
    built = _plan(contract, replace(options, spec=target.folder))
    if _has_errors(contract, built) and read_lock(into).get(built.package):
        say(f"{into / built.package}: left as it was")
        return Exit.FINDINGS
    _write(contract, built, into, _entry(contract, built, target, into, options))
    return Exit.FINDINGS if contract.findings.errors else Exit.CLEAN


def _has_errors(contract: Contract, built: Plan) -> bool:
    """Print what there is to say about the document; say whether some of it is an error."""
    findings = contract.findings + built.findings
    print_findings(findings)
    return bool(findings.errors)


def _write(contract: Contract, built: Plan, into: Path, entry: Vendored) -> None:
    done = write(built.files, into / built.package)
    document = json.dumps(contract.bundle.data, ensure_ascii=False, separators=(",", ":"))
    write_file(document_path(into, built.package), document + "\n")
    write_lock(into, {**read_lock(into), built.package: entry})
    say(
        f"{into / built.package}: {plural(done.total, 'file', 'files')} of {contract.name} {contract.version}"
        f" ({len(done.added)} new, {len(done.changed)} changed, {len(done.removed)} removed)"
    )


def _entry(contract: Contract, built: Plan, target: Target, into: Path, options: Options) -> Vendored:
    """Return the lock's entry for a package about to be written."""
    record = json.loads(built.files[RECORD])
    templates = str(_relative(options.templates, into)) if options.templates else None
    return Vendored(
        package=built.package,
        contract=_spelled(target, into),
        version=contract.version,
        contract_sha256=record["contract"]["sha256"],
        generator=record["generator"],
        templates_sha256=record["templates"],
        options={
            "models": options.models,
            "only": options.only,
            "templates": templates,
            "transports": [*sorted(options.transports)],
        },
        files={**record["files"], RECORD: digest(built.files[RECORD])},
    )


def _spelled(target: Target, folder: Path) -> str:
    """Return how the lock in a folder names a contract."""
    return target.name if target.folder else _relative(target.document, folder)


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()


def _plan(contract: Contract, options: Options) -> Plan:
    from tallystick.emit.plan import plan

    return plan(contract, options)


def _current_files(folder: Path, entry: Vendored, target: Target, options: Options) -> int:
    """Return the number of files of a package that is current, 0 when nobody can tell without generating."""
    record = read_record(folder / entry.package)
    files = {path: hash_ for path, hash_ in entry.files.items() if path != RECORD}
    if record is None or record["files"] != files or drift(folder, entry):
        return 0
    if record.get("contract", {}).get("sha256") != entry.contract_sha256:
        return 0
    package = folder / entry.package
    return current_files(package, target, options) or current_files(package, target, replace(options, name=""))


def _check(folder: Path) -> int:
    code: int = Exit.CLEAN
    for name, entry in read_lock(folder).items():
        found = drift(folder, entry)
        for file in found:
            click.echo(f"{folder / name / file.path}: {file.kind}")
        newer = _what_is_newer(folder, entry)
        if newer:
            click.echo(f"{folder / name}: {newer}")
        if found or newer:
            code = Exit.FINDINGS
            say(f"  hint: tallystick vendor --update {folder}")
        else:
            say(f"{folder / name}: current, {plural(len(entry.files), 'file', 'files')}")
    return code


def _what_is_newer(folder: Path, entry: Vendored) -> str:
    """Return what has changed at the source of a package, in words; empty when nothing has."""
    try:
        target, options = _source(folder, entry)
    except UsageError:
        return f"its contract {entry.contract} is not there any more"
    if _current_files(folder, entry, target, options):
        return ""
    record = json.loads(_plan(contract := read_target(target), options).files[RECORD])
    if record["contract"]["sha256"] != entry.contract_sha256:
        same = contract.version == entry.version
        return (
            f"its contract has changed: {entry.version} -> {'the same version, edited' if same else contract.version}"
        )
    if record["files"] != {p: d for p, d in entry.files.items() if p != RECORD}:
        return f"{record['generator']} generates it differently than {entry.generator} did"
    return ""


def _source(folder: Path, entry: Vendored) -> tuple[Target, Options]:
    is_path = "/" in entry.contract or "." in entry.contract
    target = find(str(folder / entry.contract) if is_path else entry.contract)
    chosen = cast("dict[str, Any]", entry.options)
    templates = folder / chosen["templates"] if chosen.get("templates") else None
    options = Options(
        models=chosen["models"],
        only=chosen["only"],
        name=entry.package,
        templates=templates,
        spec=target.folder,
        transports=tuple(chosen.get("transports", ())),
    )
    return target, options


def _update(folder: Path, *, dry_run: bool) -> int:
    code = Exit.CLEAN
    for name, entry in read_lock(folder).items():
        target, options = _source(folder, entry)
        if files := _current_files(folder, entry, target, options):
            say(f"{folder / name}: current, {plural(files, 'file', 'files')}")
            continue
        contract = read_target(target)
        built = _plan(contract, options)
        _say_what_changes(folder, entry, contract, built)
        if _has_errors(contract, built):
            say(f"{folder / name}: left as it was, because its contract has errors")
            code = Exit.FINDINGS
        elif dry_run:
            say(f"{folder / name}: nothing was written")
        else:
            _write(contract, built, folder, _entry(contract, built, target, folder, options))
    return code


def _say_what_changes(folder: Path, entry: Vendored, contract: Contract, built: Plan) -> None:
    from tallystick import contract as contracts
    from tallystick.compare import compare, report

    record = json.loads(built.files[RECORD])
    kept = document_path(folder, entry.package)
    if record["contract"]["sha256"] == entry.contract_sha256:
        click.echo(f"{entry.package}: {contract.name} {entry.version} has not changed")
    elif kept.is_file():
        old = contracts.read(kept, name=entry.package)
        click.echo(f"{entry.package}: {contract.name} {entry.version} -> {contract.version}")
        click.echo(report(compare(old, contract, today=date.today()), "text"), nl=False)
    if record["generator"] != entry.generator:
        click.echo(f"{entry.package}: generated by {record['generator']} instead of {entry.generator}")
