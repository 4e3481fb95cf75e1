"""Addresses under which the API is served."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.compare.ledger import Ledger, Scope
from tallystick.contract.model import Server


def compare_servers(ledger: Ledger, scope: Scope, old: Sequence[Server], new: Sequence[Server]) -> None:
    """Enter addresses that came or went, and values of their variables that went. No list on one side is no change:
    what holds then is where the document itself is served."""
    before, after = ({s.url.rstrip("/"): s for s in servers if s.pointer} for servers in (old, new))
    if not before or not after:
        return
    for url, server in before.items():
        if url not in after:
            what = f"is no longer served at {server.url}"
            ledger.enter(scope, "server", "removed", what, server.url, old=server.pointer, new=None)
        else:
            _variables(ledger, scope, server, after[url])
    for url, server in after.items():
        if url not in before:
            what = f"is served at {server.url} too"
            ledger.enter(scope, "server", "added", what, server.url, old=None, new=server.pointer)


def _variables(ledger: Ledger, scope: Scope, old: Server, new: Server) -> None:
    after = {v.name: v for v in new.variables}
    for variable in old.variables:
        kept = after.get(variable.name)
        if kept is None or not kept.values:
            continue
        allowed = variable.values or (variable.default,)
        for value in (v for v in allowed if v not in kept.values):
            what = f"no longer has {value!r} for {{{variable.name}}} in {new.url}"
            names = (value, variable.name)
            ledger.enter(scope, "server-variable", "value-removed", what, *names, old=old.pointer, new=new.pointer)
