"""Values from schemas: deterministic for a seed, valid for any schema that a value can be found for.

A value is built from the schema with choices made where it leaves some (`oneOf`, optional members), then checked.
When it is not valid, other choices are tried, a bounded number of times.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Final

from tallystick.contract import Schema
from tallystick.contract.schema import as_mapping
from tallystick.contract.validation import Direction, InvalidSchema, Validators, Violation
from tallystick.load import Json
from tallystick.mock.discriminator import Discriminator, discriminator, known_value
from tallystick.mock.text import candidates

_ATTEMPTS: Final = 12
_STEPS: Final = 6000
_EXPANSIONS: Final = 24
_LAST_WITH_EXAMPLES: Final = 4
_LEAN_ATTEMPT: Final = 2
_DEEP: Final = 6
"""From this depth on, `null` is preferred where it is allowed: that ends what would go on for ever."""
_DEEPEST: Final = 30
_FAR: Final = 10**30
"""Steps from zero beyond which no number is looked for."""
_MOST_ITEMS: Final = 1000
"""How many items an array gets at most, whatever it asks for."""
_OPTIONAL_STEPS: Final = 400
"""Optional members are left out once this many values have been built: huge schemas make small answers."""
_OPTIONAL_DEPTH: Final = 3
_NOT_TRAVELLING: Final = {"request": "readOnly", "response": "writeOnly"}
_TYPES: Final = ("object", "array", "string", "integer", "number", "boolean", "null")
_TELLING: Final = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "contains"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}


class Unsatisfiable(Exception):
    """No value was found for a schema."""


class Generator:
    """Makes values for schemas. The same seed gives the same values."""

    def __init__(self, validators: Validators) -> None:
        self.validators = validators
        self._remembered: dict[tuple[str, Direction, str, bool, bool], Json] = {}
        self._hopeless: set[str] = set()

    def value(
        self,
        schema: Schema,
        direction: Direction,
        *,
        seed: str = "",
        examples: bool = True,
        optional: bool = True,
    ) -> Json:
        """Return a valid value.

        With `examples`, those of the schemas are preferred to invented ones; without `optional`, members that need
        not be there are left out, unless it takes them to fit just one alternative. Raises `Unsatisfiable` when no
        value is found.
        """
        key = (schema.pointer, direction, seed, examples, optional)
        if schema.pointer in self._hopeless:
            raise Unsatisfiable(f"no value found for the schema at {schema.pointer}")
        if key not in self._remembered:
            if len(self._remembered) > 10_000:
                self._remembered.clear()
            self._remembered[key] = self._search(schema, direction, seed, examples=examples, optional=optional)
        return deepcopy(self._remembered[key])

    def fits(self, schema: Schema, value: Json, direction: Direction) -> bool:
        """Say whether a value is valid; a schema that can't be compiled takes everything."""
        try:
            return self.validators.is_valid(schema, value, direction)
        except InvalidSchema:
            return True

    def tells_apart(self, schema: Schema, direction: Direction) -> bool:
        """Say whether a value is found that fits just one alternative of a `oneOf`: where none is, any will do."""
        try:
            return self.fits(schema, self.value(schema, direction), direction)
        except Unsatisfiable:
            return False

    def _search(self, schema: Schema, direction: Direction, seed: str, *, examples: bool, optional: bool) -> Json:
        ambiguous: tuple[Json] | None = None
        for attempt in range(_ATTEMPTS):
            random = Random(f"{seed}:{attempt}")  # noqa: S311  # repeatable, not secret
            more = optional or ambiguous is not None  # which may tell alternatives apart
            run = _Run(self, direction, random, attempt, examples=examples, optional=more)
            try:
                value = run.build((schema,), 0)
            except Unsatisfiable:
                continue
            if self.fits(schema, value, direction):
                return value
            if ambiguous is None and self.nearly_fits(schema, value, direction):
                ambiguous = (value,)
        if ambiguous is not None:
            return ambiguous[0]
        self._hopeless.add(schema.pointer)
        raise Unsatisfiable(f"no value found for the schema at {schema.pointer}")

    def nearly_fits(self, schema: Schema, value: Json, direction: Direction) -> bool:
        """Say whether a value is valid but for alternatives of which it fits several."""
        try:
            return all(is_ambiguous(v) for v in self.validators.violations(schema, value, direction))
        except InvalidSchema:
            return True


