"""Which kind of OpenAPI object stands where: the one table that lets everything else walk a document by meaning.

Kinds are the object names of OpenAPI 3.0 and 3.1 in camelCase. Where the table is silent (examples, defaults,
extensions) a node is plain data, in which a member called `$ref` is no reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tallystick.load import Json
from tallystick.load.pointer import join

ROOT: Final = "openapi"
COMPONENT_KINDS: Final = {
    "schemas": "schema",
    "responses": "response",
    "parameters": "parameter",
    "examples": "example",
    "requestBodies": "requestBody",
    "headers": "header",
    "securitySchemes": "securityScheme",
    "links": "link",
    "callbacks": "callback",
    "pathItems": "pathItem",
}
"""Section of `components` -> kind of the objects in it."""

SECTION_OF: Final = {kind: section for section, kind in COMPONENT_KINDS.items()}
"""Kind -> section of `components` that can hold it."""

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The operations of a path item, in the specification's order."""

# A member leads to one object of a kind ("kind"), a list of them ("kind[]") or a map of them ("kind{}").
_SCHEMA_MEMBERS: Final = {
    **dict.fromkeys(
        (
            *("additionalProperties", "additionalItems", "contains", "contentSchema", "else", "if", "not"),
            *("items", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
        ),
        "schema",
    ),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "schema[]"),
    **dict.fromkeys(("$defs", "definitions", "dependentSchemas", "patternProperties", "properties"), "schema{}"),
    "discriminator": "discriminator",
}
_PARAMETER_MEMBERS: Final = {"schema": "schema", "content": "mediaType{}", "examples": "example{}"}
_MEMBERS: Final[dict[str, dict[str, str]]] = {
    ROOT: {
        "info": "info",
        "servers": "server[]",
        "paths": "paths",
        "webhooks": "pathItem{}",
        "components": "components",
        "tags": "tag[]",
        "security": "securityRequirement[]",
    },
    "components": {section: kind + "{}" for section, kind in COMPONENT_KINDS.items()},
    "pathItem": {
        **dict.fromkeys(METHODS, "operation"),
        "parameters": "parameter[]",
        "servers": "server[]",
    },
    "operation": {
        "parameters": "parameter[]",
        "requestBody": "requestBody",
        "responses": "responses",
        "callbacks": "callback{}",
        "servers": "server[]",
        "security": "securityRequirement[]",
    },
    "parameter": _PARAMETER_MEMBERS,
    "header": _PARAMETER_MEMBERS,
    "requestBody": {"content": "mediaType{}"},
    "response": {"headers": "header{}", "content": "mediaType{}", "links": "link{}"},
    "mediaType": {"schema": "schema", "examples": "example{}", "encoding": "encoding{}"},
    "encoding": {"headers": "header{}"},
    "link": {"server": "server"},
    "server": {"variables": "serverVariable{}"},
    "schema": _SCHEMA_MEMBERS,
}
# In these every member that is no extension is an object of one kind.
_MAPS: Final = {"paths": "pathItem", "responses": "response", "callback": "pathItem"}


def children(kind: str, node: Json) -> Iterator[tuple[tuple[str | int, ...], str, Json]]:
    """Yield (tokens below the node, kind, value) for each OpenAPI object directly below `node`.

    Malformed members (a list where a map belongs) are passed over; the validator names them.
    """
    if not isinstance(node, dict):
        return
    if kind in _MAPS:
        for name, value in node.items():
            if not name.startswith("x-") and name != "$ref":
                yield (name,), _MAPS[kind], value
        return
    members = _MEMBERS.get(kind)
    if members is None:
        return
    for name, value in node.items():
        target = members.get(name)
        if target is not None:
            yield from _spread(name, target, value)


def _spread(name: str, target: str, value: Json) -> Iterator[tuple[tuple[str | int, ...], str, Json]]:
    if target.endswith("[]"):
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield (name, index), target[:-2], item
    elif target.endswith("{}"):
        if isinstance(value, dict):
            for key, item in value.items():
                yield (name, key), target[:-2], item
    elif name == "items" and isinstance(value, list):  # tuple form of drafts before 2020-12
        for index, item in enumerate(value):
            yield (name, index), target, item
    else:
        yield (name,), target, value


def walk(kind: str, node: Json, pointer: str = "") -> Iterator[tuple[str, str, Json]]:
    """Yield (pointer, kind, node) for `node` and every OpenAPI object below it, parents first.

    References are not followed. Bounded by the depth of the document.
    """
    stack = [(pointer, kind, node)]
    while stack:
        here, kind_here, current = stack.pop()
        yield here, kind_here, current
        below = [(join(here, *tokens), k, value) for tokens, k, value in children(kind_here, current)]
        stack.extend(reversed(below))
