"""The one module that meets the models (dataclasses and TypedDicts): typed values to JSON and back."""

from __future__ import annotations

import json
from typing import Any

from .reading import InvalidValueError as InvalidValueError
from .reading import plain as plain
from .reading import reader


def load(type_: object, data: bytes | str, *, strict: bool = False) -> Any:
    """Read JSON as `type_`; `strict` also refuses members that the contract does not list."""
    try:
        found = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidValueError(f"no JSON: {getattr(error, 'msg', 'it cannot be read')}") from None
    return _read(type_, found, strict)


def build(type_: object, value: object) -> Any:
    """Make a typed value of plain data; text may stand for a number or a boolean, as it does in headers."""
    try:
        return _read(type_, value, False)
    except InvalidValueError:
        if not isinstance(value, str):
            raise
        return load(type_, value.encode())


def dump(type_: object, value: object) -> bytes:
    """Write `value` as JSON after checking it; members that were never set stay out."""
    try:
        data = plain(_read(type_, plain(value), False))
        return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except RecursionError:
        raise InvalidValueError("nested too deep") from None


def _read(type_: object, data: object, strict: bool) -> Any:
    try:
        return reader(type_, strict)(data)
    except RecursionError:
        raise InvalidValueError("nested too deep") from None


def _refuse(word: str) -> object:
    raise ValueError(f"{word} is no JSON")
