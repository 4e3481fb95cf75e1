"""What every model of the API can do (pydantic)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


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
