"""What an operation says of its JSON bodies: those that it takes, and those of its successes."""

from __future__ import annotations

from collections.abc import Iterable

from tallystick.contract import Schema
from tallystick.contract.model import Media, Operation


def essence(content_type: str) -> str:
    """Return a media type in lower case, without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def json_of(media: Iterable[Media]) -> Media | None:
    """Return the first media type that is JSON, `None` when none is."""
    return next((m for m in media if "json" in m.content_type), None)


def json_media(operation: Operation) -> Media | None:
    """Return the JSON media of an operation's success, `None` when there is none."""
    return json_of(m for o in operation.successes for m in o.media)


def body_schema(operation: Operation) -> Schema | None:
    """Return the schema of an operation's JSON body, `None` when there is none."""
    media = json_of(operation.body_media)
    return media.schema if media is not None else None


def body_member(operation: Operation, member: str) -> Schema | None:
    """Return the schema of a member of an operation's body, in whatever form, `None` when there is none."""
    schemas = (m.schema.members().get(member) for m in operation.body_media if m.schema is not None)
    return next((s for s in schemas if s is not None), None)
