"""The one module that meets the model library (msgspec): typed values to JSON and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

import msgspec

from .model_msgspec import encode, read_special, readable, reason, to_plain


class InvalidValueError(ValueError):
    """A value does not fit its type; says where and why, not what it was."""


@cache
def _decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(readable(type_), dec_hook=read_special)


def load(type_: object, data: bytes | str, *, strict: bool = False) -> Any:
    """Read JSON as `type_`; `strict` also refuses members that the contract does not list."""
    try:
        found = _decoder(type_).decode(data)
        unlisted = next(_unlisted(msgspec.json.decode(data), found, ""), "") if strict else ""
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidValueError(reason(error)) from None
    if unlisted:
        raise InvalidValueError(f"{unlisted[1:]}: not listed by the contract")
    return found


def _unlisted(data: Any, value: object, place: str) -> Iterator[str]:
    """Yield the members of JSON data that no class has taken in."""
    if isinstance(data, dict):
        members = cast("dict[str, object]", data)
        fields: Mapping[str, object] = cast("dict[str, object]", value) if isinstance(value, dict) else {}
        if isinstance(value, msgspec.Struct):
            names = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
            fields = {wire: getattr(value, own) for wire, own in names}
        for name, item in members.items():
            if name in fields:
                yield from _unlisted(item, fields[name], f"{place}.{name}")
            else:
                yield f"{place}.{name}"
    elif isinstance(data, list) and isinstance(value, list | tuple):
        for i, (item, part) in enumerate(zip(cast("list[object]", data), cast("list[object]", value), strict=True)):
            yield from _unlisted(item, part, f"{place}.{i}")


def build(type_: object, value: object) -> Any:
    """Make a typed value of plain data; text may stand for a number or a boolean, as it does in headers."""
    try:
        return msgspec.convert(value, readable(type_), dec_hook=read_special, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidValueError(reason(error)) from None


def dump(type_: object, value: object) -> bytes:
    """Write `value` as JSON after checking it; members that were never set stay out."""
    try:
        return encode(msgspec.convert(plain(value), readable(type_), dec_hook=read_special))
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidValueError(reason(error)) from None


def plain(value: object) -> Any:
    """Reduce a value to what JSON knows, for parameters and forms."""
    try:
        return to_plain(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidValueError(f"value: {error}") from None
