"""`tallystick provenance`: what each source of a contract says, and where the contract says it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Literal

import click

from tallystick import load
from tallystick.cli.arguments import contract_argument, read_target
from tallystick.cli.outcome import Exit, plural, say
from tallystick.contract import Contract
from tallystick.contract.schema import as_mapping
from tallystick.errors import FindingsError, UsageError
from tallystick.lint.provenance import Standing, misplaced, standings
from tallystick.load import Json
from tallystick.resolve import display_name
from tallystick.settings import Target, seed_facts


@click.command("provenance")
@contract_argument
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(target: Target, form: Literal["text", "json"]) -> int:
    """List what each source that CONTRACT was made from says, and where the contract says it.

    Exits with 1 when the contract says something else without giving a reason. Shipped contracts only.
    """
    if target.folder is None:
        raise UsageError(f"{target.name} is no shipped contract", hint="only those have a record of their sources")
    contract = read_target(target)
    path = target.folder / "provenance.yaml"
    record = load.read(path, name=display_name(path))
    facts = _facts(contract, as_mapping(record.data))
    wrong_places = misplaced(record, facts)
    if wrong_places:
        raise FindingsError(wrong_places)
    places = {code: as_mapping(given) for code, given in as_mapping(record.data).items()}
    table = {code: standings(contract.document, facts[code], places[code]) for code in places}
    click.echo(_json(table) if form == "json" else "\n".join(_text(contract, table)))
    rows = [row for found in table.values() for row in found]
    wrong = [row for row in rows if not row.agrees]
    say(f"{plural(len(rows), 'fact', 'facts')} of {plural(len(table), 'source', 'sources')}, {len(wrong)} not kept")
    return Exit.FINDINGS if wrong else Exit.CLEAN


def _facts(contract: Contract, codes: Iterable[str]) -> dict[str, Mapping[str, Json]]:
    """Return the facts of sources by their codes in the contract's legend."""
    known = as_mapping(load.read(seed_facts()).data)
    legend = as_mapping(contract.document.get("x-provenance"))
    return {code: as_mapping(known.get(str(as_mapping(legend.get(code)).get("file")))) for code in codes}


_WIDEST = 72
"""How many characters of a value are shown."""


def _text(contract: Contract, table: Mapping[str, tuple[Standing, ...]]) -> Iterator[str]:
    for code, rows in table.items():
        yield f"{code}:"
        for row in rows:
            yield f"  {row.fact}: {_short(row.value)}"
            yield f"    {_place(contract, row)}{_otherwise(row)}"


def _place(contract: Contract, row: Standing) -> str:
    if not row.pointer:
        return "nowhere in the contract"
    place = contract.place(row.pointer)
    return f"{place.file}:{place.line}:{place.column}"


def _otherwise(row: Standing) -> str:
    if row.agrees:
        return f" says {_short(row.said)}: {row.because}" if row.because else ""
    return f" says {_short(row.said)}, which is something else" if row.pointer else ""


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= _WIDEST:
        return text
    return f"{text[:_WIDEST]}…" + ("" if isinstance(value, str) else f" ({plural(len(value), 'entry', 'entries')})")


def _json(table: Mapping[str, tuple[Standing, ...]]) -> str:
    return json.dumps({code: [asdict(row) for row in rows] for code, rows in table.items()}, indent=2)
