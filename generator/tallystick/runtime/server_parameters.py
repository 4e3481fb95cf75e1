"""Parameters from the wire to plain values, in every style of OpenAPI."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, unquote_plus

from .server_errors import Refused
from .server_facts import Parameter
from .server_schema import Schemas

Pairs = list[tuple[str, str]]
_BETWEEN = {"spaceDelimited": " ", "pipeDelimited": "|"}


def pairs(text: str) -> Pairs:
    """Split a query string or a form, its values still encoded."""
    found = (piece.partition("=") for piece in text.split("&") if piece)
    return [(unquote_plus(name), value) for name, _, value in found]


def cookies(header: str) -> Pairs:
    """Split a `Cookie` header, its values still encoded."""
    found = (piece.strip().partition("=") for piece in header.split(";"))
    return [(name, value.strip('"')) for name, _, value in found if name]


def value(
    parameter: Parameter, sent: Mapping[str, Pairs], headers: Mapping[str, str], schemas: Schemas
) -> tuple[Any] | None:
    """Return the plain value of a parameter in a tuple of one, `None` if it was not sent.

    `sent` holds path, query and cookies, still encoded.
    """
    if parameter.place == "header":
        text = headers.get(parameter.name.lower())
        return None if text is None else (_one(parameter, text, schemas, str),)
    found = sent[parameter.place]
    if parameter.place == "path":
        text = next((text for name, text in found if name == parameter.name), None)
        return None if text is None else (_one(parameter, text, schemas, unquote),)
    return from_pairs(parameter, found, schemas)


def from_pairs(parameter: Parameter, found: Pairs, schemas: Schemas) -> tuple[Any] | None:
    """Return a value among those of a query, a form or the cookies."""
    decode = unquote_plus if parameter.place == "query" else unquote
    kind = "scalar" if parameter.json else schemas.kind(parameter.schema)
    if parameter.style == "deepObject" and not parameter.json:
        return _deep(parameter, [(name, decode(text)) for name, text in found], schemas)
    if kind == "object" and parameter.explode:
        members = schemas.names(parameter.schema)
        own = [(name, decode(text)) for name, text in found if name in members]
        return (schemas.object(parameter.schema, own),) if own else None
    names = (parameter.name, *((f"{parameter.name}[]",) if kind == "array" else ()))
    texts = [text for name, text in found if name in names]
    if not texts:
        return None
    if kind == "array" and parameter.explode:
        return (schemas.array(parameter.schema, map(decode, texts)),)
    if len(texts) > 1:
        raise Refused("invalid", f"{parameter.name}: given more than once", pointer=parameter.name)
    return (_one(parameter, texts[0], schemas, decode),)


def _one(parameter: Parameter, text: str, schemas: Schemas, decode: Callable[[str], str]) -> Any:
    """Return the value of one text; what separates its parts is looked for before they are decoded."""
    if parameter.json:
        return _json(parameter.name, decode(text))
    kind = schemas.kind(parameter.schema)
    text = _bare(parameter, text, kind)
    if kind == "scalar":
        return schemas.scalar(parameter.schema, decode(text))
    parts = [decode(part.strip()) for part in _split(parameter, text, kind)]
    if kind == "array":
        return schemas.array(parameter.schema, parts)
    if parameter.explode:
        return schemas.object(parameter.schema, [(n, v) for n, _, v in (part.partition("=") for part in parts)])
    return schemas.object(parameter.schema, zip(parts[::2], parts[1::2], strict=False))


def _bare(parameter: Parameter, text: str, kind: str) -> str:
    if parameter.style == "label":
        return text.removeprefix(".")
    if parameter.style == "matrix":
        named = f";{parameter.name}="
        return text.removeprefix(";" if kind == "object" and parameter.explode else named)
    return text


def _split(parameter: Parameter, text: str, kind: str) -> list[str]:
    between = _BETWEEN.get(parameter.style, ",")
    if parameter.style == "label" and parameter.explode:
        between = "."
    if parameter.style == "matrix" and parameter.explode:
        between = ";" if kind == "object" else f";{parameter.name}="
    encoded = {" ": "%20", "|": "%7C"}.get(between)
    if encoded:
        text = text.replace(encoded, between).replace(encoded.lower(), between).replace("+", " ")
    return text.split(between) if text else []


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("invalid", f"{name}: no JSON", pointer=name) from None


def _deep(parameter: Parameter, found: Pairs, schemas: Schemas) -> tuple[Any] | None:
    """Return an object written as `name[member]=value`, however deep."""
    own: list[tuple[list[str], str]] = []
    for name, text in found:
        head, bracket, rest = name.partition("[")
        if head == parameter.name and bracket and rest.endswith("]"):
            own.append((rest[:-1].split("]["), text))
    return (_nested(own, parameter.schema, schemas),) if own else None


def _nested(found: list[tuple[list[str], str]], schema: Any, schemas: Schemas) -> Any:
    if schemas.kind(schema) == "array" and all(path[0].isdigit() or not path[0] for path, _ in found):
        return schemas.array(schema, [text for _, text in found])
    groups: dict[str, list[tuple[list[str], str]]] = {}
    for path, text in found:
        groups.setdefault(path[0], []).append((path[1:], text))
    members: dict[str, Any] = {}
    for name, inner in groups.items():
        member = schemas.member(schema, name)
        deep = [(path, text) for path, text in inner if path]
        texts = [(name, text) for path, text in inner if not path]
        members[name] = _nested(deep, member, schemas) if deep else schemas.object(schema, texts)[name]
    return members
