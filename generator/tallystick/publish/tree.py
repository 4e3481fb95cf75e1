"""Takes the map of path to text that emission built, and writes it or compares it with what is on disk.

Both share the map, so that "is it current?" can never disagree with "what would be written?".
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, Literal, cast

from tallystick.errors import ConfigurationError
from tallystick.publish.file import write_file

RECORD = "_provenance.json"
"""The file of a generated tree that lists the others with their hashes; it marks the folder as ours."""

INPUTS = "inputs"
"""The member of the record that says what the tree was made from; see `is_current`."""

_SHOWN = 5  # files that a message names
_IGNORED = frozenset(("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"))
_UNTOUCHED = "lib"
"""A folder that generation never touches, for hand-written additions."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One file that is not as it would be generated. `diff` is a unified diff, empty for orphans."""

    path: str
    kind: Literal["changed", "missing", "orphaned"]
    diff: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """What a write did: files in the tree, and the paths that are new, changed, removed."""

    total: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def digest(text: str) -> str:
    """Return the SHA-256 of a file's text, as the provenance record lists it."""
    return hashlib.sha256(text.encode()).hexdigest()


def compare(files: Mapping[str, str], folder: Path) -> tuple[Drift, ...]:
    """Return every file of `folder` that is not as in `files`, sorted by path; empty when it is current.

    Records that differ in their inputs alone are the same: other sources, or another generator, made the same files.
    """
    on_disk = {p: folder / p for p in present(folder)}
    found: list[Drift] = []
    for path in sorted({*files, *on_disk}):
        if path not in on_disk:
            found.append(Drift(path, "missing", _diff("", files[path], path)))
        elif path not in files:
            found.append(Drift(path, "orphaned"))
        else:
            text = _read(on_disk[path])
            if text != files[path] and not (path == RECORD and _say_the_same(text, files[path])):
                found.append(Drift(path, "changed", _diff(text, files[path], path)))
    return tuple(found)


def write(files: Mapping[str, str], folder: Path) -> Published:
    """Make `folder` hold exactly `files`, and say what changed.

    The new tree is built beside the old one and swapped in, so that a failure leaves the old one untouched. Raises
    `ConfigurationError` when a path would leave the folder, when the folder holds
    files that we did not write, or when generated files have been edited by hand.
    """
    _require_inside(files)
    _require_ours(folder, files)
    drift = compare(files, folder)
    if drift:
        try:
            _swap(files, folder)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigurationError(f"{folder} can't be written: {reason}", hint="nothing was changed") from None
    elif _read(folder / RECORD) != files[RECORD]:
        write_file(folder / RECORD, files[RECORD])
    existing = {d.kind: tuple(x.path for x in drift if x.kind == d.kind) for d in drift}
    return Published(
        len(files), existing.get("missing", ()), existing.get("changed", ()), existing.get("orphaned", ())
    )


def _require_inside(files: Iterable[str]) -> None:
    for path in files:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or "\\" in path or ".." in parts or ":" in parts[0]:
            raise ConfigurationError(f"the path {path!r} leaves the output folder", hint="nothing was written")


def _require_ours(folder: Path, files: Mapping[str, str]) -> None:
    """Refuse a folder with files that generation did not write, or that were edited since."""
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(f"{folder} is a file", hint="name a folder with --out")
    recorded = _recorded(folder)
    foreign = list(islice((p for p in _walk(folder) if p not in recorded and p != RECORD), _SHOWN + 1))
    if foreign:  # looked for no further: it may be somebody's whole disk
        raise ConfigurationError(
            f"{folder} holds files that were not generated: {_listed(foreign)}",
            hint=f"choose another folder with --out, or keep hand-written code in {folder}/{_UNTOUCHED}/",
        )
    edited = [path for path in present(folder) if _is_edited(folder / path, recorded.get(path), files.get(path))]
    if edited:
        hint = f"move the edits to {folder}/{_UNTOUCHED}/ or to the contract, delete those files, and run this again"
        raise ConfigurationError(f"generated files were edited by hand: {_listed(edited)}", hint=hint)


def _is_edited(path: Path, recorded: str | None, wanted: str | None) -> bool:
    if recorded is None:
        return False
    text = _read(path)
    return text != wanted and digest(text) != recorded


def _recorded(folder: Path) -> dict[str, str]:
    """Return path -> hash from the folder's provenance record, empty when it has none."""
    record = read_record(folder)
    return dict(record["files"]) if record else {}


def read_record(folder: Path) -> dict[str, Any] | None:
    """Return the provenance record of a folder, `None` when it has none that can be understood."""
    try:
        return as_record(_read(folder / RECORD))
    except OSError:
        return None


def as_record(text: str) -> dict[str, Any] | None:
    """Return a text as a provenance record, `None` when it is none."""
    try:
        record = json.loads(text)
    except ValueError:
        return None
    if not isinstance(record, dict):
        return None
    files, inputs = record.get("files"), record.get(INPUTS)
    if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
        return None
    if not isinstance(inputs, dict) or not _are_texts(inputs.get("sources")):
        record.pop(INPUTS, None)
    return cast("dict[str, Any]", record)


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def is_current(record: Mapping[str, Any], inputs: object, on_disk: Mapping[str, str]) -> bool:
    """Say whether a tree is what these inputs give, without making it: nothing of it changed since it was made.

    `on_disk` are the hashes of its files besides the record.
    """
    return inputs is not None and record.get(INPUTS) == inputs and record["files"] == dict(on_disk)


def digests(folder: Path) -> dict[str, str]:
    """Return path -> SHA-256 of the files of a generated tree that are on disk, its record left out."""
    paths = (path for path in present(folder) if path != RECORD)
    return {path: hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in paths}


def _say_the_same(one: str, other: str) -> bool:
    first, second = as_record(one), as_record(other)
    return first is not None and second is not None and {**first, INPUTS: None} == {**second, INPUTS: None}


def _listed(paths: list[str]) -> str:
    return ", ".join(paths[:_SHOWN]) + (" and more" if len(paths) > _SHOWN else "")


def present(folder: Path) -> list[str]:
    """Return the files of a generated tree that are on disk, sorted; caches and `lib/` don't count."""
    return sorted(_walk(folder))


def _walk(folder: Path) -> Iterator[str]:
    """Yield the files of a generated tree, in one order on every disk."""
    for place, folders, files in os.walk(folder):
        here = Path(place).relative_to(folder)
        folders[:] = sorted(name for name in folders if name not in _IGNORED and (here.parts or name != _UNTOUCHED))
        links = [name for name in folders if Path(place, name).is_symlink()]
        yield from sorted((here / name).as_posix() for name in (*files, *links))


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def _swap(files: Mapping[str, str], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        fresh, old = Path(scratch) / "new", Path(scratch) / "old"
        for path, text in files.items():
            target = fresh / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        if (folder / _UNTOUCHED).is_dir():
            shutil.copytree(folder / _UNTOUCHED, fresh / _UNTOUCHED)
        if folder.exists():
            folder.replace(old)
        try:
            fresh.replace(folder)
        except OSError:
            if old.exists():
                old.replace(folder)
            raise


def _diff(old: str, new: str, path: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"on disk: {path}", f"generated: {path}"
    )
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)
