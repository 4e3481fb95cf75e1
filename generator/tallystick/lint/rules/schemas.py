"""Rules about schemas that are wrong, or mislead whoever reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from tallystick.contract.normalise import BESIDE_REF_30
from tallystick.contract.reader import text
from tallystick.contract.schema import Schema, as_mapping
from tallystick.contract.validation import is_pattern
from tallystick.diagnostics import Severity
from tallystick.lint import shape
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Node, Subject
from tallystick.lint.wording import listed, shown
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, join, split

_BOUNDS = (
    ("minLength", "maxLength"),
    ("minimum", "maximum"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
_FORMAT_TYPES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("int32", "int64"), ("integer", "number", "string")),
    **dict.fromkeys(("float", "double", "decimal", "decimal128"), ("number", "integer", "string")),
    **dict.fromkeys(
        (
            *("byte", "binary", "date", "date-time", "time", "duration", "password", "email", "idn-email"),
            *("hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri", "iri-reference"),
            *("uri-template", "json-pointer", "relative-json-pointer", "regex", "uuid"),
        ),
        ("string",),
    ),
}
_TYPE_OF: Mapping[type, tuple[str, ...]] = {
    bool: ("boolean",),
    int: ("integer", "number"),
    float: ("number",),
    str: ("string",),
    list: ("array",),
    dict: ("object",),
    type(None): ("null",),
}


@rule("array-items", "An array says what is in it.", subject="schema")
def array_items(subject: Subject) -> Iterator[Issue]:
    """Look for `items` or `prefixItems` beside the type."""
    for schema in subject.schemas:
        if "array" in schema.types and "items" not in schema and "prefixItems" not in schema:
            yield Issue(schema.pointer, "the array does not say what is in it", hint="give it `items`")


@rule("bounds-possible", "No lower bound is above its upper bound.", subject="schema", severity=Severity.ERROR)
def bounds_possible(subject: Subject) -> Iterator[Issue]:
    """Compare each pair of bounds."""
    for schema in subject.schemas:
        for lower, upper in _BOUNDS:
            low, high = schema.get(lower), schema.get(upper)
            if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high:
                message = f"{lower} {shown(low)} is above {upper} {shown(high)}: no value is valid"
                yield Issue(join(schema.pointer, lower), message)


@rule("enum-repeated", "A value list has each value once.", subject="schema")
def enum_repeated(subject: Subject) -> Iterator[Issue]:
    """Compare the values as JSON."""
    for schema in subject.schemas:
        seen: set[str] = set()
        for index, value in enumerate(schema.enum or ()):
            written = json.dumps(value, sort_keys=True)
            if written in seen:
                yield Issue(join(schema.pointer, "enum", index), f"{shown(value)} stands twice in the list")
            seen.add(written)


@rule("enum-type", "Every value of a list has the type that stands beside it.", subject="schema")
def enum_type(subject: Subject) -> Iterator[Issue]:
    """Compare the values with `type`."""
    for schema in subject.schemas:
        for index, value in enumerate(schema.enum or ()):
            if schema.types and not set(schema.types) & set(_types_of(value)):
                message = f"{shown(value)} is not of type {' or '.join(schema.types)}: it can never be sent"
                yield Issue(join(schema.pointer, "enum", index), message)


def _types_of(value: Json) -> tuple[str, ...]:
    if isinstance(value, float) and value.is_integer():
        return _TYPE_OF[int]
    return _TYPE_OF[type(value)]


@rule("format-type", "A format stands beside a type that it can say something about.", subject="schema")
def format_type(subject: Subject) -> Iterator[Issue]:
    """Compare known formats with `type`."""
    for schema in subject.schemas:
        form = schema.text("format")
        fitting = _FORMAT_TYPES.get(form, ())
        if fitting and schema.types and not set(schema.types) & set(fitting):
            message = f"the format {form!r} says nothing about type {' or '.join(schema.types)}"
            yield Issue(join(schema.pointer, "format"), message, expected=f"type {' or '.join(fitting)}")


@rule("format-known", "A format is one that JSON Schema or OpenAPI define.", subject="schema", least="strict")
def format_known(subject: Subject) -> Iterator[Issue]:
    """Compare with the list of formats."""
    for schema in subject.schemas:
        if (form := schema.text("format")) and form not in _FORMAT_TYPES:
            message = f"no tool knows the format {form!r}"
            yield Issue(join(schema.pointer, "format"), message, hint="say it with `pattern`, or in the description")


@rule("pattern-usable", "Every pattern is a regular expression that validators take.", subject="schema")
def pattern_usable(subject: Subject) -> Iterator[Issue]:
    """Compile each pattern, and the keys of `patternProperties`."""
    for schema in subject.schemas:
        patterns = {join(schema.pointer, "pattern"): schema.text("pattern")}
        patterns |= {join(schema.pointer, "patternProperties", p): p for p in schema.named("patternProperties")}
        for pointer, pattern in patterns.items():
            if pattern and not is_pattern(pattern):
                message = f"{shown(pattern)} is no regular expression that validators take; it is ignored"
                yield Issue(pointer, message)


@rule("required-declared", "Every required member is declared.", subject="schema")
def required_declared(subject: Subject) -> Iterator[Issue]:
    """Look required names up in the members, where there are any and others are not described."""
    for schema in subject.schemas:
        required = schema.get("required")
        described = "properties" in schema or "allOf" in schema
        if not isinstance(required, list) or not described or schema.get("additionalProperties"):
            continue
        known = shape.members(schema)
        for index, name in enumerate(required):
            if name not in known and not _is_part(schema):
                yield Issue(join(schema.pointer, "required", index), f"nothing declares the required member {name!r}")


def _is_part(schema: Schema) -> bool:
    """Say whether the schema is one part of a composition, whose other parts may declare the member."""
    return any(
        token in ("allOf", "anyOf", "oneOf", "if", "then", "else", "not") for token in split(schema.pointer)[:-1]
    )


@rule("read-or-write", "No member is both readOnly and writeOnly.", subject="schema", severity=Severity.ERROR)
def read_or_write(subject: Subject) -> Iterator[Issue]:
    """Look for both keywords."""
    for schema in subject.schemas:
        if schema.get("readOnly") is True and schema.get("writeOnly") is True:
            yield Issue(schema.pointer, "this can neither be sent nor received", hint="remove readOnly or writeOnly")


@rule(
    "ref-alone", "In OpenAPI 3.0 no constraint stands beside a `$ref`, because readers ignore it.", subject="schema"
)
def ref_alone(subject: Subject) -> Iterator[Issue]:
    """Look for what reading leaves out; texts and marks beside a reference are understood."""
    for node in subject.nodes if subject.contract.openapi.startswith("3.0") else ():
        if node.kind != "schema" or not isinstance(node.data.get("$ref"), str):
            continue
        target = _target(subject, node)
        lost = [
            k
            for k, v in node.data.items()
            if k not in BESIDE_REF_30 and not k.startswith("x-") and target.get(k) != v
        ]
        if lost:
            hint = "wrap the reference in `allOf` with one entry"
            yield Issue(join(node.pointer, lost[0]), f"{listed(lost)} beside $ref has no effect", hint=hint)


def _target(subject: Subject, node: Node) -> Mapping[str, Json]:
    """Return what a reference leads to; repeating it is no loss."""
    ref = node.data.get("$ref")
    try:
        return as_mapping(subject.contract.bundle.get(str(ref)[1:]))
    except NoSuchMember:
        return {}


@rule(
    "discriminator-usable",
    "A discriminator names a member that every alternative requires.",
    subject="schema",
)
def discriminator_usable(subject: Subject) -> Iterator[Issue]:
    """Look the member up in each alternative, and the plain names of the mapping in the components."""
    for schema in subject.schemas:
        node = as_mapping(schema.get("discriminator"))
        pointer, name = join(schema.pointer, "discriminator"), text(node, "propertyName")
        parts = [p for p in (*schema.many("oneOf"), *schema.many("anyOf")) if "$ref" in p]
        lax = [_called(p) for p in parts if name not in {n for s in p.parts() for n in s.required}]
        if name and lax:
            message = f"the discriminating member {name!r} is not required by {listed(lax)}"
            yield Issue(join(pointer, "propertyName"), message)
        for value, target in as_mapping(node.get("mapping")).items():
            plain = isinstance(target, str) and "/" not in target and "." not in target and "#" not in target
            if plain and target not in subject.contract.schemas:
                yield Issue(join(pointer, "mapping", value), f"there is no schema {target!r}")


def _called(alternative: Schema) -> str:
    """Return what an alternative is called: the last part of its reference, `#` for the document itself."""
    return (split(alternative.ref or "") or ["#"])[-1]
