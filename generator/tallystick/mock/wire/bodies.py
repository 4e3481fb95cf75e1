"""Request bodies from bytes to values, by media type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from functools import partial
from typing import cast

import orjson

from tallystick.contract import Schema
from tallystick.contract.model import Media
from tallystick.load import Json
from tallystick.mock.media_types import essence, is_json, is_xml
from tallystick.mock.refusal import Refused
from tallystick.mock.wire.parameters import Pairs, Reader, pairs

MAX_DEPTH = 200
"""How deep a JSON body may nest. Deeper ones are refused as malformed, before anything walks them."""


def parse(media: Media, content_type: str, body: bytes, reader: Reader) -> tuple[Json, bool]:
    """Return the value of a body, and whether it can be checked against a schema.

    Raises `Refused` for one that is malformed.
    """
    if is_json(content_type):
        return parse_json(body), True
    kind = essence(content_type)
    types = reader.shape(media.schema).types
    members = not types or "object" in types  # what has none can't be said by a form: it is taken as it comes
    if kind == "application/x-www-form-urlencoded":
        return (_form(media.schema, _text(body), reader), True) if members else (_text(body), "string" in types)
    if kind == "multipart/form-data" and members:
        return _multipart(media, content_type, body, reader), True
    if kind.startswith("text/") and not kind.endswith("xml"):
        value = reader.scalar(media.schema, _text(body))
        return value, not (isinstance(value, str) and types and types <= {"object", "array"})
    if is_xml(kind) and not types <= {"string"}:
        from tallystick.mock.wire.xml import read

        return read(_text(body), media.schema, reader), True
    return body.decode("latin-1"), False


def parse_json(body: bytes) -> Json:
    """Return the value of a JSON text. Raises `Refused` for anything that is not JSON in UTF-8, or nests too deep."""
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _refuse_depth(_text(body))
    try:
        value: Json = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        _text(body)  # which says where it isn't UTF-8
        raise Refused("malformed", f"The body is not JSON: {error}") from None
    return value


def _refuse_depth(text: str) -> None:
    depth, quoted, escaped = 0, False, False
    for character in text:
        if escaped:
            escaped = False
        elif quoted:
            escaped = character == "\\"
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Refused("malformed", f"The body nests deeper than {MAX_DEPTH} levels.")
        elif character in "]}":
            depth -= 1


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("malformed", f"The body is not UTF-8, at byte {error.start}.") from None


def _form(schema: Schema | None, text: str, reader: Reader) -> Json:
    found, declared = pairs(text), reader.shape(schema).members
    nested = [(n, v) for n, v in found if "[" in n.removesuffix("[]") and n not in declared]
    flat = [(n if n in declared else n.removesuffix("[]"), v) for n, v in found if (n, v) not in nested]
    value = reader.object(schema, flat)
    for name in dict.fromkeys(n.partition("[")[0] for n, _ in nested):
        inner = [(n.partition("[")[2].removesuffix("]"), v) for n, v in nested if n.startswith(f"{name}[")]
        value[name] = reader.member(reader.shape(schema), name, partial(_nested, reader, inner))
    return {**value, **_unsayable(schema, value, reader)}


def _unsayable(schema: Schema | None, value: Mapping[str, Json], reader: Reader) -> dict[str, Json]:
    """Return the members that have to be there but can't be said: a form has no empty list and no empty object."""
    required = schema.required_members() if schema is not None else frozenset[str]()
    missing = {
        name: member for name, member in reader.shape(schema).members.items() if name in required - value.keys()
    }
    empty: dict[frozenset[str], Json] = {frozenset(("object",)): {}, frozenset(("array",)): []}
    said = {name: (member, empty.get(reader.shape(member).types)) for name, member in missing.items()}
    return {name: made for name, (member, made) in said.items() if made is not None and reader.fits(member, made)}


def _nested(reader: Reader, found: Pairs, schema: Schema | None) -> Json:
    return reader.nested(schema, found)


def _multipart(media: Media, content_type: str, body: bytes, reader: Reader) -> Json:
    head = b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if body.strip() == f"--{message.get_boundary()}--".encode():
        return {}  # what browsers send for a form without fields
    if not message.is_multipart():
        raise Refused("malformed", "The body is not multipart/form-data with the boundary of its Content-Type.")
    shape = reader.shape(media.schema)
    value: dict[str, Json] = {}
    for part in cast("Iterable[EmailMessage]", message.iter_parts()):
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise Refused("malformed", "A part of the body has no name.")
        member = shape.members.get(name, shape.additional)
        item = _part(part, member, reader)
        types = reader.shape(member).types
        is_whole = isinstance(item, list) or (item is None and "null" in types and name not in value)
        value[name] = item if is_whole or "array" not in types else [*_before(value, name), item]
    return value


def _before(value: dict[str, Json], name: str) -> list[Json]:
    """Return the items that earlier parts of the same name have said."""
    before = value.get(name, [])
    return before if isinstance(before, list) else [before]


def _part(part: EmailMessage, member: Schema | None, reader: Reader) -> Json:
    raw = part.get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else b""
    shape = reader.shape(member)
    target = shape.items if "array" in shape.types else member
    declared = part.get_content_type() if "content-type" in part else ""
    if is_json(declared) or (not declared and _looks_json(content, reader.shape(target).types)):
        return parse_json(content)
    if part.get_filename() is not None or declared == "application/octet-stream":
        return content.decode("latin-1")
    return reader.scalar(target, content.decode("utf-8", "replace"))


def _looks_json(content: bytes, types: frozenset[str]) -> bool:
    """Say whether a part that doesn't say what it is is JSON: an object can be nothing else, but it may be text."""
    return "object" in types and ("string" not in types or content.lstrip()[:1] in (b"{", b"["))
