"""One attempt at a value for a schema, with choices made where the schema leaves some."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Final

from tallystick.contract import Schema
from tallystick.contract.validation import Direction
from tallystick.load import Json
from tallystick.mock.values.discriminator import discriminator, known_value
from tallystick.mock.values.text import candidates
from tallystick.mock.values.together import TYPES, Together, Unsatisfiable

_STEPS: Final = 6000
_EXPANSIONS: Final = 24
_LAST_WITH_EXAMPLES: Final = 4
_LEAN_ATTEMPT: Final = 2
_DEEP: Final = 6
"""From this depth on, `null` is preferred where it is allowed: that ends what would go on for ever."""
_DEEPEST: Final = 30
_OPTIONAL_STEPS: Final = 400
"""Optional members are left out once this many values have been built: huge schemas make small answers."""
_OPTIONAL_DEPTH: Final = 3
_LONGEST: Final = 100_000
"""Characters of the longest text that is made, whatever is asked for."""

Fits = Callable[[Schema, Json, Direction], bool]


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to meet schemas: what then holds at once, where there was a choice, and members that this way fixes."""

    atoms: tuple[Schema, ...]
    chosen: tuple[Schema, ...]
    fixed: dict[str, Json]


_Branch = tuple[list[Schema], dict[str, Json]]
"""One alternative: the schemas that it adds, and the members that tell it from the others."""


