"""What happens outside the API, and what time does, where the server lets us cause it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import sleep
from typing import cast
from urllib.parse import parse_qsl, urlsplit

from tallystick.contract import expression as expressions
from tallystick.contract.life import Event, Expiry
from tallystick.load import Json
from tallystick.verify.data.adapt import written_as
from tallystick.verify.facts.bodies import NOTHING
from tallystick.verify.facts.media import body_member, body_schema
from tallystick.verify.facts.resource import at, refusals
from tallystick.verify.server.control import Control
from tallystick.verify.walks.caller import Caller, Reply, Stop, Walk
from tallystick.verify.walks.life import Life, act, create, lives, read
from tallystick.verify.walks.lifecycle import compare, refuse_all

_CLOSE = 30
"""Seconds before and after the moment of expiry at which to look; less where a life is short."""

_ROUNDING = 2
"""Seconds after that moment at which to look where the clock is moved: nobody has to come round and notice it."""

Pass = Callable[[float], bool]
"""Lets some seconds pass on the server, and says whether they did."""


def run(caller: Caller) -> None:
    """Cause every event, and let every resource expire."""
    session = caller.session
    control = session.control
    for life in lives(session):
        name = life.lifecycle.resource
        if control is None:
            causes = [f"{name}: event {event.name}" for event in life.lifecycle.events]
            session.unable("transition", causes, "the server offers no way to cause it")
        else:
            for event in life.lifecycle.events:
                with suppress(Stop):
                    _event(Walk(caller, "lifecycle"), life, control, event)
        if life.lifecycle.expiry is not None:
            with suppress(Stop):
                if control is not None:
                    _expire(Walk(caller, "lifecycle"), life, control.advance, _ROUNDING)
                else:
                    _expire(Walk(caller, "lifecycle"), life, _waiting(session.plan.wait), _CLOSE)


def _waiting(longest: float) -> Pass:
    """Return how time passes where the clock can't be moved: by waiting, for `longest` seconds in all."""
    left = longest

    def wait(seconds: float) -> bool:
        nonlocal left
        if seconds > left:
            return False
        left -= seconds
        sleep(seconds)
        return True

    return wait


def _event(walk: Walk, life: Life, control: Control, event: Event) -> None:
    created = create(walk, life, full=True)
    key = life.key_of(created)
    if not _lead_to(life, control, key, event):
        walk.session.unable(
            "transition", [f"{life.lifecycle.resource}: event {event.name}"], "no event leads up to it"
        )
        return
    location = control.happen(life.lifecycle.resource, key, event.name)
    if location is None:
        walk.session.unable("transition", [f"{life.lifecycle.resource}: event {event.name}"], "the server refused it")
        return
    walk.session.tracker.saw("transition", f"{life.lifecycle.resource}: event {event.name}")
    _returns(walk, life, created, event, location)
    _keeps(walk, life, created, _is(walk, life, key, event.target_state))
    _look_around(walk, life, key)


def _look_around(walk: Walk, life: Life, key: Json) -> None:
    """Ask for all that comes with a resource: some of it is there only after an event."""
    for other in lives(walk.session):
        if other.origin is life.origin:
            for operation, effect in other.keyed:
                if effect.effect in ("read", "use"):
                    act(walk, operation, effect, key, note=f"{operation.id} afterwards")


def _returns(walk: Walk, life: Life, created: Reply, event: Event, location: str) -> None:
    """The browser is sent to the address that the resource has for it, with the query that the contract adds."""
    wanted = next((r for r in life.lifecycle.returns if r.name == event.returns), None)
    address = created.member(wanted.url_member) if wanted is not None else None
    if wanted is None or not isinstance(address, str):
        return
    if not location.startswith(address.split("?")[0]):
        message = f"{event.name} leads to {location!r} instead of {address!r}."
        walk.fail("The browser is sent to another address", message, life.create)
        return
    given = dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))
    for name, value in wanted.query.items():
        expression = expressions.parse(value) if isinstance(value, str) else None
        right = at(created.body, expression.pointer) if expression is not None else value
        if isinstance(right, (str, int)) and given.get(name) != str(right):
            message = f"It is {given.get(name)!r} instead of {right!r}, after {event.name}."
            walk.fail(f"The query parameter {name} of the return is wrong", message, life.create)


def _lead_to(life: Life, control: Control, key: Json, event: Event) -> bool:
    """Bring a new resource into a state in which an event can happen; say whether that worked."""
    if life.lifecycle.initial in event.source_states:
        return True
    before = next((e for e in life.lifecycle.events if e.target_state in event.source_states), None)
    if before is None or life.lifecycle.initial not in before.source_states:
        return False
    return control.happen(life.lifecycle.resource, key, before.name) is not None


