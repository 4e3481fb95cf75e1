"""A valid request for each operation of any document, made from its schemas."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tallystick.contract import Contract, Schema
from tallystick.contract.model import Media, Operation, Parameter
from tallystick.mock.media_types import is_json
from tallystick.mock.values.generate import Generator, Unsatisfiable
from tallystick.mock.wire.parameters import shape_of
from tallystick.mock.wire.xml import written


def request_for(contract: Contract, operation: Operation, generator: Generator) -> tuple[str, dict[str, str], bytes]:
    """Return target, headers and body of a valid request. Raises `Unsatisfiable` when there is none."""
    path, _, own = operation.path.partition("#")[0].partition("?")
    path = quote(path, safe="/{}:@!$&'()*+,;=~")
    query, headers = [own] if own else [], dict[str, str]()
    cookies: list[str] = []
    for parameter in operation.parameters:
        if not parameter.required:
            continue
        value = _value(parameter, generator)
        if parameter.location == "path":
            said = quote(_prefixed(parameter, value), safe="")
            path = path.replace(f"{{{quote(parameter.name)}}}", said)
            query = [piece.replace(f"{{{parameter.name}}}", said) for piece in query]
        elif parameter.location == "query":
            pieces = [f"{quote(n, safe='[]')}={quote(v, safe='')}" for n, v in _query(parameter, value)]
            query += [piece for piece in pieces if piece not in query or len({*pieces}) < len(pieces)]
        elif parameter.location == "header":
            headers[parameter.name.lower()] = _simple(parameter, value)
        else:
            cookies += [f"{n}={v}" for n, v in _query(parameter, value)]
    if cookies:
        headers["cookie"] = "; ".join(cookies)
    _authenticate(contract, operation, query, headers)
    body = b""
    if operation.body is not None:
        media = next((m for m in operation.body.media if "*" not in m.content_type), operation.body.media[0])
        content_type, body = _body(media, generator)
        headers["content-type"] = content_type
    return path + (f"?{'&'.join(query)}" if query else ""), headers, body


def _value(parameter: Parameter, generator: Generator) -> Any:
    schema = parameter.media.schema if parameter.media else parameter.schema
    if schema is None:
        return "a"
    for seed in range(8):
        value = generator.value(schema, "request", seed=str(seed), examples=seed == 0)
        if value not in ([], {}) and (value != "" or parameter.location != "path"):
            return value
    raise Unsatisfiable(parameter.name)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _simple(parameter: Parameter, value: Any) -> str:
    if parameter.media:
        return json.dumps(value) if is_json(parameter.media.content_type) else _text(value)
    if isinstance(value, list):
        return ",".join(_text(v) for v in value)
    if isinstance(value, dict):
        joiner = "=" if parameter.explode else ","
        return ",".join(f"{n}{joiner}{_text(v)}" for n, v in value.items())
    return _text(value)


def _prefixed(parameter: Parameter, value: Any) -> str:
    if parameter.style == "label":
        separator = "." if parameter.explode else ","
        return "." + _simple(parameter, value).replace(",", separator)
    if parameter.style == "matrix":
        if isinstance(value, list) and parameter.explode:
            return "".join(f";{parameter.name}={_text(v)}" for v in value)
        if isinstance(value, dict) and parameter.explode:
            return "".join(f";{n}={_text(v)}" for n, v in value.items())
        return f";{parameter.name}={_simple(parameter, value)}"
    return _simple(parameter, value)


def _query(parameter: Parameter, value: Any) -> Iterator[tuple[str, str]]:
    name = parameter.name
    if parameter.media:
        yield name, _simple(parameter, value)
    elif parameter.style == "deepObject" and isinstance(value, dict):
        yield from _deep(name, value)
    elif isinstance(value, list) and parameter.explode:
        yield from ((name, _text(v)) for v in value)
    elif isinstance(value, dict) and parameter.explode:
        yield from ((n, _text(v)) for n, v in value.items())
    elif isinstance(value, list):
        yield name, {"spaceDelimited": " ", "pipeDelimited": "|"}.get(parameter.style, ",").join(map(_text, value))
    else:
        yield name, _simple(parameter, value)


def _deep(name: str, value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _deep(f"{name}[{key}]", inner)
        elif isinstance(inner, list):
            yield from ((f"{name}[{key}]", _text(v)) for v in inner)
        else:
            yield f"{name}[{key}]", _text(inner)


def _authenticate(contract: Contract, operation: Operation, query: list[str], headers: dict[str, str]) -> None:
    for need in operation.security[0] if operation.security else ():
        scheme = contract.security_schemes.get(need.scheme)
        if scheme is None:
            continue
        if scheme.kind == "apiKey" and scheme.location == "query":
            query.append(f"{quote(scheme.parameter)}=test-key")
        elif scheme.kind == "apiKey" and scheme.location == "cookie":
            headers["cookie"] = "; ".join(filter(None, (headers.get("cookie"), f"{scheme.parameter}=test-key")))
        elif scheme.kind == "apiKey":
            headers.setdefault(scheme.parameter.lower(), "test-key")
        elif scheme.scheme == "basic":
            headers["authorization"] = "Basic " + base64.b64encode(b"test-key:test-key").decode()
        else:
            headers["authorization"] = f"{scheme.scheme or 'bearer'} test-key"


def _body(media: Media, generator: Generator) -> tuple[str, bytes]:
    content_type = media.content_type
    value: Any = {}
    if media.schema is not None:
        plain = "form" in content_type  # in which an empty list or object can't be said
        value = generator.value(media.schema, "request", optional=plain)
        if not generator.fits(media.schema, value, "request"):
            value = generator.value(media.schema, "request", optional=not plain)
    if content_type == "application/x-www-form-urlencoded" and isinstance(value, dict):
        value = _sayable(value, media.schema, generator)
        pairs = _deep_form(value)
        return content_type, "&".join(f"{quote(n, safe='[]')}={quote(v, safe='')}" for n, v in pairs).encode()
    if content_type.startswith("multipart/"):
        return f"{content_type}; boundary=xx", _multipart(value if isinstance(value, dict) else {})
    if is_json(content_type) or "*" in content_type:
        concrete = content_type if is_json(content_type) else "application/json"
        return concrete, json.dumps(value).encode()
    if content_type.endswith(("/xml", "+xml")) and not isinstance(value, str):
        return content_type, written(_sayable(value, media.schema, generator), media.schema)
    return content_type, (_text(value) or "text").encode()


def _sayable(value: Any, schema: Schema | None, generator: Generator) -> Any:
    """Return a value with something in each empty list and object, which a form can't say."""
    shape = shape_of(schema)
    if value == [] and shape.items is not None:
        return [_sayable(generator.value(shape.items, "request", optional=False), shape.items, generator)]
    if value == {} and schema is not None:
        return {n: generator.value(m, "request", optional=False) for n, m in [*shape.members.items()][:1]}
    if isinstance(value, list):
        return [_sayable(item, shape.items, generator) for item in value]
    if isinstance(value, dict):
        return {n: _sayable(v, shape.members.get(n, shape.additional), generator) for n, v in value.items()}
    return value


def _deep_form(value: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, inner in value.items():
        if inner and isinstance(inner, (dict, list)):
            found += _flat(name, inner)
        else:
            found.append((name, _text(inner)))
    return found


def _flat(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for n, v in value.items() for pair in _flat(f"{name}[{n}]", v)]
    if isinstance(value, list):
        return [pair for i, v in enumerate(value) for pair in _flat(f"{name}[{i}]", v)]
    return [(name, _text(value))]


def _multipart(value: dict[str, Any]) -> bytes:
    parts = []
    for name, inner in value.items():
        for item in inner if isinstance(inner, list) else [inner]:
            kind = "Content-Type: application/json\r\n" if isinstance(item, (dict, list)) else ""
            parts.append(f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n{kind}\r\n{_text(item)}\r\n')
    return (
        "".join(parts) or '--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
    ).encode() + b"--xx--\r\n"
