"""A contract as it is in the working folder, or as it was in a git revision."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from tallystick.compare.ledger import Locate
from tallystick.contract import Contract, read
from tallystick.diagnostics import Place
from tallystick.errors import ConfigurationError, FindingsError, UsageError
from tallystick.settings import find

PREFIX = "git:"
_SUFFIXES = (".yaml", ".yml", ".json")
_REGULAR = ("100644", "100755")
_MAX_BYTES = 512 * 2**20
"""How much is taken out of a revision: all its YAML and JSON files together, in bytes."""
_SECONDS = 120
"""How long a git command may take."""
_HEADER = 200
"""What `git cat-file --batch` says of an object is shorter, in bytes."""
_ENVIRONMENT = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
"""Nothing is fetched, asked for or written, not even in a repository that was cloned in part."""


@dataclass(frozen=True, slots=True)
class Read:
    """A contract that was read, and how places in it are shown to people."""

    contract: Contract
    locate: Locate


def read_side(text: str) -> Read:
    """Return the contract that a name, a path or `git:REV:PATH` stands for.

    Raises `UsageError` when there is no such revision or file, or it is no OpenAPI document; the message names the
    first problem and its place.
    """
    if not text.startswith(PREFIX):
        target = find(text)
        contract = _read(target.document, target.name, target.root, lambda place: place)
        return Read(contract, contract.place)
    revision, _, path = text.removeprefix(PREFIX).partition(":")
    if not revision or not path:
        raise UsageError(f"{text!r} names no revision and path", hint="write git:REV:PATH, such as git:v1.2:api.yaml")
    with _checked_out(revision, path) as (root, document):
        shown = _shown(root, f"{PREFIX}{revision}:")
        contract = _read(document, document.stem, root, shown)
        return Read(contract, lambda pointer: shown(contract.place(pointer)))


def _read(document: Path, name: str, root: Path | None, shown: Callable[[Place], Place]) -> Contract:
    try:
        return read(document, name=name, root=root)
    except FindingsError as error:
        first = error.findings.items[0]
        place = shown(first.place)
        raise UsageError(f"{place}: {first.message}", hint=first.hint or None) from None


def _shown(root: Path, label: str) -> Callable[[Place], Place]:
    """Return what replaces the temporary folder in places by the revision."""

    def shown(place: Place) -> Place:
        path = PurePosixPath(place.file)
        inside = path.is_relative_to(root.as_posix())
        return replace(place, file=label + path.relative_to(root.as_posix()).as_posix()) if inside else place

    return shown


@contextmanager
def _checked_out(revision: str, path: str) -> Iterator[tuple[Path, Path]]:
    """Write the YAML and JSON files of a revision into a temporary folder; yield it and the document in it.

    Nothing of the repository is changed, nothing in the revision is run, links are left out.
    """
    problem = "this is not in the working folder of a git repository"
    top = Path(_git(Path.cwd(), "rev-parse", "--show-toplevel", problem=problem).strip())
    commit = _commit(top, revision)
    entries = list(_entries(top, commit))
    wanted = _wanted(top, path, {name for name, _ in entries})
    if wanted is None:
        raise UsageError(f"{revision} has no file {path}", hint="the path begins at the top of the repository")
    with tempfile.TemporaryDirectory(prefix="tallystick-") as folder:
        root = Path(folder).resolve()
        _write(top, root, entries)
        yield root, root / wanted


def _commit(top: Path, revision: str) -> str:
    wanted = f"{revision}^{{commit}}"
    problem = f"there is no revision {revision!r}"
    hint = "a commit, branch or tag of this repository; in a shallow clone, fetch it first"
    return _git(
        top, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted, problem=problem, hint=hint
    ).strip()


def _wanted(top: Path, path: str, names: set[str]) -> str | None:
    """Return a path as the revision calls it; a path from the working folder is understood too."""
    tidy = PurePosixPath(path).as_posix()
    if tidy in names:
        return tidy
    from_here = Path.cwd() / path
    inside = from_here.is_relative_to(top) and ".." not in from_here.parts
    relative = from_here.relative_to(top).as_posix() if inside else ""
    return relative if relative in names else None


def _entries(top: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Yield (path, object) of the regular files that may be part of a document."""
    size = 0
    listing = _git(top, "ls-tree", "-r", "-z", "-l", "--full-tree", commit, problem="the revision can't be listed")
    for line in filter(None, listing.split("\0")):
        facts, _, name = line.partition("\t")
        mode, _, object_, bytes_ = facts.split()
        path = PurePosixPath(name)
        if mode in _REGULAR and path.suffix in _SUFFIXES and ".." not in path.parts and not path.is_absolute():
            size += int(bytes_)
            if size > _MAX_BYTES:
                raise UsageError(f"the revision has more than {_MAX_BYTES // 2**20} MiB of YAML and JSON")
            yield name, object_


def _write(top: Path, root: Path, entries: list[tuple[str, str]]) -> None:
    asked = "".join(f"{object_}\n" for _, object_ in entries).encode()
    answer = _run(top, "cat-file", "--batch", sent=asked).stdout
    position = 0
    for name, _ in entries:
        header, _, _ = answer[position : position + _HEADER].partition(b"\n")
        if not header or header.endswith(b" missing"):
            raise UsageError(
                f"{name} is not in this copy of the repository", hint="fetch the revision as a whole first"
            )
        begin = position + len(header) + 1
        end = begin + int(header.rsplit(b" ", 1)[1])
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(answer[begin:end])
        position = end + 1


def _git(folder: Path, *arguments: str, problem: str, hint: str | None = None) -> str:
    ran = _run(folder, *arguments)
    if ran.returncode:
        raise UsageError(problem, hint=hint)
    return ran.stdout.decode("utf-8", "surrogateescape")


def _run(folder: Path, *arguments: str, sent: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    git = shutil.which("git")
    if git is None:
        raise ConfigurationError("git is not installed", hint="it is needed to read git:REV:PATH")
    command = [git, "-C", str(folder), *arguments]
    try:
        environment = {**os.environ, **_ENVIRONMENT}
        return subprocess.run(  # noqa: S603
            command, input=sent, capture_output=True, timeout=_SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        raise ConfigurationError(f"git {arguments[0]} took longer than {_SECONDS} seconds") from None
