"""A contract as stable JSON, for snapshots and for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from tallystick.contract.expression import Expression
from tallystick.contract.model import Contract
from tallystick.contract.schema import Schema

_LEFT_OUT = frozenset(("document", "bundle", "findings"))


def dump(contract: Contract) -> str:
    """Return the contract as JSON that is byte-equal for equal input; empty members are left out.

    Schemas stand under `schemas` as data; wherever else one is used, only its place is named.
    """
    top = {f.name: _plain(getattr(contract, f.name)) for f in fields(contract) if f.name not in _LEFT_OUT}
    top["schemas"] = {name: schema.data for name, schema in contract.schemas.items()}
    return (
        json.dumps({k: v for k, v in top.items() if v not in (None, [], {}, "")}, indent=2, ensure_ascii=False) + "\n"
    )


def _plain(value: object) -> object:
    if isinstance(value, Schema):
        return value.ref or value.pointer
    if isinstance(value, Expression):
        return value.text
    if is_dataclass(value):
        members = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        return {k: v for k, v in members.items() if v not in (None, [], {}, "", False)}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return value
