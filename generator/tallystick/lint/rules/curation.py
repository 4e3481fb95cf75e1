"""Rules about how schemas are written down: names, texts, limits, openness. A curated contract is held to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tallystick.contract.reader import text
from tallystick.contract.schema import Schema
from tallystick.lint import shape
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Node, Subject
from tallystick.load import Json
from tallystick.load.pointer import join, split

_CLASS_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
_CONDITIONS = frozenset(("if", "then", "else", "not", "allOf", "dependentSchemas"))
_BOUNDING = ("maxLength", "enum", "const", "pattern", "format", "contentEncoding")
_EXPLAINING = re.compile(r"\b(length|limit|long|characters)\b", re.IGNORECASE)


@rule(
    "schema-inline",
    "An object has a name: no schema with members stands inside another.",
    subject="schema",
    least="strict",
)
def schema_inline(subject: Subject) -> Iterator[Issue]:
    """Look at schemas with `properties` that are no component. Conditions and parts of `allOf` shape nothing new."""
    for schema in subject.schemas:
        if schema.properties and schema.component is None and not _CONDITIONS & set(_below_component(schema)):
            hint = "give it a file and a name under components/schemas"
            yield Issue(schema.pointer, "an object schema stands inline", hint=hint)


def _below_component(schema: Schema) -> list[str]:
    tokens = split(schema.pointer)
    return tokens[3:] if tokens[:2] == ["components", "schemas"] else tokens


@rule("schema-name", "A schema's name can be a class name: PascalCase.", subject="schema", least="strict")
def schema_name(subject: Subject) -> Iterator[Issue]:
    """Look at the names under components/schemas."""
    for name, schema in subject.contract.schemas.items():
        if not _CLASS_NAME.fullmatch(name):
            yield Issue(schema.pointer, f"the schema's name {name!r} is not in PascalCase")


@rule("enum-once", "A value list stands in one place.", subject="schema", least="strict")
def enum_once(subject: Subject) -> Iterator[Issue]:
    """Compare lists of two values and more, whatever their order."""
    seen: dict[str, Schema] = {}
    for schema in subject.schemas:
        values = schema.enum
        if values is None or len(values) < 2:
            continue
        key = json.dumps(sorted(json.dumps(v, sort_keys=True) for v in values))
        first = seen.setdefault(key, schema)
        if first is not schema:
            place = subject.contract.place(first.pointer)
            message = f"the same {len(values)} values stand at {place}"
            yield Issue(
                join(schema.pointer, "enum"), message, hint="give the list a schema of its own, and refer to it"
            )


@rule("schema-described", "Every named schema has a description.", subject="schema", least="strict")
def schema_described(subject: Subject) -> Iterator[Issue]:
    """Look for the text under components/schemas."""
    for name, schema in subject.contract.schemas.items():
        if not schema.text("description") and "$ref" not in schema:
            yield Issue(schema.pointer, f"{name} has no description")


@rule(
    "field-described",
    "Every member has a description, of its own or of the schema it refers to.",
    subject="schema",
    least="strict",
)
def field_described(subject: Subject) -> Iterator[Issue]:
    """Look for the text at each declared member outside of conditions."""
    for schema in subject.schemas:
        if _CONDITIONS - {"allOf"} & set(_below_component(schema)):
            continue
        for name, member in schema.properties.items():
            if member.data is not True and not member.text("description") and not member.resolved.text("description"):
                yield Issue(member.pointer, f"{name} has no description")


@rule(
    "string-bounded",
    "A string has an upper bound or a form, or its description says what is known of its length.",
    subject="schema",
    least="strict",
)
def string_bounded(subject: Subject) -> Iterator[Issue]:
    """Look at strings in requests; answers are taken as they come."""
    wanted = subject.requested
    for schema in subject.schemas:
        if schema.pointer not in wanted or "string" not in schema.types:
            continue
        if not any(k in schema for k in _BOUNDING) and not _EXPLAINING.search(_description(subject, schema)):
            hint = "add maxLength, pattern or format, or write in its description that no length is documented"
            yield Issue(schema.pointer, "nothing bounds this string", hint=hint)


def _description(subject: Subject, schema: Schema) -> str:
    """Return what the schema says of itself, and the parameter whose schema it is."""
    bundle, above = subject.contract.bundle, schema.pointer.rpartition("/")[0]
    holder = bundle.get(above) if bundle.has(above) else None  # normalising has put it elsewhere
    beside = holder.get("description") if isinstance(holder, dict) and "schema" in holder else ""
    return f"{schema.text('description')} {beside}"


@rule("request-closed", "A request refuses members that it does not know.", subject="schema", least="strict")
def request_closed(subject: Subject) -> Iterator[Issue]:
    """Look at objects that only requests have."""
    only = subject.requested - subject.received
    for schema in subject.schemas:
        closed = "additionalProperties" in schema or "unevaluatedProperties" in schema
        if schema.pointer in only and schema.properties and not closed and not _is_condition(schema):
            hint = "add `additionalProperties: false`"
            yield Issue(schema.pointer, "this request takes members that nobody knows", hint=hint)


@rule("answer-open", "An answer may have members that are not known yet.", subject="schema", least="strict")
def answer_open(subject: Subject) -> Iterator[Issue]:
    """Look at objects in answers."""
    wanted = subject.received
    for schema in subject.schemas:
        if schema.pointer in wanted and schema.properties:
            for keyword in ("additionalProperties", "unevaluatedProperties"):
                if schema.get(keyword) is False:
                    message = "readers of this answer break when it gains a member"
                    yield Issue(join(schema.pointer, keyword), message, hint="remove the line")


@rule(
    "answer-enum-open",
    "A value list in an answer is open: readers survive values that are not listed.",
    subject="schema",
    least="strict",
)
def answer_enum_open(subject: Subject) -> Iterator[Issue]:
    """Look at lists of two values and more that only answers have, the tags of variants left out."""
    tags = {text(node.data, "propertyName") for node in subject.of_kind("discriminator")}
    only = subject.received - subject.requested
    for schema in subject.schemas:
        values = schema.enum
        if split(schema.pointer)[-1] in tags:
            continue
        if schema.pointer in only and values is not None and len(values) > 1 and not schema.open_enum:
            hint = "add `x-open-enum: true`"
            yield Issue(join(schema.pointer, "enum"), "readers break when this list gains a value", hint=hint)


def _is_condition(schema: Schema) -> bool:
    return bool(_CONDITIONS & set(_below_component(schema)))


@rule("component-unused", "Every component is used.", subject="component")
def component_unused(subject: Subject) -> Iterator[Issue]:
    """Look for a reference to it from outside of itself, or for its name in a security requirement or mapping."""
    used = _references(subject)
    for section, names in _components(subject):
        for name in names:
            pointer = join("/components", section, name)
            if pointer not in used and not (section == "schemas" and _is_variant(subject, name)):
                yield Issue(pointer, f"nothing uses {section}/{name}", hint="remove it")


def _components(subject: Subject) -> Iterator[tuple[str, list[str]]]:
    for section in (
        "schemas",
        "responses",
        "parameters",
        "requestBodies",
        "headers",
        "examples",
        "links",
        "callbacks",
    ):
        yield section, [n for n in subject.section(section) if not n.startswith("x-")]


def _references(subject: Subject) -> set[str]:
    """Return the components that something outside of them refers to."""
    used: set[str] = set()
    for node in subject.nodes:
        refs = [node.data.get("$ref"), *_in_extensions(node)]
        if node.kind == "discriminator" and isinstance(mapping := node.data.get("mapping"), dict):
            refs += [r if "/" in str(r) else f"#/components/schemas/{r}" for r in mapping.values()]
        holder = "/".join(node.pointer.split("/")[:4])
        for ref in refs:
            target = "/".join(str(ref).lstrip("#").split("/")[:4])
            if target != holder or not holder.startswith("/components/"):
                used.add(target)
    return used


def _in_extensions(node: Node) -> Iterator[Json]:
    """Yield the references inside of an object's extensions, such as the webhooks of a 3.0 document."""
    stack = [value for name, value in node.data.items() if name.startswith("x-")]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            yield value.get("$ref")
            stack += value.values()
        elif isinstance(value, list):
            stack += value


def _is_variant(subject: Subject, name: str) -> bool:
    """Say whether a schema belongs to a discriminated family by building on its base, as 3.0 documents do."""
    schema = subject.contract.schemas.get(name)
    parts = schema.many("allOf") if schema is not None else ()
    return any("discriminator" in base for part in parts for base in shape.variants(part))
