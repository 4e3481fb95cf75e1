"""The one module that meets the model library (pydantic): typed values to JSON and back."""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from pydantic_core import ValidationError, to_jsonable_python


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
    return _checked(_adapter(type_).validator.validate_json, data, extra="forbid" if strict else None)


def build(type_: object, value: object) -> Any:
    """Make a typed value of plain data whose members have the API's names."""
    return _checked(_adapter(type_).validate_python, value, by_alias=True, by_name=False)


def dump(type_: object, value: object) -> bytes:
    """Write `value` as JSON after checking it; members that were never set stay out."""
    adapter = _adapter(type_)
    checked = _checked(adapter.validate_python, value, by_alias=True, by_name=True)
    return cast("bytes", adapter.dump_json(checked, by_alias=True, exclude_unset=True))


def plain(value: object) -> Any:
    """Reduce a value to what JSON knows, for parameters and forms."""
    return to_jsonable_python(value, by_alias=True)


def _checked(check: Callable[..., Any], value: object, **how: Any) -> Any:
    try:
        return check(value, **how)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)[:5]
        reasons = (f"{'.'.join(map(str, one['loc'])) or 'value'}: {one['msg']}" for one in told)
        raise InvalidValueError("; ".join(reasons)) from None
