"""What one library can't say is said in another way, before the engine runs: catalogue in, catalogue out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from tallystick.emit.models.interface import Flavour
from tallystick.emit.models.shape import (
    Anything,
    Catalogue,
    Choice,
    Definition,
    Field,
    Named,
    Null,
    Plain,
    Record,
    Row,
    Sequence,
    Shape,
    Table,
    Union,
)


def adapted(catalogue: Catalogue, flavour: Flavour) -> Catalogue:
    """Return the catalogue as a flavour can say it."""
    match flavour:
        case "pydantic":
            return catalogue
        case "dataclass":
            return _unset(catalogue)
        case "msgspec":
            apart = _mapped(catalogue, lambda shape: _for_msgspec(shape, catalogue))
            return _without_field(_unset(apart))
        case "typeddict":
            return replace(_mapped(catalogue, _as_json), keyed=True)


def without_unsayable(catalogue: Catalogue, flavour: Flavour) -> tuple[Catalogue, list[tuple[Record, Field]]]:
    """Return the catalogue without the members whose names a flavour has no place for, and these members."""
    unsayable = _UNSAYABLE.get(flavour)
    definitions = dict(catalogue.definitions)
    left_out: list[tuple[Record, Field]] = []
    for name, d in catalogue.definitions.items():
        out = [f for f in d.fields if unsayable.search(f.api_name)] if unsayable and isinstance(d, Record) else []
        if out and isinstance(d, Record):
            definitions[name] = replace(d, fields=tuple(f for f in d.fields if f not in out), closed=False)
            left_out += [(d, field) for field in out]
    return replace(catalogue, definitions=definitions), left_out


_UNSAYABLE: Mapping[Flavour, re.Pattern[str]] = {
    "msgspec": re.compile(r'["\\\x00-\x1f]'),
    "typeddict": re.compile(r"^$"),
}


def _mapped(catalogue: Catalogue, change: Callable[[Shape], Shape]) -> Catalogue:
    definitions = {name: _changed(d, change) for name, d in catalogue.definitions.items()}
    return Catalogue(definitions, {place: everywhere(s, change) for place, s in catalogue.places.items()})


def _changed(definition: Definition, change: Callable[[Shape], Shape]) -> Definition:
    if isinstance(definition, Record):
        return replace(
            definition, fields=tuple(replace(f, shape=everywhere(f.shape, change)) for f in definition.fields)
        )
    if isinstance(definition.shape, Union):  # the alias itself is written in a way that suits the flavour
        members = tuple(everywhere(m, change) for m in definition.shape.members)
        return replace(definition, shape=Union(members))
    return replace(definition, shape=everywhere(definition.shape, change))


def everywhere(shape: Shape, change: Callable[[Shape], Shape]) -> Shape:
    """Return a shape with everything in it changed, from the inside out."""
    match shape:
        case Sequence():
            return change(replace(shape, item=everywhere(shape.item, change)))
        case Table():
            return change(Table(everywhere(shape.value, change)))
        case Row():
            return change(Row(tuple(everywhere(s, change) for s in shape.items)))
        case Union():
            return change(Union(tuple(everywhere(s, change) for s in shape.members)))
        case _:
            return change(shape)


# -- msgspec, dataclass: no class knows which of its members were set --------------------------------------------


def _unset(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue without defaults, in words only: nothing goes out, or back, that nobody has set."""

    def without_default(field: Field) -> Field:
        if field.default is None:
            return field
        return replace(field, default=None, description=f"{field.description} Default: {field.default!r}.".strip())

    definitions = {
        name: replace(d, fields=tuple(map(without_default, d.fields))) if isinstance(d, Record) else d
        for name, d in catalogue.definitions.items()
    }
    return Catalogue(definitions, catalogue.places)


# -- typeddict: values stay what JSON made of them --------------------------------------------------------------


def _as_json(shape: Shape) -> Shape:
    if not isinstance(shape, Plain) or shape.kind in ("str", "int", "float", "bool", "bytes"):
        return shape
    return Plain("float") if shape.kind == "decimal-number" else Plain("str")


# -- msgspec: one member of each JSON type in a union -----------------------------------------------------------


def _without_field(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with no member called `field`, which is the function that members are declared with."""
    definitions = {
        name: replace(d, fields=tuple(replace(f, name="field_") if f.name == "field" else f for f in d.fields))
        if isinstance(d, Record)
        else d
        for name, d in catalogue.definitions.items()
    }
    return Catalogue(definitions, catalogue.places)


def _for_msgspec(shape: Shape, catalogue: Catalogue) -> Shape:
    """Return a union that msgspec refuses as anything at all, and a time that it must not take without an offset."""
    if shape == Plain("datetime"):
        return Plain("aware-datetime")
    return Anything() if isinstance(shape, Union) and not is_plain_union(shape, catalogue) else shape


def is_plain_union(shape: Union, catalogue: Catalogue) -> bool:
    """Say whether msgspec can tell the members of a union apart by their JSON types."""
    kinds = [_json_type(m, catalogue) for m in shape.members if not isinstance(m, Null)]
    return len(set(kinds)) == len(kinds) and ("special" not in kinds or len(kinds) == 1)


def _json_type(shape: Shape, catalogue: Catalogue) -> str:
    match shape:
        case Plain(kind="int" | "float" | "bool" as kind):
            return kind
        case Plain(kind="decimal-number") | Anything():
            return "special"
        case Plain():
            return "text"
        case Choice(values=values):
            return "text" if all(isinstance(v, str) for v in values) else "int"
        case Sequence() | Row():
            return "array"
        case Table():
            return "object"
        case Named(name=name):
            definition = catalogue.definitions[name]
            if isinstance(definition, Record):
                return "object"
            return "special" if isinstance(definition.shape, Union) else _json_type(definition.shape, catalogue)
        case _:
            return "special"
