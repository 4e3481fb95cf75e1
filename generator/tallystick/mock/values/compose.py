"""Answers from what is known: the request, what is stored, the contract's examples; the rest is made up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from tallystick.contract import Schema
from tallystick.contract.model import Media
from tallystick.load import Json
from tallystick.load.pointer import split
from tallystick.mock.encoding import decode
from tallystick.mock.media_types import is_json
from tallystick.mock.values.generate import Generator, Unsatisfiable
from tallystick.mock.values.hidden import Hidden

ABSENT: Final = object()
"""Stands for a member that isn't there; `None` is a value."""
_MOST_ALTERNATIVES: Final = 32
_MOST_LAYOUTS: Final = 64
"""How many layouts of a schema's objects are remembered."""
_LONGEST_LAYOUT: Final = 4000
"""How long the names of an object's members may be, together, for its layout to be remembered."""
CONTAINERS: Final = (dict, list)
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Layout:
    """What becomes of an object that has certain members.

    `places` has all that it gets, in the schema's order, still empty; `missing` are those among them that it hasn't
    got, but must have; `inner` are those that it has got and that may have members in turn, `undeclared` members that
    the schema doesn't know.
    """

    places: dict[str, Json]
    missing: tuple[str, ...]
    inner: tuple[str, ...]
    undeclared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """The part of a schema that composing needs, worked out once."""

    schema: Schema
    members: Mapping[str, Schema]
    required: frozenset[str]
    defaults: Mapping[str, Json]
    items: Schema | None
    has_alternatives: bool
    inner: tuple[str, ...]
    """Members with members of their own, or items that have them: only these are looked into."""
    layouts: dict[tuple[str, ...], Layout] = field(default_factory=dict)
    """The layouts of objects that have been made: most are like an earlier one."""

    def layout(self, given: tuple[str, ...]) -> Layout:
        """Return the layout of an object with these members."""
        layout = self.layouts.get(given)
        if layout is None:
            layout = _layout(self, frozenset(given))
            if len(self.layouts) < _MOST_LAYOUTS and sum(map(len, given)) < _LONGEST_LAYOUT:
                self.layouts[given] = layout
        return layout


class Composer:
    """Builds values for schemas from several sources, each better than the next."""

    def __init__(self, generator: Generator) -> None:
        self.generator = generator
        self._shapes: dict[str, Shape] = {}
        self._hidden = Hidden()

    def compose(self, schema: Schema, given: object, example: object, *, seed: str = "") -> Json:
        """Return a value made of `given`, else of `example`, else generated.

        Members that the schema doesn't declare are left out, unless it declares none; so are those that don't travel
        in an answer. The result is valid when a valid value can be found at all; raises `Unsatisfiable` when not.
        """
        value = self.answered(schema, self._quick(schema, given, example, seed))
        if self.generator.fits(schema, value, "response"):
            return self.generator.strictly(schema, value, fits=True)
        return self.generator.strictly(schema, self.answered(schema, self._careful(schema, given, example, seed)))

    def answered(self, schema: Schema, value: Json) -> Json:
        """Return what an answer may show of a value: all but what only requests say."""
        return self._hidden.without(schema, value)

    def shape(self, schema: Schema) -> Shape:
        """Return the shape of a schema, remembered."""
        shape = self._shapes.get(schema.pointer)
        if shape is None:
            shape = self._shapes[schema.pointer] = _shape(schema)
        return shape

    def _quick(self, schema: Schema, given: object, example: object, seed: str) -> Json:
        """Return a value put together without checking any part of it."""
        if given is ABSENT:
            return self._substitute(schema, example, seed)
        if isinstance(given, dict):
            shape = self.shape(schema)
            if shape.has_alternatives or not shape.members:
                return given
            known = example if isinstance(example, dict) else {}
            layout = shape.layout(tuple(given))
            members = layout.places | given
            for name in layout.missing:
                members[name] = self._substitute(shape.members[name], known.get(name, ABSENT), seed)
            for name in layout.undeclared:
                del members[name]
            for name in layout.inner:
                part = given[name]
                if isinstance(part, CONTAINERS):
                    members[name] = self._quick(shape.members[name], part, known.get(name, ABSENT), seed)
            return members
        if isinstance(given, list):
            items = self.shape(schema).items
            if items is None:
                return given
            pattern = example[0] if isinstance(example, list) and example else ABSENT
            return [
                self._quick(items, item, pattern, seed) if isinstance(item, CONTAINERS) else item for item in given
            ]
        return given  # type: ignore[return-value]  # a scalar

    def _substitute(self, schema: Schema, example: object, seed: str) -> Json:
        if example is not ABSENT:
            return example  # type: ignore[return-value]  # JSON of the contract
        return self.generator.value(schema, "response", seed=seed)

    def _careful(self, schema: Schema, given: object, example: object, seed: str) -> Json:
        """Return a value each part of which has been checked: one that doesn't fit gives way to the next source.

        Where what is given fits several alternatives, it is kept, unless one that fits just one says as much of it.
        """
        ambiguous: tuple[Json] | None = None
        for candidate in self._candidates(schema, given, example, seed):
            if self.generator.fits_as_told(schema, candidate, "response"):
                if ambiguous is None or _alike(given, candidate) >= _alike(given, ambiguous[0]):
                    return candidate
            elif ambiguous is None and self.generator.nearly_fits(schema, candidate, "response"):
                ambiguous = (candidate,)
        if ambiguous is not None and _alike(given, ambiguous[0]):
            return ambiguous[0]
        made = self.generator.value(schema, "response", seed=seed)
        return made if ambiguous is None or self.generator.fits(schema, made, "response") else ambiguous[0]

    def _candidates(self, schema: Schema, given: object, example: object, seed: str) -> Iterator[Json]:
        if isinstance(given, dict):
            yield from self._careful_alternatives(schema, given, example, seed)
            yield from self._careful_object(schema, given, example, seed)
        if isinstance(given, list) and (items := self.shape(schema).items) is not None:
            pattern = example[0] if isinstance(example, list) and example else ABSENT
            yield [self._careful(items, item, pattern, seed) for item in given]
        if given is not ABSENT:
            yield given  # type: ignore[misc]
        if isinstance(given, str) and _WHOLE.fullmatch(given):  # a key may be text in one answer, a number in another
            yield int(given)
        elif isinstance(given, int) and not isinstance(given, bool):
            yield str(given)
        if example is not ABSENT:
            yield example  # type: ignore[misc]

    def _careful_alternatives(
        self, schema: Schema, given: dict[str, Json], example: object, seed: str
    ) -> Iterator[Json]:
        """Yield what is given, and then what it becomes by each alternative that it may be meant for."""
        branches = [b for part in schema.parts() for b in (*part.many("oneOf"), *part.many("anyOf"))]
        if not branches:
            return
        yield given
        made = [next(self._careful_object(b, given, example, seed), None) for b in branches[:_MOST_ALTERNATIVES]]
        kept = [(_alike(given, value), value) for value in made if value is not None]
        yield from (value for _, value in sorted(kept, key=lambda pair: -pair[0]))

    def _careful_object(self, schema: Schema, given: dict[str, Json], example: object, seed: str) -> Iterator[Json]:
        shape = self.shape(schema)
        known = example if isinstance(example, dict) else {}
        members: dict[str, Json] = {}
        for name, member in shape.members.items():
            if name not in given and name not in shape.required:
                continue
            try:
                members[name] = self._careful(member, given.get(name, ABSENT), known.get(name, ABSENT), seed)
            except Unsatisfiable:
                if name in shape.required:
                    return
        yield members
        made = self.generator.value(schema, "response", seed=seed)
        if isinstance(made, dict):
            yield {**made, **members}
            yield {**made, **given}
            yield self._without_broken(schema, {**made, **members})

    def _without_broken(self, schema: Schema, value: dict[str, Json]) -> dict[str, Json]:
        """Return a value without the members that break its schema, where leaving them out is all that it takes."""
        for _ in range(_MOST_ALTERNATIVES):
            violations = self.generator.validators.violations(schema, value, "response")
            broken = {split(v.pointer)[0] for v in violations if v.pointer} & value.keys()
            if not broken:
                break
            value = {name: part for name, part in value.items() if name not in broken}
        return value


