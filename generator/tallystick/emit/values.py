"""Example values of a document, written down as Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tallystick.emit.literals import quoted
from tallystick.emit.models.shape import (
    Alias,
    Catalogue,
    Choice,
    Named,
    Plain,
    Record,
    Row,
    Sequence,
    Shape,
    Table,
    Union,
)
from tallystick.load import Json

_SAMPLES: Mapping[str, str] = {
    "str": '"..."',
    "int": "1",
    "float": "1.0",
    "bool": "True",
    "bytes": 'b"..."',
    "decimal": 'Decimal("1.00")',
    "decimal-number": 'Decimal("1.00")',
    "datetime": "datetime(2030, 1, 1, tzinfo=UTC)",
    "aware-datetime": "datetime(2030, 1, 1, tzinfo=UTC)",
    "date": "date(2030, 1, 1)",
    "time": "time(12, 0)",
    "duration": "timedelta(minutes=1)",
    "uuid": 'UUID("0b8cd2f9-93a4-4d6a-9b57-4f1f0a3f7b1c")',
}
_QUOTED = {"decimal": "Decimal", "uuid": "UUID", "decimal-number": "Decimal"}
_DEEPEST = 4


def record_of(shape: Shape, catalogue: Catalogue) -> Record | None:
    """Return the class that a shape names, aliases followed, `None` if it names something else."""
    seen: set[str] = set()
    while isinstance(shape, Named) and shape.name not in seen:
        seen.add(shape.name)
        definition = catalogue.definitions[shape.name]
        if isinstance(definition, Record):
            return definition
        shape = definition.shape
    return None


def follow(shape: Shape, catalogue: Catalogue) -> Shape:
    """Return what an alias stands for; a class stays its name."""
    seen: set[str] = set()
    while isinstance(shape, Named) and shape.name not in seen:
        definition = catalogue.definitions[shape.name]
        if not isinstance(definition, Alias):
            return shape
        seen.add(shape.name)
        shape = definition.shape
    return shape


def literal(value: Json, shape: Shape, catalogue: Catalogue, depth: int = 0) -> str | None:
    """Write a value of a shape as Python; `None` when it cannot be told briefly, or does not fit."""
    shape = follow(shape, catalogue)
    if isinstance(shape, Union):
        found = (literal(value, member, catalogue, depth) for member in shape.members)
        return next((text for text in found if text is not None), None)
    if depth > _DEEPEST:
        return None
    match shape, value:
        case (Choice(values=values, open=opened), str() | bool() | int()):
            return quoted(value) if value in values or opened else None
        case (Plain(kind="str"), str()):
            return quoted(value)
        case (Plain(kind="decimal" | "uuid" as kind), str()):
            return f"{_QUOTED[kind]}({quoted(value)})"
        case (Plain(kind="decimal-number"), int() | float()) if not isinstance(value, bool):
            return f'Decimal("{value}")'
        case (Plain(kind="bool"), bool()):
            return repr(value)
        case (Plain(kind="int"), int()) | (Plain(kind="float"), int() | float()) if not isinstance(value, bool):
            return repr(value)
        case (Plain(kind="datetime" | "aware-datetime" | "date" | "time" | "duration" as kind), str()):
            return sample(Plain(kind), catalogue)
        case (Sequence(item=item), list()):
            return _bracketed([literal(part, item, catalogue, depth + 1) for part in value])
        case (Row(items=items), list()) if len(items) == len(value):
            parts = [literal(part, item, catalogue, depth + 1) for part, item in zip(value, items, strict=True)]
            return None if None in parts else f"({', '.join(cast('list[str]', parts))},)"
        case (Table(value=inner), dict()):
            written = {key: literal(part, inner, catalogue, depth + 1) for key, part in value.items()}
            if None in written.values():
                return None
            return "{" + ", ".join(f"{quoted(key)}: {text}" for key, text in written.items()) + "}"
        case (Named(name=name), dict()):
            return _constructed(name, value, catalogue, depth)
        case (_, None | bool() | int() | float() | str()) if type(shape).__name__ == "Anything":
            return repr(value)
        case _:
            return None


def _bracketed(parts: list[str | None]) -> str | None:
    return None if None in parts else f"[{', '.join(cast('list[str]', parts))}]"


def _constructed(name: str, value: Mapping[str, Json], catalogue: Catalogue, depth: int) -> str | None:
    record = catalogue.definitions[name]
    if not isinstance(record, Record):
        return None
    known = [field for field in record.fields if field.api_name in value]
    if any(field.required and field.api_name not in value for field in record.fields):
        return None
    written = {f.name: literal(value[f.api_name], f.shape, catalogue, depth + 1) for f in known}
    if None in written.values():
        return None
    return _object(record, cast("dict[str, str]", written), catalogue)


def _object(record: Record, members: Mapping[str, str], catalogue: Catalogue) -> str:
    """Write an object whose members are known by their names in Python."""
    if catalogue.keyed:
        keys = {field.name: field.api_name for field in record.fields}
        return "{" + ", ".join(f"{quoted(keys[name])}: {text}" for name, text in members.items()) + "}"
    return f"models.{record.name}({', '.join(f'{name}={text}' for name, text in members.items())})"


def sample(shape: Shape, catalogue: Catalogue, depth: int = 0) -> str | None:
    """Make up the briefest value of a shape; `None` where there is no brief one."""
    shape = follow(shape, catalogue)
    match shape:
        case Plain(kind=kind):
            return _SAMPLES[kind]
        case Choice(values=values):
            return quoted(values[0]) if values else None
        case Sequence(item=item):
            return _bracketed([sample(item, catalogue, depth + 1)]) if depth < _DEEPEST else "[]"
        case Table():
            return "{}"
        case Union(members=members):
            found = (sample(member, catalogue, depth) for member in members)
            return next((text for text in found if text is not None), None)
        case Named(name=name) if depth < _DEEPEST:
            record = catalogue.definitions[name]
            if not isinstance(record, Record):
                return None
            parts = {f.name: sample(f.shape, catalogue, depth + 1) for f in record.fields if f.required}
            return None if None in parts.values() else _object(record, cast("dict[str, str]", parts), catalogue)
        case _:
            return '"..."' if type(shape).__name__ == "Anything" else None
