"""JSON data to values of a type and back, with the standard library alone: dataclasses and TypedDicts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NotRequired,
    Self,
    TypeAlias,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)
from uuid import UUID

from .durations import duration, duration_text
from .missing import MISSING, Missing

Reader = Callable[[object], Any]
NAMES: dict[type, Mapping[str, str]] = {}
"""What the members of a class are called on the wire, where that is not their own name."""

CLOSED: set[object] = set()
"""The classes that refuse members they do not list."""

if TYPE_CHECKING:
    DecimalNumber: TypeAlias = Decimal
else:

    class DecimalNumber(Decimal):
        """An exact number that JSON writes as a number."""


class InvalidValueError(ValueError):
    """A value does not fit its type; says where and why, not what it was."""

    def __init__(self, reason: str, *path: str) -> None:
        super().__init__(reason)
        self.reason, self.path = reason, [*path]

    def within(self, step: object) -> Self:
        """Put the error one step further down."""
        self.path.insert(0, str(step))
        return self

    def __str__(self) -> str:
        return f"{'.'.join(self.path) or 'value'}: {self.reason}"


def closed(*classes: object) -> None:
    """Note classes that refuse members they do not list."""
    CLOSED.update(classes)


class Unknown(dict[str, Any]):
    """An object whose kind the contract did not know when this package was made; every member is kept."""


class Tagged:
    """Chooses the class of an object by one of its members; values it does not know choose the fallback."""

    def __init__(self, member: str, classes: Mapping[str, object], fallback: object = Unknown) -> None:
        self.member, self.classes, self.fallback = member, classes, fallback

    def reader(self, strict: bool) -> Reader:
        """Return what reads an object as its class."""

        def read(value: object) -> Any:
            members = _object(value)
            tag = members.get(self.member)
            chosen = self.classes.get(tag, self.fallback) if isinstance(tag, str) else self.fallback
            return Unknown(members) if chosen is Unknown else reader(chosen, strict)(members)

        return read


class Later:
    """A type that contains itself: looked up when it is first needed."""

    def __init__(self, type_: Callable[[], object]) -> None:
        self.type = type_

    def reader(self, strict: bool) -> Reader:
        """Return what reads a value of the type."""
        return lambda value: reader(self.type(), strict)(value)


@cache
def reader(type_: Any, strict: bool = False) -> Reader:
    """Return what turns plain data into a value of a type, or raises `InvalidValueError`.

    `strict` refuses members that the type does not list.
    """
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is Annotated:
        special = next((a for a in arguments[1:] if isinstance(a, Tagged | Later)), None)
        return reader(arguments[0], strict) if special is None else special.reader(strict)
    if origin in (Union, UnionType):
        return _union([reader(a, strict) for a in arguments if a is not Missing])
    if origin is Literal:
        return _listed(arguments)
    if origin is list:
        return _list(reader(arguments[0], strict))
    if origin is tuple:
        return _row([reader(a, strict) for a in arguments if a != ()])
    if origin is dict:
        return _table(reader(arguments[1], strict))
    if dataclasses.is_dataclass(type_) or is_typeddict(type_):
        return Record(cast("type", type_), strict)
    return _SCALARS.get(type_, _nothing)


class Record:
    """Reads objects as one class, whose members it looks up late, as classes can contain themselves."""

    def __init__(self, cls: type[object], strict: bool) -> None:
        self.cls, self.strict = cls, strict
        self.is_closed = strict or cls in CLOSED
        self.fields = dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else None

    @cached_property
    def hints(self) -> dict[str, Any]:
        """The types of the members, by their names in Python."""
        return {n: hint for n, hint in get_type_hints(self.cls, include_extras=True).items() if n != "model_extra"}

    @cached_property
    def members(self) -> dict[str, tuple[str, Reader]]:
        """The members by their names on the wire: names in Python, and what reads them."""
        names = NAMES.get(self.cls, {})
        return {names.get(name, name): (name, reader(_bare(hint), self.strict)) for name, hint in self.hints.items()}

    @cached_property
    def required(self) -> frozenset[str]:
        """The names on the wire of the members that must be there."""
        if self.fields is None:
            return frozenset(name for name, hint in self.hints.items() if get_origin(hint) is not NotRequired)
        names = NAMES.get(self.cls, {})
        needed = (f.name for f in self.fields if f.default is f.default_factory is dataclasses.MISSING)
        return frozenset(names.get(name, name) for name in needed)

    def known(self, value: object) -> int:
        """Count the members of an object that the class lists."""
        return len(cast("dict[str, object]", value).keys() & self.members.keys()) if isinstance(value, dict) else 0

    def __call__(self, value: object) -> Any:
        """Return the value; raises `InvalidValueError`."""
        found: dict[str, Any] = {}
        more: dict[str, Any] = {}
        data, members = _object(value), self.members
        for name, item in data.items():
            if name not in members:
                more[name] = item
                continue
            own, read = members[name]
            try:
                found[own] = read(item)
            except InvalidValueError as error:
                raise error.within(name) from None
        for name in self.required - data.keys():
            raise InvalidValueError("required, but not there", name)
        if more and self.is_closed:
            raise InvalidValueError("not listed by the contract", next(iter(more)))
        if self.fields is None:
            return found | more
        made = object.__new__(self.cls)  # not called, which is slow for frozen classes; defaults are class attributes
        vars(made).update(found, model_extra=more)
        return made


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is NotRequired else hint


def _union(readers: list[Reader]) -> Reader:
    """Try the class that knows most of an object's members first, else one type after the other."""
    if len(readers) == 1:
        return readers[0]

    def read_union(value: Any) -> Any:
        chosen = sorted(readers, key=lambda read: -read.known(value) if isinstance(read, Record) else 0)
        failures: dict[str, None] = {}
        for read in chosen:
            try:
                return read(value)
            except InvalidValueError as error:
                failures[str(error)] = None
        raise InvalidValueError(" or ".join(failures))

    return read_union


