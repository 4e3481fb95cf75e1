"""Contract to shapes: every schema read once, every class and alias found, names settled at the end.

Schemas written inline become definitions of their own here, so that the engine never has to make up a name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from tallystick.contract import Contract, Schema
from tallystick.emit.models import members
from tallystick.emit.models.naming import Namer, component_names
from tallystick.emit.models.patterns import is_checkable
from tallystick.emit.models.polymorphy import Family, families
from tallystick.emit.models.shape import (
    Alias,
    Anything,
    Choice,
    Definition,
    Named,
    Nothing,
    Null,
    Plain,
    Row,
    Scalar,
    Sequence,
    Shape,
    Table,
    Tagged,
    Union,
    union,
)
from tallystick.emit.models.view import LIMITS, Part, Parts, View, constrains, flatten, reach, view
from tallystick.load import Json

_FORMATS: dict[str, Scalar] = {
    "date-time": "datetime",
    "date": "date",
    "time": "time",
    "duration": "duration",
    "uuid": "uuid",
    "decimal": "decimal",
    "binary": "bytes",
}
_TEXT_LIMITS = ("minLength", "maxLength", "pattern")
_NUMBER_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_TYPES_BY_KEYWORD = (
    ("object", ("members", "patterns", "additional")),
    ("array", ("items", "prefix")),
)


class Survey:
    """Reads schemas on demand. Definitions are known by key until `names` settles what they are called."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.components = component_names(list(contract.schemas))
        self.namer = Namer(contract, self.components)
        self.families: dict[str, Family] = families(contract)
        self.definitions: dict[str, Definition] = {}
        self.wanted: dict[str, tuple[str, str]] = {}  # key -> (name it would like, pointer)
        self.unchecked: dict[str, str] = {}  # pointer -> pattern that models can't check
        self.discriminated: dict[str, Schema] = {}
        self._views: dict[str, View] = {}
        self._shapes: dict[str, Shape] = {}
        self._open: dict[str, bool] = {}  # key of an unfinished shape -> whether it was met again
        self._pending: deque[tuple[str, Parts, View]] = deque()

    def place(self, schema: Schema) -> Shape:
        """Return the shape of the schema at one place, with all the definitions it needs."""
        shape = self.shape((Part(schema),))
        while self._pending:
            key, parts, seen = self._pending.popleft()
            self.definitions[key] = members.record(self, key, parts, seen)
        return shape

    def view(self, parts: Parts) -> View:
        """Return all that a conjunction of schemas says. It is shared, so it must stay as it is."""
        parts = _simplest(parts)
        return self._view(_key(parts), parts)

    def _view(self, key: str, parts: Parts) -> View:
        if key not in self._views:
            self._views[key] = view(parts)
        return self._views[key]

    # -- one schema -----------------------------------------------------------------------------------------------

    def shape(self, parts: Parts) -> Shape:
        """Return the shape of a conjunction of schemas."""
        parts = _simplest(parts)
        if len(parts) == 1 and not parts[0].bare:
            component = parts[0].schema.component
            if component in self.families:
                return self._family(component, self.families[component])
        return self._known(parts)

    def _known(self, parts: Parts) -> Shape:
        key = _key(parts)
        if key in self._shapes:
            return self._shapes[key]
        if key in self._open:
            self._open[key] = True
            return Named(key)
        self._open[key] = False
        shape = self._settle(key, parts, self._read(key, parts))
        self._shapes[key] = shape
        return shape

    def _settle(self, key: str, parts: Parts, shape: Shape) -> Shape:
        """Give a name to what deserves one: a component's enum or union, a union of classes, what is recursive."""
        met_again = self._open.pop(key)
        if isinstance(shape, Named) and shape.name == key:
            return shape
        null = isinstance(shape, Union) and Null() in shape.members
        rest = union([m for m in shape.members if m != Null()]) if isinstance(shape, Union) else shape
        component = len(parts) == 1 and parts[0].schema.component is not None
        if not (met_again or (component and _worth_a_name(rest)) or _joins_classes(rest)):
            return shape
        name = Named(key)
        if name in _inside(rest) and not met_again:
            return shape
        self.want(key, parts)
        own = shape if met_again else rest  # what contains itself may contain its null too
        self.definitions[key] = Alias(key, parts[-1].schema.pointer, own, parts[-1].schema.text("description"))
        return union([name, Null()]) if null and not met_again else name

    def want(self, key: str, parts: Parts, name: str = "") -> None:
        """Note what the definition with this key would like to be called."""
        pointer = parts[-1].schema.pointer
        component = parts[-1].schema.component
        if not name and len(parts) > 1 and component is not None:  # a component as it is in another's union
            name = "".join(self.namer.wanted(p.schema.pointer) for p in (parts[0], parts[-1]))
        self.wanted[key] = (name or self.namer.wanted(pointer), pointer)

    def _family(self, component: str, family: Family) -> Shape:
        """Return the alias for a class that stands for those derived from it."""
        base = self.contract.schemas[component]
        key = base.pointer + "|family"
        if key not in self.wanted:
            self.want(key, (Part(base),), f"Any{self.components[component]}")
            fallback = self._known((Part(base, bare=True),))
            classes = {value: self._known((Part(child),)) for value, child in family.children}
            tags = tuple((value, c.name) for value, c in classes.items() if isinstance(c, Named))
            members_ = union([c for c in (*classes.values(), fallback) if isinstance(c, Named)])
            tagged = Tagged(family.member, tags, fallback.name if isinstance(fallback, Named) else "")
            text = base.text("description")
            self.definitions[key] = Alias(key, base.pointer, members_, text, tagged)
        return Named(key)

    def _read(self, key: str, parts: Parts) -> Shape:
        seen = self._view(key, parts)
        if seen.impossible:
            return Nothing()
        if seen.enum is not None:
            return _choice(seen, seen.enum)
        if seen.alternatives:
            if seen.discriminator is not None:
                self.discriminated[key] = seen.discriminator
            found = self._alternatives(parts, seen)
            if found is not None:
                return found
        types = seen.types or _implied_types(seen)
        if types is None:
            return Anything()
        return union([self._typed(t, key, parts, seen) for t in types])

    # -- alternatives ---------------------------------------------------------------------------------------------

    def _alternatives(self, parts: Parts, seen: View) -> Shape | None:
        """Return the union that `oneOf` or `anyOf` says, `None` when it only narrows what stands beside."""
        part, _, branches = seen.alternatives[0]
        branches = tuple(b for b in branches if constrains(b))
        if not branches:
            return None
        rest = _without_alternatives(parts, part)
        beside = view(rest)
        beside_says = bool(beside.members or beside.items or beside.patterns or beside.alternatives)
        shapes = [self.shape((*rest, Part(b)) if beside_says else (Part(b),)) for b in branches]
        found = union(shapes)
        if seen.types and "null" in seen.types and "object" not in seen.types:
            found = union([found, Null()])
        return _merge_choices(found, is_open=seen.open)

    # -- one type -------------------------------------------------------------------------------------------------

    def _typed(self, type_: str, key: str, parts: Parts, seen: View) -> Shape:
        match type_:
            case "null":
                return Null()
            case "boolean":
                return Plain("bool")
            case "integer":
                return Plain("int", _limits(seen, _NUMBER_LIMITS))
            case "number":
                return Plain(_number(seen), _limits(seen, _NUMBER_LIMITS))
            case "string":
                return Plain(_text(seen), self._text_limits(parts, seen))
            case "array":
                return self._array(seen)
            case _:
                return self._object(key, parts, seen)

    def _text_limits(self, parts: Parts, seen: View) -> tuple[tuple[str, Json], ...]:
        pattern = seen.limits.get("pattern")
        if isinstance(pattern, str) and not is_checkable(pattern):
            self.unchecked[parts[-1].schema.pointer] = pattern
            return _limits(seen, ("minLength", "maxLength"))
        return _limits(seen, _TEXT_LIMITS)

    def _array(self, seen: View) -> Shape:
        item = self.shape(tuple(seen.items)) if seen.items else Anything()
        limits = _limits(seen, ("minItems", "maxItems"))
        if not seen.prefix:
            return Sequence(item, limits)
        places = tuple(self.shape((Part(p),)) for p in seen.prefix)
        closed = item == Nothing() or seen.limits.get("maxItems") == len(places)
        if closed or (not seen.items and len(set(places)) > 1):
            return Row(places)
        return Sequence(union([*places, *([item] if seen.items else [])]), limits)

    def _object(self, key: str, parts: Parts, seen: View) -> Shape:
        closed = seen.additional is not None and seen.additional.data is False
        if seen.members or (closed and not seen.patterns):
            if key not in self.wanted:
                self.want(key, parts)
                self._pending.append((key, parts, seen))
            return Named(key)
        values = [*seen.patterns.values(), *([seen.additional] if seen.additional is not None and not closed else [])]
        return Table(union([self.shape((Part(v),)) for v in values]) if values else Anything())


