"""What the engine is given to write: sheets, each of which it takes for a class.

Most hold members of many classes, each once however many classes have it, and once for several that differ in nothing
but their names: of a large document's members, a third. Where a member could change how others are written, its class
has a sheet of its own, in a part of such classes alone.
"""

from __future__ import annotations

import json
import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tallystick.emit.models import engine
from tallystick.emit.models.document import MARK, Node, class_node, member_node, words
from tallystick.emit.models.interface import Flavour
from tallystick.emit.models.shape import Catalogue, Field, Record

_BUILT_IN = frozenset(("bool", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"))
_WIDTH, _PART = 20, 20  # members on a sheet, sheets in a part


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the engine reads it. Equal ones are written alike in all classes."""

    wire: str
    name: str
    schema: str
    required: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A class for the engine. `aliases` are names on the wire -> names in Python, where these differ.

    A `whole` class has docstrings, members that are shared have not; no part has both.
    """

    name: str
    node: Node
    bases: tuple[str, ...]
    aliases: Mapping[str, str]
    whole: bool = False


Shared = tuple[Sheet, Sequence[Member]]
"""A sheet of members that are called differently, and these members."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the classes of a catalogue are written.

    `members` says of which members a class is made, `frames` how it begins; a class that is in neither is written
    whole. `shared` are the sheets of members, `parts` all sheets as the engine reads them run by run. What is in
    `alike` is on none: it differs from another in its name, which is no longer than that of the other.
    """

    members: Mapping[str, Sequence[Member]]
    frames: Mapping[str, Sheet]
    alike: Mapping[Member, Member]
    shared: Sequence[Shared]
    parts: Sequence[Sequence[Sheet]]


def plan(catalogue: Catalogue, flavour: Flavour, limited: frozenset[str]) -> Plan:
    """Return how the classes of a catalogue are written. Those in `limited` check the limits of values."""
    members: dict[str, list[Member]] = {}
    frames: dict[str, Sheet] = {}
    wholes: dict[frozenset[str], list[Sheet]] = {}
    for record in catalogue.definitions.values():
        if not isinstance(record, Record):
            continue
        limits = record.name in limited
        bases = tuple(f"{engine.RUNTIME}.{name}" for name in _bases(record, flavour))
        names = {f.api_name: f.api_name if flavour == "typeddict" else f.name for f in record.fields}
        if all(map(_is_harmless, names.values())):
            frames[record.name] = Sheet(f"Frame{MARK}{len(''.join(bases))}", {"type": "object"}, bases, {})
            members[record.name] = [
                _member(f, names[f.api_name], _words_in_type(f, catalogue, flavour), limits=limits)
                for f in ordered(record, flavour)
            ]
        else:
            node = class_node(record, catalogue, limits=limits)
            hidden = frozenset(filter(_is_type, names.values()))
            wholes.setdefault(hidden, []).append(Sheet(record.name, node, bases, _aliases(names), whole=True))
    first = {frame.name: frame for frame in frames.values()}
    alike = _alike(dict.fromkeys(member for some in members.values() for member in some))
    own = [member for member, other in alike.items() if member is other]
    together = shared(own, next((frame.bases for frame in first.values()), ()))
    several = [list(first.values()), [sheet for sheet, _ in together], *wholes.values()]
    different = {member: other for member, other in alike.items() if member is not other}
    return Plan(members, frames, different, together, [part for some in several for part in parts(some)])


def parts(sheets: Sequence[Sheet]) -> list[Sequence[Sheet]]:
    """Return sheets as the engine reads them run by run."""
    return [sheets[start : start + _PART] for start in range(0, len(sheets), _PART)]


def _bases(record: Record, flavour: Flavour) -> list[str]:
    """Return the classes of the runtime that a class is made of, none if it is the usual one."""
    hides = flavour == "pydantic" and any(field.sensitive for field in record.fields)
    closed = record.closed and flavour != "typeddict"
    return ["SensitiveModel"] * hides + ["RequestModel"] * closed


def ordered(record: Record, flavour: Flavour) -> tuple[Field, ...]:
    """Return the members of a class in the order it has them: dataclasses begin with those that must be there."""
    if flavour not in ("dataclass", "msgspec"):
        return record.fields
    return tuple(sorted(record.fields, key=lambda field: not field.required))


def _is_harmless(name: str) -> bool:
    """Say whether a member of this name leaves alone how the others of its class are written.

    Where one is called as a type, the type goes by another name in all of the class; a TypedDict with a key that is
    no name is written as a call.
    """
    return name.isidentifier() and not (name.startswith("_") or keyword.iskeyword(name) or _is_type(name))


def _is_type(name: str) -> bool:
    return name in _BUILT_IN or engine.knows(name)


def _words_in_type(field: Field, catalogue: Catalogue, flavour: Flavour) -> str:
    """Return the words that the type of a member holds, besides its docstring."""
    return words(field, catalogue) if flavour == "msgspec" else ""


def _member(field: Field, name: str, text: str, *, limits: bool) -> Member:
    return Member(field.api_name, name, json.dumps(member_node(field, limits=limits, text=text)), field.required)


def _alike(members: Iterable[Member]) -> dict[Member, Member]:
    """Return each member with the one of the longest name that differs in nothing but the name, or with itself."""
    longest: dict[tuple[str, ...], Member] = {}
    keys = {m: (m.schema, str(m.required), *(() if m.name == m.wire else (m.name, m.wire))) for m in members}
    for member, key in keys.items():
        if key not in longest or len(longest[key].name) < len(member.name):
            longest[key] = member
    return {member: longest[key] for member, key in keys.items()}


def shared(members: Iterable[Member], bases: tuple[str, ...] = ()) -> list[Shared]:
    """Return sheets of members that are called differently: all that are the first of their name, the second, ..."""
    count: dict[str, int] = {}
    rounds: dict[int, list[Member]] = {}
    for member in members:
        number = count[member.name] = count.get(member.name, 0) + 1
        rounds.setdefault(number, []).append(member)
    every = [some[start : start + _WIDTH] for some in rounds.values() for start in range(0, len(some), _WIDTH)]
    return [(_sheet(f"Members{MARK}{number}", some, bases), some) for number, some in enumerate(every)]


def _sheet(name: str, members: Sequence[Member], bases: tuple[str, ...]) -> Sheet:
    node: Node = {"type": "object", "properties": {m.wire: json.loads(m.schema) for m in members}}
    node["required"] = [m.wire for m in members if m.required]
    return Sheet(name, node, bases, _aliases({m.wire: m.name for m in members}))


def _aliases(names: Mapping[str, str]) -> dict[str, str]:
    return {wire: name for wire, name in names.items() if name != wire}
