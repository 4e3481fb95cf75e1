"""Bodies that are no JSON: forms, text, bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from .call import pairs
from .codec import plain


def members(values: object) -> Mapping[str, object]:
    """Give the members of a mapping or of a model, by their names on the wire; raises `ValueError` without any."""
    if not isinstance(values, Mapping):
        values = plain(values)
    if not isinstance(values, Mapping):
        raise ValueError("a form consists of members with names")
    return cast("Mapping[str, object]", values)


def form_body(values: object, media_type: str = "application/x-www-form-urlencoded") -> tuple[str, bytes]:
    """Write a form as a query string is written."""
    return media_type, "&".join(pairs(members(values))).encode()


def raw_body(content: str | bytes, media_type: str = "application/octet-stream") -> tuple[str, bytes]:
    """Send text or bytes as they are."""
    return media_type, content.encode() if isinstance(content, str) else content