def _key(parts: Parts) -> str:
    return " & ".join(p.key for p in parts)


def _simplest(parts: Iterable[Part]) -> Parts:
    return tuple({p.key: p for p in map(reach, parts)}.values())


def _without_alternatives(parts: Parts, owner: Part) -> Parts:
    """Return the parts with the one that holds the alternatives taken bare; it may stand behind `$ref`."""
    if owner in parts:
        return tuple(replace(p, bare=True) if p == owner else p for p in parts)
    return tuple(replace(p, bare=p.bare or p == owner, alone=True) for p in flatten(parts))


def _inside(shape: Shape) -> tuple[Shape, ...]:
    return shape.members if isinstance(shape, Union) else (shape,)


def _worth_a_name(shape: Shape) -> bool:
    return isinstance(shape, Union) or (isinstance(shape, Choice) and len(shape.values) > 1)


def _joins_classes(shape: Shape) -> bool:
    return isinstance(shape, Union) and sum(isinstance(m, Named) for m in shape.members) > 1


def _limits(seen: View, keywords: tuple[str, ...]) -> tuple[tuple[str, Json], ...]:
    return tuple((k, seen.limits[k]) for k in LIMITS if k in keywords and k in seen.limits)


def _number(seen: View) -> Scalar:
    step = seen.limits.get("multipleOf")
    fraction = isinstance(step, float) and not step.is_integer()
    return "decimal-number" if seen.format == "decimal" or fraction else "float"


