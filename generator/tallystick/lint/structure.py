"""openapi-spec-validator over the bundled document, its errors turned into findings with places.

The document's form is checked with the validator's own JSON Schemas. What it checks beyond them (repeated parameters
and tags) is left to its keyword validators, which we follow to know where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from typing import Any, cast

import jsonschema_rs
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from openapi_spec_validator.schemas import schema_v30, schema_v31
from openapi_spec_validator.validation.exceptions import DuplicateOperationIDError, UnresolvableParameterError
from openapi_spec_validator.validation.keywords import KeywordValidator
from openapi_spec_validator.validation.registries import KeywordValidatorRegistry

from tallystick.contract import Contract
from tallystick.diagnostics import Finding
from tallystick.lint.wording import faults
from tallystick.load import Json
from tallystick.load.pointer import get, join
from tallystick.resolve import Bundle, grammar

_META = "https://json-schema.org/draft/2020-12/schema"
_DIALECTS = (_META, "https://spec.openapis.org/oas/3.1/dialect/base")
_OURS = (DuplicateOperationIDError, UnresolvableParameterError)  # our own rules say these, with more to them


def structure(contract: Contract) -> Iterator[Finding]:
    """Yield where the document breaks the OpenAPI specification.

    What needs a sound document to run on at all is checked only when the document has the right form, every
    reference leads somewhere, and to what is wanted there; nothing is ever fetched.
    """
    bundle = contract.bundle
    old = contract.openapi.startswith("3.0")
    found = [*_document(bundle, dict(schema_v30) if old else _schema_31())]
    if not old:
        found += _schemas(bundle)
    yield from found
    if not found and not bundle.broken and not contract.refused:
        yield from _beyond(bundle, OpenAPIV30SpecValidator if old else OpenAPIV31SpecValidator)


def _schema_31() -> dict[str, Any]:
    """Return the schema for 3.1, letting any value be a parameter of a link, as the specification does."""
    schema = cast("dict[str, Any]", deepcopy(dict(schema_v31)))
    schema["$defs"]["link"]["properties"]["parameters"] = {"type": "object"}
    return schema


def _document(bundle: Bundle, schema: dict[str, Any]) -> Iterator[Finding]:
    errors = jsonschema_rs.validator_for(schema).iter_errors(bundle.data)
    return _findings(bundle, "structure", "", errors, schema)


def _schemas(bundle: Bundle) -> Iterator[Finding]:
    """Yield where a schema of a 3.1 document is no JSON Schema."""
    if bundle.data.get("jsonSchemaDialect", _META) not in _DIALECTS:
        return
    meta = jsonschema_rs.Draft202012Validator({"$ref": _META})
    for pointer, node in _outermost_schemas(bundle.data):
        if isinstance(node, dict) and node.get("$schema", _META) in _DIALECTS:
            yield from _findings(bundle, "schema", pointer, meta.iter_errors(node), {})


def _outermost_schemas(data: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    inside: str | None = None
    for pointer, kind, node in grammar.walk(grammar.ROOT, data):
        if inside is not None and pointer.startswith(inside):
            continue
        inside = pointer + "/" if kind == "schema" else None
        if kind == "schema":
            yield pointer, node


def _findings(bundle: Bundle, id_: str, base: str, errors: Iterator[Any], schema: object) -> Iterator[Finding]:
    for fault in faults(errors, schema):
        place = bundle.place(base + fault.pointer)
        yield Finding(id_, fault.message, place, expected=fault.expected, hint=fault.hint)


def _beyond(bundle: Bundle, engine: type[OpenAPIV30SpecValidator | OpenAPIV31SpecValidator]) -> Iterator[Finding]:
    """Yield what the validator checks without a schema."""
    kinds: dict[str, Any] = {name: partial(_Followed, kind) for name, kind in engine.keyword_validators.items()}
    registry = KeywordValidatorRegistry({**kinds, "schema": _Silent})
    root = cast("Callable[[Any], Iterator[Any]]", registry["__root__"])
    for error in root(engine(bundle.data).schema_path):
        if not isinstance(error, _OURS):
            pointer = _settled(bundle.data, vars(error)["followed"])
            yield Finding("structure", error.message, bundle.place(pointer))


class _Followed:
    """A keyword validator whose errors carry the path of the innermost object they are about."""

    def __init__(self, kind: type[KeywordValidator], registry: KeywordValidatorRegistry) -> None:
        self._validator: Any = kind(registry)

    def __call__(self, *args: Any) -> Iterator[Any]:
        """Yield the validator's errors."""
        path = next(a for a in args if hasattr(a, "parts"))
        for error in self._validator(*args):
            vars(error).setdefault("followed", path.parts)
            yield error


class _Silent(KeywordValidator):
    """Stands in for the validator's walk through schemas, which follows every reference by recursion.

    That a schema is one, that its default fits and that its required members exist is checked elsewhere.
    """

    def __call__(self, *_args: Any, **_kwargs: Any) -> Iterator[Any]:
        """Yield nothing."""
        return iter(())


def _settled(data: dict[str, Json], tokens: tuple[str | int, ...]) -> str:
    """Return the pointer at which a path that runs through references ends."""
    node: Any = data
    pointer = ""
    for token in tokens:
        node, pointer = _followed_reference(data, node, pointer)
        node, pointer = node[token], join(pointer, token)
    return _followed_reference(data, node, pointer)[1]


def _followed_reference(data: dict[str, Json], node: Any, pointer: str) -> tuple[Any, str]:
    while isinstance(node, dict) and isinstance(ref := node.get("$ref"), str):
        pointer = ref[1:]
        node = get(data, pointer)
    return node, pointer
