"""Every document as if it had been written in OpenAPI 3.1: schemas become JSON Schema 2020-12.

Keywords whose value has the wrong type would make every validator and generator stumble, each in its own way; they
are left out here, once, with a finding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from tallystick.contract import meant
from tallystick.contract.schema import as_mapping
from tallystick.diagnostics import Finding, Severity
from tallystick.load import Json, is_number
from tallystick.load.pointer import join
from tallystick.resolve import Bundle, grammar

_TYPES = frozenset(("null", "boolean", "integer", "number", "string", "array", "object"))
BESIDE_REF_30 = frozenset(
    ("$ref", "title", "description", "deprecated", "readOnly", "writeOnly", "default", "example")
)
"""What is understood beside `$ref` in a document of version 3.0; the rest is left out, as the specification asks."""
_ANNOTATIONS = (
    "title",
    "description",
    "deprecated",
    "readOnly",
    "writeOnly",
    "default",
    "example",
    "examples",
)


def _is_count(value: Json) -> bool:
    return is_number(value) and value >= 0 and value == int(value)


def _is_step(value: Json) -> bool:
    return is_number(value) and value > 0


def _is_schema(value: Json) -> bool:
    return isinstance(value, (dict, bool))


def _is_schemas(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_schema(v) for v in value)


def _is_named_schemas(value: Json) -> bool:
    return isinstance(value, dict) and all(_is_schema(v) for v in value.values())


def _is_names(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _is_company(value: Json) -> bool:
    return isinstance(value, dict) and all(_is_names(v) and _is_each_once(v) for v in value.values())


def _is_each_once(value: Json) -> bool:
    return isinstance(value, list) and len(set(map(str, value))) == len(value)


def _is_dependencies(value: Json) -> bool:
    return isinstance(value, dict) and all(
        _is_schema(v) or (_is_names(v) and _is_each_once(v)) for v in value.values()
    )


def _is_type(value: Json) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(n, str) and n in _TYPES for n in names)


_MOST_PARTS = 200
_A_SCHEMA = "a reference to a mapping, true or false"
_REFERENCES = ("$ref", "$dynamicRef")
_SHAPES: dict[str, tuple[Callable[[Json], bool], str]] = {
    "type": (_is_type, "one of " + ", ".join(sorted(_TYPES)) + ", or a list of them"),
    "required": (_is_names, "a list of member names, on the object that has them"),
    "enum": (lambda v: isinstance(v, list), "a list of values"),
    "properties": (_is_named_schemas, "a map of schemas"),
    "patternProperties": (_is_named_schemas, "a map of schemas"),
    "dependentSchemas": (_is_named_schemas, "a map of schemas"),
    "dependentRequired": (_is_company, "a map of lists of member names, each once"),
    "dependencies": (_is_dependencies, "a map of schemas, or of lists of member names"),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), (_is_schemas, "a list of schemas, not empty")),
    **dict.fromkeys(
        (
            "additionalProperties",
            "contains",
            "else",
            "if",
            "items",
            "not",
            "propertyNames",
            "then",
            "unevaluatedItems",
            "unevaluatedProperties",
        ),
        (_is_schema, "a schema"),
    ),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"), (is_number, "a number")),
    "multipleOf": (_is_step, "a number above zero"),
    **dict.fromkeys(
        ("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"),
        (_is_count, "a whole number, zero or more"),
    ),
    **dict.fromkeys(("uniqueItems", "deprecated"), (lambda v: isinstance(v, bool), "true or false")),
    **dict.fromkeys(("pattern", "format", "$ref"), (lambda v: isinstance(v, str), "a string")),
}


def normalise(bundle: Bundle) -> tuple[dict[str, Json], list[Finding]]:
    """Return a copy of the bundled document with 3.1 schemas, and findings about what had to be left out.

    Pointers stay the same except below an untyped `nullable`, which becomes an `anyOf`.
    """
    old = str(bundle.data.get("openapi", "")).startswith("3.0")
    normaliser = _Normaliser(bundle, old=old)
    document = normaliser.run(grammar.ROOT, bundle.data, "")
    assert isinstance(document, dict)
    return document, normaliser.findings


class _Normaliser:
    def __init__(self, bundle: Bundle, *, old: bool) -> None:
        self.bundle = bundle
        self.old = old
        self.findings: list[Finding] = []

    def run(self, kind: str, node: Json, pointer: str) -> Json:
        """Return a normalised copy of one OpenAPI object."""
        if not isinstance(node, dict):
            return node
        if kind == "schema" and any(self._is_useless(node, k, pointer) for k in _REFERENCES):
            node = {k: v for k, v in node.items() if k not in _REFERENCES}
        own = self._tidy(node, pointer) if kind == "schema" else node
        copy = dict(own)
        for tokens, child_kind, value in grammar.children(kind, own):
            child = self.run(child_kind, value, join(pointer, *tokens))
            if len(tokens) == 1:
                copy[str(tokens[0])] = child
                continue
            first = str(tokens[0])
            container = copy[first]
            if container is own[first]:
                container = dict(container) if isinstance(container, dict) else list(cast("list[Json]", container))
                copy[first] = container
            container[tokens[1]] = child  # type: ignore[index]
        return self._modern(copy, pointer) if kind == "schema" else copy

    def _is_useless(self, schema: dict[str, Json], keyword: str, pointer: str) -> bool:
        """Say whether a reference leads to no schema; where it leads nowhere at all, its finding is already known."""
        ref, where = schema.get(keyword), join(pointer, keyword)
        if where in self.bundle.broken:
            return True
        if not isinstance(ref, str) or not ref.startswith("#/") or _is_schema(self.bundle.get(ref[1:])):
            return False
        place = self.bundle.place(where)
        self.findings.append(Finding("ref-no-schema", f"{ref} leads to no schema", place, expected=_A_SCHEMA))
        return True

    def _tidy(self, schema: dict[str, Json], pointer: str) -> dict[str, Json]:
        """Leave out keywords with values of the wrong type, and what 3.0 ignores beside `$ref`."""
        if self.old and isinstance(schema.get("$ref"), str):
            return {k: v for k, v in schema.items() if k in BESIDE_REF_30 or k.startswith("x-")}
        wrong = [k for k, v in schema.items() if k in _SHAPES and not self._fits(k, v)]
        if not wrong:
            return schema
        for keyword in wrong:
            self._report_shape(keyword, join(pointer, keyword))
        return {k: v for k, v in schema.items() if k not in wrong}

    def _fits(self, keyword: str, value: Json) -> bool:
        if keyword in ("exclusiveMaximum", "exclusiveMinimum") and isinstance(value, bool):
            return self.old
        if keyword == "items" and isinstance(value, list):
            return all(_is_schema(v) for v in value)
        return _SHAPES[keyword][0](value)

    def _report_shape(self, keyword: str, pointer: str) -> None:
        place = self.bundle.place(pointer)
        message = f"the value of {keyword!r} is not allowed; the keyword is ignored"
        self.findings.append(
            Finding("schema-keyword", message, place, Severity.WARNING, expected=_SHAPES[keyword][1])
        )

    def _modern(self, schema: dict[str, Json], pointer: str) -> dict[str, Json]:
        if "$dynamicRef" in schema:
            schema.setdefault("$ref", schema.pop("$dynamicRef"))
        if isinstance(schema.get("items"), list):
            schema["prefixItems"] = schema.pop("items")
            rest = schema.pop("additionalItems", None)
            if rest is not None:
                schema["items"] = rest
        if self.old:
            _numeric_exclusive(schema, "minimum", "exclusiveMinimum")
            _numeric_exclusive(schema, "maximum", "exclusiveMaximum")
        self._read_as_meant(schema, pointer)
        if "nullable" in schema:
            if not self.old:
                message = "OpenAPI 3.1 has no 'nullable'; it is read as 3.0 would"
                hint = "write the type as a list that has null in it"
                self._report("nullable-in-31", message, join(pointer, "nullable"), hint)
            return _nullable(schema)
        return schema

    def _read_as_meant(self, schema: dict[str, Json], pointer: str) -> None:
        """Change what nothing could fit as it is written, and say so."""
        if "enum" in schema and (values := meant.listed_values(schema.get("type"), schema["enum"])) is not None:
            schema["enum"] = cast("Json", values)
            message = f"no value is of the type {schema['type']!r}; they are read as if they were"
            self._report("enum-type", message, join(pointer, "enum"), "write the values as that type")
        if schema.get("additionalProperties") is False and meant.is_closed_to_parts(schema, self._parts(schema)):
            del schema["additionalProperties"]
            schema.setdefault("unevaluatedProperties", False)
            message = "what its parts ask for would be refused; only what none of them knows is"
            self._report(
                "closed-to-parts", message, join(pointer, "additionalProperties"), "write unevaluatedProperties"
            )
        if (names := meant.required_names(schema)) is not None:
            message = "it asks for members that may not be there; they are not asked for"
            self._report("required-forbidden", message, join(pointer, "required"), "declare them under properties")
            schema["required"] = cast("Json", names)
        if (kept := meant.alternatives(schema.get("oneOf"))) is not None:
            message = "an alternative is listed twice, so what fits it would fit two; it counts once"
            self._report("alternative-twice", message, join(pointer, "oneOf"), "list each alternative once")
            schema["oneOf"] = cast("Json", kept)
        given = schema.get("pattern")
        if isinstance(given, str) and (pattern := meant.pattern(given)) is not None:
            without = "it is read without them" if pattern else "with flags it can't be read, and is ignored"
            message = f"a pattern has no delimiters in JSON Schema; {without}"
            self._report("pattern-delimiters", message, join(pointer, "pattern"), "leave out the slashes")
            schema.pop("pattern")
            schema |= {"pattern": pattern} if pattern else {}

    def _parts(self, schema: dict[str, Json]) -> dict[str, Json]:
        """Return the properties and required names of what a schema takes in by `$ref` and `allOf`."""
        properties: dict[str, Json] = {}
        required: list[Json] = []
        stack, taken, seen = [schema], 0, set[str]()
        while stack and taken < _MOST_PARTS:
            here, taken = stack.pop(), taken + 1
            if here is not schema:
                properties |= as_mapping(here.get("properties"))
                required += meant.as_names(here.get("required"))
            ref, listed = here.get("$ref"), here.get("allOf")
            if isinstance(ref, str) and ref.startswith("#/") and ref not in seen and self.bundle.has(ref[1:]):
                seen.add(ref)
                stack += [target] if isinstance(target := self.bundle.get(ref[1:]), dict) else []
            stack += [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
        return {"properties": properties, "required": required}

    def _report(self, id_: str, message: str, pointer: str, hint: str) -> None:
        self.findings.append(Finding(id_, message, self.bundle.place(pointer), Severity.WARNING, hint=hint))


def _numeric_exclusive(schema: dict[str, Json], bound: str, exclusive: str) -> None:
    if isinstance(schema.get(exclusive), bool):
        strict = schema.pop(exclusive)
        if strict and bound in schema:
            schema[exclusive] = schema.pop(bound)


def _nullable(schema: dict[str, Json]) -> dict[str, Json]:
    if schema.pop("nullable") is not True:
        return schema
    types = schema.get("type")
    if types is not None:
        names = types if isinstance(types, list) else [types]
        schema["type"] = [*(n for n in names if n != "null"), "null"]
        values = schema.get("enum")
        if isinstance(values, list) and None not in values:
            schema["enum"] = [*values, None]
        return schema
    if not any(k in schema for k in ("$ref", "allOf", "anyOf", "oneOf", "enum", "const", "not")):
        return schema  # without a type everything is allowed already, null too
    outside = {k: v for k, v in schema.items() if k in _ANNOTATIONS or k.startswith("x-")}
    inside: dict[str, Json] = {k: v for k, v in schema.items() if k not in outside}
    return {**outside, "anyOf": [inside, {"type": "null"}]}
