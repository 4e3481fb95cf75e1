"""How classes come to be written: each once, in parts, side by side; none of it shows."""

from __future__ import annotations

import ast
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


WORDS = (
    *(
        'say "yes"',
        'a path: C:\\"',
        '"""',
        "ends with \\",
        "a\tb \x00 c",
        "  spaces around  ",
        "one\ntwo: three  \n\n   four",
    ),
    *(
        "carriage\rreturn\r\nand feed",
        'last """\n"',
        "class Other(Model):\n    x: int",
        "\u2028 between",
        "name: str = 1",
    ),
)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("words", WORDS)
def test_words_of_documents_are_words(contract: Callable[..., Contract], flavour: Flavour, words: str) -> None:
    member = {"type": "string", "description": words}
    described = {"type": "object", "description": words, "properties": {"text": member}}
    text = build_models(contract({"Thing": described}), ModelOptions(flavour=flavour)).files["models.py"]
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)]
    assert [node.name for node in found] == ["Thing"]
    said = [e.value.value for e in found[0].body if isinstance(e, ast.Expr) and isinstance(e.value, ast.Constant)]
    assert [" ".join(str(s).split()) for s in said] == [" ".join(words.split())] * 2


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_member_called_as_a_type_shows_in_its_own_class_only(
    contract: Callable[..., Contract], flavour: Flavour
) -> None:
    """The type goes by another name in that class, and in no other."""
    day = {"type": "string", "format": "date"}
    plain = {"type": "object", "properties": {"start": day}}
    hiding = {"type": "object", "properties": {"date": {"type": "string"}, "start": day}}
    options = ModelOptions(flavour=flavour)
    alone = build_models(contract({"Plain": plain}), options).files["models.py"]
    both = build_models(contract({"Hiding": hiding, "Plain": plain}), options).files["models.py"]
    assert alone.partition("class Plain")[2] in both


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
