"""What OpenAPI's own formats ask of requests, where JSON Schema knows nothing of them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Final

from tallystick.load import Json

_RANGES: Final = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def bounds(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Return the `minimum` and `maximum` that a schema's format adds; none where they would leave no number."""
    form = schema.get("format")
    if not isinstance(form, str) or form not in _RANGES:
        return {}
    least, most = _RANGES[form]
    low = max(least, _number(schema.get("minimum"), least))
    high = min(most, _number(schema.get("maximum"), most))
    return {"minimum": low, "maximum": high} if low <= high else {}


def _number(value: Json, otherwise: int) -> float:
    return value if isinstance(value, (int, float)) else otherwise


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


CHECKED: Final[dict[str, Callable[[str], bool]]] = {"byte": _is_base64}
"""Formats of strings that OpenAPI defines, with what checks them."""
