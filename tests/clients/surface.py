"""What a release of a generated package takes away from those who use the one before.

`python tests/clients/surface.py TAG` holds `generated/` against what it was at a tag, in two ways: members that are
gone or ask for more (griffe), and the tests of then, type-checked with the packages of now (mypy).
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

import griffe

ROOT = Path(__file__).parents[2]
PACKAGES = ("ivy_api", "ivy_legacy_api", "worldline_connect")
USERS = ("tests/clients/test_generated.py", "tests/clients/test_webhooks.py")


def members_lost(package: str, before: Path, after: Path) -> list[str]:
    """Name the public members that are gone, or that the calls of before no longer fit."""
    old, new = (griffe.load(package, search_paths=[folder], allow_inspection=False) for folder in (before, after))
    found = (one for one in griffe.find_breaking_changes(old, new) if "._runtime" not in one.obj.path)
    return sorted(f"{one.obj.path}{_parameter(one)}: {one.kind.value}" for one in found)


def _parameter(one: griffe.Breakage) -> str:
    named = (v for v in (one.old_value, one.new_value) if isinstance(v, griffe.Parameter))
    return next((f"({parameter.name})" for parameter in named), "")


def users_broken(tests: Iterable[Path], before: Path, after: Path) -> list[str]:
    """Say what a type checker finds wrong in tests with the new packages, and did not with the old ones."""
    files = [str(path) for path in tests]
    with tempfile.TemporaryDirectory() as cache:
        known = set(_complaints(files, before, cache))
        return [line for line in _complaints(files, after, cache) if line not in known]


def _complaints(files: list[str], packages: Path, cache: str) -> list[str]:
    """Return the errors in some files. The cache holds what mypy knows of libraries, unless the caller has one."""
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--follow-imports=silent", "--scripts-are-modules"]
    path = os.pathsep.join((str(packages), str(ROOT / "generator")))
    done = subprocess.run(
        [*command, *files],
        env={"MYPY_CACHE_DIR": cache, **os.environ, "MYPYPATH": path},
        cwd=packages,
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in done.stdout.splitlines() if ": error: " in line]


def at(revision: str, folder: Path) -> None:
    """Write `generated/` and the tests of a revision below a folder."""
    command = ["git", "archive", revision, "generated", *USERS]
    packed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")


def main(revision: str) -> list[str]:
    """Hold the packages of now against those of a revision."""
    with tempfile.TemporaryDirectory() as folder:
        at(revision, Path(folder))
        before, after = Path(folder, "generated"), ROOT / "generated"
        lost = [line for package in PACKAGES for line in members_lost(package, before, after)]
        return [*lost, *users_broken([Path(folder, test) for test in USERS], before, after)]


if __name__ == "__main__":
    changes = main(sys.argv[1])
    print("\n".join(changes) or f"nothing that worked with the packages of {sys.argv[1]} stops working")
    sys.exit(1 if changes else 0)