def _text(seen: View) -> Scalar:
    return "str" if seen.encoding else _FORMATS.get(seen.format, "str")


def _implied_types(seen: View) -> tuple[str, ...] | None:
    """Return the type that keywords without `type` are about."""
    for type_, attributes in _TYPES_BY_KEYWORD:
        if any(getattr(seen, a) for a in attributes):
            return (type_,)
    if seen.format in _FORMATS or any(k in seen.limits for k in _TEXT_LIMITS):
        return ("string",)
    return ("number",) if any(k in seen.limits for k in _NUMBER_LIMITS) else None


def _choice(seen: View, values: tuple[Json, ...]) -> Shape:
    """Return what an `enum` or `const` says; values Python has no literal for leave only their type."""
    types = seen.types
    fitting = [v for v in values if types is None or v is None or _json_type(v, types)] or list(values)
    if types is not None and "null" in types:
        fitting.append(None)
    kept = list({(type(v), v): v for v in fitting if isinstance(v, (str, int, bool)) or v is None}.values())
    if len(kept) < len({repr(v) for v in fitting}):
        kinds = {type(v) for v in fitting}
        return Plain("float") if kinds <= {int, float} else Anything()
    null = None in kept
    known = tuple(v for v in kept if v is not None)
    if not known:
        return Null()
    base: Literal["str", "int"] = "int" if all(isinstance(v, int) for v in known) else "str"
    choice = Choice(known, base if seen.open else "")
    return union([choice, Null()]) if null else choice


def _json_type(value: Json, types: tuple[str, ...]) -> bool:
    match value:
        case bool():
            return "boolean" in types
        case str():
            return "string" in types
        case int():
            return "integer" in types or "number" in types
        case float():
            return "number" in types
        case _:
            return True


def _merge_choices(shape: Shape, *, is_open: bool) -> Shape:
    """Join constants into one choice, and a choice beside its own type into an open one."""
    if not isinstance(shape, Union):
        return shape
    choices = [m for m in shape.members if isinstance(m, Choice)]
    others = [m for m in shape.members if not isinstance(m, Choice)]
    if not choices:
        return shape
    values = tuple({(type(v), v): v for c in choices for v in c.values}.values())
    kind: Literal["str", "int"] = "int" if all(isinstance(v, int) for v in values) else "str"
    wider = [m for m in others if isinstance(m, Plain) and m.kind == kind]
    is_open |= bool(wider) or any(c.open for c in choices)
    return union([Choice(values, kind if is_open else ""), *(m for m in others if m not in wider)])
