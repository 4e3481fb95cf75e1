"""Pages that are printed from the code stay as they would be printed today."""

from __future__ import annotations

from pathlib import Path

from tallystick.contract import read
from tallystick.lint.diagrams import page
from tallystick.lint.listing import as_page
from tallystick.lint.rules import RULES
from tallystick.settings import contract_names, find

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_rules_is_current() -> None:
    assert (DOCS / "rules.md").read_text() == as_page(RULES), "run: python tests/lint/refresh_pages.py"


def test_the_page_of_lifecycles_is_current() -> None:
    targets = [find(name) for name in contract_names()]
    printed = page([read(t.document, name=t.name, root=t.root) for t in targets])
    assert (DOCS / "lifecycles.md").read_text() == printed, "run: python tests/lint/refresh_pages.py"


def test_rule_ids_and_purposes_are_well_formed() -> None:
    ids = [r.id for r in RULES]
    assert len(ids) == len(set(ids))
    assert all(r.purpose.endswith(".") and len(r.purpose) < 120 and "|" not in r.purpose for r in RULES)


def test_every_rule_has_a_wrong_document_of_its_own() -> None:
    cases = Path(__file__).parents[1] / "cases" / "rules"
    assert {r.id for r in RULES} == {p.name for p in cases.iterdir()}
