"""Faults in successful answers: one member, the body as a whole, the status, the headers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from tallystick.contract import Schema
from tallystick.load import Json
from tallystick.verify.facts.media import json_media
from tallystick.verify.faults.fault import Bench, Fault, changing, kind
from tallystick.verify.faults.tamper import Answer, Request, with_header, with_json
from tallystick.verify.server.routes import label

Change = Callable[[Answer], Answer]


def _on_success(bench: Bench, name: str, change: Change) -> Iterator[Fault]:
    """Yield a fault for each operation that changes its successful answers."""
    for operation in bench.contract.operations:
        if json_media(operation) is not None:

            def after(request: Request, answer: Answer, wanted: str = operation.id) -> Answer:
                mine = request.is_for(wanted)
                return change(answer) if mine and answer.accepted else answer

            yield Fault(name, label(operation), changing(bench, after=after))


Pick = Callable[[str, Schema, bool], bool]
"""Says whether a member (its name, its schema, whether it is required) is one to spoil."""


def _on_member(
    bench: Bench, name: str, pick: Pick, spoil: Callable[[Json], Json], *, drop: bool = False
) -> Iterator[Fault]:
    """Yield a fault for each member of a successful answer that fits, which spoils its value or drops it."""
    for operation in bench.contract.operations:
        media = json_media(operation)
        if media is None or media.schema is None:
            continue
        required = media.schema.required_members()
        for member, schema in media.schema.members().items():
            if pick(member, schema, member in required):

                def after(request: Request, answer: Answer, wanted: str = operation.id, at: str = member) -> Answer:
                    body = answer.json
                    mine = request.is_for(wanted) and answer.accepted
                    if not mine or not isinstance(body, dict) or at not in body:
                        return answer
                    changed = {k: v for k, v in body.items() if k != at or not drop}
                    return with_json(answer, changed if drop else {**changed, at: spoil(body[at])})

                yield Fault(name, f"{label(operation)} {member}", changing(bench, after=after))


def _typed(*types: str) -> Pick:
    return lambda _, schema, required: required and bool(set(types) & set(_types(schema)))


def _types(schema: Schema) -> tuple[str, ...]:
    return schema.known_types


def _has(keyword: str) -> Pick:
    return lambda _, schema, __: any(keyword in part for part in schema.parts())


@kind
def required_member_dropped(bench: Bench) -> Iterator[Fault]:
    """An answer lacks a member that is required."""
    return _on_member(bench, "required-member-dropped", lambda _, __, required: required, lambda v: v, drop=True)


@kind
def required_member_null(bench: Bench) -> Iterator[Fault]:
    """A required member is null."""
    return _on_member(bench, "required-member-null", lambda _, s, r: r and not s.nullable, lambda _: None)


@kind
def text_as_number(bench: Bench) -> Iterator[Fault]:
    """A text is a number."""
    return _on_member(bench, "text-as-number", _typed("string"), lambda _: 7)


@kind
def number_as_text(bench: Bench) -> Iterator[Fault]:
    """A number is a text."""
    return _on_member(bench, "number-as-text", _typed("number", "integer"), str)


@kind
def boolean_as_text(bench: Bench) -> Iterator[Fault]:
    """A boolean is a text."""
    return _on_member(bench, "boolean-as-text", _typed("boolean"), lambda v: str(v).lower())


@kind
def object_as_list(bench: Bench) -> Iterator[Fault]:
    """An object is wrapped in a list."""
    return _on_member(bench, "object-as-list", _typed("object"), lambda v: [v])


@kind
def undeclared_enum_value(bench: Bench) -> Iterator[Fault]:
    """A member has a value that its list does not have."""
    return _on_member(bench, "undeclared-enum-value", _has("enum"), lambda _: "undeclared_value")


@kind
def format_broken(bench: Bench) -> Iterator[Fault]:
    """A member does not have its format."""
    return _on_member(bench, "format-broken", _has("format"), lambda _: "not in this format")


@kind
def text_too_long(bench: Bench) -> Iterator[Fault]:
    """A text is longer than its limit."""
    return _on_member(bench, "text-too-long", _has("maxLength"), lambda v: str(v) + "x" * 5000)


@kind
def pattern_broken(bench: Bench) -> Iterator[Fault]:
    """A text does not have its pattern."""
    return _on_member(bench, "pattern-broken", _has("pattern"), lambda v: f"\u2603 {v}")


@kind
def list_as_text(bench: Bench) -> Iterator[Fault]:
    """A list is a text."""
    return _on_member(bench, "list-as-text", _typed("array"), json.dumps)


@kind
def nested_member_spoiled(bench: Bench) -> Iterator[Fault]:
    """A value inside a member is of another type."""
    return _on_member(bench, "nested-member-spoiled", _typed("object", "array"), _spoil_inside)


def _spoil_inside(value: Json) -> Json:
    if isinstance(value, dict) and value:
        name = min(value)
        return {**value, name: _spoil_inside(value[name])}
    if isinstance(value, list) and value:
        return [_spoil_inside(value[0]), *value[1:]]
    return [value]


@kind
def body_in_a_list(bench: Bench) -> Iterator[Fault]:
    """The body is wrapped in a list."""
    return _on_success(bench, "body-in-a-list", lambda a: with_json(a, [a.json]))


@kind
def body_empty(bench: Bench) -> Iterator[Fault]:
    """There is no body."""
    return _on_success(bench, "body-empty", lambda a: replace(a, body=b""))


@kind
def body_cut_off(bench: Bench) -> Iterator[Fault]:
    """The body ends in the middle."""
    return _on_success(bench, "body-cut-off", lambda a: replace(a, body=a.body[: len(a.body) // 2]))


@kind
def body_not_utf8(bench: Bench) -> Iterator[Fault]:
    """The body is in UTF-16."""
    return _on_success(bench, "body-not-utf8", lambda a: replace(a, body=a.body.decode().encode("utf-16")))


@kind
def byte_order_mark(bench: Bench) -> Iterator[Fault]:
    """The body begins with a byte order mark."""
    return _on_success(bench, "byte-order-mark", lambda a: replace(a, body=b"\xef\xbb\xbf" + a.body))


@kind
def member_twice(bench: Bench) -> Iterator[Fault]:
    """The body has a member twice."""
    return _on_success(
        bench, "member-twice", lambda a: replace(a, body=b'{"id":"other",' + b'"id":"x",' + a.body[1:])
    )


@kind
def not_a_number(bench: Bench) -> Iterator[Fault]:
    """A number is NaN."""
    return _on_success(bench, "not-a-number", lambda a: replace(a, body=b'{"extra":NaN,' + a.body[1:]))


@kind
def wrong_content_type(bench: Bench) -> Iterator[Fault]:
    """A JSON body is declared as HTML."""
    return _on_success(bench, "wrong-content-type", lambda a: with_header(a, "content-type", "text/html"))


@kind
def content_type_missing(bench: Bench) -> Iterator[Fault]:
    """A body has no type."""
    return _on_success(bench, "content-type-missing", lambda a: with_header(a, "content-type", None))


@kind
def undocumented_success(bench: Bench) -> Iterator[Fault]:
    """Success has a status that the contract does not have."""
    return _on_success(bench, "undocumented-success", lambda a: replace(a, status=207))


@kind
def redirect(bench: Bench) -> Iterator[Fault]:
    """Success is a redirect."""
    return _on_success(
        bench, "redirect", lambda a: replace(a, status=302, headers=(*a.headers, ("location", "/")), body=b"")
    )


@kind
def server_error(bench: Bench) -> Iterator[Fault]:
    """An operation fails."""
    return _on_success(bench, "server-error", lambda a: replace(a, status=500))


@kind
def required_header_missing(bench: Bench) -> Iterator[Fault]:
    """A header that is required is missing."""
    for operation in bench.contract.operations:
        for outcome in operation.successes:
            for header in outcome.headers:
                if header.required:

                    def after(
                        request: Request, answer: Answer, wanted: str = operation.id, name: str = header.name
                    ) -> Answer:
                        mine = request.is_for(wanted)
                        return with_header(answer, name, None) if mine else answer

                    subject = f"{label(operation)} {header.name}"
                    yield Fault("required-header-missing", subject, changing(bench, after=after))
