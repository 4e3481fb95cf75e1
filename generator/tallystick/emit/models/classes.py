"""Classes of a catalogue to text: the engine writes what differs once, part by part, side by side.

Its members make classes again here, below the first lines of a class and each with its words. None needs another to
be written, so neither sheets nor parts nor their order show in the text. Small parts keep the engine's memory small.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from tallystick.emit.models import engine, sheets
from tallystick.emit.models.document import MARK, document, words
from tallystick.emit.models.interface import Flavour
from tallystick.emit.models.processes import side_by_side
from tallystick.emit.models.shape import Catalogue, Record
from tallystick.emit.models.sheets import Member, Shared, Sheet

_CLASS = re.compile(r"^(?:@.*\n)*(?:class (\w+)\b|(\w+) = TypedDict\()", re.MULTILINE)
_MEMBER = re.compile(r"^    (\w+): ", re.MULTILINE)
_MARK = re.compile(rf"(?<=\w){MARK}")
_EMPTY = "    pass"
_LAST_QUOTE = re.compile(r"(?<!\\)((?:\\\\)*)\"\Z")  # with an even number of backslashes before, so not escaped
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Classes:
    """The imports that classes need, as Python text, and the text of each class by its name."""

    imports: str
    texts: Mapping[str, str]


def write(catalogue: Catalogue, flavour: Flavour, limited: frozenset[str]) -> Classes:
    """Return the classes of a catalogue. Those in `limited` check the limits of values."""
    plan = sheets.plan(catalogue, flavour, limited)
    texts = side_by_side(partial(_written, flavour=flavour), plan.parts)
    blocks = {name: block for text in texts for name, block in _cut(_CLASS, text)}
    members = dict(_members(plan.shared, texts))
    for member, other in plan.alike.items():
        if "\n" not in members[other]:  # so a shorter name needs no other lines either
            members[member] = members[other].replace(other.name, member.name, 1)
    rest = sheets.shared([member for member in plan.alike if member not in members])
    more = side_by_side(partial(_written, flavour=flavour), sheets.parts([sheet for sheet, _ in rest]))
    members |= _members(rest, more)
    classes: dict[str, str] = {}
    for record in catalogue.definitions.values():
        if record.name in plan.members and isinstance(record, Record):
            frame = plan.frames[record.name].name
            first = blocks[frame].removesuffix(_EMPTY).replace(frame, record.name, 1)
            described = zip(sheets.ordered(record, flavour), plan.members[record.name], strict=True)
            written = [members[m] + _docstring(words(f, catalogue)) for f, m in described]
            classes[record.name] = first + _body(_docstring(record.description), written)
        elif isinstance(record, Record):
            classes[record.name] = _MARK.sub("", blocks[record.name])
    return Classes("\n".join(_head(text) for text in texts), classes)


def _members(shared: Sequence[Shared], texts: Iterable[str]) -> Iterator[tuple[Member, str]]:
    """Yield the members that are on sheets with the text of each."""
    blocks = {name: block for text in texts for name, block in _cut(_CLASS, text)}
    for sheet, some in shared:
        found = dict(_cut(_MEMBER, blocks[sheet.name]))
        yield from ((member, _MARK.sub("", found[member.name])) for member in some)


def _written(part: Sequence[Sheet], flavour: Flavour) -> str:
    return engine.run(
        document({sheet.name: sheet.node for sheet in part}),
        flavour,
        aliases={f"{sheet.name}.{member}": name for sheet in part for member, name in sheet.aliases.items()},
        bases={sheet.name: list(sheet.bases) for sheet in part if sheet.bases},
        docstrings=part[0].whole,
    )


def _head(text: str) -> str:
    """Return what stands before the first class."""
    return text[: found.start()] if (found := _CLASS.search(text)) else text


def _cut(start: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of each thing in a text that begins like `start`, as nothing inside of them does."""
    found = list(start.finditer(text))
    for here, following in zip(found, [*found[1:], None], strict=True):
        end = following.start() if following else len(text)
        yield next(filter(None, here.groups())), text[here.start() : end].strip("\n")


def _body(own: str, members: Sequence[str]) -> str:
    """Return what stands in a class below its first lines: its docstring, its members with theirs."""
    return "\n\n".join(filter(None, (own.removeprefix("\n"), "\n".join(members)))) or _EMPTY


def _docstring(text: str) -> str:
    """Return text as a docstring on lines of its own that it can't end early, empty for none."""
    if not text.strip():
        return ""
    safe = text.replace("\\", r"\\").replace('"""', r"\"\"\"").replace("\0", r"\x00")
    if "\n" not in safe and "\r" not in safe:
        safe = _LAST_QUOTE.sub(r"\1\"", safe)
        return f'\n{_INDENT}"""{safe}"""'
    lines = [f"{_INDENT}{line}".rstrip() for line in re.split("\r\n?|\n", safe)]
    return "\n".join(("", f'{_INDENT}"""', *lines, f'{_INDENT}"""'))
