"""`tallystick check`: is a contract right, complete and consistent?"""

from __future__ import annotations

import click

from tallystick.cli.arguments import TargetType, format_option, read_target
from tallystick.cli.outcome import Exit, counted, plural, say
from tallystick.diagnostics import Findings, Format, render
from tallystick.errors import FindingsError
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
@format_option
def command(targets: tuple[Target, ...], chosen: RuleSet | None, only: tuple[str, ...], form: Format) -> int:
    """Check contracts: the OpenAPI specification, examples and defaults, the extension vocabulary, house rules.

    Without CONTRACT all shipped contracts are checked. Exits with 1 when a finding is an error.
    """
    from tallystick.lint.check import check

    findings = Findings()
    operations = 0
    chosen_targets = targets or tuple(find(name) for name in contract_names())
    for target in chosen_targets:
        try:
            contract = read_target(target)
        except FindingsError as error:
            findings += error.findings
            continue
        operations += len(contract.operations)
        rules: RuleSet = chosen or ("strict" if target.folder else "recommended")
        findings += check(contract, chosen=rules, only=only, folder=target.folder)
    click.echo(render(findings, form), nl=False)
    checked = (
        f"{plural(len(chosen_targets), 'contract', 'contracts')}, {plural(operations, 'operation', 'operations')}"
    )
    say(f"{checked}: {counted(findings) if findings else 'nothing to complain about'}")
    return Exit.FINDINGS if findings.errors else Exit.CLEAN
