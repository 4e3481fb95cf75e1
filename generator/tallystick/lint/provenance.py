"""Where the contract says what its sources say, and whether it says the same.

A fact is called `<operation>.<side>.<members> <fact>`: `create.request.referenceId maxLength`. The side is `request`,
`response` (of success) or the status of an error; which operation is meant says the fact `create operation`. Where a
fact's name does not tell its place in the contract, the contract's `provenance.yaml` does.

Everything here is plain data in, plain data out: the bundled document, the facts by name, the places by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from tallystick.lint.plain import Plain, Unplaced
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get, join, split
from tallystick.resolve.grammar import METHODS


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
    except (Unplaced, NoSuchMember):
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


class _Reader(Plain):
    """Finds the places of facts in a document by their names."""

    def __init__(self, document: Mapping[str, Json], labels: Mapping[str, str]) -> None:
        super().__init__(document)
        self.operations = {label: self._operation(text) for label, text in labels.items()}

    def read(self, name: str, value: Json) -> tuple[str, Json]:
        """Return the pointer of a fact and what stands there."""
        address, fact = name.split(" ", 1)
        label, *rest = address.split(".")
        operation = self.operations.get(label)
        if operation is None:
            raise Unplaced(name)
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
        for known, item in self.map_at("/paths").items():
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
            addresses = sorted({str(self.map_at(place).get("url")) for place in self.items_at("/servers")})
            return "/servers/0/url", ", ".join(addresses)
        raise Unplaced(fact)

    def _security(self, operation: str, fact: str) -> tuple[str, Json]:
        pointer = join(operation, "security") if "security" in self.map_at(operation) else "/security"
        needs = [name for place in self.items_at(pointer) for name in self.map_at(place)]
        if not needs:
            raise Unplaced(fact)
        if fact == "required":
            return pointer, all(self.map_at(place) for place in self.items_at(pointer))
        return self.keyword([join("/components/securitySchemes", needs[0])], fact)

    def _body(self, operation: str, side: str) -> str:
        """Return the pointer of what has the content: the request body or an answer."""
        if side == "request":
            return self.follow(join(operation, "requestBody"))
        return self.follow(join(operation, "responses", self._status(operation, side)))

    def _status(self, operation: str, side: str) -> str:
        statuses = self.map_at(join(operation, "responses"))
        return _first(s for s in statuses if s == side or (side == "response" and s.startswith("2")))

    def _media(self, operation: str, side: str) -> str:
        content = join(self._body(operation, side), "content")
        return join(content, _first(self.map_at(content)))

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
            return join(schema, "$ref"), split(self.follow(schema))[-1]
        if fact == "memberCount":
            return join(self.follow(schema), "properties"), sum(1 for _ in self.tree(schema, 0))
        if fact == "objects":
            below = [split(p)[-1] for p in self.tree(schema, 0) if self.map_at(p).get("type") == "object"]
            return join(self.follow(schema), "properties"), [*dict.fromkeys(below)]
        raise Unplaced(fact)

    def _example(self, media: str, value: Json) -> tuple[str, Json]:
        for name in self.map_at(join(media, "examples")):
            pointer = join(self.follow(join(media, "examples", name)), "value")
            said = get(self.document, pointer)
            if _alike(said, value):  # type: ignore[arg-type]
                return pointer, said  # type: ignore[return-value]
        raise Unplaced("example")

    # -- members ----------------------------------------------------------------------------------------------------

    def _of_member(self, operation: str, side: str, members: list[str], fact: str) -> tuple[str, Json]:
        owner, here = "", join(self._media(operation, side), "schema")
        for name in members:
            owner, here = self.member(here, name)
        reading = _READINGS.get(fact.split(" ")[0])
        if reading is not None:
            return reading(self, operation, owner, here, members[-1], fact)
        while fact.startswith("items."):
            here, fact = self.one(here, "items"), fact.removeprefix("items.")
        return self.keyword(list(self.chain(here)), fact)

    # -- facts that are no keyword of the member --------------------------------------------------------------------

    def _required(self, _: str, owner: str, __: str, name: str, ___: str) -> tuple[str, Json]:
        for part in self.parts(owner):
            if name in self.list_at(join(part, "required")):
                return join(part, "required"), True
        return join(owner, "required"), False

    def _mentions(self, _: str, __: str, here: str, ___: str, fact: str) -> tuple[str, Json]:
        word = fact.split(" ", 1)[1]
        told = [p for p in self.chain(here) if "description" in self.map_at(p)]
        fitting = [p for p in told if word in str(self.map_at(p)["description"])]
        return self.keyword(fitting or told, "description")

    def _unique(self, operation: str, _: str, __: str, name: str, ___: str) -> tuple[str, Json]:
        pointer = join(self._lifecycle(operation), "unique")
        return pointer, name in self.list_at(pointer)

    def _after(self, operation: str, _: str, __: str, name: str, fact: str) -> tuple[str, Json]:
        expiry = join(self._lifecycle(operation), "expiry")
        if self.map_at(expiry).get("at") != name:
            raise Unplaced(fact)
        return self.keyword([expiry], fact.split(" ")[1])

    def _companion(self, _: str, owner: str, __: str, name: str, ___: str) -> tuple[str, Json]:
        pointer = join(owner, "dependentRequired", name)
        return join(pointer, 0), next(iter(self.list_at(pointer)), None)

    def _companion_of(self, _: str, owner: str, __: str, name: str, ___: str) -> tuple[str, Json]:
        for other in self.map_at(join(owner, "dependentRequired")):
            if name in self.list_at(join(owner, "dependentRequired", other)):
                return join(owner, "dependentRequired", other), other
        raise Unplaced(name)

    def _lifecycle(self, operation: str) -> str:
        name = self.map_at(operation).get("operationId")
        for resource in self.map_at("/x-lifecycle"):
            if name in self.map_at(join("/x-lifecycle", resource, "operations")):
                return join("/x-lifecycle", resource)
        raise Unplaced("lifecycle")


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
    raise Unplaced