def is_ambiguous(violation: Violation) -> bool:
    """Say whether all that is wrong is that a value fits several alternatives of a `oneOf`.

    Where alternatives overlap, a document can leave no value that fits just one.
    """
    return violation.keyword == "oneOf" and "more than one" in violation.message


class _Run:
    """One attempt. The first trusts the document and checks nothing on the way, because checking is what takes long;
    later ones check, leave out what may be left out, and try other alternatives.
    """

    def __init__(
        self,
        generator: Generator,
        direction: Direction,
        random: Random,
        attempt: int,
        *,
        examples: bool,
        optional: bool,
    ) -> None:
        self._generator = generator
        self._checks = attempt > 0
        self._direction: Direction = direction
        self._random = random
        self._attempt = attempt
        self._examples = examples and attempt < _LAST_WITH_EXAMPLES
        self._lean = not optional or attempt % 3 == _LEAN_ATTEMPT
        self._steps = 0
        self._depth = 0

    def _fits(self, schema: Schema, value: Json, direction: Direction) -> bool:
        return not self._checks or self._generator.fits(schema, value, direction)

    def build(self, parts: tuple[Schema, ...], depth: int) -> Json:
        """Return a value that all of `parts` should take. Raises `Unsatisfiable`."""
        self._steps += 1
        if depth > _DEEPEST or self._steps > _STEPS:
            raise Unsatisfiable
        found = self._example(parts)
        if found is not None:
            return found[0]
        last: Json = None
        built = False
        self._depth = depth
        for atoms, chosen, fixed in islice(self._expansions(parts), _EXPANSIONS):
            try:
                value = self._atoms(parts, atoms, fixed, depth)
            except Unsatisfiable:
                continue
            if not chosen or all(self._fits(s, value, self._direction) for s in chosen):
                return value
            last, built = value, True
        if built:
            return last
        raise Unsatisfiable

    def _example(self, parts: tuple[Schema, ...]) -> tuple[Json] | None:
        if not self._examples:
            return None
        for part in parts:
            for atom in part.parts():
                given = [*atom.examples, *([atom.get("default")] if "default" in atom else [])]
                for value in given:
                    if value is not None and all(self._fits(p, value, self._direction) for p in parts):
                        return (deepcopy(value),)
        return None

    def _expansions(self, parts: tuple[Schema, ...]) -> Iterator[tuple[list[Schema], list[Schema], dict[str, Json]]]:
        """Yield (schemas that hold at once, schemas with alternatives, members that a discriminator fixes)."""
        yield from self._expand(list(parts), [], [], {}, frozenset())

    def _expand(
        self,
        open_: list[Schema],
        atoms: list[Schema],
        chosen: list[Schema],
        fixed: dict[str, Json],
        seen: frozenset[str],
    ) -> Iterator[tuple[list[Schema], list[Schema], dict[str, Json]]]:
        open_, atoms, chosen = [*open_], [*atoms], [*chosen]
        while open_:
            here = open_.pop()
            if here.pointer in seen:
                continue
            seen |= {here.pointer}
            if here.data is False:
                return
            atoms.append(here)
            if self._attempt < _LAST_WITH_EXAMPLES and "discriminator" in here:
                fixed = {**known_value(here, seen), **fixed}
            open_ += [*([here.target] if here.target is not None else []), *here.many("allOf")]
            alternatives = self._alternatives(here)
            if alternatives:
                chosen.append(here)
                for branch, members in alternatives:
                    yield from self._expand([*open_, *branch], atoms, chosen, {**fixed, **members}, seen)
                return
        yield atoms, chosen, fixed

    def _alternatives(self, schema: Schema) -> list[tuple[list[Schema], dict[str, Json]]]:
        """Return the ways in which a schema's own alternatives can be met, most natural first."""
        groups: list[list[tuple[list[Schema], dict[str, Json]]]] = []
        for keyword in ("oneOf", "anyOf"):
            branches = schema.many(keyword)
            if branches:
                deep = self._depth > _DEEP
                ordered = list(branches)
                if self._attempt > _LEAN_ATTEMPT:
                    self._random.shuffle(ordered)
                ordered.sort(key=lambda b: (b.types == ("null",)) is not deep)
                told = discriminator(schema, branches)
                groups.append([([b], _discriminated(told, b)) for b in ordered])
        condition = schema.one("if")
        if condition is not None:
            met = [condition, *([t] if (t := schema.one("then")) is not None else [])]
            unmet = [e] if (e := schema.one("else")) is not None else []
            groups.append([(unmet, {}), (met, {})] if self._attempt % 2 else [(met, {}), (unmet, {})])
        if not groups:
            return []
        combined = groups[0]
        for group in groups[1:]:
            combined = [([*a, *b], {**m, **n}) for a, m in combined for b, n in group][:_EXPANSIONS]
        return combined

    def _atoms(self, parts: tuple[Schema, ...], atoms: list[Schema], fixed: dict[str, Json], depth: int) -> Json:
        if self._examples:
            found = self._example((*parts, *atoms))
            if found is not None:
                return found[0]
        listed = self._listed(parts, atoms)
        if listed is not None:
            return listed[0]
        match self._type(atoms, depth):
            case "object":
                return self._object(atoms, fixed, depth)
            case "array":
                return self._array(atoms, depth)
            case "string":
                return self._string(atoms)
            case "integer":
                return self._number(atoms, whole=True)
            case "number":
                return self._number(atoms, whole=False)
            case "boolean":
                return bool(self._random.getrandbits(1)) if self._attempt else True
            case _:
                return None

    def _listed(self, parts: tuple[Schema, ...], atoms: list[Schema]) -> tuple[Json] | None:
        """Return one of the values under `const` or `enum`, in a tuple of one; `None` when there is no such list."""
        values: list[Json] = []
        for atom in atoms:
            values += [atom.get("const")] if "const" in atom else list(atom.enum or ())
        if not values:
            return None
        if not self._examples:
            self._random.shuffle(values)
        for value in sorted(values, key=lambda v: v is None):
            if all(self._fits(s, value, self._direction) for s in (*parts, *atoms)):
                return (deepcopy(value),)
        return (values[0],)

    def _type(self, atoms: list[Schema], depth: int) -> str:
        allowed = set(_TYPES)
        for atom in atoms:
            if atom.types:
                types = set(atom.types) | ({"integer"} if "number" in atom.types else set())
                allowed &= types
        if not allowed:
            raise Unsatisfiable
        if depth > _DEEP and "null" in allowed and allowed != set(_TYPES):
            return "null"
        if allowed == set(_TYPES):
            told = (t for t, keywords in _TELLING.items() if any(k in a for a in atoms for k in keywords))
            return next(told, "string")
        if {"integer", "number"} <= allowed:
            allowed.discard("integer")
        ordered = [t for t in _TYPES if t in allowed]
        if self._attempt > 3 and len(ordered) > 1:
            return self._random.choice(ordered)
        return ordered[0]

    # -- objects ------------------------------------------------------------------------------------------------

    def _object(self, atoms: list[Schema], fixed: dict[str, Json], depth: int) -> Json:
        declared: dict[str, None] = dict.fromkeys(name for atom in atoms for name in atom.properties)
        required = set().union(*(a.required for a in atoms))
        required = {n for n in required if not self._stays(n, atoms)}
        most = min((int(n) for a in atoms if isinstance(n := a.get("maxProperties"), (int, float))), default=10**6)
        least = max((int(n) for a in atoms if isinstance(n := a.get("minProperties"), (int, float))), default=0)
        value: dict[str, Json] = {}
        order = [*declared, *sorted(required - set(declared))]
        while order:
            name = order.pop(0)
            if name in value or not (name in required or (len(value) < most and self._wants(name, atoms, depth))):
                continue
            try:
                value[name] = fixed[name] if name in fixed else self.build(_member(name, atoms), depth + 1)
            except Unsatisfiable:
                if name in required:
                    raise
                continue
            told = (d for a in atoms if (d := a.named("dependentSchemas").get(name)) is not None)
            atoms = [*atoms, *(part for schema in told for part in schema.parts())]
            dependent = set(_dependents(name, atoms)) - required
            required |= dependent
            order += sorted(dependent)
        value.update({name: v for name, v in fixed.items() if name in declared or name in required})
        self._fill(value, [n for n in declared if n not in value and not self._stays(n, atoms)], least, atoms, depth)
        return value

    def _wants(self, name: str, atoms: list[Schema], depth: int) -> bool:
        if self._lean or self._steps > _OPTIONAL_STEPS or depth >= _OPTIONAL_DEPTH:
            return False
        return not self._stays(name, atoms) and not any(
            a.properties[name].flag("deprecated") for a in atoms if name in a.properties
        )

    def _stays(self, name: str, atoms: list[Schema]) -> bool:
        """Say whether a member doesn't travel in this direction, or can't be there at all."""
        members = [a.properties[name] for a in atoms if name in a.properties]
        return any(m.flag(_NOT_TRAVELLING[self._direction]) or m.data is False for m in members)

    def _fill(self, value: dict[str, Json], more: list[str], least: int, atoms: list[Schema], depth: int) -> None:
        """Add members until there are `least`, declared ones first."""
        names = iter([*more, *(self._new_names(atoms) if least > len(value) + len(more) else [])])
        while len(value) < least:
            name = next(names, None)
            if name is None:
                raise Unsatisfiable
            if name not in value:
                try:
                    value[name] = self.build(_member(name, atoms), depth + 1)
                except Unsatisfiable:
                    continue

    def _new_names(self, atoms: list[Schema]) -> Iterator[str]:
        rules = [rule for a in atoms if (rule := a.one("propertyNames")) is not None]
        patterns = [p for a in atoms for p in a.named("patternProperties")]
        for number in range(1, 200):
            if rules:
                name = self._string([part for rule in rules for part in rule.parts()])
                yield name if isinstance(name, str) else f"member{number}"
            elif patterns:
                yield next(candidates(self._random, form="", patterns=patterns, shortest=0, longest=None))
            else:
                yield f"member{number}"

    # -- arrays -------------------------------------------------------------------------------------------------

    def _array(self, atoms: list[Schema], depth: int) -> Json:
        least = max((int(n) for a in atoms if isinstance(n := a.get("minItems"), (int, float))), default=0)
        most = min((int(n) for a in atoms if isinstance(n := a.get("maxItems"), (int, float))), default=10**6)
        contains = [c for a in atoms if (c := a.one("contains")) is not None for _ in range(_least_contained(a))]
        wanted = 0 if depth > _OPTIONAL_DEPTH or self._lean or self._steps > _OPTIONAL_STEPS else 1
        count = min(max(least, wanted, len(contains), *(len(a.many("prefixItems")) for a in atoms), 0), most)
        distinct = any(a.get("uniqueItems") is True for a in atoms)
        values: list[Json] = []
        for index in range(count):
            extra = (contains[index],) if index < len(contains) else ()
            try:
                values.append(self._item(atoms, index, extra, values if distinct else [], depth))
            except Unsatisfiable:
                if len(values) < least:
                    raise
                break
        return values

    def _item(
        self, atoms: list[Schema], index: int, extra: tuple[Schema, ...], taken: Sequence[Json], depth: int
    ) -> Json:
        parts: list[Schema] = [*extra]
        for atom in atoms:
            prefix = atom.many("prefixItems")
            here = prefix[index] if index < len(prefix) else atom.one("items")
            if here is not None:
                parts.append(here)
        examples = self._examples
        try:
            for _ in range(20):
                value = self.build(tuple(parts), depth + 1) if parts else f"item {index + 1}"
                if value not in taken:
                    return value
                self._examples, self._attempt = False, self._attempt or 4
        finally:
            self._examples = examples
        raise Unsatisfiable

    # -- scalars ------------------------------------------------------------------------------------------------

    def _string(self, atoms: list[Schema]) -> Json:
        form = next((f for a in atoms if isinstance(f := a.get("format"), str)), "")
        patterns = [p for a in atoms if isinstance(p := a.get("pattern"), str)]
        shortest = max((int(n) for a in atoms if isinstance(n := a.get("minLength"), (int, float))), default=0)
        longest = min((int(n) for a in atoms if isinstance(n := a.get("maxLength"), (int, float))), default=-1)
        found = candidates(
            self._random,
            form=form,
            patterns=patterns,
            shortest=min(shortest, 100_000),
            longest=longest if longest >= 0 else None,
        )
        plain = [a for a in atoms if not a.many("oneOf") and not a.many("anyOf") and a.ref is None]
        text = ""
        for text in found:
            if all(self._generator.fits(a, text, self._direction) for a in plain):
                break
        return text

    def _number(self, atoms: list[Schema], *, whole: bool) -> Json:
        lowest, highest = _bound(atoms, "minimum", max), _bound(atoms, "maximum", min)
        above, below = _bound(atoms, "exclusiveMinimum", max), _bound(atoms, "exclusiveMaximum", min)
        wanted = Decimal(1 if self._attempt == 0 else self._random.randrange(1, 1000))
        step = _step(atoms, whole=whole)
        if step:
            first = max(
                math.ceil(lowest / step) if lowest is not None else -_FAR,
                math.floor(above / step) + 1 if above is not None else -_FAR,
            )
            last = min(
                math.floor(highest / step) if highest is not None else _FAR,
                math.ceil(below / step) - 1 if below is not None else _FAR,
            )
            if first > last:
                raise Unsatisfiable
            value = step * min(max(math.ceil(wanted / step), first), last)
        else:
            low = max((b for b in (lowest, above) if b is not None), default=wanted)
            high = min((b for b in (highest, below) if b is not None), default=max(wanted, low + 2))
            low = min(low, high - 2) if lowest is None and above is None else low
            value = min(max(wanted, low), high)
            if value in (above, below):
                value = (low + high) / 2
        return int(value) if value == int(value) else float(value)


