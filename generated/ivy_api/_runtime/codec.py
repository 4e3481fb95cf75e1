"""The one module that meets the model library (pydantic): typed values to JSON and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from pydantic_core import ValidationError, to_jsonable_python

from .missing import MISSING


class InvalidValueError(ValueError):
    """A value does not fit its type; says where and why, not what it was."""


@cache
def _adapter(type_: Any) -> Any:
    from pydantic import TypeAdapter  # here, because it takes longer to import than all the rest

    adapter = TypeAdapter(type_)
    adapter.rebuild()  # models put it off until their first use
    return adapter


def load(type_: object, data: bytes | str, *, strict: bool = False) -> Any:
    """Read JSON as `type_`; `strict` also refuses members that the contract does not list."""
    try:
        return _adapter(type_).validator.validate_json(data, extra="forbid" if strict else None)
    except ValidationError as error:
        raise InvalidValueError(_reasons(error)) from None


def build(type_: object, value: object) -> Any:
    """Make a typed value of plain data whose members have the API's names."""
    try:
        return _adapter(type_).validate_python(value, by_alias=True, by_name=False)
    except ValidationError as error:
        raise InvalidValueError(_reasons(error)) from None


def dump(type_: object, value: object) -> bytes:
    """Write `value` as JSON after checking it; members that were never set stay out."""
    adapter = _adapter(type_)
    try:
        checked = adapter.validate_python(value, by_alias=True, by_name=True)
    except ValidationError as error:
        raise InvalidValueError(_reasons(error)) from None
    return cast("bytes", adapter.dump_json(checked, by_alias=True, exclude_unset=True))


def plain(value: object) -> Any:
    """Reduce a value to what JSON knows, for parameters and forms."""
    return to_jsonable_python(value, by_alias=True)


def _reasons(error: ValidationError) -> str:
    told = error.errors(include_url=False, include_input=False)[:5]
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'value'}: {one['msg']}" for one in told)


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON body of the given type; from a mapping, members that are `MISSING` are left out."""

    type_: object
    value: object
    media_type: str = "application/json"

    def encode(self) -> tuple[str, bytes]:
        """Give the media type and the checked JSON."""
        value = self.value
        if isinstance(value, Mapping):
            members = cast("Mapping[object, object]", value).items()
            value = {name: part for name, part in members if part is not MISSING}
        return self.media_type, dump(self.type_, value)
