"""A small document in, its models imported."""

from __future__ import annotations

import importlib
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tallystick.contract import Contract, read
from tallystick.emit import support
from tallystick.emit.models import Flavour, ModelOptions, ModelOutput, build_models

_numbers = itertools.count()


def _document(schemas: dict[str, Any], paths: dict[str, Any], version: str) -> dict[str, Any]:
    return {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def write_package(folder: Path, output: ModelOutput, flavour: Flavour = "pydantic") -> None:
    (folder / "_runtime").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "py.typed").write_text("")
    files = {**output.files, "codec_wanted.py": "from ._runtime.codec import load, dump\n"}
    for name, text in (files | support.modules(files, flavour=flavour)).items():
        (folder / name).write_text(text)


@pytest.fixture
def contract(tmp_path: Path) -> Callable[..., Contract]:
    """Return a function from schemas (and paths) to the contract that has them."""

    def build(schemas: dict[str, Any], paths: dict[str, Any] | None = None, version: str = "3.1.0") -> Contract:
        path = tmp_path / f"openapi{next(_numbers)}.json"
        path.write_text(json.dumps(_document(schemas, paths or {}, version)))
        return read(path, name="t")

    return build


@pytest.fixture
def models(tmp_path: Path, contract: Callable[..., Contract]) -> Iterator[Callable[..., ModuleType]]:
    """Return a function from schemas (and paths) to the imported `models` module."""
    sys.path.insert(0, str(tmp_path))

    def load(
        schemas: dict[str, Any],
        paths: dict[str, Any] | None = None,
        *,
        version: str = "3.1.0",
        options: ModelOptions | None = None,
    ) -> ModuleType:
        output = build_models(contract(schemas, paths, version), options)
        name = f"generated_{next(_numbers)}"
        write_package(tmp_path / name, output, options.flavour if options else "pydantic")
        return importlib.import_module(f"{name}.models")

    yield load
    sys.path.remove(str(tmp_path))
    for name in [m for m in sys.modules if m.startswith("generated_")]:
        del sys.modules[name]
