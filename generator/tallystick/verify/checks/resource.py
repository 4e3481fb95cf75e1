"""What an answer says of a resource: it echoes what was sent, starts in its first state, and its moments fit."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.contract import Schema
from tallystick.contract.life import Expiry, Lifecycle
from tallystick.contract.model import Operation
from tallystick.load import Json, is_number
from tallystick.verify.checks.answer import Answer, Broken, check
from tallystick.verify.data.adapt import moment_of
from tallystick.verify.facts.resource import Role, differences, lost, roles, same

_CLOCKS = 900
"""Seconds by which clocks may differ: less than local time, or another unit, is away from what it should be."""
_UNITS = 100
"""How many times a moment is greater than another that is surely in another unit."""
_ROUNDING = 1.0
"""Seconds by which moments may be off: servers round."""


def shown(answer: Answer) -> Iterator[tuple[Role, dict[str, Json]]]:
    """Yield the resource that a successful answer shows, with the role of the operation."""
    if answer.accepted and isinstance(answer.body, dict):
        for role in roles(answer.known.contract, answer.operation):
            if role.effect.effect not in ("list", "delete"):
                yield role, answer.body


@check
def echo(answer: Answer) -> None:
    """What was sent comes back unchanged, and what was not has its default, as far as the answer can show it."""
    for role, body in shown(answer):
        if role.effect.effect not in ("create", "update") or not isinstance(answer.request, dict):
            continue
        expected = {**_defaults(answer.operation, role), **answer.request}
        declared = answer_members(answer)
        for name, value in expected.items():
            if name in _servers_own(role.lifecycle) or name not in declared or declared[name].flag("writeOnly"):
                continue
            if name not in body:
                if name in answer.request and value is not None:
                    raise Broken(f"{name} does not come back", f"It was sent as {value!r}; the answer lacks it.")
                continue
            for pointer in differences(value, body[name], f"/{name}"):
                raise Broken(
                    f"{pointer} comes back changed", f"Sent (or default): {value!r}; answered: {body[name]!r}."
                )
            for pointer in lost(_without_nulls(value), body[name], declared[name], f"/{name}"):
                raise Broken(f"{pointer} does not come back", f"Sent: {value!r}; answered: {body[name]!r}.")


def _without_nulls(value: Json) -> Json:
    """Return a value without members that are null: leaving them out says the same."""
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _servers_own(lifecycle: Lifecycle) -> tuple[str, ...]:
    return (lifecycle.key, lifecycle.state_member, lifecycle.created_member, lifecycle.updated_member)


def _defaults(operation: Operation, role: Role) -> dict[str, Json]:
    if role.effect.effect != "create" or operation.body is None or operation.body.media[0].schema is None:
        return {}
    members = operation.body.media[0].schema.members()
    found = ((n, part.get("default")) for n, m in members.items() for part in m.parts() if "default" in part)
    return dict(found)


def answer_members(answer: Answer) -> dict[str, Schema]:
    """Return the members that the contract declares for the answer's body."""
    media = answer.outcome.media if answer.outcome is not None else ()
    schemas = [m.schema for m in media if m.schema is not None]
    return schemas[0].members() if schemas else {}


@check
def state(answer: Answer) -> None:
    """A new resource is in the first state, one that was moved is in the state it was moved to."""
    for role, body in shown(answer):
        member = role.lifecycle.state_member
        wanted = role.lifecycle.initial if role.effect.effect == "create" else role.effect.target_state
        if member and wanted and member in body and body[member] != wanted:
            title = f"{member} is {body[member]!r} after {answer.operation.id}"
            raise Broken(title, f"The lifecycle of {role.lifecycle.resource} says {wanted!r}.")


