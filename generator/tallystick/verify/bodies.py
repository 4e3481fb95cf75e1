"""Bodies as JSON."""

from __future__ import annotations

import json
from typing import Any, Final, cast

from tallystick.load import Json

NOTHING: Final[Any] = object()
"""Stands for a body that is no JSON; `null` is JSON."""


def parsed(body: bytes) -> Json:
    """Return a body as JSON, `NOTHING` when it is none."""
    try:
        return cast("Json", json.loads(body))
    except (ValueError, RecursionError):
        return cast("Json", NOTHING)
