"""Comparing small documents that tests write down as data."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tallystick.compare import Comparison, compare
from tallystick.contract import read

Compare = Callable[[Any, Any], Comparison]


@pytest.fixture
def comparing(tmp_path: Path) -> Compare:
    """Return what compares two documents given as data, on the first day of 2026."""

    def run(old: Any, new: Any) -> Comparison:
        contracts = []
        for name, document in (("old", old), ("new", new)):
            path = tmp_path / f"{name}.json"
            path.write_text(json.dumps(document))
            contracts.append(read(path, name=name))
        return compare(*contracts, today=date(2026, 1, 1))

    return run
