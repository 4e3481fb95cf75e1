"""Rules about operations: their names, tags, texts and answers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from tallystick.contract.model import Media, Operation
from tallystick.contract.schema import as_mapping
from tallystick.diagnostics import Severity
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Subject
from tallystick.load.pointer import join

_CAMEL_CASE = re.compile(r"[a-z][A-Za-z0-9]*")
_WITHOUT_BODY = ("204", "205", "304")


def _called(operation: Operation) -> str:
    return operation.id if operation.declared_id else f"{operation.method} {operation.path}"


@rule("operation-id", "Every operation has an operationId, which names it in code for good.", subject="operation")
def operation_id(subject: Subject) -> Iterator[Issue]:
    """Look for the member; ids that several operations share are reported by reading."""
    operations = subject.contract.operations
    lacking = [o for o in operations if not as_mapping(subject.contract.bundle.get(o.pointer)).get("operationId")]
    if len(lacking) == len(operations) > 1:
        yield Issue("/paths", f"none of the {len(operations)} operations has an operationId")
        return
    for operation in lacking:
        yield Issue(operation.pointer, f"{_called(operation)} has no operationId")


@rule(
    "operation-id-unique",
    "No webhook or callback shares its operationId with another operation.",
    subject="operation",
    severity=Severity.ERROR,
)
def operation_id_unique(subject: Subject) -> Iterator[Issue]:
    """Compare the ids of requests in both directions; two paths that share one are reported by reading."""
    holders: dict[str, list[Operation]] = defaultdict(list)
    for operation in subject.operations:
        if operation.declared_id:
            holders[operation.id].append(operation)
    for id_, operations in holders.items():
        for operation in operations[1:]:
            if operation.pointer not in subject.called:
                message = f"the operationId {id_!r} is also that of {operations[0].method} {operations[0].path}"
                yield Issue(join(operation.pointer, "operationId"), message, hint="give each an id of its own")


@rule(
    "operation-id-form",
    "An operationId is written in camelCase, as the verb and noun it becomes in code.",
    subject="operation",
    least="strict",
)
def operation_id_form(subject: Subject) -> Iterator[Issue]:
    """Look at the characters of declared ids."""
    for operation in subject.operations:
        if operation.declared_id and not _CAMEL_CASE.fullmatch(operation.id):
            yield Issue(
                join(operation.pointer, "operationId"),
                f"the operationId {operation.id!r} is not in camelCase",
                expected="letters and digits, the first a small letter",
            )


@rule("operation-described", "Every operation has a summary or a description.", subject="operation")
def operation_described(subject: Subject) -> Iterator[Issue]:
    """Look for either text."""
    for operation in subject.operations:
        if not operation.summary and not operation.description:
            yield Issue(operation.pointer, f"{_called(operation)} has neither summary nor description")


@rule(
    "operation-summary", "Every operation has both a summary and a description.", subject="operation", least="strict"
)
def operation_summary(subject: Subject) -> Iterator[Issue]:
    """Look for the text that the other one does not replace."""
    for operation in subject.operations:
        for name, text, other in (
            ("summary", operation.summary, operation.description),
            ("description", operation.description, operation.summary),
        ):
            if other and not text:
                yield Issue(operation.pointer, f"{_called(operation)} has no {name}")


@rule(
    "operation-tagged",
    "Every operation has a tag, which is the noun it belongs to.",
    subject="operation",
    least="strict",
)
def operation_tagged(subject: Subject) -> Iterator[Issue]:
    """Look for tags."""
    for operation in subject.operations:
        if not operation.tags:
            yield Issue(operation.pointer, f"{_called(operation)} has no tag")


@rule("answer-success", "Every operation says what its success looks like.", subject="operation")
def answer_success(subject: Subject) -> Iterator[Issue]:
    """Look for a status below 400, or `default`."""
    for operation in subject.operations:
        if not any(o.status[0] in "123" or o.status == "default" for o in operation.outcomes):
            pointer = join(operation.pointer, "responses")
            yield Issue(pointer, f"{_called(operation)} has no answer for success", expected="a status such as 200")


@rule("answer-error", "Every operation says what its errors look like.", subject="operation", least="strict")
def answer_error(subject: Subject) -> Iterator[Issue]:
    """Look for a status from 400 on, or `default`."""
    for operation in subject.operations:
        if not any(o.status[0] in "45" or o.status == "default" for o in operation.outcomes):
            pointer = join(operation.pointer, "responses")
            yield Issue(pointer, f"{_called(operation)} has no answer for errors", expected="4XX, 5XX or default")


@rule("answer-empty", "An answer whose status forbids a body declares none.", subject="response")
def answer_empty(subject: Subject) -> Iterator[Issue]:
    """Look at the statuses 204, 205 and 304."""
    for operation in subject.operations:
        for outcome in operation.outcomes:
            if outcome.status in _WITHOUT_BODY and outcome.media:
                message = f"an answer {outcome.status} has no body"
                yield Issue(join(outcome.pointer, "content"), message, hint="remove the content, or choose 200")


def _holds_something(media: Media) -> bool:
    schema = media.schema.resolved if media.schema is not None else None
    return schema is None or "object" not in schema.types or schema.get("properties") != {}


@rule(
    "request-body-method",
    "GET and HEAD have no request body, which many servers and proxies drop.",
    subject="operation",
)
def request_body_method(subject: Subject) -> Iterator[Issue]:
    """Look at the methods that read."""
    for operation in subject.operations:
        media = operation.body_media
        if operation.method in ("GET", "HEAD") and any(_holds_something(m) for m in media):
            pointer = join(operation.pointer, "requestBody")
            yield Issue(pointer, f"{_called(operation)} has a request body", hint="use query parameters, or POST")
