"""Names for what is no class: values, unions, recursive lists. Each flavour reads unions in its own way."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from tallystick.emit import layout
from tallystick.emit.literals import quoted
from tallystick.emit.models.direction import mentioned
from tallystick.emit.models.expression import type_ref
from tallystick.emit.models.flavours import is_plain_union
from tallystick.emit.models.imports import Imports
from tallystick.emit.models.interface import Flavour
from tallystick.emit.models.shape import Alias, Catalogue, Choice, Named, Shape, Tagged, Union
from tallystick.names import member_name

_WIDTH = 100
_UNKNOWN = Named("Unknown")


@dataclass(frozen=True, slots=True)
class Aliases:
    """The statements that stand before the classes, and those that refer to classes and stand after them."""

    before: tuple[str, ...]
    after: tuple[str, ...]


def write(catalogue: Catalogue, flavour: Flavour, imports: Imports) -> Aliases:
    """Return the aliases of a catalogue; what they need is added to `imports`."""
    known = {d.name: d for d in catalogue.definitions.values() if isinstance(d, Alias)}
    before: list[str] = []
    after: list[str] = []
    for alias in _ordered(known):
        recursive = alias.name in _reached([alias], known)
        needs_classes = any(name not in known for name in _reached([alias], known, outside=True))
        text = _Writer(catalogue, flavour, imports).statement(alias, recursive=recursive)
        (after if needs_classes else before).append(text)
    return Aliases(tuple(before), tuple(after))


def _ordered(known: dict[str, Alias]) -> list[Alias]:
    """Return the aliases, each after those it refers to, by name otherwise."""
    order: dict[str, Alias] = {}
    opened: set[str] = set()

    def visit(name: str) -> None:
        if name not in opened:
            opened.add(name)
            for other in sorted(n for n in mentioned(known[name]) if n in known):
                visit(other)
            order[name] = known[name]

    for name in sorted(known):
        visit(name)
    return list(order.values())


def _reached(start: Iterable[Alias], known: dict[str, Alias], *, outside: bool = False) -> set[str]:
    """Return the names that aliases lead to: other aliases, and with `outside` the classes too."""
    found: set[str] = set()
    stack = [name for alias in start for name in mentioned(alias)]
    while stack:
        name = stack.pop()
        if name not in found and (name in known or outside):
            found.add(name)
            stack.extend(mentioned(known[name]) if name in known else ())
    return found


class _Writer:
    def __init__(self, catalogue: Catalogue, flavour: Flavour, imports: Imports) -> None:
        self.catalogue = catalogue
        self.flavour = flavour
        self.imports = imports

    def statement(self, alias: Alias, *, recursive: bool) -> str:
        """Return the statement that gives the alias its name, with its description below."""
        text = self._recursive(alias) if recursive else self._plain(alias)
        return f"{text}\n{docstring(alias.description)}" if alias.description else text

    def _plain(self, alias: Alias) -> str:
        self.imports.need(("typing", "TypeAlias"))
        text = f"{alias.name}: TypeAlias = {self._type(alias)}"
        return self._for_msgspec(alias, text) if self.flavour == "msgspec" else text

    def _recursive(self, alias: Alias) -> str:
        """Return an alias that contains itself, which every library has to be told in a way of its own."""
        text = self._type(alias)
        self.imports.need(("typing", "TypeAlias"))
        checked = f"{alias.name}: TypeAlias = {text!r}"
        if self.flavour == "pydantic":
            self.imports.need(("typing_extensions", "TypeAliasType"))
            return self._split(checked, alias.name, f'TypeAliasType("{alias.name}", {text!r})')
        if self.flavour == "msgspec":
            self.imports.need_runtime("later")
            return self._split(checked, alias.name, f"later(lambda: {text})")
        self.imports.need(("typing", "Annotated"), ("typing", "Any"))
        self.imports.need_runtime("Later")
        return self._split(checked, alias.name, f"Annotated[Any, Later(lambda: {text})]")

    def _split(self, checked: str, name: str, runtime: str) -> str:
        """Return what type checkers read, and what the library gets instead."""
        self.imports.need(("typing", "TYPE_CHECKING"))
        return f"if TYPE_CHECKING:\n{textwrap.indent(checked, '    ')}\nelse:\n    {name} = {runtime}"

    def _type(self, alias: Alias) -> str:
        ref = type_ref(alias.shape)
        self.imports.need(*ref.imports)
        self.imports.need_runtime(*ref.runtime)
        if alias.tagged is not None:
            return self._tagged(ref.text, alias.shape, alias.tagged)
        return ref.text if len(ref.text) <= _WIDTH else _wrapped(alias.shape, ref.text)

    def _tagged(self, text: str, shape: Shape, tag: Tagged) -> str:
        """Return a union of classes with the rule that chooses, and the class for what is not known yet."""
        if not tag.fallback:
            self.imports.need_runtime("Unknown")
            text = f"{text} | Unknown"
            shape = Union((*shape.members, _UNKNOWN)) if isinstance(shape, Union) else shape
        if self.flavour == "msgspec":
            return text if len(text) <= _WIDTH else _wrapped(shape, text)
        arguments = f"{quoted(tag.member)}, {_classes(tag)}" + (f", {tag.fallback}" if tag.fallback else "")
        if self.flavour == "pydantic" and (name := member_name(tag.member)) != tag.member:
            arguments += f", name={quoted(name)}"
        self.imports.need(("typing", "Annotated"))
        self.imports.need_runtime("Tagged")
        return f"Annotated[{text}, Tagged({arguments})]"

    def _for_msgspec(self, alias: Alias, text: str) -> str:
        """Return an alias that checkers read as a union, and msgspec as a type that knows how to choose."""
        if not isinstance(alias.shape, Union):
            return text
        if alias.tagged is None and is_plain_union(alias.shape, self.catalogue):
            return text
        members = ", ".join(type_ref(m).text for m in alias.shape.members)
        self.imports.need_runtime("one_of")
        choice = self._choice(alias.tagged) if alias.tagged else ""
        return self._split(text, alias.name, f"one_of({members}{choice})")

    def _choice(self, tag: Tagged) -> str:
        other = f", other={tag.fallback}" if tag.fallback else ""
        return f", member={quoted(tag.member)}, classes={_classes(tag)}{other}"


def _classes(tag: Tagged) -> str:
    return "{" + ", ".join(f"{quoted(value)}: {name}" for value, name in tag.classes) + "}"


def _wrapped(shape: Shape, text: str) -> str:
    """Return a long list of values, or of classes, over several lines."""
    match shape:
        case Choice(values=values, open=base):
            shown = "\n".join(layout.filled([f"{quoted(value)}," for value in values], 4))
            return f"Literal[\n{shown.removesuffix(',')}\n]" + (f" | {base}" if base else "")
        case Union(members=members):
            return "(\n    " + "\n    | ".join(type_ref(m).text for m in members) + "\n)"
        case _:
            return text


def docstring(text: str) -> str:
    """Return text as a docstring that it can't end early."""
    safe = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    safe = "".join(c if c.isprintable() or c == "\n" else " " for c in safe)
    if safe.endswith('"'):
        safe = safe[:-1] + '\\"'
    return f'"""{safe}"""' if "\n" not in safe else f'"""{safe}\n"""'
