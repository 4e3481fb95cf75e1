"""Schemas that nothing could fit as they are written, read as they are meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tallystick.contract import Contract, read
from tallystick.contract.validation import Validators


def contract_of(schema: Any, place: Path) -> Contract:
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}
    path = place / "openapi.json"
    path.write_text(json.dumps({**document, "components": {"schemas": {"A": schema}}}))
    return read(path, name="t")


@pytest.mark.parametrize(
    ("schema", "good", "bad", "finding"),
    [
        ({"type": "integer", "enum": ["1", "2"]}, [1, 2], ["1", 3], "enum-type"),
        ({"type": "integer", "enum": ["01", "02"]}, [1, 2], ["01"], "enum-type"),
        ({"type": "number", "enum": ["1.5"]}, [1.5], ["1.5"], "enum-type"),
        ({"type": "string", "enum": [1, 2.5, True]}, ["1", "2.5", "true"], [1, "a"], "enum-type"),
        ({"type": "boolean", "enum": ["true"]}, [True], [False, "true"], "enum-type"),
        ({"type": "integer", "nullable": True, "enum": ["1", None]}, [1, None], ["1"], "enum-type"),
        (
            {"type": "object", "additionalProperties": False, "required": ["a", "b"], "properties": {"a": {}}},
            [{"a": 1}],
            [{}, {"a": 1, "b": 1}],
            "required-forbidden",
        ),
        (
            {"additionalProperties": False, "allOf": [{"required": ["a"], "properties": {"a": {}, "b": {}}}]},
            [{"a": 1}, {"a": 1, "b": 1}],
            [{}, {"a": 1, "c": 1}],
            "closed-to-parts",
        ),
        (
            {"additionalProperties": False, "required": ["a"], "allOf": [{"allOf": [{"properties": {"a": {}}}]}]},
            [{"a": 1}],
            [{}, {"a": 1, "c": 1}],
            "closed-to-parts",
        ),
        (
            {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "string"}]},
            ["a", 1],
            [None],
            "alternative-twice",
        ),
        ({"type": "string", "pattern": "/^[a-z]+$/"}, ["abc"], ["ABC", "/abc/"], "pattern-delimiters"),
        ({"type": "string", "pattern": "/^a$/i"}, ["A", "a", "b"], [], "pattern-delimiters"),
    ],
)
def test_what_nothing_could_fit_is_read_as_meant(
    tmp_path: Path, schema: Any, good: list[Any], bad: list[Any], finding: str
) -> None:
    contract = contract_of(schema, tmp_path)
    validators, read_as = Validators(contract), contract.schemas["A"]
    assert [validators.is_valid(read_as, value, "request") for value in good] == [True] * len(good)
    assert [validators.is_valid(read_as, value, "request") for value in bad] == [False] * len(bad)
    assert [f.id for f in contract.findings] == [finding]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "enum": ["1", 2]},  # 2 is of that type
        {"type": "integer", "enum": ["created", "1"]},  # no number
        {"type": "string", "enum": [[1]]},
        {"type": "number", "enum": ["nan", "inf", "1e999", "1_000"]},  # which Python alone takes for numbers
        {"oneOf": [{"const": 1}, {"const": True}]},
        {"type": "boolean", "enum": [None], "nullable": True},
        {"enum": ["1"]},
        {"required": ["a"], "additionalProperties": False, "patternProperties": {"^a": {}}},
        {"required": ["a"], "additionalProperties": {}},
        {"additionalProperties": False, "allOf": [{"properties": {"a": {}}}]},  # which is empty, and may be
        {"type": "string", "pattern": "/a/"},  # may stand anywhere in a text
        {"type": "string", "pattern": "^/a/$"},
    ],
)
def test_what_may_be_meant_stays(tmp_path: Path, schema: Any) -> None:
    contract = contract_of(schema, tmp_path)
    kept = contract.schemas["A"]
    assert {k: kept.get(k) for k in ("enum", "oneOf", "pattern", "required", "additionalProperties")} == {
        k: schema.get(k) for k in ("enum", "oneOf", "pattern", "required", "additionalProperties")
    }
    assert not contract.findings.items
