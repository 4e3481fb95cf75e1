"""How resources live (`x-lifecycle`): states, what leads from one to the next, and what time does."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.compare.ledger import Ledger, Scope
from tallystick.compare.promises import Promise, enter_promises
from tallystick.contract.life import Effect, Event, Expiry, Lifecycle, Return
from tallystick.load.pointer import join

_ANY = "any state"


def compare_lifecycles(ledger: Ledger) -> None:
    """Enter resources that came or went by name, and what changed in the life of the others.

    What came or went with its operation is told there.
    """
    old, new = ledger.old.contract, ledger.new.contract
    before, after = ({life.resource: life for life in contract.lifecycles} for contract in (old, new))
    kept = {o.id for o in old.operations} & {o.id for o in new.operations}
    for name, life in before.items():
        if name not in after:
            what = "has no described life any more"
            ledger.enter(_scope(name), "resource", "removed", what, old=life.pointer, new=None)
        else:
            enter_promises(ledger, _scope(name), _promises(life, kept), _promises(after[name], kept))
    for name, life in after.items():
        if name not in before:
            ledger.enter(_scope(name), "resource", "added", "has a described life now", old=None, new=life.pointer)


def _scope(resource: str) -> Scope:
    return Scope("lifecycle", "lifecycle", subject=f"the resource {resource!r}", names=(resource,))


def _promises(life: Lifecycle, kept: set[str]) -> Iterator[Promise]:
    here = life.pointer
    yield Promise("key", (), "key", life.of or life.key, join(here, "of" if life.of else "key"))
    yield Promise("tenant", (), "owner", life.tenant, here)
    yield Promise("initial-state", (), "initial state", life.initial, join(here, "initial"))
    members = (
        ("state-member", "member that shows the state", life.state_member, "state"),
        ("page", "member with the address of its page", life.page_member, "page"),
    )
    for facet, noun, member, keyword in members:
        if member:
            yield Promise(facet, (), noun, member, join(here, keyword))
    for name in life.unique:
        yield Promise("uniqueness", (name,), f"the uniqueness of {name!r}", True, join(here, "unique"))
    for state in life.states:
        place = join(here, "states", state.name)
        yield Promise("state", (state.name,), f"the state {state.name!r}", True, place)
        if state.terminal:
            noun = f"the state {state.name!r} as an end"
            yield Promise("end", (state.name,), noun, True, place, (("state", state.name),))
    for effect in life.effects:
        if effect.operation_id in kept:
            yield from _effect(effect, join(here, "operations", effect.operation_id))
    if life.expiry is not None:
        yield from _expiry(life.expiry, join(here, "expiry"))
    for event in life.events:
        yield from _event(event, join(here, "events", event.name))
    for way in life.returns:
        yield from _return(way, join(here, "return", way.name))


def _in(state: str) -> tuple[tuple[str, ...], ...]:
    """Return what a promise about a state is a part of: where the state came or went, that is told alone."""
    return () if state == _ANY else (("state", state),)


def _effect(effect: Effect, here: str) -> Iterator[Promise]:
    name = effect.operation_id
    whole = ("effect", name)
    yield Promise("effect", (name,), f"effect of {name}", effect.effect, here)
    if effect.key is not None:
        yield Promise("effect-key", (name,), f"key in {name}", str(effect.key), join(here, "key"), (whole,))
    for state in effect.source_states or (_ANY,):
        noun = f"what {name} makes of {state!r}" if effect.target_state else f"{name} in {state!r}"
        yield Promise("transition", (name, state), noun, effect.target_state or True, here, (whole, *_in(state)))
    for webhook in effect.webhooks:
        yield Promise("notice", (name, webhook), f"the webhook {webhook!r} after {name}", True, here, (whole,))


def _expiry(expiry: Expiry, here: str) -> Iterator[Promise]:
    whole = ("expiry",)
    yield Promise("expiry", (), "state after its time", expiry.target_state, here)
    for state in expiry.source_states:
        noun = f"an end by time in {state!r}"
        yield Promise("expiry-state", (state,), noun, True, join(here, "from"), (whole, *_in(state)))
    members = (
        ("expiry-moment", "moment of its end", expiry.at, "at"),
        ("expiry-base", "moment its time begins", expiry.base, "base"),
    )
    for facet, noun, member, keyword in members:
        if member:
            yield Promise(facet, (), noun, member, join(here, keyword), (whole,))
    times = (("default", expiry.default), ("minimum", expiry.minimum), ("maximum", expiry.maximum))
    for keyword, seconds in times:
        if seconds is not None:
            place = join(here, keyword)
            yield Promise(f"expiry-{keyword}", (), f"a {keyword} time", seconds, place, (whole,))
    for webhook in expiry.webhooks:
        yield Promise("notice", ("expiry", webhook), f"the webhook {webhook!r} after its time", True, here, (whole,))


def _event(event: Event, here: str) -> Iterator[Promise]:
    name = event.name
    whole = ("event", name)
    yield Promise("event", (name,), f"the event {name!r}", True, here)
    for state in event.source_states or (_ANY,):
        noun = f"what {name!r} makes of {state!r}"
        within = (whole, *_in(state))
        yield Promise("event-transition", (name, state), noun, event.target_state, here, within)
    if event.returns:
        noun = f"way back after {name!r}"
        yield Promise("event-return", (name,), noun, event.returns, join(here, "return"), (whole,))
    for webhook in event.webhooks:
        yield Promise("notice", (name, webhook), f"the webhook {webhook!r} after {name!r}", True, here, (whole,))


def _return(way: Return, here: str) -> Iterator[Promise]:
    whole = ("return", way.name)
    yield Promise("return", (way.name,), f"address of the way back {way.name!r}", way.url_member, join(here, "url"))
    for parameter, value in way.query.items():
        noun = f"query parameter {parameter!r} on the way back {way.name!r}"
        place = join(here, "query", parameter)
        yield Promise("return-query", (way.name, parameter), noun, str(value), place, (whole,))
