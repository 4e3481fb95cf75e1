"""What a flavour's classes can't say of themselves, said after them: one statement a class, only where needed."""

from __future__ import annotations

from tallystick.emit.models.expression import literal
from tallystick.emit.models.imports import Imports
from tallystick.emit.models.interface import Flavour
from tallystick.emit.models.shape import Catalogue, Record


def statements(catalogue: Catalogue, flavour: Flavour, imports: Imports) -> list[str]:
    """Return calls that tell the runtime the names on the wire, and the members never to be shown."""
    if flavour not in ("dataclass", "msgspec"):
        return []
    records = [d for d in catalogue.definitions.values() if isinstance(d, Record)]
    calls = [call for record in records if (call := _call(record, with_names=flavour == "dataclass"))]
    if calls:
        imports.need_runtime("describe")
    return calls


def _call(record: Record, *, with_names: bool) -> str:
    renamed = {f.name: f.api_name for f in record.fields if f.name != f.api_name} if with_names else {}
    hidden = [f.name for f in record.fields if f.sensitive]
    arguments = [record.name]
    if renamed:
        arguments.append("names={" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in renamed.items()) + "}")
    if hidden:
        arguments.append("sensitive={" + ", ".join(map(literal, hidden)) + "}")
    return f"describe({', '.join(arguments)})" if len(arguments) > 1 else ""
