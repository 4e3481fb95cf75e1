"""What every model of the API can do (msgspec)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeAlias, TypeVar, cast, get_args

import msgspec

T = TypeVar("T")
AwareDatetime: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
_PLACE = re.compile(r" - at `(?:key in )?\$([^`]*)`$")
_SENSITIVE: dict[type, Set[str]] = {}

if TYPE_CHECKING:
    DecimalNumber: TypeAlias = Decimal
else:

    class DecimalNumber(Decimal):
        """An exact number that JSON writes as a number."""


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen value, checked when it is sent or read. A member that was not sent is `UNSET`; null is `None`.

    Members that the contract does not list are not kept: msgspec has no place for them.
    """

    def replace(self, **changes: Any) -> Self:
        """Return a copy with these members changed, checked like a new one; what was not set stays not set."""
        return _checked(msgspec.structs.replace(self, **changes))

    def __replace__(self, /, **changes: Any) -> Self:
        return self.replace(**changes)

    def to_dict(self) -> dict[str, Any]:
        """Return the members that were set, by the API's names, as plain data that JSON can say.

        Raises `ValueError` if one does not fit.
        """
        return cast("dict[str, Any]", to_plain(_checked(self)))

    def to_json(self) -> str:
        """Return the members that were set, by the API's names, as JSON. Raises `ValueError` if one does not fit."""
        return encode(_checked(self)).decode()

    def __repr__(self) -> str:
        hidden = _SENSITIVE.get(type(self), frozenset[str]())
        shown = ((name, getattr(self, name)) for name in self.__struct_fields__)
        parts = (
            f"{n}={'***' if n in hidden and v is not None else repr(v)}" for n, v in shown if v is not msgspec.UNSET
        )
        return f"{type(self).__name__}({', '.join(parts)})"


class RequestModel(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value that is only ever sent: a member that the contract does not list is refused."""


class Unknown(dict[str, Any]):
    """An object whose kind the contract did not know when this package was made; every member is kept."""


def describe(cls: type[Model], *, sensitive: Set[str]) -> None:
    """Note the members of a class whose values are never shown."""
    _SENSITIVE[cls] = sensitive


def encode(value: object) -> bytes:
    """Write a value as JSON; members that are `UNSET` stay out."""
    return msgspec.json.encode(value, enc_hook=write_special)


def to_plain(value: object) -> Any:
    """Reduce a value to what JSON knows."""
    return msgspec.json.decode(encode(value))


def _checked(value: T) -> T:
    return msgspec.convert(to_plain(value), type(value), dec_hook=read_special)


def one_of(*types: Any, member: str = "", classes: Mapping[str, Any] | None = None, other: Any = Unknown) -> Any:
    """Return a type whose values are of one of several types, for unions that msgspec can't tell apart.

    With `member` the classes are told apart by it, and what it does not know is `other`; else the class that knows
    most of an object's members is tried first, and other types one after the other.
    """
    return _OneOf("OneOf", (), {"given": types, "member": member, "classes": classes or {}, "other": other})


def later(type_: Callable[[], Any]) -> Any:
    """Return a type that contains itself, looked up when it is first needed."""
    return _Later("Later", (), {"given": type_})


class _OneOf(type):
    given: tuple[Any, ...]
    member: str
    classes: Mapping[str, Any]
    other: Any

    def __instancecheck__(cls, instance: object) -> bool:
        return True  # what `read` returns is of the right type already

    def read(cls, value: object) -> object:
        if cls.member and isinstance(value, dict):
            members = cast("dict[str, Any]", value)
            tag = members.get(cls.member)
            chosen = cls.classes.get(tag, cls.other) if isinstance(tag, str) else cls.other
            return Unknown(members) if chosen is Unknown else _convert(members, chosen)
        failures: dict[str, None] = {}
        for type_ in sorted(cls.given, key=lambda type_: -_known(type_, value)):
            try:
                return _convert(value, type_)
            except msgspec.ValidationError as error:
                failures[reason(error)] = None
        raise msgspec.ValidationError(" or ".join(failures))


class _Later(_OneOf):
    given: Any

    def read(cls, value: object) -> object:
        return _convert(value, readable(cls.given()))


@cache
def readable(type_: Any) -> Any:
    """Return a type that msgspec can read: a union of classes, which it can't tell apart, as `one_of`."""
    if type_ is object:
        return Any
    try:
        msgspec.json.Decoder(type_, dec_hook=read_special)
    except TypeError:
        return one_of(*get_args(type_))
    return type_


def reason(error: Exception) -> str:
    """Say where first, as other flavours do, then why, and leave out what the value was."""
    said, place = str(error), ""
    while found := _PLACE.search(said):
        said, place = said[: found.start()], place + found[1]
    if said.startswith("Invalid enum value "):
        said = "not one of the listed values"
    return f"{place.replace('[', '.').replace(']', '').lstrip('.') or 'value'}: {said}"


def _known(type_: Any, value: object) -> int:
    if not isinstance(value, dict) or not (isinstance(type_, type) and issubclass(type_, msgspec.Struct)):
        return 0
    return len(cast("dict[str, object]", value).keys() & {*type_.__struct_encode_fields__})


def _convert(value: object, type_: Any) -> object:
    return msgspec.convert(value, type_, dec_hook=read_special)


def read_special(type_: type, value: object) -> object:
    """Read what msgspec does not know itself, as its `dec_hook`."""
    if isinstance(type_, _OneOf):
        try:
            return type_.read(value)
        except msgspec.ValidationError as error:
            raise ValueError(*error.args) from None  # msgspec adds the place to this one only
    if type_ is DecimalNumber:
        try:
            return DecimalNumber(repr(value) if isinstance(value, float) else str(value))
        except ArithmeticError:
            raise ValueError("Expected a number") from None
    raise NotImplementedError


def write_special(value: object) -> object:
    """Write what msgspec does not know itself, as its `enc_hook`."""
    if isinstance(value, DecimalNumber):
        return float(value)
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    if isinstance(value, Sequence):
        return list(cast("Sequence[object]", value))
    raise NotImplementedError
