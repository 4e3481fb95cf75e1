"""`tallystick run`: the whole pipeline, contract by contract: check, generate, serve the mock, test it, report."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from tallystick.cli.arguments import TargetType, read_target
from tallystick.cli.generate import DEFAULT_FOLDER, build
from tallystick.cli.outcome import Exit, plural, print_findings
from tallystick.contract import Contract
from tallystick.emit.options import Options
from tallystick.errors import TallystickError
from tallystick.lint.check import check
from tallystick.publish import write
from tallystick.settings import Target, contract_names, find

_LISTENING = re.compile(r"listening on (http://127\.0\.0\.1:\d+)\n")
"""The mock's own words; the lines before it have texts of the document in them."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was done for one contract."""

    operations: int = 0
    files: int = 0
    cases: int = 0
    failures: int = 0
    findings: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.operations + other.operations,
            self.files + other.files,
            self.cases + other.cases,
            self.failures + other.failures,
            self.findings + other.findings,
        )


@click.command("run")
@click.argument("targets", metavar="[CONTRACT]...", nargs=-1, type=TargetType())
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path(DEFAULT_FOLDER),
    show_default=True,
    help="Folder that the packages are generated into.",
)
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path),
    default=Path("reports"),
    show_default=True,
    help="Folder of the reports, one below it for each contract.",
)
@click.option(
    "--max-examples", type=click.IntRange(1), default=25, show_default=True, help="Random cases for each operation."
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed sends the same requests."
)
def command(targets: tuple[Target, ...], out: Path, report_dir: Path, max_examples: int, seed: int) -> int:
    """Take CONTRACT through everything: check, generate, serve the mock, property-test it, report.

    Without CONTRACT, all shipped contracts. Exits with 1 when a contract has errors or its mock does not honour it.
    """
    chosen = targets or tuple(find(name) for name in contract_names())
    total = Tally()
    for target in chosen:
        total += _one(target, out, report_dir / target.name, max_examples, seed)
    click.echo(
        f"{plural(len(chosen), 'contract', 'contracts')}, {plural(total.operations, 'operation', 'operations')}, "
        f"{plural(total.files, 'file', 'files')} generated, {plural(total.cases, 'case', 'cases')} run, "
        f"{plural(total.failures, 'failure', 'failures')}"
    )
    return Exit.FINDINGS if total.failures or total.findings else Exit.CLEAN


def _one(target: Target, out: Path, report_dir: Path, max_examples: int, seed: int) -> Tally:
    contract = read_target(target)
    findings = check(contract, chosen="strict" if target.folder else "recommended")
    print_findings(findings)
    if findings.errors:
        return Tally(len(contract.operations), findings=len(findings.errors))
    built = build(contract, target, Options())
    done = write(built.files, out / built.package)
    cases, failures = _test(contract, target, report_dir, max_examples, seed)
    verdict = "all as the contract says" if not failures else plural(failures, "failure", "failures")
    click.echo(
        f"{contract.name}: {plural(len(contract.operations), 'operation', 'operations')}; {done.total} files in "
        f"{out / built.package}; {cases:,} cases against its mock, {verdict}; {report_dir / 'report.html'}"
    )
    return Tally(len(contract.operations), done.total, cases, failures)


def _test(contract: Contract, target: Target, report_dir: Path, max_examples: int, seed: int) -> tuple[int, int]:
    """Serve the mock on a free port, as a user would, and test it there."""
    from tallystick.verify import Plan, at_url, report, run
    from tallystick.verify.outcome.progress import Ticker

    plan = Plan(seed=seed, max_examples=max_examples)
    with served_mock(target) as address, Ticker(sys.stderr) as ticker:
        result = run(contract, at_url(contract, address, plan), plan, folder=target.folder, progress=ticker)
    page = report.write(result, report_dir)
    if not result.clean:
        click.echo(report.as_text(result, page), nl=False)
    return result.cases, len(result.failures)


@contextmanager
def served_mock(target: Target) -> Iterator[str]:
    """Serve a contract's mock in a process of its own, and give its address. Raises `TallystickError` if it can't."""
    command = [sys.executable, "-m", "tallystick", "mock", target.spelled, "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        assert server.stdout is not None
        said: list[str] = []
        for line in server.stdout:
            said.append(line.strip())
            if found := _LISTENING.fullmatch(line):
                break
        else:
            raise TallystickError(f"the mock of {target.name} did not start: {' '.join(said)}")
        try:
            yield found[1]
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate()
