"""Request bodies from bytes to plain values, by media type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, cast
from urllib.parse import unquote_plus

from .server_errors import Refused
from .server_facts import Media, Parameter
from .server_parameters import from_pairs, pairs
from .server_schema import Schemas

FORM = "application/x-www-form-urlencoded"
_DEEPEST = 200
"""Levels of nesting in a JSON body: more is nobody's data, and too deep for validation."""


def is_json(media_type: str) -> bool:
    """Say whether a media type is JSON under any name."""
    return media_type in ("application/json", "text/json", "*/*", "application/*") or media_type.endswith("+json")


def essence(header: str) -> str:
    """Return a media type without its parameters."""
    return header.partition(";")[0].strip().lower()


def chosen(offered: Iterable[str], sent: str) -> str | None:
    """Return the media type of the contract that a `Content-Type` falls under, the most exact one."""
    kinds = {essence(kind): kind for kind in offered}
    wanted = (sent, f"{sent.partition('/')[0]}/*", "*/*")
    return next((kinds[kind] for kind in wanted if kind in kinds), None)


def parse(media: Media, content_type: str, content: bytes, schemas: Schemas) -> tuple[Any, Mapping[str, Any]]:
    """Return the plain value of a body, and the files of a multipart one by member. Refuses what is malformed."""
    kind = essence(content_type)
    if is_json(kind):
        return parse_json(content), {}
    if kind == FORM:
        return _form(media, _text(content), schemas), {}
    if kind.startswith("multipart/"):
        return _multipart(media, content_type, content, schemas)
    return _text(content) if kind.startswith("text/") else content, {}


def parse_json(content: bytes) -> Any:
    """Return the value of a JSON text."""
    try:
        value = json.loads(_text(content))
        # Lone surrogates are no text, and what no double holds is no number.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refused("malformed", f"the body is no JSON: {error}") from None
    if _is_deep(value):
        raise Refused("malformed", f"the body is nested more than {_DEEPEST} times")
    return value


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [part for whole in level for part in _parts(whole)]
    return bool(level)


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("malformed", "the body is not in UTF-8") from None


def _form(media: Media, text: str, schemas: Schemas) -> dict[str, Any]:
    found = pairs(text)
    named = schemas.names(media.schema)
    value: dict[str, Any] = {}
    for name in sorted(named):
        style, explode = media.styles.get(name, ("form", True))
        as_json = style == "json"
        schema = schemas.member(media.schema, name)
        member = Parameter("", "query", name, False, style, explode, schema, json=as_json)
        sent = from_pairs(member, found, schemas)
        if sent is not None:
            value[name] = sent[0]
    known = {name.partition("[")[0] for name in named}
    others = [(name, unquote_plus(text)) for name, text in found if name.partition("[")[0] not in known]
    return value | schemas.object(media.schema, others)


def _multipart(
    media: Media, content_type: str, content: bytes, schemas: Schemas
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + content)
    if not message.is_multipart():
        raise Refused("malformed", "the body is no multipart message")
    parts: dict[str, list[EmailMessage]] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise Refused("malformed", "a part of the body has no name")
        parts.setdefault(name, []).append(cast("EmailMessage", part))
    value: dict[str, Any] = {}
    files: dict[str, Any] = {}
    for name, own in parts.items():
        schema = schemas.member(media.schema, name)
        several = schemas.kind(schema) == "array"
        raw = [cast("bytes", part.get_payload(decode=True)) for part in own]
        if any(part.get_filename() for part in own):
            files[name] = raw if several else raw[-1]
        item = schemas.items(schema) if several else schema
        read = [_part(part, one, item, schemas) for part, one in zip(own, raw, strict=True)]
        whole = several and len(read) == 1 and isinstance(read[0], list)
        value[name] = read[0] if whole else read if several else read[-1]
    return value, files


def _part(part: EmailMessage, content: bytes, schema: Any, schemas: Schemas) -> Any:
    kind = part.get_content_type()
    if is_json(kind) or (schemas.kind(schema) != "scalar" and not part.get_filename()):
        return parse_json(content)
    if part.get_filename():
        return content.decode("latin-1")
    return schemas.scalar(schema, _text(content))
