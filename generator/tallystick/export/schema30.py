"""A schema of JSON Schema 2020-12 in the dialect of OpenAPI 3.0, keeping what it accepts and what it says.

Keywords that 3.0 lacks are said in others where that is possible; where it is not, the loss is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tallystick.export.loss import Losses
from tallystick.load import Json
from tallystick.load.pointer import join

Schema = dict[str, Json]
_KEPT = frozenset(
    (
        *("title", "multipleOf", "maximum", "minimum", "maxLength", "minLength", "pattern", "maxItems", "minItems"),
        *("uniqueItems", "maxProperties", "minProperties", "required", "enum", "type", "not", "allOf", "oneOf"),
        *("anyOf", "items", "properties", "additionalProperties", "description", "format", "default", "nullable"),
        *("discriminator", "readOnly", "writeOnly", "example", "externalDocs", "deprecated", "xml"),
        *("exclusiveMinimum", "exclusiveMaximum"),
    )
)
_LOST = {
    "$defs": "definitions inside of a schema",
    "contentMediaType": "media type of a string",
}
_NULL: Schema = {"type": "string", "nullable": True, "enum": [None]}
"""Accepts `null` and nothing else: `nullable` means something only beside a type."""


def downgrade(schema: Schema, pointer: str, losses: Losses) -> Json:
    """Return a schema whose subschemas have been translated already; it is changed in place."""
    if isinstance(schema.get("$ref"), str):
        return _reference(schema, pointer, losses)
    for step in (_const, _types, _bounds, _examples, _content, _conditions, _dependencies):
        step(schema, pointer, losses)
    for keyword in [k for k in schema if k not in _KEPT and not k.startswith("x-")]:
        losses.add(join(pointer, keyword), _LOST.get(keyword, f"{keyword!r} in schemas"))
        del schema[keyword]
    return schema


def boolean(value: bool) -> Schema:
    """Return the schema that accepts everything, or nothing."""
    return {} if value else {"not": {}}


def _reference(schema: Schema, pointer: str, losses: Losses) -> Json:
    beside = {k: v for k, v in schema.items() if k != "$ref"}
    if not beside:
        return schema
    rest = downgrade(beside, pointer, losses)
    assert isinstance(rest, dict)
    _also(rest, {"$ref": schema["$ref"]}, first=True)
    return rest


def _also(schema: Schema, condition: Json, *, first: bool = False) -> None:
    """Add a condition that values must meet as well."""
    listed = schema.get("allOf")
    others = list(listed) if isinstance(listed, list) else []
    schema["allOf"] = [condition, *others] if first else [*others, condition]


def _const(schema: Schema, _pointer: str, _losses: Losses) -> None:
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]


def _types(schema: Schema, _pointer: str, _losses: Losses) -> None:
    listed = schema.get("type")
    types = listed if isinstance(listed, list) else [listed] if listed is not None else []
    names = [t for t in types if t != "null"]
    nullable = "null" in types
    if types and not names:
        schema.pop("type")
        _also(schema, dict(_NULL))
    elif len(names) == 1:
        schema["type"] = names[0]
        if nullable:
            schema["nullable"] = True
    elif names:
        schema.pop("type")
        choices: list[Json] = [_typed(name, nullable=nullable) for name in names]
        if "anyOf" in schema:
            _also(schema, {"anyOf": choices})
        else:
            schema["anyOf"] = choices
    if schema.get("type") == "array":
        schema.setdefault("items", {})


def _typed(name: Json, *, nullable: bool) -> Schema:
    typed: Schema = {"type": name, **({"nullable": True} if nullable else {})}
    return {**typed, "items": {}} if name == "array" else typed


def _bounds(schema: Schema, _pointer: str, _losses: Losses) -> None:
    _bound(schema, "minimum", "exclusiveMinimum", lambda exclusive, inclusive: exclusive >= inclusive)
    _bound(schema, "maximum", "exclusiveMaximum", lambda exclusive, inclusive: exclusive <= inclusive)


def _bound(schema: Schema, name: str, exclusive: str, stricter: Callable[[float, float], bool]) -> None:
    bound, inclusive = schema.pop(exclusive, None), schema.get(name)
    if not isinstance(bound, (int, float)):
        return
    if not isinstance(inclusive, (int, float)) or stricter(bound, inclusive):
        schema[name] = bound
        schema[exclusive] = True


def _examples(schema: Schema, pointer: str, losses: Losses) -> None:
    examples = schema.pop("examples", None)
    values = examples if isinstance(examples, list) else []
    if "example" not in schema and values:
        schema["example"] = values.pop(0)
    if values:
        losses.add(join(pointer, "examples"), "second example of a schema", "keep one, or put them at the media type")


def _content(schema: Schema, _pointer: str, _losses: Losses) -> None:
    """Translate strings that carry something else, as far as a format says it."""
    encoding, media = schema.get("contentEncoding"), schema.get("contentMediaType")
    if "format" in schema:
        return
    if encoding == "base64":
        schema["format"] = "byte"
        del schema["contentEncoding"]
    elif encoding is None and media == "application/octet-stream":
        schema["format"] = "binary"
        del schema["contentMediaType"]


def _conditions(schema: Schema, _pointer: str, _losses: Losses) -> None:
    condition, then, otherwise = schema.pop("if", None), schema.pop("then", None), schema.pop("else", None)
    if condition is None:
        return
    if then is not None:
        _also(schema, {"anyOf": [{"not": condition}, then]})
    if otherwise is not None:
        _also(schema, {"anyOf": [condition, otherwise]})


def _dependencies(schema: Schema, _pointer: str, _losses: Losses) -> None:
    required = schema.pop("dependentRequired", None)
    schemas = schema.pop("dependentSchemas", None)
    demands: list[tuple[str, Json]] = []
    if isinstance(required, Mapping):
        demands += [(name, {"required": others}) for name, others in required.items() if others]
    if isinstance(schemas, Mapping):
        demands += list(schemas.items())
    for name, demand in demands:
        _also(schema, {"anyOf": [{"not": {"required": [name]}}, demand]})
