"""How classes come to be written: each once, in parts, side by side; none of it shows."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from tallystick.contract import Contract
from tallystick.emit.models import Flavour, ModelOptions, build_models
from tallystick.emit.models.processes import side_by_side

FLAVOURS: tuple[Flavour, ...] = ("pydantic", "msgspec", "dataclass", "typeddict")
HERE = os.getpid()


def members(**more: Any) -> dict[str, Any]:
    """Return an object schema whose members need another name in Python, or can't have one in a class."""
    known = {"class": {"type": "string"}, "createdAt": {"type": "string", "format": "date-time"}}
    return {"type": "object", "required": ["class"], "properties": {**known, **more}}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_classes_that_read_alike_are_still_two(models: Callable[..., ModuleType], flavour: Flavour) -> None:
    described = members(text={"type": "string", "description": "First line.\nclass Third(Model):\n@frozen\nlast"})
    schemas = {
        **dict.fromkeys(("First", "Second", "FirstOfAll"), described),
        "Holder": {"type": "object", "properties": {"first": {"$ref": "#/components/schemas/First"}}},
        "Node": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}},
        "Leaf": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}},
    }
    module = models(schemas, options=ModelOptions(flavour=flavour))
    names = ("First", "Second", "FirstOfAll", "Holder", "Node", "Leaf")
    assert {getattr(module, name).__name__ for name in names} == set(names)
    assert len({id(getattr(module, name)) for name in names}) == len(names)
    assert not hasattr(module, "Third")
    assert set(module.First.__annotations__) == set(module.Second.__annotations__)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_same_bytes_on_any_number_of_processors(
    contract: Callable[..., Contract], flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    schemas = {f"Thing{chr(65 + i // 26)}{chr(65 + i % 26)}": members(**{f"a{i}": {}}) for i in range(400)}
    described = contract(schemas)
    texts = set()
    for count in (1, 2, 5):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _pid, count=count: set(range(count)), raising=False)
        texts.add(build_models(described, ModelOptions(flavour=flavour)).files["models.py"])
    assert len(texts) == 1


def test_what_a_killed_process_leaves_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1}, raising=False)
    assert side_by_side(_doubled_unless_elsewhere, [1, 2, 3, 4]) == [2, 4, 6, 8]


def _doubled_unless_elsewhere(number: int) -> int:
    if os.getpid() != HERE:
        os._exit(9)
    return number * 2
