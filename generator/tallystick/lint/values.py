"""Examples and defaults against the schemas they stand beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from tallystick.contract.model import Example
from tallystick.contract.schema import Schema
from tallystick.contract.validation import Direction, InvalidSchema
from tallystick.diagnostics import Severity
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Subject
from tallystick.lint.wording import SchemaError, faults
from tallystick.load import Json
from tallystick.load.pointer import join


@rule(
    "example-valid",
    "Every example is valid against the schema it illustrates.",
    subject="example",
    severity=Severity.ERROR,
)
def example_valid(subject: Subject) -> Iterator[Issue]:
    """Check named examples of bodies, parameters and headers, and the examples inside schemas."""
    for usage in subject.usages:
        for example in usage.media.examples:
            if usage.media.schema is not None and _is_data(usage.media.content_type, example.value):
                yield from _named(subject, usage.media.schema, example, usage.direction)
    for parameter in subject.parameters:
        schema = parameter.media.schema if parameter.media else parameter.schema
        for example in (*parameter.examples, *(parameter.media.examples if parameter.media else ())):
            if schema is not None:
                yield from _named(subject, schema, example, "request")
    for schema in subject.schemas:
        listed = schema.get("examples")
        for index, value in enumerate(listed if isinstance(listed, list) else ()):
            yield from _misfits(subject, schema, value, join(schema.pointer, "examples", index), "this example")
        if "example" in schema:
            pointer = join(schema.pointer, "example")
            yield from _misfits(subject, schema, schema.get("example"), pointer, "this example")


@rule("default-valid", "Every default is valid against its schema.", subject="schema", severity=Severity.ERROR)
def default_valid(subject: Subject) -> Iterator[Issue]:
    """Check `default` wherever a schema has one."""
    for schema in subject.schemas:
        if "default" in schema:
            pointer = join(schema.pointer, "default")
            yield from _misfits(subject, schema, schema.get("default"), pointer, "this default")


def _is_data(content_type: str, value: Json) -> bool:
    """Say whether an example is the data itself: of XML, CSV and the like it is the text on the wire."""
    return "json" in content_type or not isinstance(value, str)


def _named(subject: Subject, schema: Schema, example: Example, direction: Direction) -> Iterator[Issue]:
    if isinstance(example.value, dict) and isinstance(example.value.get("$ref"), str):
        message = "an example's value is plain data: this $ref is not followed"
        hint = "refer to an example object in place of this one, or write the value out"
        yield Issue(join(example.pointer, "$ref"), message, hint=hint)
    elif not example.external:
        yield from _misfits(subject, schema, example.value, example.pointer, "this example", direction)


def _misfits(
    subject: Subject, schema: Schema, value: Json, pointer: str, what: str, direction: Direction | None = None
) -> Iterator[Issue]:
    """Yield how a value breaks its schema; without a direction it may be valid in either."""
    either: tuple[Direction, ...] = ("request", "response")
    for way in (direction,) if direction else either:
        try:
            errors = list(subject.validators.errors(schema, value, way))
        except InvalidSchema:
            return  # the schema has findings of its own
        if not errors:
            return
    document = subject.contract.document
    for fault in faults(cast("list[SchemaError]", errors), document):
        message = f"{what} does not fit its schema: {fault.message}"
        yield Issue(pointer + fault.pointer, message, fault.expected, fault.hint)
