"""Where a contract says a fact of a source: the fact's name tells.

A fact is called `<operation>.<side>.<members> <fact>`: `create.request.referenceId maxLength`. The side is `request`,
`response` (of success) or the status of an error; which operation is meant says the fact `create operation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from tallystick.lint.pointed import Pointed, Unplaced
from tallystick.load import Json, is_number
from tallystick.load.pointer import get, join, split
from tallystick.resolve.grammar import METHODS


def alike(said: Json, wanted: Json) -> bool:
    """Say whether two values are the same, names in the same order; the source's placeholders stand for any value."""
    if wanted == "<number>":
        return is_number(said)
    if wanted == "<string>":
        return isinstance(said, str)
    if isinstance(said, dict) and isinstance(wanted, dict):
        return list(said) == list(wanted) and all(alike(said[k], wanted[k]) for k in wanted)
    if isinstance(said, list) and isinstance(wanted, list):
        return all(alike(a, b) for a, b in zip_longest(said, wanted, fillvalue="<missing>"))
    return type(said) is type(wanted) and said == wanted


@dataclass(frozen=True, slots=True)
class _Member:
    """A member that facts are about: pointers of its operation, of the schema that declares it and of its own."""

    operation: str
    owner: str
    schema: str
    name: str


class Facts(Pointed):
    """Finds the places of facts in a document by their names.

    `labels` maps what the facts call an operation to its method and path.
    """

    def __init__(self, document: Mapping[str, Json], labels: Mapping[str, str]) -> None:
        super().__init__(document)
        self.operations = {label: self._operation(text) for label, text in labels.items()}

    def read(self, name: str, value: Json) -> tuple[str, Json]:
        """Return the pointer of a fact and what stands there. Raises `Unplaced` when there is no such place."""
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
            if alike(said, value):  # type: ignore[arg-type]
                return pointer, said  # type: ignore[return-value]
        raise Unplaced("example")

    # -- members ----------------------------------------------------------------------------------------------------

    def _of_member(self, operation: str, side: str, members: list[str], fact: str) -> tuple[str, Json]:
        owner, here = "", join(self._media(operation, side), "schema")
        for name in members:
            owner, here = self.member(here, name)
        reading = _READINGS.get(fact.split(" ")[0])
        if reading is not None:
            return reading(self, _Member(operation, owner, here, members[-1]), fact)
        while fact.startswith("items."):
            here, fact = self.one(here, "items"), fact.removeprefix("items.")
        return self.keyword(list(self.chain(here)), fact)

    # -- facts that are no keyword of the member --------------------------------------------------------------------

    def _required(self, member: _Member, _fact: str) -> tuple[str, Json]:
        for part in self.parts(member.owner):
            if member.name in self.list_at(join(part, "required")):
                return join(part, "required"), True
        return join(member.owner, "required"), False

    def _mentions(self, member: _Member, fact: str) -> tuple[str, Json]:
        word = fact.split(" ", 1)[1]
        told = [p for p in self.chain(member.schema) if "description" in self.map_at(p)]
        fitting = [p for p in told if word in str(self.map_at(p)["description"])]
        return self.keyword(fitting or told, "description")

    def _unique(self, member: _Member, _fact: str) -> tuple[str, Json]:
        pointer = join(self._lifecycle(member.operation), "unique")
        return pointer, member.name in self.list_at(pointer)

    def _after(self, member: _Member, fact: str) -> tuple[str, Json]:
        expiry = join(self._lifecycle(member.operation), "expiry")
        if self.map_at(expiry).get("at") != member.name:
            raise Unplaced(fact)
        return self.keyword([expiry], fact.split(" ")[1])

    def _companion(self, member: _Member, _fact: str) -> tuple[str, Json]:
        pointer = join(member.owner, "dependentRequired", member.name)
        return join(pointer, 0), next(iter(self.list_at(pointer)), None)

    def _companion_of(self, member: _Member, fact: str) -> tuple[str, Json]:
        companions = join(member.owner, "dependentRequired")
        for other in self.map_at(companions):
            if member.name in self.list_at(join(companions, other)):
                return join(companions, other), other
        raise Unplaced(fact)

    def _lifecycle(self, operation: str) -> str:
        name = self.map_at(operation).get("operationId")
        for resource in self.map_at("/x-lifecycle"):
            if name in self.map_at(join("/x-lifecycle", resource, "operations")):
                return join("/x-lifecycle", resource)
        raise Unplaced("lifecycle")


_Reading = Callable[[Facts, _Member, str], tuple[str, Json]]
_READINGS: Final[Mapping[str, _Reading]] = {
    "required": Facts._required,
    "mentions": Facts._mentions,
    "unique": Facts._unique,
    "after": Facts._after,
    "companion": Facts._companion,
    "companionOf": Facts._companion_of,
}
"""Fact -> how it is read. The others are keywords of the member's schema."""


def _first(names: Iterable[str]) -> str:
    for name in names:
        return name
    raise Unplaced