def _bound(atoms: list[Schema], keyword: str, strictest: Callable[[Iterable[Decimal]], Decimal]) -> Decimal | None:
    given = [Decimal(str(n)) for a in atoms if isinstance(n := a.get(keyword), (int, float))]
    return strictest(given) if given else None


def _step(atoms: list[Schema], *, whole: bool) -> Decimal:
    """Return what a number has to be a multiple of, 0 when that doesn't matter."""
    given = [abs(Decimal(str(n))) for a in atoms if isinstance(n := a.get("multipleOf"), (int, float)) and n]
    step = max(given, default=Decimal(1 if whole else 0))
    if whole and step != int(step):
        step *= next((n for n in range(1, 10_001) if (step * n) % 1 == 0), 1)
    return step


def _member(name: str, atoms: list[Schema]) -> tuple[Schema, ...]:
    """Return all schemas that a member of an object has to meet."""
    found: list[Schema] = []
    for atom in atoms:
        matching = [s for p, s in atom.named("patternProperties").items() if _searches(p, name)]
        if name in atom.properties:
            matching.insert(0, atom.properties[name])
        if not matching and (rest := atom.one("additionalProperties")) is not None:
            matching = [rest]
        found += matching
    return tuple(found)


def _searches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def _least_contained(schema: Schema) -> int:
    least = schema.get("minContains", 1)
    return min(int(least), _MOST_ITEMS) if isinstance(least, (int, float)) else 1


def _dependents(name: str, atoms: list[Schema]) -> Iterator[str]:
    for atom in atoms:
        names = as_mapping(atom.get("dependentRequired")).get(name)
        yield from (n for n in names if isinstance(n, str)) if isinstance(names, list) else ()
        dependent = atom.named("dependentSchemas").get(name)
        if dependent is not None:
            yield from dependent.required_members()


def _discriminated(told: Discriminator | None, branch: Schema) -> dict[str, Json]:
    """Return the member that tells this alternative from the others, where a discriminator names one."""
    value = told.value_for(branch) if told is not None else None
    return {told.member: value} if told is not None and value is not None else {}
