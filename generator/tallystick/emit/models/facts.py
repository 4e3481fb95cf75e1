"""What a flavour's classes can't say of themselves, said after them: one statement a class, only where needed."""

from __future__ import annotations

import textwrap

from tallystick.emit.literals import quoted
from tallystick.emit.models.imports import Imports
from tallystick.emit.models.interface import Flavour
from tallystick.emit.models.shape import Catalogue, Record


def statements(catalogue: Catalogue, flavour: Flavour, imports: Imports) -> list[str]:
    """Return calls that tell the runtime names on the wire, members never to be shown, classes without others."""
    records = [d for d in catalogue.definitions.values() if isinstance(d, Record)]
    if flavour == "pydantic":
        return []
    if flavour == "typeddict":
        return _closed([record.name for record in records if record.closed], imports)
    calls = [call for record in records if (call := _call(record, with_names=flavour == "dataclass"))]
    if calls:
        imports.need_runtime("describe")
    return calls


def _closed(names: list[str], imports: Imports) -> list[str]:
    if names:
        imports.need_runtime("closed")
    lines = textwrap.wrap(", ".join(names), 100, break_long_words=False)
    listed = textwrap.indent("\n".join(lines), "    ")
    return [f"closed(\n{listed},\n)"] if names else []


def _call(record: Record, *, with_names: bool) -> str:
    renamed = {f.name: f.api_name for f in record.fields if f.name != f.api_name} if with_names else {}
    hidden = [f.name for f in record.fields if f.sensitive]
    arguments = [record.name]
    if renamed:
        arguments.append("names={" + ", ".join(f"{quoted(k)}: {quoted(v)}" for k, v in renamed.items()) + "}")
    if hidden:
        arguments.append("sensitive={" + ", ".join(map(quoted, hidden)) + "}")
    return f"describe({', '.join(arguments)})" if len(arguments) > 1 else ""
