"""Validators for the contract's schemas: one compiled JSON Schema per place and direction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast

import jsonschema_rs

from tallystick.contract.effort import Effort
from tallystick.contract.formats import CHECKED, bounds
from tallystick.contract.model import Contract
from tallystick.contract.nulls import as_written
from tallystick.contract.schema import Schema
from tallystick.load import Json
from tallystick.load.pointer import get, join
from tallystick.resolve import grammar
from tallystick.resolve.reference import written

MAX_EFFORT = 100_000
"""How many schemas one value may have to be held against. Real contracts stay below 1,000."""

_MAX_FAILURES = 64  # when looking for the schemas of a batch that can't be compiled

Direction = Literal["request", "response"]
_BASE = "contract:/document"
_UNWANTED = {"request": "readOnly", "response": "writeOnly"}


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a value breaks its schema.

    `pointer` is into the value, `schema_pointer` into the contract's document, `keyword` the keyword that is broken.
    """

    pointer: str
    message: str
    keyword: str
    schema_pointer: str

    @property
    def is_ambiguous(self) -> bool:
        """Whether all that is wrong is that a value fits several alternatives of a `oneOf`.

        Where alternatives overlap, a document can leave no value that fits just one.
        """
        return self.keyword == "oneOf" and "more than one" in self.message


class Validators:
    """Compiles each schema once per direction.

    In requests, `readOnly` members need not be there even if `required`; in responses, the same holds for
    `writeOnly`. Formats are checked, in requests those of numbers too. Nothing can be checked by a schema that
    can't be compiled: one that breaks JSON Schema itself, or whose alternatives multiply beyond any use.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._registries: dict[Direction, jsonschema_rs.Registry] = {}
        self._effort = Effort()
        self._compiled: dict[Direction, dict[str, jsonschema_rs.Draft202012Validator | None]] = {
            "request": {},
            "response": {},
        }

    def as_written(self) -> Validators:
        """Return validators for readers that take `null` only where the document allows it in so many words."""
        contract = as_written(self._contract)
        return self if contract is self._contract else Validators(contract)

    def violations(self, schema: Schema, value: Json, direction: Direction) -> Iterator[Violation]:
        """Yield what is wrong with a value, nothing when it is valid or can't be checked."""
        validator = self._validator(schema, direction)
        for error in validator.iter_errors(value) if validator is not None else ():
            keyword = str(error.schema_path[-1]) if error.schema_path else ""
            yield Violation(join("", *error.instance_path), error.message, keyword, join("", *error.schema_path))

    def batch(
        self, values: Sequence[tuple[Schema, Json]], direction: Direction
    ) -> Iterator[tuple[int, jsonschema_rs.ValidationError]]:
        """Yield (index, error) for many values at once, which costs hardly more than one value does.

        An error's path into the value begins with the index. Values whose schema can't be compiled are passed over.
        """
        open_ = [[i for i, (schema, _) in enumerate(values) if self._effort.within(schema, MAX_EFFORT)]]
        failures = 0
        while open_ and failures < _MAX_FAILURES:
            chosen = open_.pop()
            try:
                validator = self._together(values, chosen, direction)
            except Exception:  # as in _compile: find the culprits by halves
                failures += 1
                half = len(chosen) // 2
                open_ += [part for part in (chosen[half:], chosen[:half]) if len(chosen) > 1]
                continue
            for error in validator.iter_errors({str(i): values[i][1] for i in chosen}):
                yield int(error.instance_path[0]), error

    def _together(
        self, values: Sequence[tuple[Schema, Json]], chosen: list[int], direction: Direction
    ) -> jsonschema_rs.Draft202012Validator:
        members = {str(i): {"$ref": f"{_BASE}{written(values[i][0].pointer)}"} for i in chosen}
        return jsonschema_rs.Draft202012Validator(
            {"properties": members}, registry=self._registry(direction), validate_formats=True, formats=CHECKED
        )

    def is_valid(self, schema: Schema, value: Json, direction: Direction) -> bool:
        """Say whether a value is known to be valid: one that can't be checked is not."""
        validator = self._validator(schema, direction)
        return validator is not None and validator.is_valid(value)

    def allows(self, schema: Schema, value: Json, direction: Direction) -> bool:
        """Say whether a value is not known to be invalid: it is valid, or can't be checked."""
        validator = self._validator(schema, direction)
        return validator is None or validator.is_valid(value)

    def can_check(self, schema: Schema, direction: Direction) -> bool:
        """Say whether values can be held against a schema at all."""
        return self._validator(schema, direction) is not None

    def _validator(self, schema: Schema, direction: Direction) -> jsonschema_rs.Draft202012Validator | None:
        compiled = self._compiled[direction]
        if schema.pointer not in compiled:
            compiled[schema.pointer] = self._compile(schema, direction)
        return compiled[schema.pointer]

    def _compile(self, schema: Schema, direction: Direction) -> jsonschema_rs.Draft202012Validator | None:
        if not self._effort.within(schema, MAX_EFFORT):
            return None
        try:
            return jsonschema_rs.Draft202012Validator(
                {"$ref": f"{_BASE}{written(schema.pointer)}"},
                registry=self._registry(direction),
                validate_formats=True,
                formats=CHECKED,
            )
        except Exception:  # jsonschema-rs raises several types for a malformed schema
            return None

    def _registry(self, direction: Direction) -> jsonschema_rs.Registry:
        if direction not in self._registries:
            document = _for_direction(self._contract, direction)
            resource = cast("dict[str, Any]", {"$schema": "https://json-schema.org/draft/2020-12/schema", **document})
            self._registries[direction] = jsonschema_rs.Registry([(_BASE, resource)])
        return self._registries[direction]


