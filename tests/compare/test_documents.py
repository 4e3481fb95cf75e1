"""Differences between two documents; every change must be listed, and every rule must have judged one."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tallystick.compare import RULES

HERE = Path(__file__).parent
CASES = [
    case
    for name in ("documents", "positions", "vocabulary")
    for case in yaml.safe_load((HERE / "cases" / f"{name}.yaml").read_text())
]
BASE = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {"/x": {"post": {"responses": {"200": {"description": "ok"}}}}},
    "components": {
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "A"},
            "oauth": {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "https://a.example", "scopes": {"b": "be"}}},
            },
        }
    },
}
BODIES = {
    "request": ("requestBody", "content", "application/json", "schema"),
    "response": ("responses", "200", "content", "application/json", "schema"),
}


def overlaid(base: Any, over: Any) -> Any:
    """Return `base` with the members of `over` laid over it; `null` takes one away."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    merged = {**base, **{k: overlaid(base.get(k), v) for k, v in over.items()}}
    return {k: v for k, v in merged.items() if not (k in over and over[k] is None)}


def document(over: dict[str, Any]) -> dict[str, Any]:
    """Return the base with a case's part laid over it. `request` and `response` are schemas of the bodies of /x."""
    over = copy.deepcopy(over)
    for name, path in BODIES.items():
        if name in over:
            schema = over.pop(name)
            node = over.setdefault("paths", {}).setdefault("/x", {}).setdefault("post", {})
            for step in path[:-1]:
                node = node.setdefault(step, {})
            node[path[-1]] = schema
    merged: dict[str, Any] = overlaid(copy.deepcopy(BASE), over)
    return merged


def listed(case: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(kind, severity, rest[0] if rest else "POST /x") for kind, severity, *rest in case["expect"]]


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_difference(case: dict[str, Any], comparing: Any) -> None:
    found = comparing(document(case.get("old", {})), document(case.get("new", {})))
    assert Counter((c.kind, c.severity.value, c.operation) for c in found.changes) == Counter(listed(case))
    for kind, _, *rest in case["expect"]:
        wanted = set(rest[1:])
        assert any(c.kind == kind and wanted <= set(c.names) for c in found.changes), (kind, wanted)
    for change in found.changes:
        assert change.old is not None or change.new is not None
        assert change.message[0].isupper() or change.message[0] == "'"
        assert ": " in change.message
        assert "\n" not in change.message


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_a_document_is_equal_to_itself(case: dict[str, Any], comparing: Any) -> None:
    for side in ("old", "new"):
        same = document(case.get(side, {}))
        found = comparing(same, same)
        assert (found.changes, found.identical, found.bump) == ((), True, "none")


OPPOSITE = {"added": "removed", "removed": "added", "on": "off", "off": "on"}
MIRRORED = frozenset(
    (
        *("allOf", "anyOf", "oneOf", "prefixItems", "contains", "patternProperties", "nullable", "x-sensitive"),
        *("discriminator-mapping", "media-type", "tag", "link", "callback", "server"),
        *("security-alternative", "security-scope", "security-scheme", "oauth-scope"),
    )
)
"""Facets of which both directions are told, at the same places."""
ONE_WAY = ("oneOf.wrapped", "oneOf.narrowed", "anyOf.widened")
"""A choice that came or moved as a whole: the way back has another name, or is told as what went."""
BOTH_WAYS = [c for c in CASES if not any(kind.endswith(ONE_WAY) for kind, *_ in c["expect"])]


@pytest.mark.parametrize("case", BOTH_WAYS, ids=[c["name"] for c in BOTH_WAYS])
def test_the_way_back_is_told_as_the_opposite(case: dict[str, Any], comparing: Any) -> None:
    old, new = document(case.get("old", {})), document(case.get("new", {}))
    there, back = ([c.kind.split(".") for c in comparing(*pair).changes] for pair in ((old, new), (new, old)))
    turned = [[*kind[:-1], OPPOSITE.get(kind[-1], kind[-1])] for kind in back]
    assert sorted(k for k in there if k[-2] in MIRRORED) == sorted(k for k in turned if k[-2] in MIRRORED)


@pytest.mark.parametrize("beside", [{}, {"description": "words beside the reference"}])
def test_exponentially_many_paths_are_walked_a_few_times_only(beside: dict[str, str], comparing: Any) -> None:
    """Thirty schemas, each of which refers to the next one twice: the last one stands at a billion places."""
    last = 30

    def chain(kind: str) -> dict[str, Any]:
        schemas: dict[str, Any] = {f"S{last}": {"type": kind}}
        for index in range(last):
            below = {"$ref": f"#/components/schemas/S{index + 1}", **beside}
            schemas[f"S{index}"] = {"type": "object", "properties": {"a": below, "b": below}}
        return document({"request": {"$ref": "#/components/schemas/S0"}, "components": {"schemas": schemas}})

    found = comparing(chain("string"), chain("integer"))
    assert {c.kind for c in found.changes} == {"request.property.type.changed"}
    assert 1 <= len(found.changes) <= 16


@pytest.mark.parametrize("named", [False, True])
def test_nothing_is_too_deep_to_be_found(named: bool, comparing: Any) -> None:
    depth = 80

    def nested(kind: str) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": kind}
        schemas: dict[str, Any] = {}
        for index in range(depth):
            schemas[f"S{index}"] = schema
            below = {"$ref": f"#/components/schemas/S{index}"} if named else schema
            schema = {"type": "object", "properties": {"a": below}}
        return document({"request": schema, "components": {"schemas": schemas if named else {}}})

    found = comparing(nested("string"), nested("integer"))
    assert [(c.kind, c.names[-1]) for c in found.changes] == [
        ("request.property.type.changed", "/".join("a" * depth))
    ]


def everywhere(case: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the documents that have a case's schemas in a body, a response's member, and a parameter."""
    old, new = case["old"], case["new"]
    for one, other in ((old, new), *[({"type": "object", "properties": {"m": s}} for s in (old, new))]):
        yield document({"request": one}), document({"request": other})
        yield document({"response": one}), document({"response": other})
        yield parameter(one), parameter(other)


def parameter(schema: Any) -> dict[str, Any]:
    listed = [{"name": "p", "in": "query", "schema": schema}]
    return document({"paths": {"/x": {"post": {"parameters": listed}}}})


def test_every_rule_has_judged_something(comparing: Any) -> None:
    pairs = [(document(case.get("old", {})), document(case.get("new", {}))) for case in CASES]
    for case in yaml.safe_load((HERE / "cases" / "schemas.yaml").read_text()):
        pairs += everywhere(case)
    judged = {change.rule for old, new in pairs for change in comparing(old, new).changes}
    assert {rule.id for rule in RULES.items} - judged == set()
