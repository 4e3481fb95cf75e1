"""Parameters from the wire to values: styles, and text made into the type that the schema asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import cast
from urllib.parse import unquote_plus

from tallystick.contract import Schema
from tallystick.contract.model import Parameter
from tallystick.contract.validation import Validators
from tallystick.load import Json

_INTEGER = re.compile(r"-?(0|[1-9]\d{0,400})")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|", "label": "."}
_WORDS = {"true": True, "false": False}
_MAX_ALTERNATIVES = 64

Pairs = list[tuple[str, str]]


def pairs(query: str) -> Pairs:
    """Return the names and values of a query string, decoded, in order."""
    found = (piece.partition("=") for piece in query.split("&") if piece)
    return [(unquote_plus(name, errors="replace"), unquote_plus(value, errors="replace")) for name, _, value in found]


def cookies(header: str) -> Pairs:
    """Return the names and values of a `Cookie` header."""
    found = (piece.strip().partition("=") for piece in header.split(";"))
    return [(name, value.strip('"')) for name, _, value in found if name]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a schema lets a value be: all JSON types that some alternative of it allows, and its parts.

    `members` has the first alternative's schema of each member, `choices` all of them where there are several.
    """

    types: frozenset[str]
    items: Schema | None
    members: Mapping[str, Schema]
    additional: Schema | None
    choices: Mapping[str, tuple[Schema, ...]] = field(default_factory=dict)


def shape_of(schema: Schema | None) -> Shape:
    """Return what values of a schema can be, with references and alternatives followed."""
    if schema is None:
        return Shape(frozenset(("string",)), None, {}, None)
    types: set[str] = set()
    items: Schema | None = None
    additional: Schema | None = None
    found: dict[str, dict[str, Schema]] = {}
    for part in _alternatives(schema):
        types.update(part.types or _types_of_values(part))
        items = items or part.one("items")
        additional = additional or part.one("additionalProperties")
        for name, member in part.properties.items():
            found.setdefault(name, {})[member.resolved.pointer] = member
    if found and not types:
        types.add("object")
    members = {name: next(iter(several.values())) for name, several in found.items()}
    choices = {name: tuple(several.values()) for name, several in found.items() if len(several) > 1}
    return Shape(frozenset(types), items, members, additional, choices)


def _alternatives(schema: Schema) -> Iterable[Schema]:
    stack, seen = [schema], {schema.pointer}
    while stack and len(seen) < _MAX_ALTERNATIVES:
        here = stack.pop()
        yield here
        below = [part for keyword in ("allOf", "oneOf", "anyOf") for part in here.many(keyword)]
        for part in (*([here.target] if here.target else []), *below):
            if part.pointer not in seen:
                seen.add(part.pointer)
                stack.append(part)


def _types_of_values(schema: Schema) -> set[str]:
    values = [*(schema.enum or ()), *([schema.get("const")] if "const" in schema else [])]
    names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    return {names[type(v)] for v in values if type(v) in names}


class Reader:
    """Makes text into values of the types that schemas ask for."""

    def __init__(self, validators: Validators) -> None:
        self._validators = validators
        self._shapes: dict[str, Shape] = {}

    def shape(self, schema: Schema | None) -> Shape:
        """Return what values of a schema can be, remembered."""
        if schema is None:
            return shape_of(None)
        if schema.pointer not in self._shapes:
            self._shapes[schema.pointer] = shape_of(schema)
        return self._shapes[schema.pointer]

    def scalar(self, schema: Schema | None, text: str) -> Json:
        """Return text as the value that its schema takes; as it is when no reading fits."""
        candidates = [*_readings(self.shape(schema).types, text)]
        if len(candidates) == 1 or schema is None:
            return candidates[0]
        return next((c for c in candidates if self.fits(schema, c)), candidates[0])

    def array(self, schema: Schema | None, texts: Iterable[str]) -> list[Json]:
        """Return texts as the items of an array."""
        items = self.shape(schema).items
        return [self.scalar(items, text) for text in texts]

    def object(self, schema: Schema | None, found: Iterable[tuple[str, str]]) -> dict[str, Json]:
        """Return names and texts as the members of an object; a name that is repeated makes an array."""
        shape = self.shape(schema)
        members: dict[str, Json] = {}
        for name, texts in _grouped(found).items():
            members[name] = self.member(shape, name, partial(self._texts, texts))
        return members

    def member(self, shape: Shape, name: str, read: Callable[[Schema | None], Json]) -> Json:
        """Return a member as it is read by its schema; by the first of its alternatives that takes it."""
        first: Json = None
        for number, schema in enumerate(shape.choices.get(name, ())):
            value = read(schema)
            if self.fits(schema, value):
                return value
            first = value if number == 0 else first
        return first if name in shape.choices else read(shape.members.get(name, shape.additional))

    def _texts(self, texts: list[str], schema: Schema | None) -> Json:
        shape = self.shape(schema)
        repeated = len(texts) > 1 or shape.types == {"array"}
        if repeated and texts[0][:1] == "[" and len(texts) == 1 and "object" in self.shape(shape.items).types:
            return _as_json(texts[0])  # objects in a list have no other form
        return cast("Json", self.array(schema, texts)) if repeated else self.scalar(schema, texts[0])

    def nested(self, schema: Schema | None, found: Pairs) -> Json:
        """Return `a][b` names as objects in objects; names that are all numbers, or empty, as an array."""
        groups: dict[str, Pairs] = {}
        for name, text in found:
            first, _, rest = name.partition("][")
            groups.setdefault(first, []).append((rest, text))
        shape = self.shape(schema)
        as_array = "array" in shape.types and all(n.isdecimal() or not n for n in groups)
        values: dict[str, Json] = {}
        for name, inner in groups.items():
            if as_array and not name and not any(rest for rest, _ in inner):
                return cast("Json", self.array(schema, (text for _, text in inner)))
            read = partial(self._inner, inner)
            values[name] = read(shape.items) if as_array else self.member(shape, name, read)
        return list(values.values()) if as_array else values

    def _inner(self, found: Pairs, schema: Schema | None) -> Json:
        return self.nested(schema, found) if any(name for name, _ in found) else self.scalar(schema, found[-1][1])

    def fits(self, schema: Schema, value: Json) -> bool:
        """Say whether a schema takes a value in a request."""
        return self._validators.allows(schema, value, "request")


