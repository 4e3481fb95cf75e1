"""Where the contract says what its sources say, and whether it says the same.

A fact is called `<operation>.<side>.<members> <fact>`: `create.request.referenceId maxLength`. The side is `request`,
`response` (of success) or the status of an error; which operation is meant says the fact `create operation`. Where a
fact's name does not tell its place in the contract, the contract's `provenance.yaml` does.

Everything here is plain data in, plain data out: the bundled document, the facts by name, the places by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get, join, split
from tallystick.resolve.grammar import METHODS

_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Standing:
    """A fact of a source beside what the contract says of it.

    `pointer` is the place in the bundled document, empty when there is none; `said` is what stands there. `because`
    is the reason where the contract says something else on purpose.
    """

    fact: str
    value: Json
    pointer: str
    said: Json
    agrees: bool
    because: str = ""


def standings(
    document: Mapping[str, Json], facts: Mapping[str, Json], places: Mapping[str, Json]
) -> tuple[Standing, ...]:
    """Return how the contract stands to each fact of a source, in the source's order.

    `places` maps names of facts to `place` (a pointer) and, where the contract differs on purpose, `says` and
    `because`.
    """
    labels = {name.split(" ")[0]: text for name, text in facts.items() if name.endswith(" operation")}
    reader = _Reader(document, {label: str(text) for label, text in labels.items()})
    return tuple(_standing(reader, name, value, places.get(name)) for name, value in facts.items())


def stray(facts: Mapping[str, Json], places: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the names in `places` that are no facts of the source."""
    return tuple(name for name in places if name not in facts)


def _standing(reader: _Reader, name: str, value: Json, place: Json) -> Standing:
    wanted, because = value, ""
    try:
        if isinstance(place, dict):
            pointer = str(place["place"])
            wanted, because = place.get("says", value), str(place.get("because", ""))
            said = _said(get(reader.document, pointer), wanted)
        else:
            pointer, said = reader.read(name, value)
    except (_Unplaced, NoSuchMember):
        return Standing(name, value, "", None, agrees=False, because=because)
    return Standing(name, value, pointer, said, _agrees(name, said, wanted), because)


def _said(node: object, wanted: Json) -> Json:
    """Return what a place says; of a map its names where a list is wanted."""
    return list(node) if isinstance(node, dict) and isinstance(wanted, list) else node  # type: ignore[return-value]


def _agrees(name: str, said: Json, wanted: Json) -> bool:
    if " mentions " in name:
        return isinstance(said, str) and str(wanted) in said
    return _alike(said, wanted)


def _alike(said: Json, wanted: Json) -> bool:
    """Say whether two values are the same, names in the same order; the source's placeholders stand for any value."""
    if wanted == "<number>":
        return isinstance(said, (int, float)) and not isinstance(said, bool)
    if wanted == "<string>":
        return isinstance(said, str)
    if isinstance(said, dict) and isinstance(wanted, dict):
        return list(said) == list(wanted) and all(_alike(said[k], wanted[k]) for k in wanted)
    if isinstance(said, list) and isinstance(wanted, list):
        return all(_alike(a, b) for a, b in zip_longest(said, wanted, fillvalue="<missing>"))
    return type(said) is type(wanted) and said == wanted


class _Unplaced(Exception):
    """The contract has no place for a fact."""


