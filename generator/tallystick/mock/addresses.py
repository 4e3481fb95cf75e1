"""Addresses that browsers are sent to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

_SCRIPTING: Final = frozenset(("javascript", "data", "vbscript", ""))
"""Address schemes that a browser is never sent to."""


def with_query(address: str, query: Mapping[str, str]) -> str | None:
    """Return an address with query parameters added to those it has, `None` for one no browser may be sent to."""
    parts = urlsplit(address)
    if parts.scheme.lower() in _SCRIPTING:
        return None
    joined = "&".join(piece for piece in (parts.query, urlencode(query)) if piece)
    return urlunsplit(parts._replace(query=joined))
