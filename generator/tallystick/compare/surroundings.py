"""What stands around the operations: webhooks, named schemas, servers, security."""

from __future__ import annotations

from collections.abc import Iterable

from tallystick.compare.ledger import Ledger, Scope
from tallystick.compare.lifecycles import compare_lifecycles
from tallystick.compare.operations import compare_incoming
from tallystick.compare.security import compare_document_security, compare_schemes
from tallystick.compare.servers import compare_servers
from tallystick.contract import Contract
from tallystick.contract.schema import as_mapping
from tallystick.load.pointer import join


def compare_surroundings(ledger: Ledger) -> None:
    """Enter what changed in the document as a whole."""
    old, new = ledger.old.contract, ledger.new.contract
    _webhooks(ledger)
    _named_schemas(ledger)
    compare_document_security(ledger)
    compare_schemes(ledger)
    compare_servers(ledger, Scope("document", "document", subject="the API"), old.servers, new.servers)
    compare_lifecycles(ledger)
    _package(ledger)


def _package(ledger: Ledger) -> None:
    """Enter another name of the generated package or of its client."""
    old, new = ledger.old.contract, ledger.new.contract
    scope = Scope("document", "document", subject="the API")
    for facet, keyword, before, after in (
        ("package", "name", old.package, new.package),
        ("client", "client", old.client, new.client),
    ):
        if before and after and before != after:
            what = f"has {after!r} as name of its {facet} instead of {before!r}"
            place = join("/x-package", keyword)
            ledger.enter(scope, facet, "changed", what, before, after, old=place, new=place)


def _named_schemas(ledger: Ledger) -> None:
    """Enter schemas whose name went. Those that have their name from a file are known by their uses alone."""
    old, new = _schema_names(ledger.old.contract), _schema_names(ledger.new.contract)
    for name in (n for n in old if n not in new and n not in ledger.new.contract.schemas):
        here = Scope("components", "components", subject=f"the schema {name!r}", names=(name,))
        ledger.enter(here, "schema", "removed", "was removed", old=join("/components/schemas", name), new=None)


def _schema_names(contract: Contract) -> Iterable[str]:
    components = as_mapping(as_mapping(contract.bundle.entry.data).get("components"))
    return as_mapping(components.get("schemas"))


def _webhooks(ledger: Ledger) -> None:
    """Enter webhooks that came or went by name, and what changed in the others."""
    old = {(w.name, w.operation.method): w for w in ledger.old.contract.webhooks}
    new = {(w.name, w.operation.method): w for w in ledger.new.contract.webhooks}
    for (name, method), webhook in old.items():
        place = webhook.operation.pointer
        if (name, method) not in new:
            ledger.enter(_scope(name), "presence", "removed", "was removed", old=place, new=None)
        else:
            after = new[name, method].operation
            compare_incoming(ledger, "webhook", f"{method} {name}", (name,), webhook.operation, after)
    for (name, method), webhook in new.items():
        if (name, method) not in old:
            ledger.enter(_scope(name), "presence", "added", "was added", old=None, new=webhook.operation.pointer)


def _scope(name: str) -> Scope:
    return Scope("webhook", "webhook", subject=f"the webhook {name!r}", names=(name,))
