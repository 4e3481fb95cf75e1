"""The scored table in the documentation: every 2 names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| (\d+) \| (.*?) \| (.*) \| (0|1|2|n/a) \| (.*?) ?\|$",
    (ROOT / "docs/client-bar.md").read_text(),
    re.MULTILINE,
)


def test_every_row_is_there_once() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 66))


def test_every_two_names_tests_that_are_there() -> None:
    for number, _, _, score, tests in ROWS:
        if score != "2":
            continue
        named = re.findall(r"`((?:[\w/]+\.py)?)(?:::(\w+)…)?`", tests)
        assert named, number
        file = ""
        for given, test in named:
            file = given or file
            path = ROOT / file if "/" in file else ROOT / "tests/clients" / file
            text = path.read_text()
            assert not test or f"def {test}" in text, f"row {number}: {file} has no {test}"
