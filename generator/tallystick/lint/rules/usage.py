"""Rules about parameters, bodies, headers and their examples."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Subject
from tallystick.load.pointer import join

_IGNORED = ("accept", "content-type", "authorization")
_MEDIA_TYPE = re.compile(r"[^/\s]+/[^/\s;]+(\s*;.*)?")


@rule(
    "example-given",
    "Every request and every answer with a body has an example.",
    subject="mediaType",
    least="strict",
)
def example_given(subject: Subject) -> Iterator[Issue]:
    """Look at the media type, then at its schema."""
    for usage in subject.usages:
        media = usage.media
        illustrated = media.examples or (media.schema is not None and media.schema.resolved.examples)
        if media.schema is not None and not illustrated:
            message = f"{usage.label} of {usage.operation.id} has no example"
            yield Issue(media.pointer, message, hint="add one under `examples`")


@rule(
    "parameter-described", "Every parameter and answer header has a description.", subject="parameter", least="strict"
)
def parameter_described(subject: Subject) -> Iterator[Issue]:
    """Look for the text."""
    for parameter in subject.parameters:
        if not parameter.description:
            yield Issue(
                parameter.pointer, f"the {parameter.location} parameter {parameter.name!r} has no description"
            )
    headers = {h.pointer: h for o in subject.operations for outcome in o.outcomes for h in outcome.headers}
    for header in headers.values():
        if not header.description:
            yield Issue(header.pointer, f"the header {header.name!r} has no description")


@rule("parameter-ignored", "No header parameter is one that OpenAPI tells readers to ignore.", subject="parameter")
def parameter_ignored(subject: Subject) -> Iterator[Issue]:
    """Look for Accept, Content-Type and Authorization."""
    for node in subject.of_kind("parameter"):
        name = node.data.get("name")
        if node.data.get("in") == "header" and isinstance(name, str) and name.lower() in _IGNORED:
            hint = "media types stand under `content`, credentials under `security`"
            yield Issue(join(node.pointer, "name"), f"readers ignore a header parameter {name!r}", hint=hint)


@rule("media-type-form", "A media type has the form type/subtype.", subject="mediaType")
def media_type_form(subject: Subject) -> Iterator[Issue]:
    """Look at the keys of `content`."""
    for usage in subject.usages:
        if not _MEDIA_TYPE.fullmatch(usage.media.content_type):
            message = f"{usage.media.content_type!r} is no media type"
            yield Issue(usage.media.pointer, message, expected="such as application/json")
