"""Classes keep the names that documents give them, whatever Python's own library calls that way."""

from __future__ import annotations

import builtins
import collections
import collections.abc
import datetime as dt
import decimal
import enum
import importlib
import json
import keyword
import pathlib
import re
import sys
import typing
import uuid
from pathlib import Path

import pytest

from tallystick.contract import read
from tallystick.emit.models.naming import RESERVED
from tallystick.emit.plan import Options, plan

LIBRARIES = (collections, collections.abc, dt, decimal, enum, pathlib, re, typing, uuid)
KNOWN = sorted({n for library in LIBRARIES for n in dir(library) if re.fullmatch(r"[A-Z][a-z]+([A-Z][a-z]+)*", n)})
NAMES = [name for name in KNOWN if name not in RESERVED and not keyword.iskeyword(name)]


@pytest.mark.parametrize("flavour", ["pydantic", "msgspec", "dataclass", "typeddict"])
def test_a_class_may_be_called_as_a_type_of_python(flavour: str, tmp_path: Path) -> None:
    """Each class names another one, so that every name is written as a type too."""
    follow = dict(zip(NAMES, reversed(NAMES), strict=True))
    schemas = {
        name: {
            "type": "object",
            "properties": {"next": {"$ref": f"#/components/schemas/{other}"}, name: {"type": "string"}},
        }
        for name, other in follow.items()
    }
    info = {"title": "t", "version": "1"}
    document = {"openapi": "3.1.0", "info": info, "components": {"schemas": schemas}, "paths": {}}
    path = tmp_path / "names.json"
    path.write_text(json.dumps(document))
    package = f"names_{flavour}"
    for name, text in plan(read(path, name=package), Options(models=flavour, only="models")).files.items():
        target = tmp_path / package / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    sys.path.insert(0, str(tmp_path))
    try:
        models = importlib.import_module(f"{package}.models")
        package_ = importlib.import_module(package)
    finally:
        sys.path.remove(str(tmp_path))
    assert {"Collection", "Container", "Counter", "Match", "Path", "Pattern", "Text"} <= set(NAMES)
    for name, other in follow.items():
        read_ = package_.load(getattr(models, name), json.dumps({"next": {other: "x"}}))
        after = read_["next"] if flavour == "typeddict" else read_.next
        assert type(after) is (dict if flavour == "typeddict" else getattr(models, other)), name


def test_what_is_built_in_is_called_otherwise() -> None:
    """A class is named further down than it is used, and pydantic would find the built-in one first."""
    built_in = {name for name in dir(builtins) if name[0].isupper() and not keyword.iskeyword(name)}
    assert built_in <= RESERVED
