"""`tallystick compare`: what changed between two contracts, and for whom it breaks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import click

from tallystick.cli.outcome import Exit
from tallystick.compare import FORMATS, RULES, Format, compare, listing, read_side, report


def _list_rules(ctx: click.Context, _: click.Parameter, form: str | None) -> None:
    if form is not None:
        show = listing.as_json if form == "json" else listing.as_text
        click.echo(show(RULES.items), nl=False)
        ctx.exit()


@click.command("compare")
@click.argument("old")
@click.argument("new")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How changes are printed."
)
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "any"]),
    default="breaking",
    show_default=True,
    help="Which changes make the command exit with 1.",
)
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="The day that sunsets are judged by, the current day when not given.",
)
@click.option(
    "--rules",
    is_flag=False,
    flag_value="text",
    type=click.Choice(["text", "json"]),
    default=None,
    expose_value=False,
    is_eager=True,
    callback=_list_rules,
    help="List the rules, and stop.",
)
def command(old: str, new: str, form: Format, fail_on: Literal["breaking", "any"], today: datetime | None) -> int:
    """Say what changed from OLD to NEW, and for whom it breaks.

    OLD and NEW are names of shipped contracts, paths of documents, or git:REV:PATH for a document with all the files
    it refers to as they were in a git revision. Breaking is what can stop a client or server that honours the old
    contract. Ends with the version bump that the changes imply.

    Exit codes: 0 nothing breaks (with --fail-on any: nothing changed), 1 something does, 2 OLD or NEW can't be read.
    """
    before, after = read_side(old), read_side(new)
    day = today.date() if today else date.today()
    comparison = compare(
        before.contract, after.contract, today=day, locate_old=before.locate, locate_new=after.locate
    )
    click.echo(report(comparison, form), nl=False)
    found = comparison.breaking if fail_on == "breaking" else comparison.changes
    return Exit.FINDINGS if found else Exit.CLEAN