@check
def moments(answer: Answer) -> None:
    """Moments of a resource fit each other: updated not before created, expiry inside its window."""
    for role, body in shown(answer):
        lifecycle = role.lifecycle
        created, updated = lifecycle.created_member, lifecycle.updated_member
        was, changed = moment_of(body.get(created)), moment_of(body.get(updated))
        given = answer.request if isinstance(answer.request, dict) else {}
        if was is not None and changed is not None and changed < was - _ROUNDING and created not in given:
            raise Broken(f"{updated} is before {created}", f"{changed} < {was}")
        for name, moment in ((created, was), (updated, changed)):
            if moment is not None and name not in given:
                _is_past(answer, name, moment, new=role.effect.effect == "create")
        _same_unit(body, created)
        if lifecycle.expiry is not None:
            _window(answer, role, lifecycle.expiry, body)


def _same_unit(body: dict[str, Json], created: str) -> None:
    """Moments that are named like that of creation are in its unit."""
    base, ending = body.get(created), created[-2:]
    for name, value in body.items():
        if name.endswith(ending) and is_number(value) and is_number(base) and value > _UNITS * base > 0:
            raise Broken(f"{name} is in another unit than {created}", f"They are {value} and {base}.")


def _is_past(answer: Answer, name: str, moment: float, *, new: bool) -> None:
    """A moment that the request does not set is no later than now, and with a creation it is now."""
    away = moment - answer.known.adapter.now()
    if away > _CLOCKS or (new and away < -_CLOCKS):
        what = "is not the time of creation" if new else "is in the future"
        raise Broken(f"{name} {what}", f"It is {away:+.0f} s away from the server's time.")


def _window(answer: Answer, role: Role, expiry: Expiry, body: dict[str, Json]) -> None:
    base_name = expiry.base if expiry.base in body else role.lifecycle.created_member
    at, base = moment_of(body.get(expiry.at)), moment_of(body.get(base_name))
    if at is None or base is None:
        return
    lives = at - base
    if lives <= 0:
        raise Broken(f"{expiry.at} is not after {base_name}", f"It is {-lives:g} s before it.")
    if expiry.minimum is not None and lives < expiry.minimum - _ROUNDING:
        raise Broken(f"{expiry.at} is too early", f"{lives:g} s after {base_name}; the least is {expiry.minimum} s.")
    if expiry.maximum is not None and lives > expiry.maximum + _ROUNDING:
        raise Broken(f"{expiry.at} is too late", f"{lives:g} s after {base_name}; the most is {expiry.maximum} s.")
    given = answer.request.get(expiry.at) if isinstance(answer.request, dict) else None
    if role.effect.effect == "create" and given is None and expiry.default is not None:  # noqa: SIM102
        if abs(lives - expiry.default) > _ROUNDING:
            raise Broken(
                f"{expiry.at} is not the default", f"{lives:g} s after {base_name} instead of {expiry.default} s."
            )


@check
def key_shown(answer: Answer) -> None:
    """An answer about a resource that was asked for by its key is about that one."""
    for role, body in shown(answer):
        key = role.effect.key
        if key is None or role.lifecycle.key not in body:
            continue
        asked = asked_key(answer, key.source, key.name, key.pointer)
        if asked is not None and not same(asked, body[role.lifecycle.key]):
            raise Broken(
                "The answer is about another resource", f"Asked for {asked!r}, got {body[role.lifecycle.key]!r}."
            )


def asked_key(answer: Answer, source: str, name: str, pointer: str) -> Json:
    """Return the key that a request names, `None` when it names none."""
    if source == "request.body" and isinstance(answer.request, dict):
        return answer.request.get(pointer.removeprefix("/"))
    if source == "request.query":
        return answer.case.query.get(name)
    if source == "request.path":
        return answer.case.path_parameters.get(name)
    return None


@check
def replay_mark(answer: Answer) -> None:
    """The header that marks a repeated answer is only on repeats."""
    rule = answer.operation.idempotency
    if rule is None or not rule.replayed or answer.case.meta is None:
        return  # walks repeat on purpose; generated requests have keys of their own
    if rule.replayed.lower() in answer.response.headers:
        raise Broken(f"{rule.replayed} on the first answer", "The contract has it on repeats alone.")
