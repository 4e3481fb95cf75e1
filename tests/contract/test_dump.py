"""Contracts of documents with odd corners, as their dump. `python tests/contract/test_dump.py` writes them anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tallystick.contract import Contract, dump, read

FOLDER = Path(__file__).parent / "snapshots"
DOCUMENTS = sorted(FOLDER.glob("*.yaml"))


def contract(document: Path) -> Contract:
    return read(document, name=document.stem, root=FOLDER)


def snapshot(document: Path) -> str:
    """Return the dump, with the findings as one line each."""
    found = contract(document)
    lines = [f"{f.place.line}:{f.place.column}: {f.id}: {f.message}" for f in found.findings]
    return json.dumps({"findings": lines, **json.loads(dump(found))}, indent=2) + "\n"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.stem)
def test_the_contract_of_a_document(document: Path) -> None:
    assert snapshot(document) == document.with_suffix(".json").read_text()


def test_the_same_input_gives_the_same_bytes() -> None:
    assert dump(contract(DOCUMENTS[0])) == dump(contract(DOCUMENTS[0]))


if __name__ == "__main__":
    for each in DOCUMENTS:
        each.with_suffix(".json").write_text(snapshot(each))
