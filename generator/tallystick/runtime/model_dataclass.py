"""What every model of the API can do (dataclasses, standard library only), and how JSON becomes one and back."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Self, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")
_NAMES: dict[type, Mapping[str, str]] = {}
_SENSITIVE: dict[type, Set[str]] = {}


class DecimalNumber(Decimal):
    """An exact number that JSON writes as a number."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Model:
    """A frozen value. A member that may be left out is `None` until it is given."""

    def __init_subclass__(cls) -> None:
        setattr(cls, "__repr__", Model.__repr__)  # noqa: B010 - the decorator would write one that shows every value

    def replace(self, **changes: Any) -> Self:
        """Return a copy with these members changed, checked like a new one."""
        names = _NAMES.get(type(self), {})
        changed = {names.get(name, name): to_plain(value) for name, value in changes.items()}
        return cast("Self", read(type(self), {**to_plain(self), **changed}))

    __replace__ = replace

    def to_dict(self) -> dict[str, Any]:
        """Return the members that were given, by the API's names, as plain data that JSON can say."""
        return cast("dict[str, Any]", to_plain(self))

    def to_json(self) -> str:
        """Return the members that were given, by the API's names, as JSON."""
        return encode(self).decode()

    def __repr__(self) -> str:
        hidden = _SENSITIVE.get(type(self), frozenset[str]())
        given = ((f.name, v) for f in dataclasses.fields(self) if (v := getattr(self, f.name)) is not None)
        shown = (f"{name}={'***' if name in hidden else repr(value)}" for name, value in given)
        return f"{type(self).__name__}({', '.join(shown)})"


@dataclass(frozen=True, kw_only=True, repr=False)
class RequestModel(Model):
    """A value that is only ever sent: a member that the contract does not list is refused."""


def describe(cls: type[Model], *, names: Mapping[str, str] | None = None, sensitive: Set[str] = frozenset()) -> None:
    """Note what the members of a class are called on the wire, and whose values are never shown."""
    _NAMES[cls] = names or {}
    _SENSITIVE[cls] = sensitive


class Unknown(dict[str, Any]):
    """An object whose kind the contract did not know when this package was made; every member is kept."""


class Tagged:
    """Chooses the class of an object by one of its members; values it does not know choose the fallback."""

    def __init__(
        self, member: str, classes: Mapping[str, type[Model]], fallback: Any = Unknown, name: str = ""
    ) -> None:
        self.member = member
        self.name = name or member
        self.classes = classes
        self.fallback = fallback

    def read(self, value: object, path: str) -> object:
        """Return an object as its class. Raises `ValueError` when it does not fit."""
        members = cast("dict[str, Any]", _expect(dict, value, path))
        chosen: Any = self.classes.get(str(members.get(self.member)), self.fallback)
        return Unknown(members) if chosen is Unknown else read(chosen, members, path)


def decode(type_: type[T], data: bytes | str) -> T:
    """Read JSON as `type_`. Raises `ValueError`, which says where, when it does not fit."""
    return cast("T", read(type_, json.loads(data, parse_float=Decimal)))


def encode(value: object) -> bytes:
    """Write a value as JSON; members that are `None` because they were not given stay out."""
    return json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":")).encode()


