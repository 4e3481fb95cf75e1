"""Contracts as strict readers see them: `null` only where the document allows it in so many words."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any, cast

from tallystick.contract.model import Contract
from tallystick.contract.schema import as_mapping
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.resolve import grammar

_NULL: dict[str, Json] = {"type": "null"}


def as_written(contract: Contract) -> Contract:
    """Return a contract without the `null` that only a kind reading of `nullable` allows, the same one without any.

    OpenAPI 3.1 has no `nullable`; in 3.0 it adds `null` to a `type` beside it, but not to an `enum`.
    """
    old = contract.openapi.startswith("3.0")
    loose: list[str] = []
    for pointer, kind, node in grammar.walk(grammar.ROOT, contract.document):
        if (
            kind == "schema"
            and isinstance(node, dict)
            and _takes_null(node)
            and _is_loose(contract, pointer, old=old)
        ):
            loose.append(pointer)
    if not loose:
        return contract
    document = deepcopy(contract.document)
    for pointer in loose:
        cast("dict[str, Any]", get(document, pointer)).update(_without_null(get(document, pointer)))
    return replace(contract, document=document)


def _takes_null(schema: dict[str, Json]) -> bool:
    types, alternatives = schema.get("type"), schema.get("anyOf")
    return (isinstance(types, list) and "null" in types) or (isinstance(alternatives, list) and _NULL in alternatives)


def _is_loose(contract: Contract, pointer: str, *, old: bool) -> bool:
    try:
        written = as_mapping(contract.bundle.get(pointer))
    except NoSuchMember:
        return False
    if written.get("nullable") is not True:
        return False
    values, types = written.get("enum"), written.get("type")
    if old:
        return types is None or (isinstance(values, list) and None not in values)
    return not (isinstance(types, list) and "null" in types)


def _without_null(schema: object) -> dict[str, Json]:
    """Return what takes the place of the keywords that let `null` in."""
    node = as_mapping(cast("Json", schema))
    change: dict[str, Json] = {}
    for keyword, null in (("type", "null"), ("enum", None), ("anyOf", _NULL)):
        listed = node.get(keyword)
        kept = [part for part in listed if part != null] if isinstance(listed, list) else []
        if kept:
            change[keyword] = kept
    return change
