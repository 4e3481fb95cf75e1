"""A schema as it is compared: references followed, what stands beside them laid over, nullable wrappers taken off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tallystick.contract import Schema
from tallystick.load import Json
from tallystick.load.pointer import join

_ANNOTATIONS = frozenset(
    ("title", "description", "deprecated", "readOnly", "writeOnly", "default", "example", "examples", "externalDocs")
)
_MEANINGLESS = frozenset((*_ANNOTATIONS, "$comment", "$anchor", "$dynamicAnchor", "$id", "$schema", "$defs", "xml"))
_CHOICES = ("oneOf", "anyOf")


@dataclass(frozen=True, eq=False)
class View:
    """The keywords that apply at one place, each knowing the schema it stands in.

    `base` is the schema that the keywords come from unless `over` has them. `layers` are all schemas that apply, the
    outermost first, `base` last; the `allOf` of `opened` is seen through. `wrapped` says that the schema stood in a
    choice between itself and null, `stripped` names the choice whose null is left out as `wrapped` tells it.
    """

    base: Schema
    data: Mapping[str, Json]
    over: Mapping[str, Schema]
    ref: str | None = None
    wrapped: bool = False
    layers: tuple[Schema, ...] = ()
    opened: Schema | None = None
    stripped: str = ""

    def __contains__(self, keyword: str) -> bool:
        return keyword in self.data

    def get(self, keyword: str, default: Json = None) -> Json:
        """Return the value of a keyword as it stands there."""
        return self.data.get(keyword, default)

    def holder(self, keyword: str) -> Schema:
        """Return the schema object that a keyword stands in."""
        return self.over.get(keyword, self.base)

    def pointer(self, keyword: str = "") -> str:
        """Return the place of a keyword, that of the schema for one that is not there."""
        if keyword and keyword in self.data:
            return join(self.holder(keyword).pointer, keyword)
        return self.base.pointer

    def one(self, keyword: str) -> Schema | None:
        """Return the schema that a keyword holds."""
        return self.holder(keyword).one(keyword) if keyword in self.data else None

    def many(self, keyword: str) -> tuple[Schema, ...]:
        """Return the schemas that a keyword lists; for `allOf` those of all layers, as all must be satisfied."""
        if keyword == "allOf":
            return tuple(part for layer in self.layers if layer is not self.opened for part in layer.many(keyword))
        parts = self.holder(keyword).many(keyword) if keyword in self.data else ()
        return tuple(part for part in parts if not _only_null(part)) if keyword == self.stripped else parts

    def named(self, keyword: str) -> dict[str, Schema]:
        """Return the schemas that a keyword names in any layer, the outermost first to say what a name means."""
        return {name: schema for layer in reversed(self.layers) for name, schema in layer.named(keyword).items()}

    @property
    def types(self) -> tuple[str, ...]:
        """The allowed types without null, sorted."""
        types = self.get("type")
        names = [types] if isinstance(types, str) else types if isinstance(types, list) else []
        return tuple(sorted({n for n in names if isinstance(n, str) and n != "null"}))

    @property
    def null(self) -> bool | None:
        """Whether null is allowed, `None` where neither types nor values say."""
        types = self.get("type")
        if self.wrapped or (isinstance(types, list) and "null" in types) or types == "null":
            return True
        if types is not None:
            return False
        listed = self.get("enum") if "enum" in self.data else [self.get("const")] if "const" in self.data else None
        return None in listed if isinstance(listed, list) else None

    @property
    def required(self) -> tuple[str, ...]:
        """The names of members that any layer requires, in the document's order."""
        listed = [names for layer in self.layers if isinstance(names := layer.get("required"), list)]
        return tuple(dict.fromkeys(n for names in listed for n in names if isinstance(n, str)))

    @cached_property
    def composed_members(self) -> Mapping[str, Schema]:
        """The members that any layer describes, itself or in its `allOf`."""
        return {name: schema for layer in reversed(self.layers) for name, schema in layer.members().items()}

    @cached_property
    def composed_required(self) -> frozenset[str]:
        """The names that any layer requires, itself or in its `allOf`."""
        return frozenset(name for layer in self.layers for name in layer.required_members())

    def flag(self, keyword: str) -> bool:
        """Return whether a boolean keyword is true."""
        return self.get(keyword) is True


def view(schema: Schema) -> View:
    """Return how a schema is compared. A circle of references gives the schema as it stands."""
    over: dict[str, Schema] = {}
    here, ref, wrapped, seen = schema, None, False, {schema.pointer}
    layers: list[Schema] = []
    while True:
        following = here.target
        if following is None:
            following = _payload(here)
            if following is None:
                break
            wrapped = True
        if following.pointer in seen:
            break
        if here.ref is not None and ref is None:
            ref = here.ref
        for keyword in _keywords(here):
            if keyword not in ("$ref", "anyOf", "oneOf") or (keyword != "$ref" and here.ref is not None):
                over.setdefault(keyword, here)
        seen.add(following.pointer)
        layers.append(here)
        here = following
    data = {**_keywords(here), **{keyword: holder.get(keyword) for keyword, holder in over.items()}}
    return View(here, data, over, ref, wrapped, (*layers, here))