def _alike(given: object, made: Json) -> int:
    """Return how much of what is given is left in what was made of it."""
    if isinstance(given, dict) and isinstance(made, dict):
        return sum(_alike(part, made[name]) for name, part in given.items() if name in made)
    return int(given == made)


def with_defaults(shape_of: Composer, schema: Schema, value: Json) -> Json:
    """Return a request value with the defaults of members that it leaves out, nested ones too."""
    shape = shape_of.shape(schema)
    if isinstance(value, dict) and shape.members:
        given = {**shape.defaults, **value}
        for name in shape.inner:
            part = value.get(name)
            if isinstance(part, CONTAINERS):
                given[name] = with_defaults(shape_of, shape.members[name], part)
        return given
    if isinstance(value, list) and shape.items is not None:
        return [with_defaults(shape_of, shape.items, item) for item in value]
    return value


def _default(schema: Schema) -> object:
    if "default" in schema:
        return schema.get("default")
    resolved = schema.resolved
    return resolved.get("default") if "default" in resolved else ABSENT


def example_of(media: Media, name: str | None = None) -> object:
    """Return the media type's example, by name or the first; `ABSENT` when it has none of its own.

    A reference in place of a value leads to a file that is not part of the contract.
    """
    for example in media.examples:
        elsewhere = example.external or (isinstance(example.value, dict) and [*example.value] == ["$ref"])
        if not elsewhere and name in (None, example.name):
            return _unquoted(media, example.value)
    return ABSENT


def _unquoted(media: Media, value: Json) -> Json:
    """Return the JSON that an example has as a text, where no text is asked for; anything else as it is."""
    types = media.schema.known_types if media.schema is not None else ()
    if (
        isinstance(value, str)
        and value.lstrip()[:1] in ("{", "[")
        and "string" not in types
        and is_json(media.content_type)
    ):
        with suppress(ValueError):
            return decode(value.encode())
    return value


def _shape(schema: Schema) -> Shape:
    parts = list(schema.parts())
    members = schema.members()
    return Shape(
        schema=schema,
        members=members,
        defaults={name: value for name, m in members.items() if (value := _default(m)) is not ABSENT},  # type: ignore[misc]
        required=schema.required_members(),
        items=_items(schema),
        has_alternatives=any(p.many("oneOf") or p.many("anyOf") for p in parts),
        inner=tuple(name for name, m in members.items() if _has_members(m)),
    )


def _layout(shape: Shape, given: frozenset[str]) -> Layout:
    missing = tuple(name for name in shape.members if name in shape.required and name not in given)
    places: dict[str, Json] = {name: None for name in shape.members if name in given or name in missing}
    inner = tuple(name for name in shape.inner if name in given)
    return Layout(places, missing, inner, tuple(sorted(given - shape.members.keys())))


def _has_members(schema: Schema | None) -> bool:
    """Say whether a schema knows members of its values, or of their items, however deep these lie."""
    seen: set[str] = set()
    while schema is not None and schema.pointer not in seen:
        if schema.members():
            return True
        seen.add(schema.pointer)
        schema = _items(schema)
    return False


def _items(schema: Schema) -> Schema | None:
    return next((i for p in schema.parts() if (i := p.one("items")) is not None), None)
