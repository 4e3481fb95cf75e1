"""XML bodies by their schemas: names, attributes, wrapped lists and namespaces as OpenAPI's `xml` keyword says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from xml.etree import ElementTree as ET

from tallystick.contract import Schema
from tallystick.contract.schema import as_mapping
from tallystick.load import Json
from tallystick.mock.refusal import Refused
from tallystick.mock.wire.parameters import Reader, shape_of

_DEEPEST: Final = 200
_ODD: Final = re.compile(r"[^\w.:-]|^(?=[\d.-])")


def written(value: Json, schema: Schema | None) -> bytes:
    """Return a value as an XML document in UTF-8."""
    said = _said(schema)
    name = str(said.get("name") or (schema.resolved.component if schema is not None else None) or "root")
    root = ET.Element(_tag(name, said))
    _declare(root, said)
    _fill(root, value, schema)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode").encode()


def read(text: str, schema: Schema | None, reader: Reader) -> Json:
    """Return the value of an XML document, as its schema takes it. Raises `Refused` for what is no XML."""
    if "<!DOCTYPE" in text:
        raise Refused("malformed", "The body has a document type declaration, which is not taken.")
    try:
        root = ET.fromstring(text.encode())  # noqa: S314  # no declarations, so nothing can be expanded
    except ET.ParseError as error:
        raise Refused("malformed", f"The body is not XML: {error}") from None
    return _value(root, schema, reader, 0)


def _said(schema: Schema | None) -> Mapping[str, Json]:
    if schema is None:
        return {}
    return as_mapping(schema.get("xml") if "xml" in schema else schema.resolved.get("xml"))


def _tag(name: str, said: Mapping[str, Json]) -> str:
    prefix = said.get("prefix")
    return _ODD.sub("_", f"{prefix}:{name}" if isinstance(prefix, str) and prefix else name) or "_"


def _declare(element: ET.Element, said: Mapping[str, Json]) -> None:
    if isinstance(said.get("namespace"), str):
        prefix = said.get("prefix")
        element.set(f"xmlns:{prefix}" if prefix else "xmlns", str(said["namespace"]))


def _fill(element: ET.Element, value: Json, schema: Schema | None) -> None:
    shape = shape_of(schema)
    if isinstance(value, dict):
        for name, member in value.items():
            _add(element, name, member, shape.members.get(name, shape.additional))
    elif isinstance(value, list):
        for item in value:
            _add(element, str(_said(shape.items).get("name") or "item"), item, shape.items)
    elif value is not None:
        element.text = _text(value)


def _add(parent: ET.Element, name: str, value: Json, schema: Schema | None) -> None:
    """Add a member to its object: as an attribute, as an element, or as one for each item of a list."""
    said = _said(schema)
    spelled = str(said.get("name") or name)
    if isinstance(value, list):
        items = shape_of(schema).items
        holder = parent
        if said.get("wrapped") is True:
            holder = ET.SubElement(parent, _tag(spelled, said))
            _declare(holder, said)
        for item in value:
            _add(holder, _item_name(said, name, items), item, items)
    elif said.get("attribute") is True and not isinstance(value, dict):
        parent.set(_tag(spelled, said), _text(value))
    else:
        element = ET.SubElement(parent, _tag(spelled, said))
        _declare(element, said)
        _fill(element, value, schema)


def _item_name(said: Mapping[str, Json], name: str, items: Schema | None) -> str:
    own = _said(items).get("name") or (said.get("name") if said.get("wrapped") is True else None)
    return str(own or name)


def _text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _value(element: ET.Element, schema: Schema | None, reader: Reader, depth: int) -> Json:
    if depth > _DEEPEST:
        raise Refused("malformed", f"The body nests deeper than {_DEEPEST} levels.")
    shape = reader.shape(schema)
    if "array" in shape.types:
        return [_value(child, shape.items, reader, depth + 1) for child in element]
    if "object" not in shape.types and not len(element):
        return reader.scalar(schema, element.text or "")
    children: dict[str, list[ET.Element]] = {}
    for child in element:
        children.setdefault(child.tag.rpartition("}")[2], []).append(child)
    attributes = {name.rpartition("}")[2]: text for name, text in element.attrib.items()}
    value: dict[str, Json] = {}
    for name, member in shape.members.items():
        _take(value, name, member, children, attributes, reader, depth)
    for tag, several in children.items():
        value[tag] = _value(several[-1], shape.additional, reader, depth + 1)
    return value


def _take(
    value: dict[str, Json],
    name: str,
    member: Schema,
    children: dict[str, list[ET.Element]],
    attributes: Mapping[str, str],
    reader: Reader,
    depth: int,
) -> None:
    """Take a member out of what an element has, if it is there."""
    said, shape = _said(member), reader.shape(member)
    spelled = str(said.get("name") or name)
    listed = "array" in shape.types
    if listed and said.get("wrapped") is not True:
        spelled = _item_name(said, name, shape.items)
    if said.get("attribute") is True:
        if spelled in attributes:
            value[name] = reader.scalar(member, attributes[spelled])
        return
    found = children.pop(spelled, None)
    if found is None:
        return
    if listed and said.get("wrapped") is not True:
        value[name] = [_value(child, shape.items, reader, depth + 1) for child in found]
    else:
        value[name] = _value(found[-1], member, reader, depth + 1)
