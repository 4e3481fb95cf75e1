"""The frozen model of an API. Read `model` first: it is what everything else consumes."""

from pathlib import Path

from tallystick.contract.build import build
from tallystick.contract.dump import dump
from tallystick.contract.model import Contract
from tallystick.contract.schema import Schema
from tallystick.resolve import bundle

__all__ = ["Contract", "Schema", "build", "dump", "read"]


def read(path: Path, *, name: str, root: Path | None = None) -> Contract:
    """Return the contract of the document at `path`: load, resolve, build.

    Raises `FindingsError` when it can't be read or is no OpenAPI 3.0 or 3.1.
    """
    return build(bundle(path, root=root), name=name)