def _readings(types: frozenset[str], text: str) -> Iterable[Json]:
    if "integer" in types and _INTEGER.fullmatch(text):
        yield int(text)
    elif "number" in types and _NUMBER.fullmatch(text):
        yield int(text) if _INTEGER.fullmatch(text) else float(text)
    if "boolean" in types and text in _WORDS:
        yield _WORDS[text]
    if "null" in types and text in ("", "null"):
        yield None
    if {"object", "array"} & types and text[:1] in ("{", "["):
        yield _as_json(text)
    yield text


def _grouped(found: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, text in found:
        groups.setdefault(name, []).append(text)
    return groups


@dataclass(frozen=True, eq=False)
class ParameterReader:
    """Reads one parameter from where it travels. `read` returns nothing when it is absent."""

    parameter: Parameter
    reader: Reader

    @cached_property
    def schema(self) -> Schema | None:
        """The schema of the value, whether it travels plainly or as a media type."""
        return self.parameter.media.schema if self.parameter.media else self.parameter.schema

    @cached_property
    def kind(self) -> str:
        """`array`, `object`, or `scalar` for everything else."""
        types = self.reader.shape(self.schema).types
        return "array" if "array" in types else "object" if "object" in types else "scalar"

    @cached_property
    def _own_names(self) -> frozenset[str]:
        return frozenset(self.reader.shape(self.schema).members)

    def from_pairs(self, found: Pairs) -> tuple[Json] | None:
        """Return the value among query parameters, form members or cookies, in a tuple of one."""
        name, exploded = self.parameter.name, self.parameter.explode
        if self.parameter.style == "deepObject":
            return self._deep(found)
        if self.kind == "object" and exploded and self.parameter.media is None:
            own = [(n, v) for n, v in found if n in self._own_names]
            return (self.reader.object(self.schema, own),) if own else None
        texts = [v for n, v in found if n == name or (self.kind == "array" and n == f"{name}[]")]
        if not texts:
            return None
        if self.kind == "array" and exploded and self.parameter.media is None:
            return (self.reader.array(self.schema, texts),)
        if self.kind == "scalar" and len({*texts}) > 1 and self.parameter.media is None:
            return (cast("Json", [self.reader.scalar(self.schema, text) for text in texts]),)  # two values aren't one
        return (self.from_text(texts[0]),)

    def from_text(self, text: str) -> Json:
        """Return the value of one text, as in a path segment or a header."""
        if self.parameter.media is not None:
            return _as_json(text) if "json" in self.parameter.media.content_type else text
        text = self._without_prefix(text)
        if self.kind == "scalar":
            return self.reader.scalar(self.schema, text)
        pieces = [p.strip() if self.parameter.location == "header" else p for p in self._split(text)]
        if self.kind == "array":
            return cast("Json", self.reader.array(self.schema, pieces))
        if self.parameter.explode:
            return self.reader.object(self.schema, [(n, v) for n, _, v in (p.partition("=") for p in pieces)])
        return self.reader.object(self.schema, zip(pieces[::2], pieces[1::2], strict=False))

    def _split(self, text: str) -> list[str]:
        if text == "":
            return []
        style = self.parameter.style
        if style == "matrix":
            separator = f";{self.parameter.name}=" if self.parameter.explode and self.kind == "array" else ","
            separator = ";" if self.parameter.explode and self.kind == "object" else separator
        else:
            separator = "," if style == "label" and not self.parameter.explode else _SEPARATORS.get(style, ",")
        return text.split(separator)

    def _without_prefix(self, text: str) -> str:
        if self.parameter.style == "label":
            return text.removeprefix(".")
        if self.parameter.style == "matrix":
            exploded_object = self.kind == "object" and self.parameter.explode
            return text.removeprefix(";" if exploded_object else f";{self.parameter.name}=")
        return text

    def _deep(self, found: Pairs) -> tuple[Json] | None:
        prefix = f"{self.parameter.name}["
        own = [(n[len(prefix) : -1], v) for n, v in found if n.startswith(prefix) and n.endswith("]")]
        if not own:
            return None
        if any("][" in name for name, _ in own):
            return (self.reader.nested(self.schema, own),)
        return (self.reader.object(self.schema, own),)


def _as_json(text: str) -> Json:
    try:
        return cast("Json", json.loads(text))
    except (ValueError, RecursionError):
        return text
