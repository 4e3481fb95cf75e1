"""Addresses that browsers are sent to, and that deliveries go to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
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


def host_of(url: str) -> str:
    """Return the host of an http or https address, empty for any other and for one that can be misread."""
    if re.search(r"[\\\s]", url):
        return ""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.port != 0
        return (parts.hostname or "") if usable else ""
    except ValueError:
        return ""


def is_here(host: str) -> bool:
    """Say whether a host is this machine, by its name: no name server is asked."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
