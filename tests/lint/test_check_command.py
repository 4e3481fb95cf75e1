"""`tallystick check` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tallystick.cli import main
from tallystick.lint.rules import RULES
from tallystick.settings import contract_names

WRONG = (
    "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {/a/: {get: {responses: {'200': {description: d}}}}}\n"
)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as leave:
        main(["check", *arguments])
    return int(leave.value.code or 0)


def test_the_shipped_contracts_are_clean_by_the_strict_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith(f"{len(contract_names())} contracts, ") and err.endswith(": nothing to complain about\n")


def test_the_contracts_themselves_set_no_rule_aside() -> None:
    spec = Path(__file__).parents[2] / "spec"
    assert not [p for p in spec.rglob("*.yaml") if "x-tallystick-ignore" in p.read_text()]


@pytest.mark.parametrize("chosen", ["recommended", "strict"])
def test_rules_are_listed_by_set(chosen: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--list-rules", "--rules", chosen) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == [r.id for r in RULES if chosen == "strict" or r.least == "recommended"]


def test_a_path_is_held_to_the_recommended_rules_and_warnings_do_not_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(WRONG)
    assert run(str(path)) == 0
    assert "path-slash: warning" in capsys.readouterr().out
    assert run(str(path), "--rules", "strict") == 1
    assert "operation-tagged: " in capsys.readouterr().out


def test_several_documents_are_one_sorted_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.yaml").write_text(WRONG)
    assert run(str(tmp_path / "b.yaml"), str(tmp_path / "a.yaml"), "--format", "json") == 0
    files = [Path(f["file"]).name for f in json.loads(capsys.readouterr().out)]
    assert files == sorted(files) and set(files) == {"a.yaml", "b.yaml"}