def to_plain(value: object) -> Any:
    """Reduce a value to what JSON knows."""
    match value:
        case Model():
            names = _NAMES.get(type(value), {})
            given = ((f, getattr(value, f.name)) for f in dataclasses.fields(value))
            return {names.get(f.name, f.name): to_plain(v) for f, v in given if v is not None or _required(f)}
        case dict():
            return {key: to_plain(item) for key, item in cast("dict[str, object]", value).items()}
        case list() | tuple():
            return [to_plain(item) for item in cast("list[object]", value)]
        case DecimalNumber():
            return float(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return f"PT{value.total_seconds():f}".rstrip("0").rstrip(".") + "S"
        case UUID() | Decimal():
            return str(value)
        case bytes():
            return value.decode()
        case _:
            return value


def read(type_: Any, value: object, path: str = "$") -> Any:
    """Return plain data as a value of `type_`. Raises `ValueError`, which says where, when it does not fit."""
    origin, arguments = get_origin(type_), get_args(type_)
    if type_ is Any:
        return value
    if origin is Annotated:
        tagged = next((a for a in arguments[1:] if isinstance(a, Tagged)), None)
        return tagged.read(value, path) if tagged is not None else read(arguments[0], value, path)
    if origin in (Union, UnionType):
        return _read_union(arguments, value, path)
    if origin is Literal:
        if not any(value == a and type(value) is type(a) for a in arguments):
            raise ValueError(f"{path}: expected one of {', '.join(map(repr, arguments))}")
        return value
    if origin is list:
        items = cast("list[object]", _expect(list, value, path))
        return [read(arguments[0], item, f"{path}[{i}]") for i, item in enumerate(items)]
    if origin is tuple:
        items = cast("list[object]", _expect(list, value, path))
        if len(items) != len(arguments):
            raise ValueError(f"{path}: expected {len(arguments)} items")
        return tuple(read(a, item, f"{path}[{i}]") for i, (a, item) in enumerate(zip(arguments, items, strict=True)))
    if origin is dict:
        members = cast("dict[str, object]", _expect(dict, value, path))
        return {key: read(arguments[1], item, f"{path}.{key}") for key, item in members.items()}
    if isinstance(type_, type) and issubclass(type_, Model):
        return _read_model(type_, cast("dict[str, object]", _expect(dict, value, path)), path)
    return _read_scalar(type_, value, path)


def _read_model(cls: type[Model], data: Mapping[str, object], path: str) -> Model:
    names, hints = _NAMES.get(cls, {}), _hints(cast("type", cls))
    fields = {names.get(f.name, f.name): f for f in dataclasses.fields(cls)}
    missing = [name for name, f in fields.items() if _required(f) and name not in data]
    unlisted = [name for name in data if name not in fields] if issubclass(cls, RequestModel) else []
    if missing or unlisted:
        raise ValueError(f"{path}: missing {missing}" if missing else f"{path}: not listed: {unlisted}")
    given = {fields[name]: value for name, value in data.items() if name in fields}
    return cls(**{f.name: read(hints[f.name], value, f"{path}.{f.name}") for f, value in given.items()})


def _read_union(types: tuple[Any, ...], value: object, path: str) -> object:
    failures: list[str] = []
    for type_ in types:
        try:
            return read(type_, value, path)
        except ValueError as failure:
            failures.append(str(failure))
    raise ValueError("; ".join(failures))


def _read_scalar(type_: Any, value: object, path: str) -> object:
    try:
        if type_ in (NoneType, None):
            return _expect(NoneType, value, path)
        if type_ is float and isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            return float(value)
        if type_ is DecimalNumber and isinstance(value, (int, float, Decimal)):
            return DecimalNumber(str(value))
        if type_ is int and isinstance(value, bool):
            raise ValueError("expected int")
        if type_ in (datetime, date, time):
            return _aware(type_.fromisoformat(_expect(str, value, path)))
        if type_ is timedelta:
            return _duration(cast("str", _expect(str, value, path)))
        if type_ in (UUID, Decimal):
            return type_(_expect(str, value, path))
        if type_ is bytes:
            return cast("str", _expect(str, value, path)).encode()
    except ArithmeticError as failure:
        raise ValueError(f"{path}: {failure}") from None
    return _expect(type_, value, path)


def _expect(type_: Any, value: object, path: str) -> Any:
    if not isinstance(value, type_):
        raise ValueError(f"{path}: expected {type_.__name__}, got {type(value).__name__}")
    return value


def _aware(value: date | time | datetime) -> object:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("expected an offset from UTC")
    return value


_DURATION = re.compile(
    r"P(?:(?P<weeks>[\d.]+)W)?(?:(?P<days>[\d.]+)D)?"
    r"(?:T(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:(?P<seconds>[\d.]+)S)?)?"
)


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError("expected a duration such as P1DT2H")
    return timedelta(**{unit: float(number) for unit, number in found.groupdict().items() if number})


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls, include_extras=True)


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
