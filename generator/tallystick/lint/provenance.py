"""Where the contract says what its sources say, and whether it says the same.

Standings are plain data in, plain data out: the bundled document, the facts by name, the places by name. Where a
fact's name does not tell its place in the contract, the contract's `provenance.yaml` does.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from tallystick.contract.schema import as_mapping
from tallystick.diagnostics import Finding, Findings
from tallystick.lint.facts import Facts, alike
from tallystick.lint.pointed import Unplaced
from tallystick.load import Json, Source
from tallystick.load.pointer import NoSuchMember, get, join


@dataclass(frozen=True, slots=True)
class Standing:
    """A fact of a source beside what the contract says of it.

    `pointer` is the place in the bundled document, empty when there is none; `said` is what stands there. `because`
    is the reason where the contract says something else on purpose.
    """

    fact: str
    value: Json
    pointer: str
    said: Json
    agrees: bool
    because: str = ""


def standings(
    document: Mapping[str, Json], facts: Mapping[str, Json], places: Mapping[str, Json]
) -> tuple[Standing, ...]:
    """Return how the contract stands to each fact of a source, in the source's order.

    `places` maps names of facts to `place` (a pointer) and, where the contract differs on purpose, `says` and
    `because`.
    """
    labels = {name.split(" ")[0]: text for name, text in facts.items() if name.endswith(" operation")}
    reader = Facts(document, {label: str(text) for label, text in labels.items()})
    return tuple(_standing(reader, name, value, places.get(name)) for name, value in facts.items())


def misplaced(record: Source, facts: Mapping[str, Mapping[str, Json]]) -> Findings:
    """Return findings about a record of places: what it says of facts that are none, and what names no place.

    `facts` maps the code of each source in the record to the source's facts.
    """
    found: list[Finding] = []
    for code, places in as_mapping(record.data).items():
        for name, entry in as_mapping(places).items():
            where = record.place(join("", code, name))
            if name not in facts[code]:
                close = difflib.get_close_matches(name, facts[code], n=1)
                hint = f"did you mean {close[0]!r}?" if close else "remove it"
                found.append(Finding("provenance-fact", f"{code} does not say {name!r}", where, hint=hint))
            elif "place" not in as_mapping(entry):
                expected = "`place`, a pointer into the bundled document"
                found.append(Finding("provenance-place", f"{name!r} has no place", where, expected=expected))
    return Findings.of(found)


def _standing(reader: Facts, name: str, value: Json, place: Json) -> Standing:
    wanted, because = value, ""
    try:
        if isinstance(place, dict):
            pointer = str(place["place"])
            wanted, because = place.get("says", value), str(place.get("because", ""))
            said = _said(get(reader.document, pointer), wanted)
        else:
            pointer, said = reader.read(name, value)
    except (Unplaced, NoSuchMember):
        return Standing(name, value, "", None, agrees=False, because=because)
    return Standing(name, value, pointer, said, _agrees(name, said, wanted), because)


def _said(node: object, wanted: Json) -> Json:
    """Return what a place says; of a map its names where a list is wanted."""
    return list(node) if isinstance(node, dict) and isinstance(wanted, list) else node  # type: ignore[return-value]


def _agrees(name: str, said: Json, wanted: Json) -> bool:
    if " mentions " in name:
        return isinstance(said, str) and str(wanted) in said
    return alike(said, wanted)
