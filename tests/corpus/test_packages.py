"""Any document gives a whole package: nothing dropped unsaid, every module imports, both type checkers agree."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tallystick.contract import read
from tallystick.emit.models import Flavour
from tallystick.emit.plan import Options, plan
from tallystick.publish import compare, write

IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, sys.argv[1] + "."):
    importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that gathers the package of every document of this module."""
    return tmp_path_factory.mktemp("packages")


def package_of(path: Path, flavour: Flavour) -> str:
    return f"p_{re.sub(r'[^a-z0-9]', '_', path.stem)}_{hashlib.sha256(str(path).encode()).hexdigest()[:6]}_{flavour}"


@pytest.mark.timeout(900)
def test_every_operation_is_in_or_refused_by_name(path: Path, of_flavour: Flavour, packages: Path) -> None:
    contract = read(path, name="corpus")
    options = Options(name=package_of(path, of_flavour), models=of_flavour)
    built = plan(contract, options)
    assert built.count.operations == len(contract.operations) + len(contract.refused)
    assert built.count.methods + len(built.count.refused) == built.count.operations
    assert all(pointer.startswith("/") and reason for _, pointer, reason in built.count.refused)
    write(built.files, packages / built.package)
    again = plan(read(path, name="corpus"), options)
    assert compare(again.files, packages / built.package) == ()


def test_every_module_is_python(path: Path, of_flavour: Flavour, packages: Path) -> None:
    """Says the file and the line of what importing and checking types would only stumble over."""
    for module in sorted((packages / package_of(path, of_flavour)).rglob("*.py")):
        ast.parse(module.read_text(), str(module), feature_version=(3, 11))


@pytest.mark.timeout(900)
def test_every_module_imports(path: Path, of_flavour: Flavour, packages: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, package_of(path, of_flavour)],
        cwd=packages,
        env={**os.environ, "PYTHONPATH": str(packages), "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.timeout(3600)
def test_both_type_checkers_are_content(packages: Path, complaints: Callable[[Path], str]) -> None:
    """Runs after the documents before it were written; all packages are checked at once."""
    assert list(packages.iterdir())
    assert complaints(packages)[-4000:] == ""
    for module in packages.rglob("*.py"):
        assert not re.search(r"type: ignore|pyright:", module.read_text()), f"{module} silences a checker"
