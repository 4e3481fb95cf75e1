"""Arguments in, findings out, exit code. One module per command; none of them decides anything.

Exit codes: 0 clean, 1 findings, 2 wrong usage or configuration, 3 our bug, 130 interrupted.
"""

from __future__ import annotations

import gc
import importlib
import sys

import click

from tallystick import __version__
from tallystick.cli.outcome import guarded

_COMMANDS = {
    "bundle": "Write a document and all it refers to as one file.",
    "check": "Check contracts: validity, examples, vocabulary, house rules.",
    "compare": "Say what changed between two contracts, and for whom it breaks.",
    "generate": "Generate typed models and clients, or check that they are current.",
    "mock": "Serve a contract as a stateful mock.",
    "provenance": "List what the sources of a contract say, and where the contract says it.",
    "report": "Work with reports of earlier test runs.",
    "run": "Take contracts through everything: check, generate, mock, test, report.",
    "test": "Property-test a server, or our own mock, against a contract.",
    "vendor": "Keep a generated package inside another project.",
}
"""Command -> its line in the listing. The module of a command is imported only when it is called."""


class _Commands(click.Group):
    """Finds commands in modules of the same name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its module."""
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"tallystick.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return what click does; for an unknown command, the error names those that it may be a slip for."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:  # click looks among those that are loaded: none
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=_COMMANDS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the listing without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def cli() -> None:
    """One OpenAPI contract in; typed clients, a stateful mock and a property test out.

    CONTRACT is the name of a shipped contract (ivy, ivy-legacy, worldline) or the path of any OpenAPI 3.0 or 3.1
    document, in JSON or YAML.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    gc.set_threshold(200_000, 50, 100)  # a document is all tree, no garbage: looking for some doubles reading time
    sys.exit(guarded(lambda: cli.main(args=arguments, prog_name="tallystick", standalone_mode=False)))
