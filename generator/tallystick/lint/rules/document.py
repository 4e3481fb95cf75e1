"""Rules about the document: who answers for it, its tags and its texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tallystick.contract.schema import as_mapping
from tallystick.diagnostics import Severity
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Subject
from tallystick.lint.vocabulary.near import nearest
from tallystick.load.pointer import join

_SCRIPT = re.compile(r"<script\b|\beval\s*\(", re.IGNORECASE)


@rule(
    "info-complete",
    "The document says what it describes, whom to ask and under which licence.",
    subject="document",
    least="strict",
)
def info_complete(subject: Subject) -> Iterator[Issue]:
    """Look at `info`."""
    info = as_mapping(subject.contract.bundle.data.get("info"))
    for name in ("description", "contact", "license"):
        if not info.get(name):
            yield Issue("/info", f"info has no {name}")
    licence = as_mapping(info.get("license"))
    if licence and not ("url" in licence or "identifier" in licence):
        yield Issue("/info/license", "the licence has neither identifier nor url")


@rule("tag-declared", "Every tag in use is declared.", subject="tag")
def tag_declared(subject: Subject) -> Iterator[Issue]:
    """Compare the tags of operations with those of the document, where it has any; name each at its first use."""
    known = [t.name for t in subject.contract.tags]
    if not known:
        return
    first: dict[str, str] = {}
    for operation in subject.operations:
        for index, tag in enumerate(operation.tags):
            first.setdefault(tag, join(operation.pointer, "tags", index))
    for tag, pointer in first.items():
        if tag not in known:
            yield Issue(pointer, f"the tag {tag!r} is not declared", hint=nearest(tag, known))


@rule("tag-used", "Every declared tag is described, and used.", subject="tag", least="strict")
def tag_used(subject: Subject) -> Iterator[Issue]:
    """Compare the tags of the document with those of operations."""
    used = Counter(tag for operation in subject.operations for tag in operation.tags)
    for node in subject.of_kind("tag"):
        name = str(node.data.get("name"))
        if not used[name]:
            yield Issue(node.pointer, f"no operation has the tag {name!r}")
        if not node.data.get("description"):
            yield Issue(node.pointer, f"the tag {name!r} has no description")


@rule(
    "text-harmless",
    "No description has a script in it, which a page that shows it would run.",
    subject="description",
    severity=Severity.ERROR,
)
def text_harmless(subject: Subject) -> Iterator[Issue]:
    """Look for script elements and eval in titles, summaries and descriptions."""
    for node in subject.nodes:
        for name in ("title", "summary", "description"):
            text = node.data.get(name)
            if isinstance(text, str) and (found := _SCRIPT.search(text)):
                yield Issue(join(node.pointer, name), f"the {name} has {found.group()!r} in it")
