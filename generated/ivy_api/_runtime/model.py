"""What every model of the API can do (pydantic)."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Model(BaseModel, extra="allow", protected_namespaces=()):
    """A frozen value. Members that the contract does not list are kept, in `model_extra`."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, hide_input_in_errors=True, defer_build=True)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with these members changed, checked like a new one; what was not set stays not set."""
        known = {name: value for name, value in self if name in self.model_fields_set}
        return type(self)(**{**known, **changes})

    __replace__ = replace

    def to_dict(self) -> dict[str, Any]:
        """Return the members that were set, by the API's names, as plain data that JSON can say."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def to_json(self) -> str:
        """Return the members that were set, by the API's names, as JSON."""
        return self.model_dump_json(by_alias=True, exclude_unset=True)
