"""`tallystick check`: is a contract right, complete and consistent?"""

from __future__ import annotations

import difflib

import click

from tallystick.cli.arguments import TargetType, format_option, read_target
from tallystick.cli.outcome import Exit, counted, plural, say
from tallystick.diagnostics import Findings, Format, render
from tallystick.errors import FindingsError, UsageError
from tallystick.lint.rule import RULE_SETS, RuleSet
from tallystick.settings import Target, contract_names, find


@click.command("check")
@click.argument("targets", metavar="[CONTRACT]...", nargs=-1, type=TargetType())
@click.option(
    "--rules",
    "chosen",
    type=click.Choice(RULE_SETS),
    help="House rules to apply.  [default: strict for shipped contracts, recommended for paths]",
)
@click.option("--only", metavar="RULE", multiple=True, help="Apply only this house rule. Can be repeated.")
@click.option("--list-rules", is_flag=True, help="List the house rules instead.")
@click.option("--lifecycles", is_flag=True, help="Print each lifecycle as a state diagram instead.")
@format_option
def command(
    targets: tuple[Target, ...],
    chosen: RuleSet | None,
    only: tuple[str, ...],
    list_rules: bool,
    lifecycles: bool,
    form: Format,
) -> int:
    """Check contracts: the OpenAPI specification, examples and defaults, the extension vocabulary, house rules.

    Without CONTRACT all shipped contracts are checked. Exits with 1 when a finding is an error.
    """
    if list_rules:
        return _list_rules(chosen)
    wanted = targets or tuple(find(name) for name in contract_names())
    if lifecycles:
        return _print_lifecycles(wanted)
    _require_rules(only)
    findings, operations = _check(wanted, chosen, only)
    click.echo(render(findings, form), nl=False)
    checked = f"{plural(len(wanted), 'contract', 'contracts')}, {plural(operations, 'operation', 'operations')}"
    say(f"{checked}: {counted(findings) if findings else 'nothing to complain about'}")
    return Exit.FINDINGS if findings.errors else Exit.CLEAN


def _check(targets: tuple[Target, ...], chosen: RuleSet | None, only: tuple[str, ...]) -> tuple[Findings, int]:
    """Return all findings about the targets, and how many operations were read."""
    from tallystick.lint.check import check

    findings, operations = Findings(), 0
    for target in targets:
        try:
            contract = read_target(target)
        except FindingsError as error:
            findings += error.findings
            continue
        operations += len(contract.operations)
        rules: RuleSet = chosen or ("strict" if target.folder else "recommended")
        findings += check(contract, chosen=rules, only=only)
    return findings, operations


def _require_rules(ids: tuple[str, ...]) -> None:
    from tallystick.lint.rules import RULES

    known = [r.id for r in RULES]
    for id_ in ids:
        if id_ not in known:
            close = difflib.get_close_matches(id_, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "`tallystick check --list-rules` lists them"
            raise UsageError(f"there is no rule {id_!r}", hint=hint)


def _list_rules(chosen: RuleSet | None) -> int:
    from tallystick.lint.listing import as_text
    from tallystick.lint.rules import RULES

    click.echo(as_text(RULES, chosen), nl=False)
    return Exit.CLEAN


def _print_lifecycles(targets: tuple[Target, ...]) -> int:
    from tallystick.lint.diagrams import page

    click.echo(page([read_target(target) for target in targets]), nl=False)
    return Exit.CLEAN
