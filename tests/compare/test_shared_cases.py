"""The 40 published cases: every expected change is found as it is expected, and nothing else is reported."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "diff-cases" / "cases.json"
CASES: list[dict[str, Any]] = json.loads(SHARED.read_text())["cases"] if SHARED.is_file() else []
_WORDING = (" ", "'")
"""Names that come from the wording of somebody's message, or are numbers in somebody's notation, say nothing."""


def told(name: str) -> bool:
    is_number = name.replace(".", "", 1).isdigit() and "." in name
    return not (name.startswith(_WORDING) or name.endswith(_WORDING) or name.startswith("s ") or is_number)


@pytest.mark.skipif(not CASES, reason="the published cases are not beside this checkout")
@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_case(case: dict[str, Any], comparing: Any) -> None:
    found = comparing(case["base"], case["revision"])
    expected = Counter((e["kind"], e["severity"], e["breaking"], e["operation"]) for e in case["expected"])
    assert Counter((c.kind, c.severity.value, c.breaking, c.operation) for c in found.changes) == expected
    for one in case["expected"]:
        same = [set(c.names) for c in found.changes if (c.kind, c.operation) == (one["kind"], one["operation"])]
        names = {n for n in one["names"] if told(n)}
        assert any(names <= given for given in same), (names, same)
