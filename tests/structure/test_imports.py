"""Which way imports go. A failure says which direction is wrong, and why it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "generator" / "tallystick"

BASE = {"diagnostics", "errors", "names", "settings"}
USERS = {"emit", "mock", "verify", "compare", "lint"}
ALLOWED: dict[str, tuple[set[str], str]] = {
    "diagnostics": (set(), "findings are the floor everything stands on"),
    "errors": ({"diagnostics"}, "exceptions may carry findings, nothing else"),
    "names": (BASE, "names know text, not documents"),
    "settings": (BASE, "settings know where files are, not what is in them"),
    "load": (BASE, "load turns text into data and knows nothing about OpenAPI"),
    "resolve": (BASE | {"load"}, "resolve closes references and knows nothing about the contract model"),
    "contract": (BASE | {"load", "resolve"}, "the model must not know who uses it"),
    "lint": (BASE | {"load", "resolve", "contract"}, "the users of the contract don't import each other"),
    "compare": (BASE | {"load", "resolve", "contract"}, "the users of the contract don't import each other"),
    "export": (BASE | {"load", "resolve", "contract"}, "the users of the contract don't import each other"),
    "emit": (BASE | {"load", "resolve", "contract"}, "the users of the contract don't import each other"),
    "mock": (BASE | {"load", "resolve", "contract"}, "client and mock agree because the contract says so"),
    "verify": (BASE | {"load", "resolve", "contract", "mock"}, "verification may start the mock, nothing else"),
    "publish": (BASE | {"load"}, "publishing takes a finished map of path to text"),
    "runtime": (set(), "runtime is copied into other people's packages, where tallystick is not installed"),
}
PUBLIC_OF_MOCK = {"tallystick.mock"}
FOLDERS: dict[str, dict[str, set[str]]] = {
    "mock": {
        "store": set(),
        "values": set(),
        "wire": {"values"},
        "state": {"store", "values", "wire"},
        "webhooks": {"store", "values", "wire", "state"},
        "control": {"store", "values", "wire", "state", "webhooks"},
        "http": set(),
    },
    "verify": {
        "facts": set(),
        "server": {"facts"},
        "data": {"facts", "server"},
        "checks": {"facts", "server", "data"},
        "outcome": {"facts", "server"},
        "fuzzing": {"facts", "server", "data", "checks"},
        "walks": {"facts", "server", "data", "checks", "outcome", "fuzzing"},
        "faults": {"facts", "server", "data"},
        "report": {"outcome"},
    },
}
"""What the folders of a part stand on, besides its single modules."""


def part_of(module: str) -> str:
    pieces = module.split(".")
    return pieces[1] if len(pieces) > 1 else ""


def imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [f"{node.module}.{a.name}" for a in node.names] if node.module == "tallystick" else [node.module]
    return [name for name in found if name.split(".")[0] == "tallystick"]


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_downwards(path: Path) -> None:
    inside = path.relative_to(PACKAGE).with_suffix("").parts
    own = inside[0]
    if own in {"cli", "__init__", "__main__"} or own.startswith("pytest"):
        return
    assert own in ALLOWED, f"{own} has no place in the layering yet: give it a row in this test, with the reason"
    allowed, reason = ALLOWED[own]
    for module in imports(path):
        target = part_of(module)
        if target in ("", own, "__version__"):
            continue
        assert target in allowed, f"{own} must not import {module}: {reason}"
        if own == "verify" and target == "mock":
            assert module in PUBLIC_OF_MOCK, f"verify may only use the mock's public factory, not {module}"


@pytest.mark.parametrize(("part", "folder"), [(part, folder) for part in FOLDERS for folder in FOLDERS[part]])
def test_the_folders_of_a_part_stand_on_each_other(part: str, folder: str) -> None:
    others = {other for other in FOLDERS[part] if other != folder}
    for path in (PACKAGE / part / folder).glob("*.py"):
        found = (module.split(".") for module in imports(path))
        beside = {pieces[2] for pieces in found if pieces[1:2] == [part] and len(pieces) > 2} & others
        assert beside <= FOLDERS[part][folder], f"{path.name} imports from {beside - FOLDERS[part][folder]}"


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    meaningless = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager"}
    assert not [p for p in MODULES if p.stem in meaningless]


def test_the_command_line_lists_exactly_the_commands_that_exist() -> None:
    from tallystick import cli

    not_commands = {"__init__", "arguments", "current", "outcome"}
    assert set(cli._COMMANDS) == {p.stem for p in (PACKAGE / "cli").glob("*.py")} - not_commands
