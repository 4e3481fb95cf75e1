"""Catalogue to the document the engine reads: flat classes only, nothing left to guess or to name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.emit.models import engine
from tallystick.emit.models.shape import (
    Anything,
    Catalogue,
    Choice,
    Field,
    Named,
    Nothing,
    Null,
    Plain,
    Record,
    Row,
    Sequence,
    Shape,
    Table,
    Union,
)

ALIASES = "tallystick_aliases"
"""The module the engine believes our special types come from; the import is taken out again."""

SPECIAL = frozenset(("DecimalNumber", "AwareDatetime"))
"""The types that the runtime defines."""

MARK = "\u01c3"
"""Stands behind the name of a class that the engine would take for another; a letter that no name has."""

Node = dict[str, Any]
_PLAIN: Mapping[str, Node] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "format": "binary"},
    "decimal": {"type": "string", "format": "decimal"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "duration": {"type": "string", "format": "duration"},
    "uuid": {"type": "string", "format": "uuid"},
}


def document(classes: Mapping[str, Node]) -> Node:
    """Return an OpenAPI document of some classes. What else they name, they name in words, so none needs another."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "models", "version": "1"},
        "paths": {},
        "components": {"schemas": {**{name: _imported(name) for name in sorted(SPECIAL)}, **classes}},
    }


def _imported(name: str) -> Node:
    return {"x-python-import": {"module": ALIASES, "name": name}}


def class_node(record: Record, catalogue: Catalogue, *, limits: bool) -> Node:
    """Return a class as a schema, with its words; with the limits of values if it checks them."""
    node: Node = {
        "type": "object",
        "properties": {f.api_name: member_node(f, limits=limits, text=words(f, catalogue)) for f in record.fields},
    }
    required = [f.api_name for f in record.fields if f.required]
    if required:
        node["required"] = required
    if record.description:
        node["description"] = record.description
    return node


def member_node(field: Field, *, limits: bool, text: str) -> Node:
    """Return a member as a schema, with some words; with the limits of its values if they are checked."""
    node = _schema(field.shape, limits=limits)
    if text:
        node["description"] = text
    if field.default is not None:
        node["default"] = field.default
    if field.deprecated:
        node["deprecated"] = True
    if field.sensitive:
        node["x-sensitive"] = True
    return node


def words(field: Field, catalogue: Catalogue) -> str:
    """Return the words that stand with a member: its description, unless that of its class says so already."""
    return field.description if field.description != _words_of_class(field.shape, catalogue) else ""


def _words_of_class(shape: Shape, catalogue: Catalogue) -> str:
    """Return what the class of a member says of itself, which its members need not repeat."""
    named = next((s for s in (shape.members if isinstance(shape, Union) else (shape,)) if isinstance(s, Named)), None)
    definition = catalogue.definitions[named.name] if named else None
    return definition.description if isinstance(definition, Record) else ""


def _schema(shape: Shape, *, limits: bool) -> Node:
    """Return a shape as a schema; limits only where the engine can write them beside the member."""
    match shape:
        case Anything():
            return {}
        case Nothing():
            return {"not": {}}
        case Null():
            return {"type": "null"}
        case Named(name=name):
            return _worded(name)
        case Union(members=(Named(name=name), Null())):
            return _worded(name, " | None")
        case Plain(kind="decimal-number"):
            return _ref("DecimalNumber")
        case Plain(kind="aware-datetime"):
            return _ref("AwareDatetime")
        case Plain(kind=kind, limits=bounds):
            return {**_PLAIN[kind], **(dict(bounds) if limits and kind in ("str", "int", "float") else {})}
        case Choice(values=values, open=base):
            known: Node = {"enum": list(values)}
            return {"anyOf": [known, _PLAIN[base]]} if base else known
        case Sequence(item=item, limits=bounds):
            return {"type": "array", "items": _schema(item, limits=False), **(dict(bounds) if limits else {})}
        case Table(value=value):
            return {"type": "object", "additionalProperties": _schema(value, limits=False) or True}
        case Row(items=items):
            places = [_schema(i, limits=False) for i in items]
            return {
                "type": "array",
                "prefixItems": places,
                "items": False,
                "minItems": len(places),
                "maxItems": len(places),
            }
        case Union(members=(Plain() | Sequence() | Table() as only, Null())):
            node = _schema(only, limits=limits)
            return {**node, "type": [node["type"], "null"]} if "type" in node else {"anyOf": [node, {"type": "null"}]}
        case Union(members=members):
            return {"anyOf": [_schema(m, limits=False) for m in members]}


def _worded(name: str, more: str = "") -> Node:
    """Return a schema of a type that the engine only has to write: its own type is there to be overruled.

    A class that is called as a type of the standard library is marked, or the engine would import that one.
    """
    return {"type": "string", "x-python-type": f"{name}{MARK if engine.knows(name) else ''}{more}"}


def _ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}
