"""Media types: what they are, what a range of them is sent as, and which of several one falls under."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from tallystick.contract.model import Media

_OF_RANGE: Final = {
    **dict.fromkeys(("*/*", "application/*"), "application/json"),
    "image/*": "image/png",
    "audio/*": "audio/mpeg",
    "video/*": "video/mp4",
}


def essence(content_type: str) -> str:
    """Return a media type in lower case, without its parameters."""
    return content_type.partition(";")[0].strip().lower()


@lru_cache(maxsize=64)
def is_json(content_type: str) -> bool:
    """Say whether a media type is JSON or one of its relatives such as `application/problem+json`."""
    return essence(content_type).endswith(("/json", "+json"))


def is_xml(content_type: str) -> bool:
    """Say whether a media type is XML or one of its relatives such as `image/svg+xml`."""
    return essence(content_type).endswith(("/xml", "+xml"))


def sent_as(content_type: str) -> str:
    """Return what a range such as `image/*` is sent as; any other type is itself."""
    return _OF_RANGE.get(content_type, "text/plain") if "*" in content_type else content_type


def choose(offered: Iterable[Media], content_type: str) -> Media | None:
    """Return the media type of the contract that a `Content-Type` falls under, the most exact one."""
    wanted = essence(content_type)
    wildcard = wanted.partition("/")[0] + "/*"
    ranked = {m.content_type.partition(";")[0].strip(): m for m in reversed(list(offered))}
    return ranked.get(wanted) or ranked.get(wildcard) or ranked.get("*/*")