class _Reader:
    """Finds the places of facts in a document by their names."""

    def __init__(self, document: Mapping[str, Json], labels: Mapping[str, str]) -> None:
        self.document = document
        self.operations = {label: self._operation(text) for label, text in labels.items()}

    def read(self, name: str, value: Json) -> tuple[str, Json]:
        """Return the pointer of a fact and what stands there."""
        address, fact = name.split(" ", 1)
        label, *rest = address.split(".")
        operation = self.operations.get(label)
        if operation is None:
            raise _Unplaced(name)
        if not rest:
            return self._of_document(fact, operation, value)
        side, *members = rest
        if side == "security":
            return self._security(operation, fact)
        if members:
            return self._of_member(operation, side, members, fact)
        return self._of_body(operation, side, fact, value)

    # -- operations -------------------------------------------------------------------------------------------------

    def _operation(self, text: str) -> str | None:
        """Return the pointer of an operation by method and path; the source may leave out the path's beginning."""
        method, path = text.split(" ")
        for known, item in self._map("/paths").items():
            if (
                known.endswith(path)
                and method.lower() in METHODS
                and isinstance(item, dict)
                and method.lower() in item
            ):
                return join("/paths", known, method.lower())
        return None

    def _of_document(self, fact: str, operation: str, value: Json) -> tuple[str, Json]:
        if fact == "operation":
            return operation, value
        if fact == "server":
            addresses = sorted({str(self._map(place).get("url")) for place in self._items("/servers")})
            return "/servers/0/url", ", ".join(addresses)
        raise _Unplaced(fact)

    def _security(self, operation: str, fact: str) -> tuple[str, Json]:
        pointer = join(operation, "security") if "security" in self._map(operation) else "/security"
        needs = [name for place in self._items(pointer) for name in self._map(place)]
        if not needs:
            raise _Unplaced(fact)
        if fact == "required":
            return pointer, all(self._map(place) for place in self._items(pointer))
        return self._keyword([join("/components/securitySchemes", needs[0])], fact)

    def _body(self, operation: str, side: str) -> str:
        """Return the pointer of what has the content: the request body or an answer."""
        if side == "request":
            return self._follow(join(operation, "requestBody"))
        return self._follow(join(operation, "responses", self._status(operation, side)))

    def _status(self, operation: str, side: str) -> str:
        statuses = self._map(join(operation, "responses"))
        return _first(s for s in statuses if s == side or (side == "response" and s.startswith("2")))

    def _media(self, operation: str, side: str) -> str:
        content = join(self._body(operation, side), "content")
        return join(content, _first(self._map(content)))

    def _of_body(self, operation: str, side: str, fact: str, value: Json) -> tuple[str, Json]:
        media = self._media(operation, side)
        if fact == "mediaType":
            return media, split(media)[-1]
        if fact == "status":
            status = self._status(operation, side)
            return join(operation, "responses", status), status
        if fact.startswith("example "):
            return self._example(media, value)
        schema = join(media, "schema")
        if fact == "schema":
            return join(schema, "$ref"), split(self._follow(schema))[-1]
        if fact == "memberCount":
            return join(self._follow(schema), "properties"), sum(1 for _ in self._tree(schema, 0))
        if fact == "objects":
            below = [split(p)[-1] for p in self._tree(schema, 0) if self._map(p).get("type") == "object"]
            return join(self._follow(schema), "properties"), [*dict.fromkeys(below)]
        raise _Unplaced(fact)

    def _example(self, media: str, value: Json) -> tuple[str, Json]:
        for name in self._map(join(media, "examples")):
            pointer = join(self._follow(join(media, "examples", name)), "value")
            said = get(self.document, pointer)
            if _alike(said, value):  # type: ignore[arg-type]
                return pointer, said  # type: ignore[return-value]
        raise _Unplaced("example")

    # -- members ----------------------------------------------------------------------------------------------------

    def _of_member(self, operation: str, side: str, members: list[str], fact: str) -> tuple[str, Json]:
        owner, here = "", join(self._media(operation, side), "schema")
        for name in members:
            owner, here = self._member(here, name)
        reading = _READINGS.get(fact.split(" ")[0])
        if reading is not None:
            return reading(self, operation, owner, here, members[-1], fact)
        while fact.startswith("items."):
            here, fact = self._one(here, "items"), fact.removeprefix("items.")
        return self._keyword(list(self._chain(here)), fact)

    def _member(self, pointer: str, name: str) -> tuple[str, str]:
        """Return the pointers of the schema that declares a member and of the member's own schema."""
        for part in self._parts(pointer):
            if name in self._map(join(part, "properties")):
                return part, join(part, "properties", name)
        raise _Unplaced(name)

    def _parts(self, pointer: str) -> Iterator[str]:
        """Yield a schema and all that it is made of: references, allOf, variants, and elements of an array."""
        stack, seen = [pointer], set[str]()
        while stack:
            here = stack.pop(0)
            if here in seen:
                continue
            seen.add(here)
            yield here
            node = self._map(here)
            below = [
                join(here, keyword, i) for keyword in ("allOf", "oneOf") for i in range(_length(node.get(keyword)))
            ]
            stack += [*self._target(node), *below, *([join(here, "items")] if "items" in node else [])]

    def _chain(self, pointer: str) -> Iterator[str]:
        """Yield a schema and those that its `$ref` leads to; of a union, its first variant too."""
        here: str | None = pointer
        while here is not None:
            yield here
            node = self._map(here)
            first = [join(here, "oneOf", 0)] if "oneOf" in node else []
            here = next(iter([*self._target(node), *first]), None)

    def _tree(self, pointer: str, depth: int) -> Iterator[str]:
        """Yield each member below a schema, and each object in a list, by the pointer of its schema."""
        for name in self._map(join(self._follow(pointer), "properties")) if depth < _DEEPEST else ():
            member = self._follow(join(self._follow(pointer), "properties", name))
            yield member
            yield from self._tree(member, depth + 1)
            items = self._map(member).get("items")
            element = self._follow(join(member, "items")) if items else ""
            if element and self._map(element).get("type") == "object":
                yield element
                yield from self._tree(element, depth + 1)

    def _one(self, pointer: str, keyword: str) -> str:
        return join(self._keyword(list(self._chain(pointer)), keyword)[0])

    def _keyword(self, places: list[str], keyword: str) -> tuple[str, Json]:
        """Return the first of some schemas' keyword, with its pointer."""
        for place in places:
            value = self._map(place).get(keyword, _ABSENT)
            if value is not _ABSENT:
                return join(place, keyword), value  # type: ignore[return-value]
        raise _Unplaced(keyword)

    # -- facts that are no keyword of the member --------------------------------------------------------------------

    def _required(self, _: str, owner: str, __: str, name: str, ___: str) -> tuple[str, Json]:
        for part in self._parts(owner):
            if name in self._list(join(part, "required")):
                return join(part, "required"), True
        return join(owner, "required"), False

    def _mentions(self, _: str, __: str, here: str, ___: str, fact: str) -> tuple[str, Json]:
        word = fact.split(" ", 1)[1]
        told = [p for p in self._chain(here) if "description" in self._map(p)]
        fitting = [p for p in told if word in str(self._map(p)["description"])]
        return self._keyword(fitting or told, "description")

    def _unique(self, operation: str, _: str, __: str, name: str, ___: str) -> tuple[str, Json]:
        pointer = join(self._lifecycle(operation), "unique")
        return pointer, name in self._list(pointer)

    def _after(self, operation: str, _: str, __: str, name: str, fact: str) -> tuple[str, Json]:
        expiry = join(self._lifecycle(operation), "expiry")
        if self._map(expiry).get("at") != name:
            raise _Unplaced(fact)
        return self._keyword([expiry], fact.split(" ")[1])

    def _companion(self, _: str, owner: str, __: str, name: str, ___: str) -> tuple[str, Json]:
        pointer = join(owner, "dependentRequired", name)
        return join(pointer, 0), next(iter(self._list(pointer)), None)

    def _companion_of(self, _: str, owner: str, __: str, name: str, ___: str) -> tuple[str, Json]:
        for other in self._map(join(owner, "dependentRequired")):
            if name in self._list(join(owner, "dependentRequired", other)):
                return join(owner, "dependentRequired", other), other
        raise _Unplaced(name)

    def _lifecycle(self, operation: str) -> str:
        name = self._map(operation).get("operationId")
        for resource in self._map("/x-lifecycle"):
            if name in self._map(join("/x-lifecycle", resource, "operations")):
                return join("/x-lifecycle", resource)
        raise _Unplaced("lifecycle")

    # -- plain data -------------------------------------------------------------------------------------------------

    def _node(self, pointer: str) -> object:
        try:
            return get(self.document, pointer)
        except NoSuchMember:
            return None

    def _map(self, pointer: str) -> Mapping[str, Json]:
        node = self._node(pointer)
        return node if isinstance(node, dict) else {}

    def _list(self, pointer: str) -> list[Json]:
        node = self._node(pointer)
        return node if isinstance(node, list) else []

    def _items(self, pointer: str) -> list[str]:
        return [join(pointer, index) for index in range(len(self._list(pointer)))]

    def _target(self, node: Mapping[str, Json]) -> list[str]:
        ref = node.get("$ref")
        return [ref[1:]] if isinstance(ref, str) and ref.startswith("#/") else []

    def _follow(self, pointer: str) -> str:
        """Return the pointer at the end of a chain of references; it always ends, for the document is checked."""
        for _ in range(_DEEPEST):
            following = self._target(self._map(pointer))
            if not following:
                return pointer
            pointer = following[0]
        raise _Unplaced(pointer)


_DEEPEST: Final = 32
"""How deep members are followed; a schema may contain itself."""

_Reading = Callable[[_Reader, str, str, str, str, str], tuple[str, Json]]
_READINGS: Final[Mapping[str, _Reading]] = {
    "required": _Reader._required,
    "mentions": _Reader._mentions,
    "unique": _Reader._unique,
    "after": _Reader._after,
    "companion": _Reader._companion,
    "companionOf": _Reader._companion_of,
}
"""Fact -> how it is read. The others are keywords of the member's schema."""


def _first(names: Iterable[str]) -> str:
    for name in names:
        return name
    raise _Unplaced


def _length(node: Json) -> int:
    return len(node) if isinstance(node, list) else 0
