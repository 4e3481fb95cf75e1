"""Values from schemas: deterministic for a seed, valid for any schema that a value can be found for.

A value is built from the schema with choices made where it leaves some (`oneOf`, optional members), then checked.
When it is not valid, other choices are tried, a bounded number of times.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cached_property
from random import Random
from typing import Final

from tallystick.contract import Schema
from tallystick.contract.validation import Direction, Validators, Violation
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.mock.values.apart import holds_null, told_apart
from tallystick.mock.values.attempt import Attempt
from tallystick.mock.values.discriminator import discriminator
from tallystick.mock.values.together import Unsatisfiable

__all__ = ["Generator", "Unsatisfiable"]

_ATTEMPTS: Final = 12


class Generator:
    """Makes values for schemas. The same seed gives the same values."""

    def __init__(self, validators: Validators) -> None:
        self.validators = validators
        self._remembered: dict[tuple[str, Direction, str, bool, bool], Json] = {}
        self._hopeless: set[tuple[str, Direction]] = set()

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
        if (schema.pointer, direction) in self._hopeless:
            raise Unsatisfiable(f"no value found for the schema at {schema.pointer}")
        if key not in self._remembered:
            if len(self._remembered) > 10_000:
                self._remembered.clear()
            value = self._search(schema, direction, seed, examples=examples, optional=optional)
            if direction == "response":
                value = self.strictly(schema, value, fits=self.fits(schema, value, direction))
            self._remembered[key] = value
        return deepcopy(self._remembered[key])

    def fits(self, schema: Schema, value: Json, direction: Direction) -> bool:
        """Say whether a value is valid; a schema that can't be compiled takes everything."""
        return self.validators.allows(schema, value, direction)

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
            run = Attempt(self.fits, direction, random, attempt, examples=examples, optional=more)
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
        self._hopeless.add((schema.pointer, direction))
        raise Unsatisfiable(f"no value found for the schema at {schema.pointer}")

    def strictly(self, schema: Schema, value: Json, *, fits: bool = False) -> Json:
        """Return what goes out so that it fits as the document is written, as far as that can be done.

        With `fits`, it is known to be valid as the document is meant. What comes in needs only that.
        """
        strict = self._written if self._written is self.validators or holds_null(value) else self.validators
        return value if fits and strict is self.validators else told_apart(strict, schema, value, self._plainly)

    def _plainly(self, schema: Schema) -> Json:
        """Return an answer's value as the document is meant. Raises `Unsatisfiable`."""
        return self._search(schema, "response", "", examples=True, optional=False)

    @cached_property
    def _written(self) -> Validators:
        return self.validators.as_written()

    def nearly_fits(self, schema: Schema, value: Json, direction: Direction) -> bool:
        """Say whether a value is valid but for alternatives of which it fits several."""
        return all(v.is_ambiguous for v in self.validators.violations(schema, value, direction))

    def told(self, violation: Violation, schema: Schema, value: Json, direction: Direction) -> bool | None:
        """Say whether a discriminator tells which of several alternatives a value is, and that one takes it.

        `None` where no discriminator says anything of it. `violation` is an ambiguous one.
        """
        try:
            holder = Schema.at(schema.document, violation.schema_pointer.rpartition("/")[0])
        except NoSuchMember:
            return False
        told = discriminator(holder, holder.many("oneOf"))
        part = get(value, violation.pointer)
        if told is None or not isinstance(part, dict) or told.member not in part:
            return None
        meant = told.meanings.get(str(part[told.member]), ())
        return any(self.nearly_fits(s, part, direction) for s in meant)

    def fits_as_told(self, schema: Schema, value: Json, direction: Direction) -> bool:
        """Say whether a value is valid, of several alternatives by the one that a discriminator tells."""
        violations = self.validators.violations(schema, value, direction)
        return all(v.is_ambiguous and self.told(v, schema, value, direction) for v in violations)
