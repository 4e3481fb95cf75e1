"""Models with members that are never shown (pydantic)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .model import Model


class SensitiveModel(Model):
    """A value some of whose members the contract calls sensitive: their place in a `repr` is taken by `***`."""

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            field = type(self).model_fields.get(name or "")
            extra = field.json_schema_extra if field is not None else None
            yield name, "***" if value is not None and isinstance(extra, dict) and "x-sensitive" in extra else value
