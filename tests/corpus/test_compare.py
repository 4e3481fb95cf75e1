"""Any document is equal to itself and to its translation, and damaged copies are compared without a complaint."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tallystick.compare import FORMATS, Comparison, compare, report
from tallystick.contract import Contract, read
from tallystick.errors import TallystickError
from tallystick.export import as_json, export

JUNK: tuple[Any, ...] = (None, True, 0, -1, "", "x", [], {}, [None], {"$ref": "#/nowhere"}, {"type": ["string", 7]})
COPIES = 5
AS_A_SET = frozenset(
    ("required", "enum", "type", "oneOf", "anyOf", "allOf", "parameters", "tags", "security", "servers")
)
DATA = frozenset(("example", "examples", "default"))
"""Members that hold values, in which nothing is known about order."""


def compared(old: Contract, new: Contract) -> Comparison:
    return compare(old, new, today=date(2026, 1, 1))


def written(path: Path, text: str) -> Contract:
    path.write_text(text)
    return read(path, name="copy")


def in_reverse(node: Any, name: str = "") -> Any:
    """Return a document with all its mappings, and the lists whose order means nothing, from behind."""
    if isinstance(node, dict):
        return {
            k: v if k in DATA or k.startswith("x-") else in_reverse(v, k) for k, v in reversed(list(node.items()))
        }
    if isinstance(node, list):
        items = [in_reverse(item) for item in node]
        return items[::-1] if name in AS_A_SET else items
    return node


def written_out(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document whose operations hold copies of the components that they refer to."""

    def expand(node: Any, name: str = "") -> Any:
        if isinstance(node, list):
            return [expand(item) for item in node]
        if not isinstance(node, dict) or name in DATA:
            return node
        ref = node.get("$ref")
        if isinstance(ref, str) and ref.startswith("#/components/") and ref.count("/") == 3 and len(node) == 1:
            _, _, kind, component = ref.split("/")
            return copy.deepcopy(document["components"][kind][component])
        return {k: expand(v, k) for k, v in node.items()}

    return {k: v if k == "components" else expand(v, k) for k, v in document.items()}


def places(document: Any) -> list[tuple[Any, Any]]:
    """Return every container of a document with each of its keys."""
    found: list[tuple[Any, Any]] = []
    stack = [document]
    while stack:
        node = stack.pop()
        keys: Iterator[Any] = iter(node if isinstance(node, dict) else range(len(node)))
        for key in keys:
            found.append((node, key))
            if isinstance(node[key], (dict, list)):
                stack.append(node[key])
    return found


def damaged(document: Any, seed: int) -> Any:
    """Return a copy in which a few nodes are gone or replaced by something that doesn't belong there."""
    rng = random.Random(seed)  # noqa: S311 - damage, not secrets
    document = copy.deepcopy(document)
    for _ in range(rng.choice((1, 3, 9))):
        node, key = rng.choice(places(document))
        if rng.random() < 0.4:
            del node[key]
        else:
            node[key] = copy.deepcopy(rng.choice(JUNK))
    return document


@pytest.mark.timeout(300)
def test_a_document_is_equal_to_itself(path: Path) -> None:
    found = compared(read(path, name="old"), read(path, name="new"))
    assert (found.changes, found.identical) == ((), True)


@pytest.mark.timeout(300)
def test_a_translation_says_the_same(path: Path, tmp_path: Path) -> None:
    old = read(path, name="old")
    if not old.openapi.startswith("3.0") or old.bundle.findings.errors:
        pytest.skip("3.1 already, or with references that lead nowhere")
    new = written(tmp_path / "translated.json", as_json(export(old, "3.1").data))
    assert [c.message for c in (*compared(old, new).changes, *compared(new, old).changes) if c.breaking] == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("rewrite", [in_reverse, written_out])
def test_what_says_the_same_is_no_change(path: Path, rewrite: Callable[[Any], Any], tmp_path: Path) -> None:
    whole = json.loads(as_json(export(read(path, name="whole"), None, lossy=True).data))
    old = written(tmp_path / "whole.json", json.dumps(whole))
    if old.bundle.findings.errors:
        pytest.skip("references that lead nowhere")
    new = written(tmp_path / "rewritten.json", json.dumps(rewrite(whole)))
    assert [c.message for c in compared(old, new).changes] == []


@pytest.mark.timeout(600)
def test_damaged_copies_are_compared(path: Path, tmp_path: Path) -> None:
    whole = json.loads(as_json(export(read(path, name="whole"), None, lossy=True).data))
    old = written(tmp_path / "whole.json", json.dumps(whole))
    for seed in range(COPIES):
        try:
            new = written(tmp_path / "damaged.json", json.dumps(damaged(whole, seed)))
        except TallystickError:
            continue  # so damaged that it is no OpenAPI document
        assert compared(new, new).changes == ()
        for found in (compared(old, new), compared(new, old)):
            assert all(report(found, form) for form in FORMATS)
            assert all(c.old or c.new for c in found.changes)
