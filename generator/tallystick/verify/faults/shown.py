"""Faults in what answers show of a resource: what was written, and its state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tallystick.contract.life import Lifecycle
from tallystick.contract.model import Operation
from tallystick.verify.facts.media import body_schema, json_media
from tallystick.verify.faults.fault import Bench, Fault, changing, kind
from tallystick.verify.faults.tamper import Answer, Request, with_json
from tallystick.verify.server.routes import label

Change = Callable[[dict[str, Any], Lifecycle], dict[str, Any]]


def on_resource(bench: Bench, name: str, effects: tuple[str, ...], change: Change) -> Iterator[Fault]:
    """Yield a fault for each operation with one of some effects, which changes the resource in its answer."""
    for lifecycle, effect, operation in bench.roles():
        if effect.effect not in effects or json_media(operation) is None:
            continue

        def after(request: Request, answer: Answer, wanted: str = operation.id, of: Lifecycle = lifecycle) -> Answer:
            body = answer.json
            mine = request.is_for(wanted)
            return (
                with_json(answer, change(body, of)) if mine and answer.accepted and isinstance(body, dict) else answer
            )

        yield Fault(name, label(operation), changing(bench, after=after))


def _on_echo(
    bench: Bench, name: str, effects: tuple[str, ...], kind_: type, spoil: Callable[[Any], Any]
) -> Iterator[Fault]:
    """Yield a fault for each operation that shows what was written, which spoils the first member of a type."""
    for lifecycle, effect, operation in bench.roles():
        create, media = _create_of(bench, lifecycle), json_media(operation)
        written = body_schema(create) if create is not None else None
        if effect.effect not in effects or media is None or media.schema is None or written is None:
            continue
        own = {lifecycle.key, lifecycle.state_member, lifecycle.created_member, lifecycle.updated_member}
        shown = sorted(set(media.schema.members()) & set(written.members()) - own)

        def after(request: Request, answer: Answer, wanted: str = operation.id, names: list[str] = shown) -> Answer:
            body = answer.json
            mine = request.is_for(wanted)
            if not mine or not answer.accepted or not isinstance(body, dict):
                return answer
            return with_json(answer, {**body, **{n: spoil(body[n]) for n in names if type(body.get(n)) is kind_}})

        if any(_WORDS[kind_] in p.types for n in shown for p in media.schema.members()[n].parts()):
            yield Fault(name, label(operation), changing(bench, after=after))


_WORDS: dict[type, str] = {str: "string", bool: "boolean"}


@kind
def read_lacks_a_member(bench: Bench) -> Iterator[Fault]:
    """A member that was written is not read: the last one."""
    for lifecycle, effect, operation in bench.roles():
        media, create = json_media(operation), _create_of(bench, lifecycle)
        if effect.effect != "read" or media is None or media.schema is None or create is None:
            continue
        written = body_schema(create)
        members = set(written.members()) if written is not None else set()
        for member in sorted((set(media.schema.members()) & members) - media.schema.required_members()):

            def after(request: Request, answer: Answer, wanted: str = operation.id, at: str = member) -> Answer:
                body = answer.json
                mine = request.is_for(wanted)
                if not mine or not isinstance(body, dict):
                    return answer
                return with_json(answer, {k: v for k, v in body.items() if k != at})

            yield Fault("read-lacks-a-member", f"{label(operation)} {member}", changing(bench, after=after))


def _create_of(bench: Bench, lifecycle: Lifecycle) -> Operation | None:
    return next((o for lc, e, o in bench.roles() if lc is lifecycle and e.effect == "create"), None)


@kind
def write_changed(bench: Bench) -> Iterator[Fault]:
    """Texts that were written are read in other letter case."""
    return _on_echo(bench, "write-changed", ("read",), str, str.swapcase)


@kind
def echo_trimmed(bench: Bench) -> Iterator[Fault]:
    """Texts come back without their last letter."""
    return _on_echo(bench, "echo-trimmed", ("create",), str, lambda text: text[:-1])


@kind
def boolean_turned(bench: Bench) -> Iterator[Fault]:
    """Booleans come back as their opposite, defaults too."""
    return _on_echo(bench, "boolean-turned", ("create",), bool, lambda value: not value)


@kind
def initial_state_wrong(bench: Bench) -> Iterator[Fault]:
    """A new resource is in another state than the first."""

    def change(body: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
        other = next((s.name for s in lifecycle.states if s.name != lifecycle.initial), lifecycle.initial)
        return {**body, lifecycle.state_member: other} if lifecycle.state_member in body else body

    return _with_state(bench, on_resource(bench, "initial-state-wrong", ("create",), change))


@kind
def move_not_shown(bench: Bench) -> Iterator[Fault]:
    """The answer to a move shows the state before it."""
    return on_resource(bench, "move-not-shown", ("transition",), _as_new)


@kind
def written_lost_by_move(bench: Bench) -> Iterator[Fault]:
    """Once a resource has left its first state, objects and lists that were written are shown no more."""
    for lifecycle in bench.contract.lifecycles:
        create = _create_of(bench, lifecycle)
        written = body_schema(create) if create is not None else None
        moved = [o for lc, e, o in bench.roles() if lc is lifecycle and e.effect in ("transition", "read")]
        lasting = [o for o in moved if shows(o, lifecycle.state_member)]
        optional = sorted(set(written.members()) - written.required_members()) if written is not None else []
        if lasting and (lost := frozenset(n for n in optional if all(_may_lack(o, n) for o in lasting))):

            def after(_: Request, answer: Answer, of: Lifecycle = lifecycle, lost: frozenset[str] = lost) -> Answer:
                body = answer.json
                if not isinstance(body, dict) or body.get(of.state_member, of.initial) == of.initial:
                    return answer
                return with_json(
                    answer, {n: v for n, v in body.items() if n not in lost or not isinstance(v, (dict, list))}
                )

            yield Fault("written-lost-by-move", lifecycle.resource, changing(bench, after=after))


def _may_lack(operation: Operation, member: str) -> bool:
    media = json_media(operation)
    return media is not None and media.schema is not None and member not in media.schema.required_members()


@kind
def state_never_changes(bench: Bench) -> Iterator[Fault]:
    """Reading always shows the first state."""
    return _with_state(bench, on_resource(bench, "state-never-changes", ("read",), _as_new))


def _as_new(body: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
    return {**body, lifecycle.state_member: lifecycle.initial} if lifecycle.state_member in body else body


def _with_state(bench: Bench, faults: Iterator[Fault]) -> Iterator[Fault]:
    shown = {label(o) for lc, _, o in bench.roles() if lc.state_member and shows(o, lc.state_member)}
    return (fault for fault in faults if fault.subject in shown)


def shows(operation: Operation, member: str) -> bool:
    """Say whether an operation's answer has a member."""
    media = json_media(operation)
    return media is not None and media.schema is not None and member in media.schema.members()
