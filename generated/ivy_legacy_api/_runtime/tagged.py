"""Classes told apart by one of their members (pydantic)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from .model import Model


class Unknown(Model):
    """An object whose kind the contract did not know when this package was made; every member is kept."""

    def __getitem__(self, member: str) -> Any:
        """Return a member by the API's name. Raises `KeyError` when there is none."""
        return (self.model_extra or {})[member]


class Tagged:
    """Chooses the class of an object by one of its members; values it does not know choose the fallback."""

    def __init__(
        self, member: str, classes: Mapping[str, type[Model]], fallback: type[Model] = Unknown, name: str = ""
    ) -> None:
        self.names = (member, name or member)
        self.classes = classes
        self.fallback = fallback

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Tell pydantic how to choose."""
        choices = {value: handler.generate_schema(cls) for value, cls in self.classes.items()}
        fallback = handler.generate_schema(self.fallback)
        return core_schema.tagged_union_schema({**choices, _OTHER: fallback}, self._tag)

    def _tag(self, value: object) -> str | None:
        if isinstance(value, dict):
            members = cast("dict[str, object]", value)
            tag = next((members[n] for n in self.names if n in members), None)
            return tag if isinstance(tag, str) and tag in self.classes else _OTHER
        known = (tag for tag, cls in self.classes.items() if type(value) is cls)
        return next(known, _OTHER if isinstance(value, self.fallback) else None)


_OTHER = "\0other"
