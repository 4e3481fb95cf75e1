"""Scalars as source text."""

from __future__ import annotations

from tallystick.load import Json


def quoted(value: Json) -> str:
    """Write a scalar as source text, with double quotes where that is no trouble."""
    if not isinstance(value, str):
        return repr(value)
    text = repr(value)
    return f'"{text[1:-1]}"' if text.startswith("'") and '"' not in text else text
