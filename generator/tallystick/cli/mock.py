"""`tallystick mock`: serve a contract."""

from __future__ import annotations

import click

from tallystick.cli.arguments import contract_argument, read_target
from tallystick.settings import Target


@click.command()
@contract_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind to.")
@click.option("--port", default=4010, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 for any.")
@click.option("--stateful/--stateless", default=None, help="Keep state, or answer any valid request.")
@click.option("--seed", default="0", show_default=True, help="Makes identifiers and made-up values repeatable.")
def command(target: Target, host: str, port: int, stateful: bool | None, seed: str) -> None:
    """Serve CONTRACT as a mock of its provider, until interrupted."""
    from tallystick.mock import create_app
    from tallystick.mock.security import defaults_in_words
    from tallystick.mock.server import address, listen, serve
    from tallystick.mock.service import Mode

    listener = listen(host, port)
    mode: Mode | None = None if stateful is None else "stateful" if stateful else "stateless"
    app = create_app(read_target(target), folder=target.folder, seed=seed, mode=mode)
    click.echo(f"{app.mock.contract.title}: {len(app.mock.contract.operations)} operations, {app.mock.mode}")
    if credentials := defaults_in_words(app.mock.contract):
        click.echo(f"credentials: {credentials}")
    serve(app, listener, ready=lambda: click.echo(f"listening on {address(listener)}"))