class Attempt:
    """The first attempt trusts the document and checks nothing on the way, because checking is what takes long;
    later ones check, leave out what may be left out, and try other alternatives.
    """

    def __init__(
        self, fits: Fits, direction: Direction, random: Random, number: int, *, examples: bool, optional: bool
    ) -> None:
        self._is_valid = fits
        self._checks = number > 0
        self._direction: Direction = direction
        self._random = random
        self._number = number
        self._examples = examples and number < _LAST_WITH_EXAMPLES
        self._lean = not optional or number % 3 == _LEAN_ATTEMPT
        self._steps = 0
        self._depth = 0

    def build(self, parts: tuple[Schema, ...], depth: int) -> Json:
        """Return a value that all of `parts` should take. Raises `Unsatisfiable`."""
        self._count()
        if depth > _DEEPEST:
            raise Unsatisfiable
        found = self._example(parts)
        if found is not None:
            return found[0]
        last: Json = None
        built = False
        self._depth = depth
        for way in islice(self._ways(list(parts), _Way((), (), {}), frozenset()), _EXPANSIONS):
            try:
                value = self._value(parts, way, depth)
            except Unsatisfiable:
                continue
            if all(self._fits(s, value) for s in way.chosen):
                return value
            last, built = value, True
        if built:
            return last
        raise Unsatisfiable

    def _count(self) -> None:
        """Count a value that is made. Raises `Unsatisfiable` when there are too many: nobody asks for that many."""
        self._steps += 1
        if self._steps > _STEPS:
            raise Unsatisfiable

    def _fits(self, schema: Schema, value: Json) -> bool:
        return not self._checks or self._is_valid(schema, value, self._direction)

    def _example(self, parts: tuple[Schema, ...]) -> tuple[Json] | None:
        if not self._examples:
            return None
        for part in parts:
            for atom in part.parts():
                given = [*atom.examples, *([atom.get("default")] if "default" in atom else [])]
                for value in given:
                    if value is not None and all(self._fits(p, value) for p in parts):
                        return (deepcopy(value),)
        return None

    # -- choices ------------------------------------------------------------------------------------------------

    def _ways(self, open_: list[Schema], way: _Way, seen: frozenset[str]) -> Iterator[_Way]:
        """Yield the ways to meet all of `open_` on top of what a way meets already."""
        open_, atoms, fixed = [*open_], [*way.atoms], way.fixed
        while open_:
            here = open_.pop()
            if here.pointer in seen:
                continue
            seen |= {here.pointer}
            if here.data is False:
                return
            atoms.append(here)
            if self._number < _LAST_WITH_EXAMPLES and "discriminator" in here:
                fixed = {**known_value(here, seen), **fixed}
            open_ += [*([here.target] if here.target is not None else []), *here.many("allOf")]
            alternatives = self._alternatives(here)
            if alternatives:
                for branch, members in alternatives:
                    taken = _Way(tuple(atoms), (*way.chosen, here), {**fixed, **members})
                    yield from self._ways([*open_, *branch], taken, seen)
                return
        yield _Way(tuple(atoms), way.chosen, fixed)

    def _alternatives(self, schema: Schema) -> list[_Branch]:
        """Return the ways in which a schema's own alternatives can be met, most natural first."""
        groups = [self._branches(schema, b) for keyword in ("oneOf", "anyOf") if (b := schema.many(keyword))]
        condition = schema.one("if")
        if condition is not None:
            met: _Branch = ([condition, *([t] if (t := schema.one("then")) is not None else [])], {})
            unmet: _Branch = ([e] if (e := schema.one("else")) is not None else [], {})
            groups.append([unmet, met] if self._number % 2 else [met, unmet])
        combined = groups[0] if groups else []
        for group in groups[1:]:
            combined = [([*a, *b], {**m, **n}) for a, m in combined for b, n in group][:_EXPANSIONS]
        return combined

    def _branches(self, schema: Schema, branches: tuple[Schema, ...]) -> list[_Branch]:
        ordered = list(branches)
        if self._number > _LEAN_ATTEMPT:
            self._random.shuffle(ordered)
        deep = self._depth > _DEEP
        ordered.sort(key=lambda b: (b.types == ("null",)) is not deep)
        told = discriminator(schema, branches)
        values = [(b, told.value_for(b) if told is not None else None) for b in ordered]
        return [([b], {told.member: value} if told is not None and value is not None else {}) for b, value in values]

    # -- values -------------------------------------------------------------------------------------------------

    def _value(self, parts: tuple[Schema, ...], way: _Way, depth: int) -> Json:
        found = self._example((*parts, *way.atoms)) or self._listed((*parts, *way.atoms))
        if found is not None:
            return found[0]
        asked = Together(way.atoms, self._direction)
        match self._type(asked, depth):
            case "object":
                return self._object(asked, way.fixed, depth)
            case "array":
                return self._array(asked, depth)
            case "string":
                return self._string(asked)
            case "integer":
                return asked.number(self._wanted(), whole=True)
            case "number":
                return asked.number(self._wanted(), whole=False)
            case "boolean":
                return bool(self._random.getrandbits(1)) if self._number else True
            case _:
                return None

    def _listed(self, schemas: tuple[Schema, ...]) -> tuple[Json] | None:
        """Return one of the values under `const` or `enum`, in a tuple of one; `None` when there is no such list."""
        values: list[Json] = []
        for schema in schemas:
            values += [schema.get("const")] if "const" in schema else list(schema.enum or ())
        if not values:
            return None
        if not self._examples:
            self._random.shuffle(values)
        for value in sorted(values, key=lambda v: v is None):
            if all(self._fits(s, value) for s in schemas):
                return (deepcopy(value),)
        return (values[0],)

    def _type(self, asked: Together, depth: int) -> str:
        allowed = asked.types()
        if len(allowed) == len(TYPES):
            return asked.likely_type()
        if depth > _DEEP and "null" in allowed:
            return "null"
        return self._random.choice(allowed) if self._number > 3 and len(allowed) > 1 else allowed[0]

    def _wanted(self) -> Decimal:
        return Decimal(1 if self._number == 0 else self._random.randrange(1, 1000))

    def _string(self, asked: Together) -> str:
        found = candidates(
            self._random,
            form=next(iter(asked.texts("format")), ""),
            patterns=asked.texts("pattern"),
            shortest=min(asked.least("minLength"), _LONGEST),
            longest=asked.most("maxLength"),
        )
        plain = [a for a in asked.atoms if not a.many("oneOf") and not a.many("anyOf") and a.ref is None]
        text = ""
        for text in found:
            if all(self._is_valid(a, text, self._direction) for a in plain):
                break
        return text

    # -- objects ------------------------------------------------------------------------------------------------

    def _object(self, asked: Together, fixed: dict[str, Json], depth: int) -> Json:
        declared, required = [*asked.members], asked.required()
        most = asked.most("maxProperties")
        value: dict[str, Json] = {}
        order = [*declared, *sorted(required - asked.members.keys())]
        while order:
            name = order.pop(0)
            room = most is None or len(value) < most
            if name in value or not (name in required or (room and self._wants(name, asked, depth))):
                continue
            try:
                value[name] = fixed[name] if name in fixed else self.build(asked.member(name), depth + 1)
            except Unsatisfiable:
                if name in required:
                    raise
                continue
            dependent, more = asked.brought_by(name)
            asked = asked.and_(*more) if more else asked
            order += sorted(dependent - required)
            required |= dependent
        value.update({name: v for name, v in fixed.items() if name in declared or name in required})
        self._fill(value, [n for n in declared if n not in value and not asked.stays(n)], asked, depth)
        return value

    def _wants(self, name: str, asked: Together, depth: int) -> bool:
        if self._lean or self._steps > _OPTIONAL_STEPS or depth >= _OPTIONAL_DEPTH:
            return False
        return not asked.stays(name) and not asked.deprecated(name)

    def _fill(self, value: dict[str, Json], more: list[str], asked: Together, depth: int) -> None:
        """Add members until there are enough, declared ones first."""
        least = asked.least("minProperties")
        names = iter([*more, *(self._new_names(asked) if least > len(value) + len(more) else [])])
        while len(value) < least:
            name = next(names, None)
            if name is None:
                raise Unsatisfiable
            if name not in value:
                try:
                    value[name] = self.build(asked.member(name), depth + 1)
                except Unsatisfiable:
                    continue

    def _new_names(self, asked: Together) -> Iterator[str]:
        rules = [part for rule in asked.each("propertyNames") for part in rule.parts()]
        patterns = [p for a in asked.atoms for p in a.named("patternProperties")]
        for number in range(1, 200):
            if rules:
                yield self._string(Together(rules, self._direction))
            elif patterns:
                yield next(candidates(self._random, form="", patterns=patterns, shortest=0, longest=None))
            else:
                yield f"member{number}"

    # -- arrays -------------------------------------------------------------------------------------------------

    def _array(self, asked: Together, depth: int) -> Json:
        least, most, contains = asked.least("minItems"), asked.most("maxItems"), asked.contained()
        wanted = 0 if depth > _OPTIONAL_DEPTH or self._lean or self._steps > _OPTIONAL_STEPS else 1
        count = max(least, wanted, len(contains), *(len(a.many("prefixItems")) for a in asked.atoms), 0)
        distinct = any(a.get("uniqueItems") is True for a in asked.atoms)
        values: list[Json] = []
        for index in range(count if most is None else min(count, most)):
            parts = (*contains[index : index + 1], *asked.item(index))
            try:
                values.append(self._item(parts, index, values if distinct else [], depth))
            except Unsatisfiable:
                if len(values) < least:
                    raise
                break
        return values

    def _item(self, parts: tuple[Schema, ...], index: int, taken: Sequence[Json], depth: int) -> Json:
        examples = self._examples
        if not parts:
            self._count()
        try:
            for _ in range(20):
                value = self.build(parts, depth + 1) if parts else f"item {index + 1}"
                if value not in taken:
                    return value
                self._examples, self._number = False, self._number or 4
        finally:
            self._examples = examples
        raise Unsatisfiable
