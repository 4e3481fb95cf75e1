"""Each difference between two schemas, at every place where a schema can stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

CASE_FILES = Path(__file__).parent / "cases"
CASES = yaml.safe_load((CASE_FILES / "schemas.yaml").read_text())
PUBLISHED = Path(__file__).parents[3] / "shared" / "diff-cases" / "cases.json"
PLACES = {
    "request": ("body", "property", "parameter", "parameter-property"),
    "response": ("body", "property", "header"),
}


def document(place: str, schema: Any) -> dict[str, Any]:
    """Return a document that has a schema at one place, `member` where it is a property."""
    holder = {"type": "object", "properties": {"member": schema}} if place.endswith("property") else schema
    side, _, where = place.partition(".")
    operation: dict[str, Any] = {"responses": {"200": {"description": "ok"}}}
    if where in ("body", "property") and side == "request":
        operation["requestBody"] = {"content": {"application/json": {"schema": holder}}}
    elif side == "request":
        operation["parameters"] = [{"name": "p", "in": "query", "schema": holder}]
    elif where == "header":
        operation["responses"]["200"]["headers"] = {"H": {"schema": holder}}
    else:
        operation["responses"]["200"]["content"] = {"application/json": {"schema": holder}}
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/x": {"post": operation}}}


def severity_at(expectation: dict[str, Any], side: str, where: str) -> str | None:
    """Return the severity that a case expects at a place: said for it alone, else for its direction."""
    exact = f"{side}.{where}"
    return expectation[exact] if exact in expectation else expectation.get(side)


@pytest.mark.parametrize("place", [f"{side}.{where}" for side, wheres in PLACES.items() for where in wheres])
@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_difference(case: dict[str, Any], place: str, comparing: Any) -> None:
    side, _, where = place.partition(".")
    found = comparing(document(place, case["old"]), document(place, case["new"]))
    expected = []
    for expectation in case["expect"]:
        severity = severity_at(expectation, side, where)
        if severity:
            expected.append((f"{place}.{expectation['fact']}", severity))
            names = {name for c in found.changes if c.kind == expected[-1][0] for name in c.names}
            assert set(expectation.get("names", ())) <= names
    assert sorted((c.kind, c.severity.value) for c in found.changes) == sorted(expected)
    for change in found.changes:
        assert (change.direction, change.operation) == (side, "POST /x")
        assert change.breaking is (change.severity != "info")
        assert ("member" in change.names) is where.endswith("property")
        assert {"p", "query"} <= set(change.names) or not where.startswith("parameter")
        assert "200" in change.names or side == "request"


def test_cases_are_told_apart_by_name() -> None:
    assert len({c["name"] for c in CASES}) == len(CASES)


def kinds_told() -> set[str]:
    """Return the kinds that the cases of this folder expect."""
    told = {
        f"{side}.{where}.{expectation['fact']}"
        for case in CASES
        for expectation in case["expect"]
        for side, wheres in PLACES.items()
        for where in wheres
        if severity_at(expectation, side, where)
    }
    for name in ("documents", "positions", "vocabulary"):
        for case in yaml.safe_load((CASE_FILES / f"{name}.yaml").read_text()):
            told |= {kind for kind, *_ in case["expect"]}
    return told


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="the published cases are not beside this checkout")
def test_every_published_kind_is_told_in_a_case_of_ours() -> None:
    assert set(json.loads(PUBLISHED.read_text())["kinds"]) - kinds_told() == set()
