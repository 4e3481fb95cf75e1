"""Examples and defaults against the schemas they stand beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from tallystick.contract.model import Example
from tallystick.contract.schema import Schema, as_mapping
from tallystick.contract.validation import Direction
from tallystick.diagnostics import Severity
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Subject
from tallystick.lint.wording import SchemaError, faults
from tallystick.load import Json
from tallystick.load.pointer import join


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A value that stands in the document, and its schema. Without a direction it may be valid in either."""

    schema: Schema
    data: Json
    pointer: str
    direction: Direction | None = None


@rule(
    "example-valid",
    "Every example is valid against the schema it illustrates.",
    subject="example",
    severity=Severity.ERROR,
)
def example_valid(subject: Subject) -> Iterator[Issue]:
    """Check the examples of bodies, parameters and headers, and those inside schemas."""
    values: list[Value] = []
    for schema, example, direction in _named(subject):
        if isinstance(example.value, dict) and isinstance(example.value.get("$ref"), str):
            message = "an example's value is plain data: this $ref is not followed"
            hint = "refer to an example object in place of this one, or write the value out"
            yield Issue(join(example.pointer, "$ref"), message, hint=hint)
        elif not example.external:
            values.append(Value(schema, example.value, example.pointer, direction))
    yield from _misfits(subject, [*values, *_of_headers(subject), *_inside_schemas(subject)], "this example")


@rule("default-valid", "Every default is valid against its schema.", subject="schema", severity=Severity.ERROR)
def default_valid(subject: Subject) -> Iterator[Issue]:
    """Check `default` wherever a schema has one."""
    values = [Value(s, s.get("default"), join(s.pointer, "default")) for s in subject.schemas if "default" in s]
    yield from _misfits(subject, values, "this default")


def _named(subject: Subject) -> Iterator[tuple[Schema, Example, Direction]]:
    for usage in subject.usages:
        for example in usage.media.examples:
            if usage.media.schema is not None and _is_data(usage.media.content_type, example.value):
                yield usage.media.schema, example, usage.direction
    for parameter in subject.parameters:
        schema = parameter.media.schema if parameter.media else parameter.schema
        for example in (*parameter.examples, *(parameter.media.examples if parameter.media else ())):
            if schema is not None:
                yield schema, example, "request"


def _is_data(content_type: str, value: Json) -> bool:
    """Say whether an example is the data itself: of XML, CSV and the like it is the text on the wire."""
    return "json" in content_type or not isinstance(value, str)


def _of_headers(subject: Subject) -> Iterator[Value]:
    for node in subject.of_kind("header"):
        data = node.data.get("schema")
        if not isinstance(data, (dict, bool)):
            continue
        schema = subject.contract.schema(join(node.pointer, "schema"))
        if "example" in node.data:
            yield Value(schema, node.data["example"], join(node.pointer, "example"))
        for name, example in as_mapping(node.data.get("examples")).items():
            if "value" in as_mapping(example):
                pointer = join(node.pointer, "examples", name, "value")
                yield Value(schema, as_mapping(example)["value"], pointer)


def _inside_schemas(subject: Subject) -> Iterator[Value]:
    for schema in subject.schemas:
        listed = schema.get("examples")
        for index, value in enumerate(listed if isinstance(listed, list) else ()):
            yield Value(schema, value, join(schema.pointer, "examples", index))
        if "example" in schema:
            yield Value(schema, schema.get("example"), join(schema.pointer, "example"))


def _misfits(subject: Subject, values: list[Value], what: str) -> Iterator[Issue]:
    """Yield how values break their schemas."""
    outgoing = _errors(subject, [v for v in values if v.direction != "response"], "request")
    undecided = [v for v in outgoing if v.direction is None]
    incoming = _errors(subject, [*undecided, *(v for v in values if v.direction == "response")], "response")
    wrong = {**{v: e for v, e in outgoing.items() if v.direction == "request"}, **incoming}
    for value, errors in wrong.items():
        for fault in faults(errors, subject.contract.document):
            below = fault.pointer[1:].partition("/")  # the first token is the value's place in its batch
            message = f"{what} does not fit its schema: {fault.message}"
            yield Issue(value.pointer + below[1] + below[2], message, fault.expected, fault.hint)


def _errors(subject: Subject, values: list[Value], direction: Direction) -> dict[Value, list[SchemaError]]:
    found: dict[Value, list[SchemaError]] = {}
    pairs = [(value.schema, value.data) for value in values]
    for index, error in subject.validators.batch(pairs, direction):
        found.setdefault(values[index], []).append(cast("SchemaError", error))
    return found
