"""Contract in, models out."""

from __future__ import annotations

from tallystick.contract import Contract
from tallystick.diagnostics import Finding, Findings, Severity
from tallystick.emit.models import classes, finish
from tallystick.emit.models.catalogue import catalogue
from tallystick.emit.models.direction import reachable
from tallystick.emit.models.flavours import adapted, without_unsayable
from tallystick.emit.models.interface import Flavour, ModelOptions, ModelOutput
from tallystick.emit.models.shape import Catalogue, Field, Record


def build_models(contract: Contract, options: ModelOptions | None = None) -> ModelOutput:
    """Return the models of a contract as text, and the shape of everything that goes over the wire.

    Names clashing in Python are settled the same way every time and reported as findings.
    """
    chosen = options or ModelOptions()
    neutral, findings = catalogue(contract)
    sayable, left_out = without_unsayable(neutral, chosen.flavour)
    known = adapted(sayable, chosen.flavour)
    findings += [_left_out(contract, record, field, chosen.flavour) for record, field in left_out]
    return ModelOutput(
        files={"models.py": _text(known, chosen)},
        names=tuple(sorted(known.definitions)),
        findings=Findings.of(findings),
        catalogue=known,
    )


def _left_out(contract: Contract, record: Record, field: Field, flavour: Flavour) -> Finding:
    message = f"no {flavour} class can have a member called {field.api_name!r}; {record.name} is without it"
    return Finding("member-left-out", message, contract.place(record.pointer), Severity.WARNING)


def _text(known: Catalogue, options: ModelOptions) -> str:
    sent = reachable(known.definitions, [s for (_, way), s in known.places.items() if way == "request"])
    return finish.module(classes.write(known, options.flavour, frozenset(sent)), known, options)
