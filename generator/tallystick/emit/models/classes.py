"""Classes of a catalogue to text: what reads alike is written by the engine once, part by part, side by side.

No class needs another to be written, so neither the parts nor the order show in the text. Small parts also keep the
engine's memory small.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice

from tallystick.emit.models import engine
from tallystick.emit.models.document import MARK, Node, document, nodes
from tallystick.emit.models.interface import Flavour
from tallystick.emit.models.processes import side_by_side
from tallystick.emit.models.shape import Catalogue, Record

_FIRST, _PART = 8, 160  # classes
_BLOCK = re.compile(r"^(?:@.*\n)*(?:class (\w+)\b|(\w+) = TypedDict\()", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Classes:
    """The imports that classes need, as Python text, and the text of each class by its name."""

    imports: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Body:
    """A class as the engine reads it, under the name of the first that reads so."""

    name: str
    node: Node
    base: str
    aliases: Mapping[str, str]


def write(catalogue: Catalogue, flavour: Flavour, limited: frozenset[str]) -> Classes:
    """Return the classes of a catalogue. Those in `limited` check the limits of values."""
    bodies: dict[str, _Body] = {}
    first: dict[str, str] = {}
    for name, node in nodes(catalogue, limited).items():
        record = catalogue.definitions[name]
        assert isinstance(record, Record)
        body = _Body(name, node, _base(record, flavour), _aliases(record, flavour))
        first[name] = bodies.setdefault(json.dumps((node, body.base, body.aliases)), body).name
    texts = side_by_side(partial(_written, flavour=flavour), list(_parts(iter(bodies.values()))))
    written = {name: block for text in texts for name, block in _blocks(text)}
    return Classes(
        "\n".join(_head(text) for text in texts),
        {name: _renamed(written[other], other, name) for name, other in first.items()},
    )


def _parts(bodies: Iterator[_Body]) -> Iterator[list[_Body]]:
    """Yield the bodies in parts, the first of them small: it is done while nothing else is."""
    if part := list(islice(bodies, _FIRST)):
        yield part
    while part := list(islice(bodies, _PART)):
        yield part


def _written(part: list[_Body], flavour: Flavour) -> str:
    text = engine.run(
        document({body.name: body.node for body in part}),
        flavour,
        aliases={f"{body.name}.{member}": name for body in part for member, name in body.aliases.items()},
        bases={body.name: body.base for body in part if body.base},
    )
    return re.sub(rf"(?<=\w){MARK}", "", text)


def _base(record: Record, flavour: Flavour) -> str:
    return f"{engine.RUNTIME}.RequestModel" if record.closed and flavour != "typeddict" else ""


def _aliases(record: Record, flavour: Flavour) -> dict[str, str]:
    """Return member -> Python name, for the members whose name in Python is another."""
    if flavour == "typeddict":
        return {}
    return {field.api_name: field.name for field in record.fields if field.name != field.api_name}


def _head(text: str) -> str:
    """Return what stands before the first class."""
    return text[: found.start()] if (found := _BLOCK.search(text)) else text


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of each class. Nothing inside of one begins in the first column but brackets."""
    found = list(_BLOCK.finditer(text))
    for here, following in zip(found, [*found[1:], None], strict=True):
        end = following.start() if following else len(text)
        yield here[1] or here[2], text[here.start() : end].strip("\n")


def _renamed(block: str, name: str, wanted: str) -> str:
    """Return a class under another name, which stands in its first line, and in a call once more."""
    if name == wanted:
        return block
    header = rf"^((?:@.*\n)*)(class )?{name}\b( = TypedDict\(\s*[\"']{name}\b)?"
    return re.sub(header, partial(_swap, name, wanted), block, count=1)


def _swap(name: str, wanted: str, found: re.Match[str]) -> str:
    return found[1] + found[0][len(found[1]) :].replace(name, wanted)
