"""Placeholders of paths that no parameter declares: a text stands there, as the path says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast

from tallystick.contract.model import Parameter
from tallystick.contract.schema import as_mapping
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.resolve import Bundle, grammar

_PLACEHOLDER = re.compile(r"\{([\w.~@$-]+)\}")
_LONGEST_CHAIN = 20


def imply(document: dict[str, Json]) -> None:
    """Give the operations of a document that may be changed the path parameters that nothing declares.

    Paths that share a path item share what is implied for it; `concerns` says which path means it.
    """
    for path, entry in as_mapping(document.get("paths")).items():
        names = dict.fromkeys(_names(path))
        item = _followed(document, as_mapping(entry)) if names else {}
        for node in (node for method, node in item.items() if method in grammar.METHODS):
            if isinstance(node, dict) and "$ref" not in node:
                known = {*_declared(document, item), *_declared(document, node)}
                implied = [_parameter(name) for name in names if name not in known]
                listed = node.get("parameters", [])
                if implied and isinstance(listed, list):
                    node["parameters"] = [*listed, *implied]


def concerns(parameter: Parameter, path: str, bundle: Bundle) -> bool:
    """Say whether a parameter is declared, or implied by this path and not by another with the same path item."""
    return bundle.has(parameter.pointer) or parameter.name in _names(path)


def _names(path: str) -> list[str]:
    return _PLACEHOLDER.findall(re.split(r"[?#]", path)[0])


def _declared(document: Mapping[str, Json], holder: Mapping[str, Json]) -> Iterator[str]:
    """Yield the names of the path parameters that a path item or an operation lists."""
    listed = holder.get("parameters")
    for entry in listed if isinstance(listed, list) else ():
        parameter = _followed(document, as_mapping(entry))
        if parameter.get("in") == "path" and isinstance(name := parameter.get("name"), str):
            yield name


def _followed(document: Mapping[str, Json], node: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the object that a reference leads to; nothing where it leads nowhere."""
    for _ in range(_LONGEST_CHAIN):
        if not isinstance(ref := node.get("$ref"), str):
            return node
        if not ref.startswith("#/"):
            break
        try:
            node = as_mapping(cast("Json", get(document, ref[1:])))
        except NoSuchMember:
            break
    return {}


def _parameter(name: str) -> dict[str, Json]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
