"""The scored table in the documentation: every 2 names tests that are there."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/client-bar.md").read_text()
ROWS = re.findall(r"^\| (\d+) \| (.*?) \| (.*) \| (0|1|2|n/a) \| (.*?) ?\|$", PAGE, re.MULTILINE)


def test_every_row_is_there_once() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 66))


def test_every_two_names_tests_that_are_there() -> None:
    for number, _, _, score, tests in ROWS:
        if score != "2":
            continue
        named = re.findall(r"`((?:[\w/]+\.py)?)(?:::(\w+)…)?`", tests)
        numbers = {n for _, test in named for n in re.findall(r"\d+", test)}
        assert number in numbers, f"no test has the number of row {number} in its name"
        file = ""
        for given, test in named:
            file = given or file
            path = ROOT / file if "/" in file else ROOT / "tests/clients" / file
            text = path.read_text()
            assert not test or f"def {test}" in text, f"row {number}: {file} has no {test}"


def tree(kind: type[Exception], depth: int = 0) -> Iterator[str]:
    inner = sorted((sub for sub in kind.__subclasses__()), key=lambda sub: sub.__name__)
    if [sub.__name__ for sub in inner] == [kind.__name__]:  # the package's own, with the type of its body
        yield from tree(inner[0], depth)
        return
    yield f"{'  ' * depth}{kind.__name__}: {str(kind.__doc__).splitlines()[0]}"
    for sub in inner:
        yield from tree(sub, depth + 1)


def test_bar_30_the_tree_of_errors_is_that_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "generated"))
    shown = PAGE.partition("```text\n")[2].partition("```")[0]
    assert list(tree(importlib.import_module("ivy_api").ApiError)) == shown.splitlines()
