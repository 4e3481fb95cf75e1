"""Whole documents. Ours always; those of other people when TALLYSTICK_CORPUS names a folder of them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import get_args

import pytest

from tallystick.emit.models import Flavour

DECLARES = re.compile(rb"""^(?:\{?\s*"|)openapi"?\s*:\s*["']?3\.""", re.MULTILINE)
OWN = Path(__file__).parent / "documents"


def documents() -> list[Path]:
    """Return the OpenAPI documents of the corpus, by name."""
    folders = [OWN, *([Path(os.environ["TALLYSTICK_CORPUS"])] if "TALLYSTICK_CORPUS" in os.environ else [])]
    files = (f for folder in folders for f in sorted(folder.rglob("*")) if f.suffix in (".json", ".yaml", ".yml"))
    return [f for f in files if f.stem != "INDEX" and DECLARES.search(f.read_bytes())]  # INDEX lists the documents


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "of_flavour" in metafunc.fixturenames:  # documents of other people with the usual models only
        pairs = [(p, f) for p in documents() for f in get_args(Flavour) if f == "pydantic" or p.parent == OWN]
        metafunc.parametrize(("path", "of_flavour"), pairs, ids=[f"{p.stem}-{f}" for p, f in pairs])
    elif "path" in metafunc.fixturenames:
        metafunc.parametrize("path", documents(), ids=lambda p: p.stem)
