"""Answers checked and encoded: nothing leaves that breaks the contract without being called our bug."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Final

from tallystick.contract.model import Media, Operation
from tallystick.contract.validation import Validators
from tallystick.load import Json
from tallystick.mock.encoding import encode
from tallystick.mock.media_types import is_json, is_xml, sent_as
from tallystick.mock.message import Answer

_log = logging.getLogger("tallystick.mock")
_EVENTS: Final = "text/event-stream"
_STREAMS: Final = (_EVENTS, "application/x-ndjson", "application/ndjson", "application/jsonl")
_BODILESS: Final = frozenset((204, 205, 304))


class BrokenAnswer(Exception):
    """An answer of ours breaks the contract. Its text says how."""


def encoded(status: int, media: Media | None, value: Json, extra: Mapping[str, str]) -> Answer:
    """Return an answer with its body as bytes."""
    if media is None or status in _BODILESS:
        return Answer(status, b"", dict(extra))
    content_type = sent_as(media.content_type)
    return Answer(status, written_as(media, content_type, value), {"Content-Type": content_type, **extra})


def written_as(media: Media, content_type: str, value: Json) -> bytes:
    """Return a value as the type that a media type is sent as writes it; as JSON where nobody says how else."""
    if is_json(content_type):
        return encode(value)
    if content_type.startswith(_STREAMS):
        return _streamed(content_type, value)
    if isinstance(value, str) and not (is_xml(content_type) and not value.lstrip().startswith("<")):
        return value.encode()
    if is_xml(content_type):
        from tallystick.mock.wire.xml import written

        return written(value, media.schema)
    return encode(value)


def _streamed(content_type: str, value: Json) -> bytes:
    """Return a value, or each item of a list, as what streams are made of: server-sent events, or lines of JSON."""
    items = value if isinstance(value, list) else [value]
    if not content_type.startswith(_EVENTS):
        return b"".join(encode(item) + b"\n" for item in items)
    texts = [item if isinstance(item, str) else encode(item).decode() for item in items]
    if any(re.match(r"(data|event|id|retry|):", text) for text in texts):
        return "".join(texts).encode()
    events = ("".join(f"data: {line}\n" for line in text.splitlines() or [""]) for text in texts)
    return "".join(f"{event}\n" for event in events).encode()


def check(operation: Operation, status: int, media: Media | None, value: Json, validators: Validators) -> None:
    """Make sure that a value may leave as this operation's answer. Raises `BrokenAnswer`."""
    if media is None or media.schema is None or not is_json(sent_as(media.content_type)) or status in _BODILESS:
        return
    if validators.allows(media.schema, value, "response"):
        return
    violations = validators.violations(media.schema, value, "response")
    violation = next((v for v in violations if not v.is_ambiguous), None)
    if violation is not None:
        raise BrokenAnswer(f"{operation.id} {status}: {violation.keyword} at {violation.schema_pointer}")


def encoded_json(status: int, value: object) -> Answer:
    """Return an answer of the mock's own, not the contract's."""
    return Answer(status, encode(value), {"Content-Type": "application/json"})
