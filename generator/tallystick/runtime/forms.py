"""Bodies that are no JSON: forms, text, bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from .call import pairs
from .codec import plain


def members(values: object) -> Mapping[str, object]:
    """Give the members of a mapping or of a model, by their names on the wire."""
    return cast("Mapping[str, object]", values if isinstance(values, Mapping) else plain(values))


@dataclass(frozen=True, slots=True)
class Form:
    """`application/x-www-form-urlencoded`: written as a query string is."""

    values: object = field(repr=False)
    media_type: str = "application/x-www-form-urlencoded"

    def encode(self) -> tuple[str, bytes]:
        """Give the media type and the encoded form."""
        return self.media_type, "&".join(pairs(members(self.values))).encode()


@dataclass(frozen=True, slots=True)
class Raw:
    """Text or bytes, sent as they are."""

    content: str | bytes = field(repr=False)
    media_type: str = "application/octet-stream"

    def encode(self) -> tuple[str, bytes]:
        """Give the media type and the bytes."""
        return self.media_type, self.content.encode() if isinstance(self.content, str) else self.content
