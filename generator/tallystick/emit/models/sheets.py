"""What the engine is given to write: sheets, each of which it takes for a class.

Most hold members of many classes, each once however many classes have it: of a large document's members, half. Where
a member could change how others are written, its class has a sheet of its own, in a part of such classes alone.
"""

from __future__ import annotations

import builtins
import json
import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tallystick.emit.models import engine
from tallystick.emit.models.document import MARK, Node, class_node, member_node, words
from tallystick.emit.models.interface import Flavour
from tallystick.emit.models.shape import Catalogue, Field, Record

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


@dataclass(frozen=True, slots=True)
class Plan:
    """How the classes of a catalogue are written.

    `members` says of which members a class is made, `frames` how it begins; a class that is in neither is written
    whole. `shared` are the sheets of members, `parts` all sheets as the engine reads them run by run.
    """

    members: Mapping[str, Sequence[Member]]
    frames: Mapping[str, Sheet]
    shared: Sequence[tuple[Sheet, Sequence[Member]]]
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
    shared = _shared(members.values(), next((frame.bases for frame in first.values()), ()))
    several = [list(first.values()), [sheet for sheet, _ in shared], *wholes.values()]
    parts = [some[start : start + _PART] for some in several for start in range(0, len(some), _PART)]
    return Plan(members, frames, shared, parts)


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
    return hasattr(builtins, name) or engine.knows(name)


def _words_in_type(field: Field, catalogue: Catalogue, flavour: Flavour) -> str:
    """Return the words that the type of a member holds, besides its docstring."""
    return words(field, catalogue) if flavour == "msgspec" else ""


def _member(field: Field, name: str, text: str, *, limits: bool) -> Member:
    return Member(field.api_name, name, json.dumps(member_node(field, limits=limits, text=text)), field.required)


def _shared(classes: Iterable[Iterable[Member]], bases: tuple[str, ...]) -> list[tuple[Sheet, Sequence[Member]]]:
    """Return sheets of members that are called differently: all that are the first of their name, the second, ..."""
    count: dict[str, int] = {}
    rounds: dict[int, list[Member]] = {}
    for member in dict.fromkeys(member for members in classes for member in members):
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
