"""A schema of the contract: JSON Schema 2020-12, whatever version the document is written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get, join, unescape

_COMPONENTS = "/components/schemas/"


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A view of one schema object. Two views are equal when they are of the same place.

    `data` is the schema itself (a mapping, or a boolean), `pointer` its place in the contract's document. Nothing is
    copied and references are followed only when asked, so recursive schemas are no trouble.
    """

    document: Mapping[str, Json]
    pointer: str
    data: Mapping[str, Json] | bool

    @classmethod
    def at(cls, document: Mapping[str, Json], pointer: str) -> Schema:
        """Return the schema at `pointer`. Raises `NoSuchMember` when there is none."""
        data = get(document, pointer)
        return cls(document, pointer, data if isinstance(data, (dict, bool)) else {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and (self.pointer, id(self.document)) == (
            other.pointer,
            id(other.document),
        )

    def __hash__(self) -> int:
        return hash(self.pointer)

    def __repr__(self) -> str:
        return f"Schema({self.pointer})"

    def __contains__(self, keyword: str) -> bool:
        return not isinstance(self.data, bool) and keyword in self.data

    def get(self, keyword: str, default: Json = None) -> Json:
        """Return a keyword's value as it stands in the schema, unresolved."""
        return default if isinstance(self.data, bool) else self.data.get(keyword, default)

    # -- references ---------------------------------------------------------------------------------------------

    @property
    def ref(self) -> str | None:
        """The pointer that `$ref` leads to, `None` without one."""
        ref = self.get("$ref")
        return ref[1:] if isinstance(ref, str) and ref.startswith("#") else None

    @property
    def target(self) -> Schema | None:
        """The schema that `$ref` leads to, one step, `None` without one."""
        ref = self.ref
        if ref is None:
            return None
        try:
            return Schema.at(self.document, ref)
        except NoSuchMember:
            return None

    @property
    def resolved(self) -> Schema:
        """The schema at the end of the chain of `$ref`; keywords beside them are left behind."""
        if "$ref" not in self:  # as nearly always
            return self
        here, seen = self, {self.pointer}
        while (following := here.target) is not None and following.pointer not in seen:
            seen.add(following.pointer)
            here = following
        return here

    @property
    def component(self) -> str | None:
        """Its name under `components/schemas`, `None` for a schema that is part of something else."""
        name = self.pointer.removeprefix(_COMPONENTS)
        return unescape(name) if name != self.pointer and "/" not in name else None

    # -- keywords -----------------------------------------------------------------------------------------------

    @property
    def types(self) -> tuple[str, ...]:
        """The types that `type` names, empty when there is no such keyword."""
        types = self.get("type")
        if isinstance(types, str):
            return (types,)
        return tuple(t for t in types if isinstance(t, str)) if isinstance(types, list) else ()

    @property
    def nullable(self) -> bool:
        """Whether `null` is allowed: by `type`, `enum`, `const` and by one of the alternatives; refs are followed."""
        return _allows_null(self, {})

    def child(self, *tokens: str | int) -> Schema:
        """Return the schema below this one at member names or indices."""
        data: Any = self.data
        for token in tokens:
            data = data[token]
        return Schema(self.document, join(self.pointer, *tokens), data if isinstance(data, (dict, bool)) else {})

    def one(self, keyword: str) -> Schema | None:
        """Return the schema that a keyword such as `items` or `not` holds."""
        value = self.get(keyword)
        return self.child(keyword) if isinstance(value, (dict, bool)) else None

    def many(self, keyword: str) -> tuple[Schema, ...]:
        """Return the schemas in a list keyword such as `oneOf` or `prefixItems`."""
        value = self.get(keyword)
        return tuple(self.child(keyword, i) for i in range(len(value))) if isinstance(value, list) else ()

    def named(self, keyword: str) -> dict[str, Schema]:
        """Return the schemas in a map keyword such as `properties`, in the document's order."""
        value = self.get(keyword)
        return {name: self.child(keyword, name) for name in value} if isinstance(value, dict) else {}

    @property
    def properties(self) -> dict[str, Schema]:
        """The declared members of an object; those of `allOf` and `$ref` are not looked at."""
        return self.named("properties")

    @property
    def required(self) -> frozenset[str]:
        """The names under `required`."""
        names = self.get("required")
        return frozenset(n for n in names if isinstance(n, str)) if isinstance(names, list) else frozenset()

    @property
    def enum(self) -> tuple[Json, ...] | None:
        """The listed values, `None` without `enum`."""
        values = self.get("enum")
        return tuple(values) if isinstance(values, list) else None

    def text(self, keyword: str) -> str:
        """Return a text keyword such as `description`, stripped; empty when absent."""
        value = self.get(keyword)
        return value.strip() if isinstance(value, str) else ""

    def flag(self, keyword: str) -> bool:
        """Return whether a boolean keyword such as `readOnly` is true here or in what `$ref` leads to."""
        return self.get(keyword) is True or self.resolved.get(keyword) is True

    @property
    def open_enum(self) -> bool:
        """Whether readers must survive values that are not listed (`x-open-enum`)."""
        return self.flag("x-open-enum")

    @property
    def sensitive(self) -> bool:
        """Whether the value must never reach a log or a `repr` (`x-sensitive`, or the format `password`)."""
        return self.flag("x-sensitive") or self.resolved.get("format") == "password"

    @property
    def examples(self) -> tuple[Json, ...]:
        """The values of `examples` and `example`, in this order."""
        several = self.get("examples")
        found = list(several) if isinstance(several, list) else []
        return tuple([*found, self.get("example")] if "example" in self else found)

    # -- composition --------------------------------------------------------------------------------------------

    def members(self) -> dict[str, Schema]:
        """Return the members of an object with those of `$ref` and `allOf` taken in, nearest last."""
        return dict(self._members(set()))

    def required_members(self) -> frozenset[str]:
        """Return the required names, those of `$ref` and `allOf` included."""
        return frozenset().union(*(part.required for part in self.parts()))

    def parts(self) -> Iterator[Schema]:
        """Yield this schema and all that `$ref` and `allOf` add to it, each once."""
        stack: list[Schema] = [self]
        seen = {self.pointer}
        while stack:
            here = stack.pop()
            yield here
            for part in (*([here.target] if here.target else []), *here.many("allOf")):
                if part.pointer not in seen:
                    seen.add(part.pointer)
                    stack.append(part)

    @property
    def known_types(self) -> tuple[str, ...]:
        """The types that this schema names, or else what it refers to, or a part of its `allOf`."""
        return next((part.types for part in self.parts() if part.types), ())

    def _members(self, seen: set[str]) -> Iterator[tuple[str, Schema]]:
        if self.pointer in seen:
            return
        seen.add(self.pointer)
        for part in (*([self.target] if self.target else []), *self.many("allOf")):
            yield from part._members(seen)
        yield from self.properties.items()


def _allows_null(schema: Schema, known: dict[str, bool]) -> bool:
    """Say whether `null` is allowed. `known` has the answers so far, "no" for schemas that are being looked at."""
    if schema.pointer not in known:
        known[schema.pointer] = False
        known[schema.pointer] = _nothing_forbids_null(schema, known)
    return known[schema.pointer]


def _nothing_forbids_null(schema: Schema, known: dict[str, bool]) -> bool:
    if isinstance(schema.data, bool):
        return schema.data
    if schema.target is not None and not _allows_null(schema.target, known):
        return False
    if schema.types and "null" not in schema.types:
        return False
    if schema.enum is not None and None not in schema.enum:
        return False
    if "const" in schema and schema.get("const") is not None:
        return False
    if any(not _allows_null(part, known) for part in schema.many("allOf")):
        return False
    for keyword in ("oneOf", "anyOf"):
        alternatives = schema.many(keyword)
        if alternatives and not any(_allows_null(a, known) for a in alternatives):
            return False
    constrained = ("type", "enum", "const", "$ref", "allOf", "oneOf", "anyOf")
    return any(k in schema for k in constrained)


def as_mapping(data: Json) -> Mapping[str, Json]:
    """Return `data` when it is a mapping, else an empty one: for reading documents that may be malformed."""
    return cast("Mapping[str, Json]", data) if isinstance(data, dict) else {}
