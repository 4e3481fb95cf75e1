"""A generated tree on disk: written whole or not at all, and compared file by file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tallystick.errors import ConfigurationError
from tallystick.publish import RECORD, compare, digest, write, write_file


def tree(**files: str) -> dict[str, str]:
    """Return files with the record that generation adds."""
    named = {name.replace("__", "/") + ".py": text for name, text in files.items()}
    return {**named, RECORD: json.dumps({"files": {path: digest(text) for path, text in named.items()}})}


def on_disk(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_new_tree_is_written_and_current(tmp_path: Path) -> None:
    files = tree(a="1\n", sub__b="2\n")
    done = write(files, tmp_path / "out")
    assert on_disk(tmp_path / "out") == files
    assert (done.total, done.added, done.changed, done.removed) == (3, (RECORD, "a.py", "sub/b.py"), (), ())
    assert compare(files, tmp_path / "out") == ()


def test_changed_missing_and_orphaned_files_are_named_with_a_diff(tmp_path: Path) -> None:
    write(tree(a="1\n", b="2\n", c="3\n"), tmp_path)
    (tmp_path / "a.py").write_text("one\n")
    (tmp_path / "b.py").unlink()
    (tmp_path / "old.py").write_text("")
    drift = {d.path: d for d in compare(tree(a="1\n", b="2\n", c="3\n"), tmp_path)}
    assert {path: d.kind for path, d in drift.items()} == {"a.py": "changed", "b.py": "missing", "old.py": "orphaned"}
    assert drift["a.py"].diff == "--- on disk: a.py\n+++ generated: a.py\n@@ -1 +1 @@\n-one\n+1\n"
    assert drift["b.py"].diff == "--- on disk: b.py\n+++ generated: b.py\n@@ -0,0 +1 @@\n+2\n"


def test_writing_again_changes_only_what_differs_and_removes_orphans(tmp_path: Path) -> None:
    write(tree(a="1\n", b="2\n"), tmp_path)
    done = write(tree(a="1\n", c="3\n"), tmp_path)
    assert (done.added, done.changed, done.removed) == (("c.py",), (RECORD,), ("b.py",))
    assert on_disk(tmp_path) == tree(a="1\n", c="3\n")


def test_a_folder_with_hand_written_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("precious\n")
    with pytest.raises(ConfigurationError) as refusal:
        write(tree(a="1\n"), tmp_path)
    assert refusal.value.message == f"{tmp_path} holds files that were not generated: mine.py"
    assert on_disk(tmp_path) == {"mine.py": "precious\n"}


def test_a_large_folder_of_somebody_else_is_not_searched_to_its_end(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.txt").write_text("")
    with pytest.raises(ConfigurationError, match=r"not generated: 0\.txt, 1\.txt, 2\.txt, 3\.txt, 4\.txt and more"):
        write(tree(a="1\n"), tmp_path)


def test_links_to_folders_count_as_files_and_the_one_for_additions_may_be_one(tmp_path: Path) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "out"
    elsewhere.mkdir()
    write(tree(a="1\n"), folder)
    (folder / "lib").symlink_to(elsewhere)
    assert compare(tree(a="1\n"), folder) == ()
    (folder / "link").symlink_to(elsewhere)
    assert [(d.path, d.kind) for d in compare(tree(a="1\n"), folder) if d.path == "link"] == [("link", "orphaned")]


def test_an_edited_file_is_named_and_not_overwritten(tmp_path: Path) -> None:
    write(tree(a="1\n"), tmp_path)
    (tmp_path / "a.py").write_text("1  # fixed by hand\n")
    with pytest.raises(ConfigurationError) as refusal:
        write(tree(a="2\n"), tmp_path)
    assert refusal.value.message == "generated files were edited by hand: a.py"
    assert (tmp_path / "a.py").read_text() == "1  # fixed by hand\n"


def test_an_edit_that_equals_the_new_output_is_no_obstacle(tmp_path: Path) -> None:
    write(tree(a="1\n"), tmp_path)
    (tmp_path / "a.py").write_text("2\n")
    write(tree(a="2\n"), tmp_path)
    assert on_disk(tmp_path) == tree(a="2\n")


def test_the_folder_for_hand_written_additions_survives(tmp_path: Path) -> None:
    write(tree(a="1\n"), tmp_path)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "extra.py").write_text("mine\n")
    assert compare(tree(a="1\n"), tmp_path) == ()
    write(tree(a="2\n"), tmp_path)
    assert (tmp_path / "lib" / "extra.py").read_text() == "mine\n"


@pytest.mark.parametrize("path", ["../x.py", "/etc/x.py", "a/../../x.py", "a\\..\\x.py", "c:/x.py", ""])
def test_a_path_outside_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigurationError, match="leaves the output folder"):
        write({path: "x"}, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file\n")
    with pytest.raises(ConfigurationError, match="is a file"):
        write(tree(a="1\n"), tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a file\n"


def test_a_tree_that_is_not_ours_because_its_record_is_broken_is_refused(tmp_path: Path) -> None:
    write(tree(a="1\n"), tmp_path)
    (tmp_path / RECORD).write_text("not json")
    with pytest.raises(ConfigurationError, match=r"not generated: a\.py"):
        write(tree(a="2\n"), tmp_path)


def test_nothing_is_left_behind_beside_the_folder(tmp_path: Path) -> None:
    write(tree(a="1\n"), tmp_path / "out")
    write(tree(a="2\n"), tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_one_file_is_written_whole(tmp_path: Path) -> None:
    write_file(tmp_path / "deep" / "x.json", "{}\n")
    assert (tmp_path / "deep" / "x.json").read_text() == "{}\n"
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["x.json"]