def _is(walk: Walk, life: Life, key: Json, state: str) -> Reply | None:
    """The resource, which is returned, shows the state, and everything that the state forbids is refused."""
    member = life.lifecycle.state_member
    shown = read(walk, life, key, note=f"read it when it is {state}")
    if shown is not None and member:
        if not shown.accepted and _gone(life, state):
            return None
        walk.require(shown, f"Reading a {life.lifecycle.resource} that is {state}")
        if shown.member(member) != state:
            message = f"It is {shown.member(member)!r}."
            walk.fail(f"The {life.lifecycle.resource} is not {state}", message, shown.operation)
            return None
    refuse_all(walk, life, key, state)
    return shown


def _gone(life: Life, state: str) -> bool:
    """Say whether the contract has an answer for reading something whose time is up."""
    expiry = life.lifecycle.expiry
    return expiry is not None and state == expiry.target_state and bool(life.read and refusals(life.read, "expired"))


def _no_wish(life: Life, expiry: Expiry) -> dict[str, Json]:
    """Return what takes the wish for a length of life from a body, where it may be left out."""
    schema = body_schema(life.create)
    required = schema.required_members() if schema is not None else frozenset()
    return {name: cast("Json", NOTHING) for name in (expiry.at, expiry.base) if name not in required}


def _keeps(walk: Walk, life: Life, created: Reply, now: Reply | None) -> None:
    """What was written and shown is still there when the state is another."""
    if now is None or not life.own or not isinstance(created.body, dict):
        return
    written = {name: value for name, value in created.body.items() if created.sent(name) is not None}
    compare(walk, written, now, f"What was written is lost with the state of a {life.lifecycle.resource}")


def _expire(walk: Walk, life: Life, let_pass: Pass, late: int) -> None:
    """A resource is there until its time is up, and over some seconds later."""
    expiry = life.lifecycle.expiry
    assert expiry is not None
    lives_for = expiry.default or expiry.maximum
    subject = f"{life.lifecycle.resource}: expiry"
    visible = life.read is not None and life.lifecycle.state_member
    if lives_for is None or not visible:
        walk.session.unable("transition", [subject], "no answer shows it")
        return
    created = create(walk, life, full=True, change=_no_wish(life, expiry))
    key = life.key_of(created)
    close = min(_CLOSE, lives_for // 4)
    late = min(late, close)
    if not let_pass(lives_for - close):
        reason = f"the server's clock can't be moved, and --wait is less than the {lives_for + late} s that it takes"
        walk.session.unable("transition", [subject], reason)
        return
    early = read(walk, life, key, note=f"{close} s before its time is up")
    if early is not None:
        walk.require(early, "Reading shortly before the time is up")
        if early.member(life.lifecycle.state_member) != life.lifecycle.initial:
            state = early.member(life.lifecycle.state_member)
            walk.fail(
                f"The {life.lifecycle.resource} is {state} before its time is up", f"{close} s before.", life.read
            )
    if not let_pass(close + late):
        return
    walk.session.tracker.saw("transition", subject)
    _keeps(walk, life, created, _is(walk, life, key, expiry.target_state))
    _asked(walk, life, expiry, let_pass, close)
    for operation, effect in life.moves:
        if life.lifecycle.initial in effect.source_states:
            again = act(
                walk, operation, effect, life.key_of(create(walk, life)), note="a new one is not touched by it"
            )
            walk.require(again, f"{operation.id} of a new {life.lifecycle.resource}")


def _asked(walk: Walk, life: Life, expiry: Expiry, let_pass: Pass, close: int) -> None:
    """A length of life that was asked for is kept: a shorter and a longer one than without a wish."""
    place, usual = body_member(life.create, expiry.at), expiry.default
    if place is None or usual is None or not expiry.minimum or not expiry.maximum:
        return
    if not expiry.minimum + close < usual < expiry.maximum - 2 * close:
        return
    keys: list[Json] = []
    for seconds in (expiry.minimum, expiry.maximum - close):
        now = int(walk.session.now())
        base = {} if (b := body_member(life.create, expiry.base)) is None else {expiry.base: written_as(b, now)}
        wish = {**base, expiry.at: written_as(place, now + seconds)}
        keys.append(life.key_of(create(walk, life, change=wish, note=f"one that lives {seconds} s")))
    short, long = keys
    if let_pass(expiry.minimum + close):
        _is_in(walk, life, short, expiry.target_state)
        _is_in(walk, life, long, life.lifecycle.initial)
    if let_pass(usual - expiry.minimum):
        _is_in(walk, life, long, life.lifecycle.initial)


def _is_in(walk: Walk, life: Life, key: Json, state: str) -> None:
    seen = read(walk, life, key)
    if seen is None or (not seen.accepted and _gone(life, state)):
        return
    shown = seen.member(life.lifecycle.state_member)
    if shown != state:
        walk.fail(f"A {life.lifecycle.resource} does not live as long as was asked", f"It is {shown!r}.", life.read)
