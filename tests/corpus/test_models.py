"""Any document gives models: imported, complete, strictly typed, named the same every time."""

from __future__ import annotations

import ast
import hashlib
import importlib
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest
from pydantic import BaseModel, TypeAdapter

from tallystick.contract import Contract, read
from tallystick.emit import support
from tallystick.emit.models import Flavour, ModelOptions, ModelOutput, build_models
from tallystick.emit.models.catalogue import catalogue
from tallystick.emit.models.shape import Record

GENERATOR = Path(__file__).parents[2] / "generator"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("corpus")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def package_of(path: Path) -> str:
    return "p_" + re.sub(r"\W", "_", path.stem) + "_" + hashlib.sha256(str(path).encode()).hexdigest()[:6]


def write(folder: Path, output: ModelOutput, flavour: Flavour = "pydantic") -> None:
    (folder / "_runtime").mkdir(parents=True)
    files = {**output.files, "__init__.py": "", "py.typed": ""}
    for name, text in (files | support.modules(files, flavour=flavour)).items():
        (folder / name).write_text(text)


def defined(text: str) -> list[str]:
    """Return what a module defines at its top level."""
    names: list[str] = []
    for node in ast.parse(text).body:
        match node:
            case ast.If(body=[ast.AnnAssign(target=ast.Name(id=name))]):  # one that only type checkers read
                names.append(name)
            case ast.ClassDef(name=name):
                names.append(name)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                names.append(name)
            case _:
                pass
    return names


def test_models_are_complete_and_can_be_built(path: Path, packages: Path) -> None:
    contract = read(path, name="corpus")
    output = build_models(contract)
    write(packages / package_of(path), output)
    module = importlib.import_module(f"{package_of(path)}.models")
    assert sorted(defined(output.files["models.py"])) == list(output.names)
    for name in output.names:
        thing = getattr(module, name)
        if isinstance(thing, type) and issubclass(thing, BaseModel):
            thing.model_rebuild(force=True)
        else:
            TypeAdapter(thing)
    assert all(schema.pointer in pointers(output) for schema in wire(contract))


@pytest.mark.parametrize("flavour", ["msgspec", "dataclass", "typeddict"])
def test_every_flavour_can_be_imported(path: Path, packages: Path, flavour: Flavour) -> None:
    output = build_models(read(path, name="corpus"), ModelOptions(flavour=flavour))
    write(packages / f"{package_of(path)}_{flavour}", output, flavour)
    module = importlib.import_module(f"{package_of(path)}_{flavour}.models")
    for name in output.names:
        thing = getattr(module, name)
        if isinstance(thing, type) and isinstance(output.catalogue.definitions[name], Record):
            get_type_hints(thing)
            if flavour == "msgspec":
                msgspec.json.Decoder(thing, dec_hook=lambda _type, value: value)


def pointers(output: ModelOutput) -> set[str]:
    return {pointer for pointer, _ in output.catalogue.places}


def wire(contract: Contract) -> Iterator[Any]:
    for operation in contract.operations:
        yield from (p.schema for p in operation.parameters if p.schema)
        yield from (m.schema for m in (operation.body.media if operation.body else ()) if m.schema)
        yield from (m.schema for o in operation.outcomes for m in o.media if m.schema)


@pytest.mark.timeout(1800)
def test_models_are_strictly_typed(packages: Path, complaints: Callable[[Path], str]) -> None:
    """Runs after the documents before it were written; every one of them is checked at once."""
    assert list(packages.iterdir())
    assert complaints(packages)[-4000:] == ""
    for models in packages.glob("*/models.py"):
        assert "type: ignore" not in models.read_text() and "pyright:" not in models.read_text()


def shuffled(value: Any, seed: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        seed.shuffle(keys)
        return {key: shuffled(value[key], seed) for key in keys}
    return [shuffled(item, seed) for item in value] if isinstance(value, list) else value


def named(contract: Contract) -> tuple[dict[str, frozenset[str]], dict[Any, str]]:
    """Return the members of each class by name, and the shape of every place."""
    known, _ = catalogue(contract)
    classes = {
        d.name: frozenset(f.name for f in d.fields) if isinstance(d, Record) else frozenset[str]()
        for d in known.definitions.values()
    }
    return classes, {place: repr(shape) for place, shape in known.places.items()}


def test_names_do_not_depend_on_the_order_of_keys(path: Path, tmp_path: Path) -> None:
    data = read(path, name="corpus").bundle.data
    (tmp_path / "plain.json").write_text(json.dumps(data))
    expected = named(read(tmp_path / "plain.json", name="corpus"))
    for number in range(2):
        seed = random.Random(number)  # noqa: S311 - an order, not a secret
        (tmp_path / "other.json").write_text(json.dumps(shuffled(data, seed)))
        assert named(read(tmp_path / "other.json", name="corpus")) == expected


def test_one_more_operation_renames_nothing(path: Path, tmp_path: Path) -> None:
    data = read(path, name="corpus").bundle.data
    (tmp_path / "plain.json").write_text(json.dumps(data))
    before, _ = named(read(tmp_path / "plain.json", name="corpus"))
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": {"type": "object"}}}}}}
    answer = {"description": "", **body}
    added = {"post": {"operationId": "aaaFirst", "requestBody": body, "responses": {"200": answer, "400": answer}}}
    (tmp_path / "more.json").write_text(json.dumps({**data, "paths": {"/aaa": added, **data["paths"]}}))  # type: ignore[dict-item]
    after, _ = named(read(tmp_path / "more.json", name="corpus"))
    assert {name: after.get(name) for name in before} == before


def test_no_name_is_numbered(path: Path) -> None:
    contract = read(path, name="corpus")
    words = re.sub(r"\W", "", json.dumps(contract.document))
    for name in build_models(contract).names:
        number = re.search(r"\d+$", name)
        assert number is None or number[0] in words, name


SCRIPT = """
import sys
from pathlib import Path
from tallystick.contract import read
from tallystick.emit.models import build_models
sys.stdout.write(build_models(read(Path(sys.argv[1]), name="corpus")).files["models.py"])
"""


@pytest.mark.parametrize("document", ["everything", "older"])
def test_the_same_bytes_whatever_the_hash_seed(document: str) -> None:
    path = Path(__file__).parent / "documents" / f"{document}.yaml"
    texts = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(path)],
            env={**os.environ, "PYTHONPATH": str(GENERATOR), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(texts) == 1
    assert b"class " in texts.pop()
