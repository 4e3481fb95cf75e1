"""Shapes as type expressions: the only place where a shape becomes Python text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tallystick.emit.literals import quoted
from tallystick.emit.models.interface import TypeRef
from tallystick.emit.models.shape import (
    Anything,
    Choice,
    Named,
    Nothing,
    Null,
    Plain,
    Row,
    Sequence,
    Shape,
    Table,
    Union,
)

SCALARS: Mapping[str, tuple[str, str]] = {
    "decimal": ("decimal", "Decimal"),
    "datetime": ("datetime", "datetime"),
    "aware-datetime": ("datetime", "datetime"),
    "date": ("datetime", "date"),
    "time": ("datetime", "time"),
    "duration": ("datetime", "timedelta"),
    "uuid": ("uuid", "UUID"),
}
"""Kinds of scalars that are no builtins, with the module and name of their types."""


def type_ref(shape: Shape) -> TypeRef:
    """Return the type of a shape with all its text needs."""
    match shape:
        case Anything():
            return TypeRef("Any", imports=(("typing", "Any"),))
        case Nothing():
            return TypeRef("Never", imports=(("typing", "Never"),))
        case Null():
            return TypeRef("None")
        case Named(name=name):
            return TypeRef(name, models=(name,))
        case Plain(kind="decimal-number"):
            return TypeRef("DecimalNumber", runtime=("DecimalNumber",))
        case Plain(kind=kind):
            module, name = SCALARS.get(kind, ("", kind))
            return TypeRef(name, imports=((module, name),) if module else ())
        case Choice():
            return _choice(shape)
        case Sequence(item=item):
            return _joined("list[{}]", [item])
        case Table(value=value):
            return _joined("dict[str, {}]", [value])
        case Row(items=items):
            return _joined(f"tuple[{', '.join(['{}'] * len(items)) or '()'}]", items)
        case Union(members=members):
            return _joined(" | ".join(["{}"] * len(members)), members)


def _choice(choice: Choice) -> TypeRef:
    values = ", ".join(map(quoted, choice.values))
    text = f"Literal[{values}]" + (f" | {choice.open}" if choice.open else "")
    return TypeRef(text, imports=(("typing", "Literal"),))


def _joined(pattern: str, shapes: Iterable[Shape]) -> TypeRef:
    parts = [type_ref(s) for s in shapes]
    return TypeRef(
        pattern.format(*(p.text for p in parts)),
        tuple(dict.fromkeys(n for p in parts for n in p.models)),
        tuple(dict.fromkeys(n for p in parts for n in p.runtime)),
        tuple(dict.fromkeys(i for p in parts for i in p.imports)),
    )
