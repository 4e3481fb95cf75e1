"""Faults in when a resource was created, was changed, and expires."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tallystick.contract.life import Lifecycle
from tallystick.verify.data.adapt import like, moment_of
from tallystick.verify.facts.media import body_schema, json_media
from tallystick.verify.faults.fault import Bench, Fault, changing, kind
from tallystick.verify.faults.shown import on_resource, shows
from tallystick.verify.faults.tamper import Request, with_json
from tallystick.verify.server.routes import label


@kind
def updated_before_created(bench: Bench) -> Iterator[Fault]:
    """A resource was changed before it was created."""

    def change(body: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
        created = moment_of(body.get(lifecycle.created_member))
        name = lifecycle.updated_member
        return {**body, name: like(body[name], int(created) - 3600)} if created is not None and name in body else body

    stamped = {label(o) for lc, _, o in bench.roles() if shows(o, lc.created_member) and shows(o, lc.updated_member)}
    faults = on_resource(bench, "updated-before-created", ("create", "read"), change)
    return (fault for fault in faults if fault.subject in stamped)


def _expiry_moved(bench: Bench, name: str, seconds: Callable[[Lifecycle], int | None]) -> Iterator[Fault]:
    def change(body: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
        expiry, by = lifecycle.expiry, seconds(lifecycle)
        at = moment_of(body.get(expiry.at)) if expiry is not None and expiry.at else None
        if expiry is None or at is None or by is None:
            return body
        return {**body, expiry.at: like(body[expiry.at], int(at) + by)}

    shown = {
        label(o) for lc, _, o in bench.roles() if lc.expiry is not None and lc.expiry.at and shows(o, lc.expiry.at)
    }
    return (f for f in on_resource(bench, name, ("create",), change) if f.subject in shown)


@kind
def expiry_default_wrong(bench: Bench) -> Iterator[Fault]:
    """Without a wish a resource lives a minute longer than the contract says."""
    return _expiry_moved(bench, "expiry-default-wrong", lambda _: 60)


@kind
def expiry_beyond_window(bench: Bench) -> Iterator[Fault]:
    """A resource lives longer than it may."""
    return _expiry_moved(bench, "expiry-beyond-window", lambda lc: lc.expiry.maximum if lc.expiry else None)


@kind
def expiry_before_creation(bench: Bench) -> Iterator[Fault]:
    """A resource is expired when it is created."""
    return _expiry_moved(
        bench, "expiry-before-creation", lambda lc: -2 * (lc.expiry.maximum or 3600) if lc.expiry else None
    )


def _window_widened(bench: Bench, name: str, outside: Callable[[Lifecycle, float], float | None]) -> Iterator[Fault]:
    """Yield a fault for each creation that takes a moment of expiry outside its window."""
    for lifecycle, effect, operation in bench.roles():
        expiry, schema = lifecycle.expiry, body_schema(operation)
        if effect.effect != "create" or expiry is None or schema is None or expiry.at not in schema.members():
            continue

        def before(request: Request, wanted: str = operation.id, of: Lifecycle = lifecycle) -> Request:
            body, expiry = request.json, of.expiry
            mine = request.is_for(wanted)
            if not mine or not isinstance(body, dict) or expiry is None:
                return request
            at, base = moment_of(body.get(expiry.at)), moment_of(body.get(expiry.base))
            lives = outside(of, at - base) if at is not None and base is not None else None
            if lives is None or base is None:
                return request
            return with_json(request, {**body, expiry.at: like(body[expiry.at], int(base + lives))})

        yield Fault(name, label(operation), changing(bench, before=before))


@kind
def window_begins_early(bench: Bench) -> Iterator[Fault]:
    """A life that is a little too short is taken."""

    def outside(lifecycle: Lifecycle, lives: float) -> float | None:
        least = lifecycle.expiry.minimum if lifecycle.expiry is not None else None
        return least if least is not None and least - 60 <= lives < least else None

    return (f for f in _window_widened(bench, "window-begins-early", outside))


@kind
def window_ends_late(bench: Bench) -> Iterator[Fault]:
    """A life that is a little too long is taken."""

    def outside(lifecycle: Lifecycle, lives: float) -> float | None:
        most = lifecycle.expiry.maximum if lifecycle.expiry is not None else None
        return most if most is not None and most < lives <= most + 60 else None

    return _window_widened(bench, "window-ends-late", outside)


@kind
def window_ends_early(bench: Bench) -> Iterator[Fault]:
    """The longest life allowed is refused."""

    def outside(lifecycle: Lifecycle, lives: float) -> float | None:
        most = lifecycle.expiry.maximum if lifecycle.expiry is not None else None
        return most + 3600 if most is not None and lives == most else None

    return _window_widened(bench, "window-ends-early", outside)


@kind
def move_not_dated(bench: Bench) -> Iterator[Fault]:
    """A move leaves the moment of the last change as it was."""

    def change(body: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
        return {**body, lifecycle.updated_member: body[lifecycle.created_member]}

    dated = {
        label(o)
        for lc, _, o in bench.roles()
        if not lc.of and shows(o, lc.created_member) and shows(o, lc.updated_member)
    }
    faults = on_resource(bench, "move-not-dated", ("transition",), change)
    return (fault for fault in faults if fault.subject in dated)


@kind
def creation_in_milliseconds(bench: Bench) -> Iterator[Fault]:
    """The moment of creation is in another unit."""

    def change(body: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
        names = (lifecycle.created_member, lifecycle.updated_member)
        return {**body, **{n: body[n] * 1000 for n in names if isinstance(body.get(n), (int, float))}}

    numbers = {
        label(o)
        for lc, _, o in bench.roles()
        if (media := json_media(o)) is not None
        and media.schema is not None
        and (created := media.schema.members().get(lc.created_member)) is not None
        and "string" not in created.known_types
    }
    faults = on_resource(bench, "creation-in-milliseconds", ("create",), change)
    return (fault for fault in faults if fault.subject in numbers)
