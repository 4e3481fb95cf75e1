"""Documents in which single members have any value at all: always findings, never a bug of ours."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from tallystick.contract import read
from tallystick.errors import FindingsError
from tallystick.export import as_yaml, export
from tallystick.lint.check import check
from tallystick.lint.diagrams import page
from tallystick.load import read as load

TESTS = Path(__file__).parents[1]
RICH = [
    *(TESTS / "contract" / "snapshots" / f"{name}.yaml" for name in ("corners-30", "corners-31")),
    *(
        TESTS / "cases" / "rules" / name / "openapi.yaml"
        for name in (
            *("discriminator-usable", "error-example", "example-valid", "idempotency-header", "lifecycle-time"),
            *("link-usable", "provenance-code", "security-scope", "server-variable", "signer-module"),
        )
    ),
]
ODD: list[Any] = [
    *(None, True, 0, -1, 1.5, "", "x", "#/a", "$request.body#/x", [], [1], ["a"], [[]], [{}], {}, {"a": 1}),
    *({"$ref": "#/components/schemas/Pet"}, {"$ref": 5}, {"$ref": "#/nowhere"}, {"type": "object"}, {"x-a": {}}),
]


def places(node: Any, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    below = list(node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ())
    return [above, *(place for key, value in below for place in places(value, (*above, key)))]


def damaged(data: Any, chance: random.Random) -> Any:
    data = copy.deepcopy(data)
    for _ in range(chance.randint(1, 3)):
        *above, last = chance.choice(places(data)[1:])
        node = data
        for token in above:
            node = node[token]
        node[last] = chance.choice(ODD)
    return data


@pytest.mark.parametrize("document", RICH, ids=lambda p: p.stem if p.stem != "openapi" else p.parent.name)
def test_no_value_anywhere_makes_us_fail(document: Path, tmp_path: Path) -> None:
    data, path = load(document).data, tmp_path / "openapi.json"
    chance = random.Random(document.name)  # noqa: S311 - damage, not secrets
    for _ in range(15):
        path.write_text(json.dumps(damaged(data, chance)))
        try:
            contract = read(path, name="damaged")
        except FindingsError:
            continue
        assert list(check(contract, chosen="strict"))
        assert page([contract]) and as_yaml(export(contract, "3.0").data) and as_yaml(export(contract, "3.1").data)
