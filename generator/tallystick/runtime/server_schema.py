"""JSON Schema at work: whether a value is what the contract asks for, and what a text on the wire stands for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast
from urllib.parse import unquote

import jsonschema_rs

from .server_errors import Refused

_BASE = "contract:/"
_MOST_PARTS = 200


class Schemas:
    """The schemas of a package; each is compiled when it is first used."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        whole: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": definitions}
        self._registry = jsonschema_rs.Registry([(_BASE, whole)])
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def require(self, key: str, schema: Any, value: Any, where: str = "") -> None:
        """Refuse a value that the schema forbids; `key` tells the schema from all others."""
        if key not in self._compiled:
            self._compiled[key] = jsonschema_rs.Draft202012Validator(
                schema, registry=self._registry, validate_formats=True
            )
        error = next(self._compiled[key].iter_errors(value), None)
        if error is not None:
            place = _dotted([*([where] if where else []), *error.instance_path])
            raise Refused("invalid", f"{place or 'value'}: {error.message}", pointer=place, value=error.instance)

    def types(self, schema: Any) -> frozenset[str]:
        """Return all JSON types that some alternative of a schema names."""
        found: set[str] = set()
        for part in self._parts(schema):
            named = part.get("type", [])
            found.update([named] if isinstance(named, str) else named)
            values = part.get("enum", [part["const"]] if "const" in part else [])
            found.update(_TYPES[type(value)] for value in values if "type" not in part)
            found.update(["object"] if "properties" in part else [])
        return frozenset(found)

    def kind(self, schema: Any) -> str:
        """Return `array`, `object`, or `scalar` for everything else."""
        types = self.types(schema)
        return "array" if "array" in types else "object" if "object" in types else "scalar"

    def items(self, schema: Any) -> Any:
        """Return the schema of a list's items."""
        return next((part["items"] for part in self._parts(schema) if "items" in part), True)

    def member(self, schema: Any, name: str) -> Any:
        """Return the schema of an object's member."""
        parts = list(self._parts(schema))
        named = (part["properties"][name] for part in parts if name in part.get("properties", {}))
        others = (part["additionalProperties"] for part in parts if "additionalProperties" in part)
        return next(named, next(others, True))

    def names(self, schema: Any) -> frozenset[str]:
        """Return the names of the members that an object lists."""
        return frozenset(name for part in self._parts(schema) for name in part.get("properties", {}))

    def scalar(self, schema: Any, text: str) -> Any:
        """Return what a text stands for: a number, a word of JSON, or itself, as the schema's types have it."""
        types = self.types(schema)
        try:
            value = json.loads(text, parse_constant=_no_constant) if types - {"string"} else text
        except (ValueError, RecursionError):
            return text
        if isinstance(value, float) and value.is_integer() and "integer" in types and "number" not in types:
            value = int(value)
        fits = _TYPES[type(value)] in types or (type(value) is int and "number" in types)
        return value if fits and (value is not None or "string" not in types) else text

    def array(self, schema: Any, texts: Iterable[str]) -> list[Any]:
        """Return a list from the texts of its items."""
        item = self.items(schema)
        return [self.scalar(item, text) for text in texts]

    def object(self, schema: Any, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """Return an object from the texts of its members; a name that comes twice is a list."""
        texts: dict[str, list[str]] = {}
        for name, text in pairs:
            texts.setdefault(name, []).append(text)
        return {name: self._member(self.member(schema, name), found) for name, found in texts.items()}

    def _member(self, schema: Any, texts: list[str]) -> Any:
        several = len(texts) > 1 or self.kind(schema) == "array"
        return self.array(schema, texts) if several else self.scalar(schema, texts[0])

    def _parts(self, schema: Any) -> Iterator[dict[str, Any]]:
        """Yield a schema and all that its references and alternatives add, each once."""
        pending, seen = [schema], set[int]()
        while pending and len(seen) < _MOST_PARTS:
            here = pending.pop(0)
            if not isinstance(here, dict) or id(cast("object", here)) in seen:
                continue
            part = cast("dict[str, Any]", here)
            seen.add(id(part))
            yield part
            if "$ref" in part:
                pending.append(self._definitions.get(_name(part["$ref"])))
            for keyword in ("allOf", "oneOf", "anyOf"):
                pending += part.get(keyword, [])


def _name(ref: str) -> str:
    return unquote(ref.removeprefix(f"{_BASE}#/$defs/")).replace("~1", "/").replace("~0", "~")


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _dotted(path: Iterable[str | int]) -> str:
    written = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return written.removeprefix(".")


_TYPES: Mapping[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}