def views(old: Schema, new: Schema) -> tuple[View, View]:
    """Return two schemas as they are compared with each other.

    `allOf` with one schema in it and words beside it says the same as that schema, which 3.0 can't write otherwise;
    it is taken off where the other side has no `allOf`. So is one with more beside it, or opposite to an `allOf`,
    where the other side refers to the very same schema. A choice of one is treated likewise.
    """
    before, after = view(old), view(new)
    before, after = _stripped(before, after), _stripped(after, before)
    return _bare(before, after), _bare(after, before)


def _stripped(shown: View, other: View) -> View:
    """Return a choice of several with null among them as what may be null, where the other side says it so."""
    if other.null and not shown.null:
        for keyword in ("anyOf", "oneOf"):
            if any(_only_null(part) for part in shown.many(keyword)):
                return replace(shown, wrapped=True, stripped=keyword)
    return shown


def _bare(shown: View, other: View) -> View:
    for keyword, opposites in (("allOf", ("allOf",)), ("oneOf", _CHOICES), ("anyOf", _CHOICES)):
        shown = _opened(shown, other, keyword, opposites)
    return shown


def _opened(shown: View, other: View, keyword: str, opposites: tuple[str, ...]) -> View:
    """Return what stands alone in a keyword, with what stands beside that, unless the other side has one opposite."""
    parts = shown.many(keyword)
    if len(parts) != 1:
        return shown
    inner = view(unwrapped(parts[0]))
    beside = {k: shown.holder(k) for k in shown.data if k != keyword}
    says_more = any(k not in _ANNOTATIONS and not k.startswith("x-") for k in beside)
    opposed = any(k in other for k in opposites)
    if (says_more or opposed) and (inner.ref is None or inner.ref != other.ref):
        return shown
    data = {**inner.data, **{k: shown.get(k) for k in beside}}
    wrapped, layers = shown.wrapped or inner.wrapped, (*shown.layers, *inner.layers)
    opened = shown.holder(keyword) if keyword == "allOf" else shown.opened
    return View(inner.base, data, {**inner.over, **beside}, inner.ref, wrapped, layers, opened)


def unwrapped(schema: Schema) -> Schema:
    """Return what stands alone in an `allOf` or a choice with nothing but words beside it, or in several of them."""
    while (alone := _alone(schema)) is not None:
        schema = alone
    return schema


def _alone(schema: Schema) -> Schema | None:
    demands = [k for k in _keywords(schema) if is_demand(k)]
    parts = schema.many(demands[0]) if len(demands) == 1 and demands[0] in ("allOf", *_CHOICES) else ()
    return parts[0] if len(parts) == 1 else None


def spread(schema: Schema) -> Iterator[Schema]:
    """Yield what stands in an `allOf` with nothing but words beside it, however deep; else the schema itself."""
    stack = [schema]
    while stack:
        here = stack.pop()
        if _is_all_of(here):
            stack.extend(reversed(here.many("allOf")))
        else:
            yield here


def _is_all_of(schema: Schema) -> bool:
    """Say whether a schema is an `allOf` with nothing but words beside it."""
    return "allOf" in schema and not any(is_demand(k) for k in _keywords(schema) if k != "allOf")


def demands_nothing(schema: Schema) -> bool:
    """Say whether every value satisfies a schema: it has annotations only."""
    shown = view(schema)
    return not shown.wrapped and not any(is_demand(k) for k in shown.data)


def is_demand(keyword: str) -> bool:
    """Say whether a keyword can rule values out: it is no annotation, identifier or extension."""
    return keyword not in _MEANINGLESS and not keyword.startswith("x-")


def _keywords(schema: Schema) -> Mapping[str, Json]:
    """Return the keywords of a schema; those that mean the same as `false` for that schema."""
    if isinstance(schema.data, bool):
        return {} if schema.data else {"not": {}}
    return schema.data


def _only_null(schema: Schema) -> bool:
    """Say whether null is all that a schema takes, however that is written; 3.0 has no type for it."""
    parts = schema.many("allOf")
    if schema.get("enum") == [None] or ("const" in _keywords(schema) and schema.get("const") is None):
        return True
    return schema.types == ("null",) or (len(parts) == 1 and _only_null(parts[0]))


def _payload(schema: Schema) -> Schema | None:
    """Return the other alternative of a choice that is between null and one schema, and nothing else."""
    for keyword in ("anyOf", "oneOf"):
        alternatives = schema.many(keyword)
        beside = (k for k in _keywords(schema) if k != keyword and k not in _ANNOTATIONS and not k.startswith("x-"))
        if len(alternatives) == 2 and not any(beside):
            others = [a for a in alternatives if not _only_null(a)]
            if len(others) == 1:
                return others[0]
    return None