def _for_direction(contract: Contract, direction: Direction) -> dict[str, Json]:
    """Return the document as it holds for one direction: what doesn't travel in it is not required.

    References are written as URIs, which pointers with braces or spaces are not. Patterns that nothing can be held
    against are taken out, for the rest of their schemas still holds.
    """
    unwanted = _UNWANTED[direction]
    changed: list[tuple[str, dict[str, Json]]] = []
    for pointer, kind, node in grammar.walk(grammar.ROOT, contract.document):
        if kind != "schema" or not isinstance(node, dict):
            continue
        change = bounds(node) if direction == "request" else {}
        if isinstance(ref := node.get("$ref"), str) and ref != (uri := written(ref[1:])) and ref.startswith("#/"):
            change["$ref"] = uri
        change |= _usable(node)
        if names := _not_travelling(contract, pointer, unwanted):
            change["required"] = [n for n in cast("list[Json]", node["required"]) if n not in names]
        if change:
            changed.append((pointer, change))
    if not changed:
        return contract.document
    document = deepcopy(contract.document)
    for pointer, change in changed:
        cast("dict[str, Json]", get(document, pointer)).update(change)
    return document


def _usable(schema: dict[str, Json]) -> dict[str, Json]:
    """Return what takes the place of a schema's patterns that are no regular expressions to the engine."""
    change: dict[str, Json] = {}
    if isinstance(pattern := schema.get("pattern"), str) and not is_pattern(pattern):
        change["pattern"] = ""  # which every text fits
    if isinstance(members := schema.get("patternProperties"), dict) and not all(map(is_pattern, members)):
        change["patternProperties"] = {p: member for p, member in members.items() if is_pattern(p)}
    return change


@cache
def is_pattern(text: str) -> bool:
    """Say whether a text is a regular expression that values can be held against."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": text})
    except jsonschema_rs.ValidationError:
        return False
    return True


def _not_travelling(contract: Contract, pointer: str, unwanted: str) -> set[str]:
    schema = contract.schema(pointer)
    if not schema.required:
        return set()
    return {name for name, member in schema.members().items() if name in schema.required and member.flag(unwanted)}
