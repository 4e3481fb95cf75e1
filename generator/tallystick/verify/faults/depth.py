"""Faults that few requests show: deep inside a body, with some letters, some values, some lists, some clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tallystick.contract import Schema
from tallystick.contract.life import Lifecycle
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.verify.data.adapt import like, moment_of
from tallystick.verify.facts.media import body_schema, json_media
from tallystick.verify.facts.resource import refusals
from tallystick.verify.faults.fault import Bench, Fault, changing, kind
from tallystick.verify.faults.refused import refuser
from tallystick.verify.faults.tamper import Answer, Request, with_header, with_json
from tallystick.verify.server.routes import label

_LOCAL = 7200
"""Seconds by which local time is ahead of UTC."""


def _in_resources(
    bench: Bench, name: str, effects: tuple[str, ...], change: Callable[[dict[str, Any], Lifecycle], Json]
) -> Iterator[Fault]:
    """Yield a fault for each operation with one of some effects, which changes the JSON of its success."""
    for lifecycle, effect, operation in bench.roles():
        if effect.effect in effects and json_media(operation) is not None:

            def after(
                request: Request, answer: Answer, mine: Operation = operation, of: Lifecycle = lifecycle
            ) -> Answer:
                here = request.is_for(mine.id) and answer.accepted
                return (
                    with_json(answer, change(answer.json, of)) if here and isinstance(answer.json, dict) else answer
                )

            yield Fault(name, label(operation), changing(bench, after=after))


def _echoing(bench: Bench, faults: Iterator[Fault]) -> Iterator[Fault]:
    """Yield those of the faults that are in an answer which shows something of the request that created it."""
    shown: set[str] = set()
    for lifecycle, _, operation in bench.roles():
        create = next((o for lc, e, o in bench.roles() if lc is lifecycle and e.effect == "create"), None)
        written = body_schema(create) if create is not None else None
        media = json_media(operation)
        said = media.schema.members() if media is not None and media.schema is not None else {}
        if written is not None and set(written.members()) & set(said):
            shown.add(label(operation))
    return (fault for fault in faults if fault.subject in shown)


def _inside(value: Json, change: Callable[[Json], Json]) -> Json:
    """Return a value with everything in it changed, from the inside out."""
    if isinstance(value, dict):
        return change({name: _inside(member, change) for name, member in value.items()})
    return change([_inside(item, change) for item in value] if isinstance(value, list) else value)


def _everything(value: Json) -> Iterator[Json]:
    """Yield a value and all that is in it."""
    stack = [value]
    while stack:
        here = stack.pop()
        yield here
        stack += here.values() if isinstance(here, dict) else here if isinstance(here, list) else ()


@kind
def inner_member_lost(bench: Bench) -> Iterator[Fault]:
    """Of every object inside the resource the last member is lost when it is created."""

    def change(body: dict[str, Any], _: Lifecycle) -> Json:
        return {n: dict(list(v.items())[:-1]) if isinstance(v, dict) else v for n, v in body.items()}

    objects = {
        label(o)
        for o in bench.contract.operations
        if (written := body_schema(o)) is not None and any(m.members() for m in written.members().values())
    }
    faults = _echoing(bench, _in_resources(bench, "inner-member-lost", ("create",), change))
    return (fault for fault in faults if fault.subject in objects)


@kind
def letters_mangled(bench: Bench) -> Iterator[Fault]:
    """Letters beyond ASCII are read as question marks."""

    def mangle(value: Json) -> Json:
        return value.encode("ascii", "replace").decode() if isinstance(value, str) else value

    faults = _in_resources(bench, "letters-mangled", ("read", "create"), lambda b, _: _inside(b, mangle))
    return _echoing(bench, faults)


@kind
def items_turned_round(bench: Bench) -> Iterator[Fault]:
    """Lists are read from their end to their beginning."""

    def turn(value: Json) -> Json:
        return value[::-1] if isinstance(value, list) else value

    lists = any(
        "array" in part.types
        for o in bench.contract.operations
        if (written := body_schema(o)) is not None
        for member in written.members().values()
        for part in member.parts()
    )
    faults = _in_resources(bench, "items-turned-round", ("read",), lambda b, _: _inside(b, turn))
    return _echoing(bench, faults) if lists else iter(())


@kind
def falsy_value_lost(bench: Bench) -> Iterator[Fault]:
    """Members that are empty, zero or false are left out of what is read, where nobody requires them."""
    for lifecycle, effect, operation in bench.roles():
        create = next((o for lc, e, o in bench.roles() if lc is lifecycle and e.effect == "create"), None)
        media, written = json_media(operation), body_schema(create) if create is not None else None
        if effect.effect != "read" or media is None or media.schema is None or written is None:
            continue
        required, shown = media.schema.required_members(), media.schema.members()
        falsy = [n for n, m in written.members().items() if n in shown and n not in required and _may_be_falsy(m)]

        def change(body: dict[str, Any], _: Lifecycle, names: list[str] = falsy) -> Json:
            return {n: v for n, v in body.items() if n not in names or v not in ("", 0, [], {})}

        faults = _in_resources(bench, "falsy-value-lost", ("read",), change) if falsy else iter(())
        yield from (fault for fault in faults if fault.subject == label(operation))


def _may_be_falsy(schema: Schema) -> bool:
    bounds = ("enum", "const", "format", "pattern", "minLength", "minItems", "minProperties", "required", "minimum")
    parts = list(schema.parts())
    return any(p.types for p in parts) and not any(k in p for p in parts for k in bounds)


def _later(body: dict[str, Any], *names: str) -> Json:
    moments = {n: m for n in names if (m := moment_of(body.get(n))) is not None}
    return {**body, **{n: like(body[n], int(m) + _LOCAL) for n, m in moments.items()}}


def _dated(bench: Bench, faults: Iterator[Fault], *, changed: bool) -> Iterator[Fault]:
    shown: set[str] = set()
    for lifecycle, _, operation in bench.roles():
        media = json_media(operation)
        name = lifecycle.updated_member if changed else lifecycle.created_member
        if name and media is not None and media.schema is not None and name in media.schema.members():
            shown.add(label(operation))
    return (fault for fault in faults if fault.subject in shown)


@kind
def created_in_local_time(bench: Bench) -> Iterator[Fault]:
    """The moment of creation is that of a clock on the wall."""

    def change(body: dict[str, Any], of: Lifecycle) -> Json:
        return _later(body, of.created_member, of.updated_member)

    return _dated(bench, _in_resources(bench, "created-in-local-time", ("create",), change), changed=False)


@kind
def changed_in_the_future(bench: Bench) -> Iterator[Fault]:
    """The moment of the last change has yet to come."""

    def change(body: dict[str, Any], of: Lifecycle) -> Json:
        return _later(body, of.updated_member)

    return _dated(bench, _in_resources(bench, "changed-in-the-future", ("read",), change), changed=True)


@kind
def other_charset(bench: Bench) -> Iterator[Fault]:
    """The type of an answer names a charset that JSON does not have."""
    for operation in bench.contract.operations:
        media = json_media(operation)
        if media is not None:

            def after(
                request: Request, answer: Answer, mine: Operation = operation, type_: str = media.content_type
            ) -> Answer:
                here = request.is_for(mine.id) and answer.accepted
                return with_header(answer, "content-type", f"{type_}; charset=iso-8859-1") if here else answer

            yield Fault("other-charset", label(operation), changing(bench, after=after))


def _refusing(bench: Bench, name: str, dislikes: Callable[[Json], bool]) -> Iterator[Fault]:
    """Yield a fault for each creation that refuses bodies with a disliked value anywhere inside."""
    for _, effect, operation in bench.roles():
        if effect.effect != "create" or not refusals(operation, "invalid"):
            continue

        def bad(request: Request) -> bool:
            return isinstance(request.json, dict) and any(map(dislikes, _everything(request.json)))

        yield Fault(name, label(operation), refuser(bench, operation, bad))


def _texts(bench: Bench, faults: Iterator[Fault], type_: str) -> Iterator[Fault]:
    """Yield the faults in operations whose body has members of a type that anything may be said in."""
    free: set[str] = set()
    for operation in bench.contract.operations:
        written = body_schema(operation)
        for member in written.members().values() if written is not None else ():
            parts = list(member.parts())
            bound = any(
                k in p for p in parts for k in ("enum", "format", "pattern", "minLength", "minItems", "const")
            )
            if not bound and any(type_ in p.types for p in parts):
                free.add(label(operation))
    return (fault for fault in faults if fault.subject in free)


@kind
def other_letters_refused(bench: Bench) -> Iterator[Fault]:
    """Texts with letters beyond ASCII are refused."""
    faults = _refusing(bench, "other-letters-refused", lambda v: isinstance(v, str) and not v.isascii())
    return _texts(bench, faults, "string")


@kind
def empty_text_refused(bench: Bench) -> Iterator[Fault]:
    """Texts that may be empty must not."""
    return _texts(bench, _refusing(bench, "empty-text-refused", lambda v: v == ""), "string")


@kind
def empty_list_refused(bench: Bench) -> Iterator[Fault]:
    """Lists that may be empty must not."""
    return _texts(bench, _refusing(bench, "empty-list-refused", lambda v: v == []), "array")
