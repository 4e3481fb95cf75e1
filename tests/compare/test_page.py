"""The page of the guide lists the rules and options as they are."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tallystick.cli.compare import command
from tallystick.compare import FORMATS, RULES, Rule, listing
from tallystick.compare.rule import Rules
from tallystick.diagnostics import Severity

PAGE = (Path(__file__).parents[2] / "docs" / "compare.md").read_text()


def test_the_table_of_rules_is_current() -> None:
    table = PAGE.split("<!-- rules -->\n")[1].split("<!-- /rules -->")[0]
    assert table.strip() == listing.as_table(RULES.items).strip(), "run: python tests/compare/refresh_page.py"


def test_every_option_is_described() -> None:
    options = [option for p in command.params if isinstance(p, click.Option) for option in p.opts]
    assert all(f"`{option}" in PAGE for option in options)
    assert all(f"`--format {form}`" in PAGE for form in FORMATS)


@pytest.mark.parametrize("rule", RULES.items, ids=lambda r: r.id)
def test_rules_read_well(rule: Rule) -> None:
    assert rule.purpose.endswith(".")
    assert not rule.breaks.endswith(".")
    assert rule.breaks[0].islower()
    assert rule.id == rule.id.lower()
    assert all(kind.count(".") == 3 for kind in rule.kinds)


def test_two_rules_can_not_claim_one_kind() -> None:
    rule = Rule("a", Severity.INFO, "P.", "b", ("request.body.x.added",))
    other = Rule("b", Severity.INFO, "P.", "b", ("request.body|property.x.added",))
    with pytest.raises(ValueError, match="b and a both judge"):
        Rules.of((rule, other))
    with pytest.raises(ValueError, match="one id"):
        Rules.of((rule, Rule("a", Severity.INFO, "P.", "b", ("request.body.y.added",))))
