"""A document as plain data: what stands at a pointer, and where references, members and parts of schemas lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get, join

_ABSENT: Final = object()
_DEEPEST: Final = 32
"""How deep members are followed; a schema may contain itself."""


class Unplaced(Exception):
    """The document has no place for what is asked."""


class Pointed:
    """Answers by pointer; where something else stands than is asked for, as if nothing did."""

    def __init__(self, document: Mapping[str, Json]) -> None:
        self.document = document

    def _node(self, pointer: str) -> object:
        try:
            return get(self.document, pointer)
        except NoSuchMember:
            return None

    def map_at(self, pointer: str) -> Mapping[str, Json]:
        """Return the object at a pointer, else an empty one."""
        node = self._node(pointer)
        return node if isinstance(node, dict) else {}

    def list_at(self, pointer: str) -> list[Json]:
        """Return the list at a pointer, else an empty one."""
        node = self._node(pointer)
        return node if isinstance(node, list) else []

    def items_at(self, pointer: str) -> list[str]:
        """Return the pointers of the items of a list."""
        return [join(pointer, index) for index in range(len(self.list_at(pointer)))]

    def _target(self, node: Mapping[str, Json]) -> list[str]:
        ref = node.get("$ref")
        return [ref[1:]] if isinstance(ref, str) and ref.startswith("#/") else []

    def follow(self, pointer: str) -> str:
        """Return the pointer at the end of a chain of references; it always ends, for the document is checked."""
        for _ in range(_DEEPEST):
            following = self._target(self.map_at(pointer))
            if not following:
                return pointer
            pointer = following[0]
        raise Unplaced(pointer)

    def member(self, pointer: str, name: str) -> tuple[str, str]:
        """Return the pointers of the schema that declares a member and of the member's own schema."""
        for part in self.parts(pointer):
            if name in self.map_at(join(part, "properties")):
                return part, join(part, "properties", name)
        raise Unplaced(name)

    def parts(self, pointer: str) -> Iterator[str]:
        """Yield a schema and all that it is made of: references, allOf, variants, and elements of an array."""
        stack, seen = [pointer], set[str]()
        while stack:
            here = stack.pop(0)
            if here in seen:
                continue
            seen.add(here)
            yield here
            node = self.map_at(here)
            below = [
                join(here, keyword, i) for keyword in ("allOf", "oneOf") for i in range(_length(node.get(keyword)))
            ]
            stack += [*self._target(node), *below, *([join(here, "items")] if "items" in node else [])]

    def chain(self, pointer: str) -> Iterator[str]:
        """Yield a schema and those that its `$ref` leads to; of a union, its first variant too."""
        here: str | None = pointer
        while here is not None:
            yield here
            node = self.map_at(here)
            first = [join(here, "oneOf", 0)] if "oneOf" in node else []
            here = next(iter([*self._target(node), *first]), None)

    def tree(self, pointer: str, depth: int) -> Iterator[str]:
        """Yield each member below a schema, and each object in a list, by the pointer of its schema."""
        for name in self.map_at(join(self.follow(pointer), "properties")) if depth < _DEEPEST else ():
            member = self.follow(join(self.follow(pointer), "properties", name))
            yield member
            yield from self.tree(member, depth + 1)
            items = self.map_at(member).get("items")
            element = self.follow(join(member, "items")) if items else ""
            if element and self.map_at(element).get("type") == "object":
                yield element
                yield from self.tree(element, depth + 1)

    def one(self, pointer: str, keyword: str) -> str:
        """Return the pointer of the first such keyword of a schema, or of one that it leads to."""
        return self.keyword(list(self.chain(pointer)), keyword)[0]

    def keyword(self, places: list[str], keyword: str) -> tuple[str, Json]:
        """Return the first of some schemas' keyword, with its pointer."""
        for place in places:
            value = self.map_at(place).get(keyword, _ABSENT)
            if value is not _ABSENT:
                return join(place, keyword), value  # type: ignore[return-value]
        raise Unplaced(keyword)


def _length(node: Json) -> int:
    return len(node) if isinstance(node, list) else 0
