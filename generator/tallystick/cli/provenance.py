"""`tallystick provenance`: what each source of a contract says, and where the contract says it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Literal

import click

from tallystick import load
from tallystick.cli.arguments import contract_argument, read_target
from tallystick.cli.outcome import Exit, plural, say
from tallystick.contract import Contract
from tallystick.contract.schema import as_mapping
from tallystick.errors import UsageError
from tallystick.lint.provenance import Standing, standings
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
    places = as_mapping(load.read(target.folder / "provenance.yaml").data)
    facts = as_mapping(load.read(seed_facts()).data)
    table = {code: _standings(contract, code, facts, as_mapping(places[code])) for code in places}
    click.echo(_json(table) if form == "json" else "\n".join(_text(contract, table)))
    rows = [row for found in table.values() for row in found]
    wrong = [row for row in rows if not row.agrees]
    say(f"{plural(len(rows), 'fact', 'facts')} of {plural(len(table), 'source', 'sources')}, {len(wrong)} not kept")
    return Exit.FINDINGS if wrong else Exit.CLEAN


def _standings(
    contract: Contract, code: str, facts: Mapping[str, Any], places: Mapping[str, Any]
) -> tuple[Standing, ...]:
    legend = as_mapping(contract.document.get("x-provenance"))
    file = str(as_mapping(legend.get(code)).get("file"))
    return standings(contract.document, as_mapping(facts.get(file)), places)


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
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}… ({plural(len(value), 'entry', 'entries')})"


_WIDEST = 72


def _json(table: Mapping[str, tuple[Standing, ...]]) -> str:
    return json.dumps({code: [asdict(row) for row in rows] for code, rows in table.items()}, indent=2)
