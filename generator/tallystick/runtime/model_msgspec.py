"""What every model of the API can do (msgspec), and how JSON becomes one and back."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self, TypeAlias, TypeVar, cast

import msgspec

T = TypeVar("T")
AwareDatetime: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]


class DecimalNumber(Decimal):
    """An exact number that JSON writes as a number."""


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen value. A member that was not sent is `UNSET`; one that is null is `None`."""

    def replace(self, **changes: Any) -> Self:
        """Return a copy with these members changed, checked like a new one."""
        known = {name: getattr(self, name) for name in self.__struct_fields__}
        names = dict(zip(self.__struct_fields__, self.__struct_encode_fields__, strict=True))
        given = {names.get(name, name): value for name, value in {**known, **changes}.items()}
        plain = to_plain({name: value for name, value in given.items() if value is not msgspec.UNSET})
        return msgspec.convert(plain, type(self), dec_hook=_read_special)

    __replace__ = replace

    def to_dict(self) -> dict[str, Any]:
        """Return the members that were set, by the API's names, as plain data that JSON can say."""
        return cast("dict[str, Any]", to_plain(self))

    def to_json(self) -> str:
        """Return the members that were set, by the API's names, as JSON."""
        return encode(self).decode()

    def __repr__(self) -> str:
        hidden = _SENSITIVE.get(type(self), frozenset[str]())
        shown = ((name, getattr(self, name)) for name in self.__struct_fields__)
        parts = (
            f"{n}={'***' if n in hidden and v is not None else repr(v)}" for n, v in shown if v is not msgspec.UNSET
        )
        return f"{type(self).__name__}({', '.join(parts)})"


_SENSITIVE: dict[type, frozenset[str]] = {}


def describe(cls: type[Model], *, sensitive: Set[str]) -> None:
    """Note the members of a class whose values are never shown."""
    _SENSITIVE[cls] = frozenset(sensitive)


class RequestModel(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value that is only ever sent: a member that the contract does not list is refused."""


class Unknown(dict[str, Any]):
    """An object whose kind the contract did not know when this package was made; every member is kept."""


def decode(type_: type[T], data: bytes | str) -> T:
    """Read JSON as `type_`. Raises `msgspec.ValidationError` when it does not fit."""
    return msgspec.json.decode(data, type=type_, dec_hook=_read_special)


def encode(value: object) -> bytes:
    """Write a value as JSON; members that are `UNSET` stay out."""
    return msgspec.json.encode(value, enc_hook=_write_special)


def to_plain(value: object) -> Any:
    """Reduce a value to what JSON knows."""
    return msgspec.to_builtins(value, enc_hook=_write_special)


def one_of(
    *types: Any, member: str = "", classes: Mapping[str, type[Model]] | None = None, other: Any = Unknown
) -> Any:
    """Return a type whose values are of one of several types, for unions that msgspec can't tell apart.

    With `member` the classes are told apart by it, and what it does not know is `other`; else the first type that
    fits is taken.
    """
    return _OneOf("OneOf", (), {"types": types, "member": member, "classes": classes or {}, "other": other})


class _OneOf(type):
    types: tuple[Any, ...]
    member: str
    classes: Mapping[str, type[Model]]
    other: Any

    def __instancecheck__(cls, instance: object) -> bool:
        return True  # what `read` returns is of the right type already

    def read(cls, value: object) -> object:
        if cls.member and isinstance(value, dict):
            members = cast("dict[str, Any]", value)
            chosen: Any = cls.classes.get(str(members.get(cls.member)), cls.other)
            return Unknown(members) if chosen is Unknown else _convert(members, chosen)
        failures: list[str] = []
        for type_ in cls.types:
            try:
                return _convert(value, type_)
            except msgspec.ValidationError as error:
                failures.append(str(error))
        raise msgspec.ValidationError("; ".join(failures))


def _convert(value: object, type_: Any) -> object:
    return msgspec.convert(value, type_, dec_hook=_read_special)


def _read_special(type_: type, value: object) -> object:
    if isinstance(type_, _OneOf):
        return type_.read(value)
    if type_ is DecimalNumber:
        return DecimalNumber(repr(value) if isinstance(value, float) else str(value))
    raise NotImplementedError


def _write_special(value: object) -> object:
    if isinstance(value, DecimalNumber):
        return float(value)
    raise NotImplementedError
