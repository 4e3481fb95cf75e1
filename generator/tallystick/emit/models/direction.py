"""Two views of one schema where they differ: what a request may carry, and what an answer brings.

`readOnly` members are not sent, `writeOnly` members do not come back, and whatever contains such an object differs
too. The answer's view keeps the plain name whether or not it is used, so one more use of a class renames nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from tallystick.emit.models.shape import (
    Alias,
    Definition,
    Direction,
    Named,
    Record,
    Row,
    Sequence,
    Shape,
    Table,
    Tagged,
    Union,
    walk,
)

SENT = "|sent"
"""What the key of a request's view ends with."""


def mentioned(definition: Definition) -> Iterable[str]:
    """Yield the keys of the definitions that one refers to."""
    shapes = [f.shape for f in definition.fields] if isinstance(definition, Record) else [definition.shape]
    for shape in shapes:
        yield from (s.name for s in walk(shape) if isinstance(s, Named))


def split(
    definitions: Mapping[str, Definition], places: Mapping[tuple[str, Direction], Shape]
) -> tuple[dict[str, Definition], dict[tuple[str, Direction], Shape]]:
    """Return definitions and places with a request's view beside the answer's wherever the two differ."""
    two_sided = _two_sided(definitions)
    found: dict[str, Definition] = {}
    for key, definition in definitions.items():
        if key not in two_sided:
            found[key] = definition
            continue
        found[key] = _without(definition, "write_only")
        found[key + SENT] = _renamed(_without(definition, "read_only"), two_sided)
    moved = {place: _sent(shape, two_sided) if place[1] == "request" else shape for place, shape in places.items()}
    return _with_strictness(_used(found, moved, two_sided), moved), moved


def _two_sided(definitions: Mapping[str, Definition]) -> frozenset[str]:
    """Return the keys of definitions whose views differ: by a member of their own, or by what they contain."""
    users: dict[str, list[str]] = {}
    stack: list[str] = []
    for key, definition in definitions.items():
        if isinstance(definition, Record) and any(f.read_only or f.write_only for f in definition.fields):
            stack.append(key)
        for name in mentioned(definition):
            users.setdefault(name, []).append(key)
    return frozenset(_closure(stack, lambda key: users.get(key, ())))


def _without(definition: Definition, flag: str) -> Definition:
    if not isinstance(definition, Record):
        return definition
    return replace(definition, fields=tuple(f for f in definition.fields if not getattr(f, flag)))


def _renamed(definition: Definition, two_sided: frozenset[str]) -> Definition:
    """Return a definition under its request's key that refers to the requests' views."""
    name = definition.name + SENT
    if isinstance(definition, Record):
        fields = tuple(replace(f, shape=_sent(f.shape, two_sided)) for f in definition.fields)
        return replace(definition, name=name, fields=fields)
    return replace(
        definition,
        name=name,
        shape=_sent(definition.shape, two_sided),
        tagged=definition.tagged and _sent_tag(definition.tagged, two_sided),
    )


def _sent_tag(tag: Tagged, two_sided: frozenset[str]) -> Tagged:
    def moved(name: str) -> str:
        return name + SENT if name in two_sided else name

    return replace(tag, classes=tuple((v, moved(n)) for v, n in tag.classes), fallback=moved(tag.fallback))


def _sent(shape: Shape, two_sided: frozenset[str]) -> Shape:
    return rename(shape, lambda name: name + SENT if name in two_sided else name)


def rename(shape: Shape, name: Callable[[str], str]) -> Shape:
    """Return a shape with every name in it replaced."""
    match shape:
        case Named():
            return Named(name(shape.name))
        case Sequence():
            return replace(shape, item=rename(shape.item, name))
        case Table():
            return Table(rename(shape.value, name))
        case Row():
            return Row(tuple(rename(s, name) for s in shape.items))
        case Union():
            return Union(tuple(rename(s, name) for s in shape.members))
        case _:
            return shape


def reachable(definitions: Mapping[str, Definition], shapes: Iterable[Shape]) -> set[str]:
    """Return the keys of all definitions that some shapes lead to."""
    stack = [s.name for shape in shapes for s in walk(shape) if isinstance(s, Named)]
    return _closure(stack, lambda key: mentioned(definitions[key]))


def _closure(start: Iterable[str], further: Callable[[str], Iterable[str]]) -> set[str]:
    """Return the keys to begin with and all that they lead to, however far."""
    stack, found = list(start), set[str]()
    while stack:
        key = stack.pop()
        if key not in found:
            found.add(key)
            stack.extend(further(key))
    return found


def _used(
    found: dict[str, Definition], places: Mapping[tuple[str, Direction], Shape], two_sided: frozenset[str]
) -> dict[str, Definition]:
    """Leave out the view of a two-sided definition that nothing uses.

    A definition nobody uses keeps its answer's, and the answers' views of all that it mentions.
    """
    used = reachable(found, places.values())
    unused = [
        Named(key)
        for key in found
        if (key not in two_sided and not key.endswith(SENT)) or (key in two_sided and key + SENT not in used)
    ]
    kept = used | reachable(found, unused)
    return {key: definition for key, definition in found.items() if key in kept}


def _with_strictness(
    found: dict[str, Definition], places: Mapping[tuple[str, Direction], Shape]
) -> dict[str, Definition]:
    """Close the classes that are only ever sent: a member the contract does not list is a slip of the pen there."""
    sent = reachable(found, [s for (_, way), s in places.items() if way == "request"])
    read = reachable(found, [s for (_, way), s in places.items() if way == "response"])
    closed = sent - read - _tagged_from_outside(found)
    return {
        key: replace(d, closed=key in closed and d.extra != "open") if isinstance(d, Record) else d
        for key, d in found.items()
    }


def _tagged_from_outside(found: Mapping[str, Definition]) -> set[str]:
    """Return the classes that a member they do not list themselves tells apart: it must get through."""
    tags = [d.tagged for d in found.values() if isinstance(d, Alias) and d.tagged]
    return {
        name
        for tag in tags
        for _, name in tag.classes
        if isinstance(record := found[name], Record) and all(f.api_name != tag.member for f in record.fields)
    }