def _listed(values: tuple[Any, ...]) -> Reader:
    def read(value: object) -> Any:
        if not any(value == one and type(value) is type(one) for one in values):
            raise InvalidValueError(f"expected {' or '.join(map(repr, values))}")
        return value

    return read


def _list(item: Reader) -> Reader:
    def read(value: object) -> Any:
        found: list[Any] = []
        for part in _array(value):
            try:
                found.append(item(part))
            except InvalidValueError as error:
                raise error.within(len(found)) from None
        return found

    return read


def _row(items: list[Reader]) -> Reader:
    def read(value: object) -> Any:
        parts = _array(value)
        if len(parts) != len(items):
            raise InvalidValueError(f"expected {len(items)} items, got {len(parts)}")
        found: list[Any] = []
        for item, part in zip(items, parts, strict=True):
            try:
                found.append(item(part))
            except InvalidValueError as error:
                raise error.within(len(found)) from None
        return tuple(found)

    return read


def _table(item: Reader) -> Reader:
    def read(value: object) -> Any:
        found: dict[str, Any] = {}
        for name, part in _object(value).items():
            try:
                found[name] = item(part)
            except InvalidValueError as error:
                raise error.within(name) from None
        return found

    return read


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unexpected("an object", value)
    return cast("dict[str, Any]", value)


def _array(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise _unexpected("an array", value)
    return cast("list[object]", value)


def _unexpected(expected: str, value: object) -> InvalidValueError:
    kinds: dict[type, str] = {
        bool: "a boolean",
        str: "a string",
        list: "an array",
        dict: "an object",
        NoneType: "null",
    }
    return InvalidValueError(f"expected {expected}, got {kinds.get(type(value), 'a number')}")


def _nothing(_: object) -> Any:
    raise InvalidValueError("nothing is allowed here")


def _exactly(type_: type, words: str) -> Reader:
    def read(value: object) -> Any:
        if not isinstance(value, type_) or (type_ is int and isinstance(value, bool)):
            raise _unexpected(words, value)
        return value

    return read


def _text(make: Callable[[str], Any], words: str) -> Reader:
    def read(value: object) -> Any:
        if not isinstance(value, str):
            raise _unexpected(f"a string: {words}", value)
        try:
            return make(value)
        except (ValueError, ArithmeticError):
            raise InvalidValueError(f"expected {words}") from None

    return read


def _float(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _unexpected("a number", value)
    return float(value)


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _finite(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError
    return number


def _number(value: object) -> Decimal:
    text = value if isinstance(value, str) else repr(_float(value) if isinstance(value, float) else value)
    return DecimalNumber(_text(_finite, "a number")(text))


_SCALARS: dict[Any, Reader] = {
    Any: lambda value: value,
    object: lambda value: value,
    NoneType: _exactly(NoneType, "null"),
    None: _exactly(NoneType, "null"),
    bool: _exactly(bool, "a boolean"),
    int: _exactly(int, "an integer"),
    str: _exactly(str, "a string"),
    float: _float,
    bytes: _text(str.encode, "bytes"),
    datetime: _text(_aware, "a date and time with its offset from UTC"),
    date: _text(date.fromisoformat, "a date"),
    time: _text(time.fromisoformat, "a time of day"),
    timedelta: _text(duration, "a duration such as P1DT2H"),
    UUID: _text(UUID, "a UUID"),
    Decimal: _text(_finite, "a decimal number"),
    DecimalNumber: _number,
}


def plain(value: Any) -> Any:
    """Reduce a value to what JSON knows; members that are `MISSING` stay out."""
    match value:
        case None | str() | int() | float():
            return value
        case Mapping():
            members = cast("Mapping[str, object]", value).items()
            return {name: plain(item) for name, item in members if item is not MISSING}
        case DecimalNumber():
            return float(value)
        case UUID() | Decimal():
            return str(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return duration_text(value)
        case bytes():
            return value.decode()
        case Sequence():
            return [plain(item) for item in cast("Sequence[object]", value)]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return _plain_members(value)
        case _:
            raise InvalidValueError(f"JSON has no {value.__class__.__name__}")


def _plain_members(value: Any) -> dict[str, Any]:
    names = NAMES.get(value.__class__, {})
    members: dict[str, Any] = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    more: dict[str, Any] = plain(members.pop("model_extra", {}))
    return {names.get(n, n): plain(item) for n, item in members.items() if item is not MISSING} | more
