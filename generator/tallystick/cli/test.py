"""`tallystick test`: whether a server honours a contract."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from tallystick.cli.arguments import contract_argument, read_target, report_option
from tallystick.cli.outcome import Exit, say, say_left_out
from tallystick.contract import Contract
from tallystick.diagnostics import Findings
from tallystick.errors import FindingsError, TallystickError, UsageError
from tallystick.settings import Target as Document
from tallystick.verify import Plan, Shard, Target, at_import_path, at_url, local_mock, report, run
from tallystick.verify.dry import rehearse
from tallystick.verify.outcome import baseline
from tallystick.verify.outcome.progress import Ticker
from tallystick.verify.prove import NO_FAULT, prove
from tallystick.verify.report import proof
from tallystick.verify.report.text import as_failure
from tallystick.verify.server.auth import from_environment


@click.command("test", short_help="Property-test a server, or our own mock, against a contract.")
@contract_argument
@click.option("--url", help="Address of the server to test, with the path that the API's paths are added to.")
@click.option("--app", metavar="MODULE:APP", help="ASGI application to test in-process.")
@click.option(
    "--max-examples", type=click.IntRange(1), default=25, show_default=True, help="Random cases for each operation."
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed sends the same requests."
)
@click.option("--max-time", type=click.FloatRange(0, min_open=True), help="End after this many seconds.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds to wait for an answer.",
)
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Seconds to wait at most for what time does on the server.",
)
@click.option(
    "--rate", type=click.FloatRange(0, min_open=True), help="Requests a second at most, to a server at --url."
)
@click.option("--safe", is_flag=True, help="Only operations that change nothing.")
@click.option("--shard", metavar="I/N", help="Test part I of N of the operations.")
@report_option
@click.option(
    "--baseline", "accepted", type=click.Path(path_type=Path, dir_okay=False), help="File of accepted failures."
)
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@click.option(
    "--prove", "proving", is_flag=True, help="Put faults into our mock, one at a time, and say which are found."
)
@click.option("--update-baseline", is_flag=True, help="Write what is found to the file given with --baseline.")
def command(target: Document, **options: Any) -> int:
    """Test a server against CONTRACT: --url, --app, or our own mock in-process.

    Exit codes: 0 the contract is honoured, 1 it is not, 2 wrong usage or no server, 3 our bug.

    Credentials come from environment variables named after the security scheme, such as TALLYSTICK_API_KEY; a second
    caller's have _OTHER at the end.
    """
    _require_consistent(options)
    contract = read_target(target)
    say_left_out(contract, target.spelled)
    plan = _plan(options)
    if options["proving"]:
        return _prove(contract, target, plan, options["report_dir"])
    if options["dry_run"]:
        name, own = options["url"] or options["app"] or "our mock", from_environment(contract)
        for line in rehearse(contract, plan, folder=target.folder, name=name, url=options["url"], own=own):
            click.echo(line)
        return Exit.CLEAN
    server = _server(contract, target, plan, options)
    known = baseline.read(options["accepted"]) if _reads_baseline(options) else frozenset()
    with Ticker(sys.stderr) as ticker, _blaming(contract):
        result = run(contract, server, plan, folder=target.folder, progress=ticker, accepted=known)
    page = report.write(result, options["report_dir"])
    click.echo(report.as_text(result, page), nl=False)
    if options["update_baseline"]:
        baseline.write(options["accepted"], result)
        count = len(result.failures) + len(result.accepted)
        say(f"accepted from now on: {count} failure{'' if count == 1 else 's'}, in {options['accepted']}")
        return Exit.CLEAN
    return Exit.CLEAN if result.clean else Exit.FINDINGS


@contextmanager
def _blaming(contract: Contract) -> Iterator[None]:
    """Raise `FindingsError` with what is wrong in the document, where testing stumbles and something is.

    A document that is left half understood is tested as far as it goes; the engine of the tests may not get as far.
    """
    try:
        yield
    except TallystickError:
        raise
    except Exception as error:  # whatever Schemathesis raises for a document that is none
        from tallystick.lint.structure import structure

        errors = (*contract.findings.errors, *structure(contract))
        if not errors:
            raise
        say("no tests can be made of this document; this is wrong in it:")
        raise FindingsError(Findings.of(errors)) from error


def _prove(contract: Contract, document: Document, plan: Plan, folder: Path) -> int:
    """Let faults be found; their verdicts are written beside the other reports."""
    with _blaming(contract):
        verdicts = prove(contract, plan, folder=document.folder, tell=lambda v: click.echo(proof.as_line(v)))
    if not verdicts:
        say(f"nothing in {contract.name} gives rise to a fault in this part")
    click.echo(proof.as_summary(contract.name, verdicts), nl=False)
    path = report.write_text(folder, "proof.json", proof.as_json(contract.name, verdicts))
    click.echo(f"report: {path}")
    first = verdicts[0] if verdicts else None
    if first is not None and first.failure is not None and first.kind == NO_FAULT:
        click.echo(f"the mock itself breaks its contract; see to that first:\n{as_failure(first.failure)}")
        return Exit.FINDINGS
    return Exit.CLEAN if all(verdict.caught for verdict in verdicts) else Exit.FINDINGS


def _require_consistent(options: dict[str, Any]) -> None:
    if options["proving"] and (options["url"] or options["app"]):
        raise UsageError("--prove puts faults into our own mock", hint="leave out --url and --app")
    if options["url"] and options["app"]:
        raise UsageError("--url and --app are two targets", hint="give one of them, or none for our own mock")
    if options["update_baseline"] and options["accepted"] is None:
        raise UsageError("--update-baseline needs a file", hint="name it with --baseline FILE")


def _reads_baseline(options: dict[str, Any]) -> bool:
    path: Path | None = options["accepted"]
    return path is not None and (path.exists() or not options["update_baseline"])


def _plan(options: dict[str, Any]) -> Plan:
    same = ("seed", "max_examples", "max_time", "timeout", "rate", "safe", "wait")
    shard = Shard.parse(options["shard"]) if options["shard"] else Shard()
    return Plan(**{name: options[name] for name in same}, shard=shard)


def _server(contract: Contract, document: Document, plan: Plan, options: dict[str, Any]) -> Target:
    if options["url"]:
        return at_url(contract, options["url"], plan)
    if options["app"]:
        return at_import_path(contract, options["app"])
    return local_mock(contract, document.folder, plan)
