"""`tallystick mock`: serve a contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from tallystick.cli.arguments import contract_argument, read_target
from tallystick.cli.outcome import plural, say_left_out
from tallystick.diagnostics import one_line
from tallystick.errors import UsageError
from tallystick.settings import Target

if TYPE_CHECKING:
    from tallystick.mock.app import App
    from tallystick.mock.service import Mode


@click.command()
@contract_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind to.")
@click.option("--port", default=4010, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 for any.")
@click.option("--stateful/--stateless", default=None, help="Keep state, or answer any valid request.")
@click.option("--seed", default="0", show_default=True, help="Makes identifiers and made-up values repeatable.")
@click.option(
    "--store", "store", default="memory:", show_default=True, metavar="ADDRESS", help="Where state is kept."
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that serve.")
@click.option(
    "--credential",
    "credentials",
    multiple=True,
    metavar="SCHEME:NAME=VALUE,…",
    help="A credential that is good, in place of the defaults. May be given several times.",
)
def command(
    target: Target,
    host: str,
    port: int,
    stateful: bool | None,
    seed: str,
    store: str,
    workers: int,
    credentials: tuple[str, ...],
) -> None:
    """Serve CONTRACT as a mock of its provider, until interrupted.

    State is kept in memory, or at sqlite:///FILE or redis://HOST:PORT/DATABASE. The mock's own paths begin with
    /_tallystick; the front page is at /.
    """
    from tallystick.mock import create_app
    from tallystick.mock.http.server import address, listen, serve
    from tallystick.mock.store import open_store
    from tallystick.mock.wire.credentials import credentials_of

    if workers > 1 and store == "memory:":
        raise UsageError("several workers can't share memory", hint="add --store sqlite:///FILE")
    contract = read_target(target)
    say_left_out(contract, target.spelled)
    known = credentials_of(credentials, contract)
    mode: Mode | None = None if stateful is None else "stateful" if stateful else "stateless"
    listener = listen(host, port)

    def work(ready: Callable[[], None]) -> None:
        app = create_app(
            contract, folder=target.folder, seed=seed, mode=mode, store=open_store(store), credentials=known
        )
        serve(app, listener, ready=ready)

    _introduce(create_app(contract, folder=target.folder, seed=seed, mode=mode, credentials=known), bool(known))

    def ready() -> None:
        click.echo(f"listening on {address(listener)}")

    if workers == 1:
        work(ready)
        return
    from tallystick.mock.http.workers import serve_in

    open_store(store).close()  # so that what is wrong with it is said once, and here
    serve_in(workers, work, ready=ready)


def _introduce(app: App, chosen: bool) -> None:
    """Say what is served, what was made of it, and with which credentials, unless somebody chose them."""
    from tallystick.mock.wire.security import defaults_in_words

    mock, contract = app.mock, app.mock.contract
    served = f"{contract.title}: {plural(len(contract.operations), 'operation', 'operations')}, {mock.mode}"
    inferred = (f"inferred: {r.description}" for r in (mock.inferred if mock.mode == "stateful" else ()))
    words = "" if chosen else defaults_in_words(contract, anybody=mock.takes_anybody)
    for line in (served, *inferred, *([f"credentials: {words}"] if words else [])):
        click.echo(one_line(line))
