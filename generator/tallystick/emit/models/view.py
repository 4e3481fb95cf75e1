"""One schema with all that `$ref` and `allOf` add to it, as if it had been written in one place.

A value must satisfy every part, so parts are a conjunction: types and enums intersect, members meet, the later part's
annotations win.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tallystick.contract import Schema
from tallystick.load import Json

_ANNOTATIONS = frozenset(
    (
        *(
            "$comment",
            "$schema",
            "default",
            "deprecated",
            "description",
            "example",
            "examples",
            "externalDocs",
            "nullable",
        ),
        *("readOnly", "summary", "title", "writeOnly", "xml"),
    )
)
_CONTENT = frozenset(
    (
        *("$ref", "additionalProperties", "allOf", "anyOf", "const", "discriminator", "enum", "format", "items"),
        *("maxLength", "maximum", "minLength", "minimum", "multipleOf", "oneOf", "pattern", "patternProperties"),
        *("prefixItems", "properties", "type", "contentEncoding", "contentMediaType"),
    )
)
_CONTAINERS = frozenset(("additionalProperties", "patternProperties", "items", "prefixItems"))
LIMITS = (
    *("minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "minItems", "maxItems"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One schema of a conjunction.

    `bare` leaves its `oneOf` and `anyOf` out of consideration, `alone` its `$ref` and `allOf`: they are parts too.
    """

    schema: Schema
    bare: bool = False
    alone: bool = False

    @property
    def key(self) -> str:
        """What tells it from other parts."""
        return self.schema.pointer + ("|" if self.bare else "") + ("!" if self.alone else "")


Parts = tuple[Part, ...]


@dataclass(slots=True)
class View:
    """The conjunction of some parts, keyword by keyword. Absent keywords are empty or `None`."""

    types: tuple[str, ...] | None = None
    enum: tuple[Json, ...] | None = None
    members: dict[str, list[Part]] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    additional: Schema | None = None
    patterns: dict[str, Schema] = field(default_factory=dict)
    items: list[Part] = field(default_factory=list)
    prefix: tuple[Schema, ...] = ()
    alternatives: list[tuple[Part, str, tuple[Schema, ...]]] = field(default_factory=list)
    discriminator: Schema | None = None
    limits: dict[str, Json] = field(default_factory=dict)
    format: str = ""
    encoding: str = ""
    open: bool = False
    sensitive: bool = False
    impossible: bool = False
    empty: bool = True


def reach(part: Part) -> Part:
    """Return the part behind wrappers that add nothing but annotations: a lone `$ref`, an `allOf` of one."""
    seen: set[str] = set()
    while part.schema.pointer not in seen:
        seen.add(part.schema.pointer)
        schema = part.schema
        if part.alone or not _refers(schema) or isinstance(schema.data, bool):
            break
        content = [k for k in schema.data if k in _CONTENT or k == "required"]
        if content == ["$ref"] and schema.target is not None and not _adds(schema):
            part = Part(schema.target, part.bare)
        elif content == ["allOf"] and len(schema.many("allOf")) == 1 and not _adds(schema):
            part = Part(schema.many("allOf")[0], part.bare)
        else:
            break
    return part


def _refers(schema: Schema) -> bool:
    return isinstance(schema.data, dict) and ("$ref" in schema.data or "allOf" in schema.data)


def _adds(schema: Schema) -> bool:
    return schema.get("x-open-enum") is True or schema.get("x-sensitive") is True


def flatten(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the parts with what `$ref` and `allOf` add before each, once each."""
    stack = list(reversed(list(parts)))
    if len(stack) == 1 and (stack[0].alone or not _refers(stack[0].schema)):  # as nearly always
        yield stack[0]
        return
    seen: set[str] = set()
    opened: set[str] = set()
    while stack:
        part = stack.pop()
        key = part.key
        if key in seen:
            continue
        below = [] if key in opened else _below(part)
        opened.add(key)
        if below:
            stack.append(part)
            stack.extend(reversed([b for b in below if b.key not in opened]))
            continue
        seen.add(key)
        yield part


def _below(part: Part) -> list[Part]:
    schema = part.schema
    if part.alone or not _refers(schema):
        return []
    target = schema.target
    return [*([Part(target)] if target is not None else []), *(Part(s) for s in schema.many("allOf"))]


def view(parts: Iterable[Part]) -> View:
    """Return the conjunction of the parts."""
    seen = View()
    for part in flatten(parts):
        _take(seen, part)
    return seen


def _take(seen: View, part: Part) -> None:
    schema = part.schema
    data = schema.data
    if not isinstance(data, dict):
        seen.impossible |= data is False
        return
    for keyword, value in data.items():
        if keyword in _CONTENT:
            seen.empty = False
        if keyword in LIMITS:
            seen.limits[keyword] = value
    if "type" in data:
        seen.types = _meet_types(seen.types, schema.types)
    values = (data["const"],) if "const" in data else schema.enum
    if values is not None:
        seen.enum = values if seen.enum is None else tuple(v for v in seen.enum if v in values) or values
    if "properties" in data:
        for name, member in schema.properties.items():
            seen.members.setdefault(name, []).append(Part(member))
    if "required" in data:
        seen.required |= schema.required
    if not _CONTAINERS.isdisjoint(data):
        _take_containers(seen, schema)
    if not part.bare:
        for keyword in ("oneOf", "anyOf"):
            if keyword in data:
                seen.alternatives.append((part, keyword, schema.many(keyword)))
        if isinstance(data.get("discriminator"), dict):
            seen.discriminator = schema
    seen.format = schema.text("format") or seen.format
    seen.encoding = schema.text("contentEncoding") or seen.encoding
    seen.open |= data.get("x-open-enum") is True
    seen.sensitive |= data.get("x-sensitive") is True or seen.format == "password"


def _take_containers(seen: View, schema: Schema) -> None:
    if "additionalProperties" in schema:
        seen.additional = schema.one("additionalProperties")
    if "patternProperties" in schema:
        seen.patterns |= schema.named("patternProperties")
    if (items := schema.one("items")) is not None:
        seen.items.append(Part(items))
    seen.prefix = schema.many("prefixItems") or seen.prefix


def _meet_types(known: tuple[str, ...] | None, more: tuple[str, ...]) -> tuple[str, ...] | None:
    if known is None or not more:
        return more or known
    both = tuple(t for t in known if t in more or (t == "integer" and "number" in more))
    both += tuple(t for t in more if t == "integer" and "number" in known and t not in both)
    return both or more


def constrains(schema: Schema) -> bool:
    """Say whether an alternative says anything about the shape, and not only which members must be there."""
    if not isinstance(schema.data, dict):
        return True
    return any(k in _CONTENT for k in schema.data if k != "discriminator") or not (set(schema.data) - _ANNOTATIONS)
