"""What a schema means to a reader of Python, before any flavour: the frozen values between the stages.

Every name in here is final. A shape says what a value looks like; a definition gives a shape a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tallystick.load import Json

Direction = Literal["request", "response"]
Scalar = Literal[
    "str",
    "int",
    "float",
    "bool",
    "bytes",
    "decimal",
    "decimal-number",
    "datetime",
    "aware-datetime",
    "date",
    "time",
    "duration",
    "uuid",
]


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever JSON can say."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No value at all: the schema `false`."""


@dataclass(frozen=True, slots=True)
class Null:
    """`null` and nothing else."""


@dataclass(frozen=True, slots=True)
class Plain:
    """One scalar; `limits` are the keywords that bound it, as the engine takes them."""

    kind: Scalar
    limits: tuple[tuple[str, Json], ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values; when `open`, any other string or number may arrive too."""

    values: tuple[str | int | bool | None, ...]
    open: Literal["", "str", "int"] = ""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; `limits` bound its length."""

    item: Shape
    limits: tuple[tuple[str, Json], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """An object that is a map from any name to one shape."""

    value: Shape


@dataclass(frozen=True, slots=True)
class Row:
    """A list whose places differ: `prefixItems` of a fixed length."""

    items: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Union:
    """One of several shapes, none of them a union itself."""

    members: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A class or an alias of the package, by its final name."""

    name: str


Shape = Anything | Nothing | Null | Plain | Choice | Sequence | Table | Row | Union | Named


@dataclass(frozen=True, slots=True)
class Tagged:
    """How one member of an object tells which class it is: value of the member to class.

    What has no class of its own is read as `fallback`; the empty string stands for the package's `Unknown`.
    """

    member: str
    classes: tuple[tuple[str, str], ...]
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A member of an object: its name on the wire and in Python."""

    api_name: str
    name: str
    shape: Shape
    required: bool
    default: Json = None
    description: str = ""
    deprecated: bool = False
    sensitive: bool = False
    read_only: bool = False
    write_only: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A class. `extra` is what the contract says of members it does not list; `closed` refuses them."""

    name: str
    pointer: str
    fields: tuple[Field, ...]
    description: str = ""
    extra: Literal["open", "closed", ""] = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a shape that is no class. `tagged` is set for a union that a member decides."""

    name: str
    pointer: str
    shape: Shape
    description: str = ""
    tagged: Tagged | None = None


Definition = Record | Alias


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Every class and alias of a package by name, and the shape of every place the client asks for.

    `places` maps (pointer, direction) to a shape. Where `keyed`, objects are dicts with the names on the wire.
    """

    definitions: Mapping[str, Definition]
    places: Mapping[tuple[str, Direction], Shape] = field(repr=False)
    keyed: bool = False

    def key(self, field: Field) -> str:
        """Return by what name a member is reached in Python."""
        return field.api_name if self.keyed else field.name


def inner(shape: Shape) -> Iterator[Shape]:
    """Yield the shapes directly inside one."""
    match shape:
        case Sequence(item=item):
            yield item
        case Table(value=value):
            yield value
        case Row(items=items):
            yield from items
        case Union(members=members):
            yield from members
        case _:
            return


def walk(shape: Shape) -> Iterator[Shape]:
    """Yield a shape and everything inside it; names are not followed."""
    yield shape
    for part in inner(shape):
        yield from walk(part)


def union(members: Iterator[Shape] | list[Shape]) -> Shape:
    """Return one of several shapes as simply as it can be said: flat, each once, `null` last."""
    flat: dict[Shape, None] = {}
    for member in members:
        for part in member.members if isinstance(member, Union) else (member,):
            flat.setdefault(part)
    if Anything() in flat:
        return Anything()
    flat.pop(Nothing(), None)
    if Null() in flat:
        del flat[Null()]
        flat[Null()] = None
    shapes = tuple(flat)
    if not shapes:
        return Nothing()
    return shapes[0] if len(shapes) == 1 else Union(shapes)


def is_nullable(shape: Shape) -> bool:
    """Say whether `null` is one of the values; names are not followed, as an alias keeps its own `null`."""
    match shape:
        case Anything() | Null():
            return True
        case Choice(values=values):
            return None in values
        case Union(members=members):
            return any(is_nullable(member) for member in members)
        case _:
            return False
