"""What every model of the API can do (pydantic)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Self, TypeAlias, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, PlainSerializer
from pydantic_core import CoreSchema, core_schema

DecimalNumber: TypeAlias = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
"""An exact number that JSON writes as a number."""


class Model(BaseModel):
    """A frozen value. Members that the contract does not list are kept, in `model_extra`."""

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
        defer_build=True,
        protected_namespaces=(),
    )

    def replace(self, **changes: Any) -> Self:
        """Return a copy with these members changed, checked like a new one; what was not set stays not set."""
        known = {**vars(self), **(self.model_extra or {})}  # not by getattr, which warns of deprecated members
        known = {name: known[name] for name in self.model_fields_set}
        return type(self)(**{**known, **changes})

    __replace__ = replace

    def to_dict(self) -> dict[str, Any]:
        """Return the members that were set, by the API's names, as plain data that JSON can say."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def to_json(self) -> str:
        """Return the members that were set, by the API's names, as JSON."""
        return self.model_dump_json(by_alias=True, exclude_unset=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            field = type(self).model_fields.get(name or "")
            extra = field.json_schema_extra if field is not None else None
            yield name, "***" if value is not None and isinstance(extra, dict) and "x-sensitive" in extra else value


class RequestModel(Model):
    """A value that is only ever sent: a member that the contract does not list is refused."""

    model_config = ConfigDict(extra="forbid")


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
