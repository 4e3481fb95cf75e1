"""`tallystick bundle` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tallystick.cli import main
from tallystick.contract import dump, read
from tallystick.settings import contract_names, find


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as leave:
        main(["bundle", *arguments])
    return int(leave.value.code or 0)


@pytest.mark.parametrize("name", contract_names())
@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_bundle_says_what_the_files_said(name: str, suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"bundled.{suffix}"
    assert run(name, "-o", str(out)) == 0
    target = find(name)
    assert dump(read(out, name=name)) == dump(read(target.document, name=name, root=target.root))


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    assert run("ivy", "-o", str(one)) == run("ivy", "-o", str(two)) == 0
    assert one.read_bytes() == two.read_bytes()
    assert str(Path.cwd()) not in one.read_text()


def document(folder: Path) -> Path:
    path = folder / "openapi.yaml"
    path.write_text("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n")
    return path


def test_says_what_it_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    document(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run("openapi.yaml", "-o", "out.json", "--openapi", "3.0") == 0
    assert capsys.readouterr() == ("", "out.json: OpenAPI 3.0.4, 0 operations, from 1 file\n")
    assert json.loads(Path("out.json").read_text())["openapi"] == "3.0.4"


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("out.txt", "error: out.txt is neither JSON nor YAML\n  hint: end its name in .json, .yaml or .yml\n"),
        ("openapi.yaml", "error: openapi.yaml is one of the files to bundle\n  hint: choose another name\n"),
        ("no/out.yaml", "error: there is no folder no\n  hint: make it first\n"),
        ("folder.yaml", "error: folder.yaml is a folder\n  hint: name a file in it\n"),
    ],
)
def test_refuses_what_would_lose_something(
    out: str,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = document(tmp_path)
    (tmp_path / "folder.yaml").mkdir()
    before = path.read_bytes()
    monkeypatch.chdir(tmp_path)
    assert run("openapi.yaml", "-o", out) == 2
    assert capsys.readouterr() == ("", message)
    assert path.read_bytes() == before and sorted(p.name for p in tmp_path.iterdir()) == [
        "folder.yaml",
        "openapi.yaml",
    ]


def test_writes_nothing_when_something_would_be_lost(tmp_path: Path) -> None:
    path = document(tmp_path)
    path.write_text(path.read_text() + "components: {schemas: {A: {type: array, contains: {type: string}}}}\n")
    out = tmp_path / "out.yaml"
    assert run(str(path), "-o", str(out), "--openapi", "3.0") == 1
    assert not out.exists()
    assert run(str(path), "-o", str(out), "--openapi", "3.0", "--lossy") == 0
    assert "contains" not in out.read_text()
