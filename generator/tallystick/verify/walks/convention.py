"""What collections and items promise by convention: created is there, changed is seen, deleted is gone.

The conventions are a guess, so whatever a sound server may do otherwise is no failure: to refuse, to do it later
(202), to keep what was deleted with a mark on it, to share what one caller created with another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial

from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.verify.data import unissued
from tallystick.verify.facts.convention import APART, LISTED, OWN_ID, READ, UNKNOWN, Collection, collections, shown_by
from tallystick.verify.facts.kept import alike, changed_members, comparable, kept_members
from tallystick.verify.facts.media import body_schema
from tallystick.verify.facts.resource import same
from tallystick.verify.walks.caller import Caller, Reply, Stop, Walk
from tallystick.verify.walks.items import (
    Item,
    Maker,
    another_value,
    answer_schema,
    kinds,
    listed,
    read,
    until,
)
from tallystick.verify.walks.life import key_fits

_GONE = (404, 410)


def run(caller: Caller) -> None:
    """Try what convention says of every collection that the document has."""
    _try(caller, collections(caller.session.contract))


def resume(caller: Caller) -> None:
    """Try it once more where nothing could be created, now that more requests are known that the server takes."""
    unmade = caller.session.unmade
    again = [one for one in collections(caller.session.contract) if one.name in unmade]
    unmade.clear()
    _try(caller, again)


def _try(caller: Caller, found: Sequence[Collection]) -> None:
    session = caller.session
    reason = _kept_out(caller) if found else ""
    for collection in found:
        if reason or collection.create not in session.operations:
            why = reason or "creating one is no part of this run"
            session.unable("convention", collection.promises(), why)
            continue
        maker = Maker(caller, collection)
        for part in _parts(collection):
            with suppress(Stop):
                part(Walk(caller, "convention"), maker)


def _parts(collection: Collection) -> Iterator[Callable[[Walk, Maker], None]]:
    yield from (_read_back, _unknown, _listed)
    yield from (partial(_change, operation=operation) for operation in collection.changes)
    yield from (_delete, _other_caller)


def _kept_out(caller: Caller) -> str:
    """Return why the server can't be asked for any of this, empty when it can."""
    control = caller.session.control
    if control is not None and control.json("GET", "/lifecycles") == []:
        return "the mock keeps nothing: it was started without --stateful"
    return ""


def _read_back(walk: Walk, maker: Maker) -> None:
    """Reading gives what was created, under its own id, also after another was created."""
    first = maker.make(walk)
    seen = _read(walk, first)
    _is_same_key(walk, first, seen)
    _compare(walk, first, seen, "Reading does not give what was created")
    walk.session.tracker.saw("convention", first.collection.subject(READ))
    second = maker.make(walk)
    if str(first.key) == str(second.key) and (first.reply.status, second.reply.status) == (201, 201):
        walk.fail("Two of them have the same id", f"Both are {first.key!r}.", second.reply.operation)
    again = _read(walk, first, "What was created is gone after another was")
    _compare(walk, first, again, "Creating another changed it", _kept(first, seen))
    walk.session.tracker.saw("convention", first.collection.subject(OWN_ID))


def _read(walk: Walk, item: Item, title: str = "What was created is not there") -> Reply:
    """Return the answer that shows an item. Raises `Stop` when there is none, after noting when there should be."""
    seen = until(lambda: read(walk, item), lambda reply: reply.status not in _GONE)
    if seen.status in _GONE:
        walk.fail(title, f"Reading it is answered with {seen.status}.", seen.operation)
    elif not seen.accepted:
        walk.session.unable("convention", item.collection.promises(), f"reading one is answered with {seen.status}")
    if not seen.accepted:
        raise Stop
    return seen


def _is_same_key(walk: Walk, item: Item, seen: Reply) -> None:
    shown = seen.member(item.collection.lifecycle.key)
    if isinstance(shown, (str, int)) and str(shown).casefold() != str(item.key).casefold():
        walk.fail("The answer is about another", f"Asked for {item.key!r}, got {shown!r}.", seen.operation)


def _kept(item: Item, seen: Reply) -> frozenset[str]:
    """Return the members that an answer shows as they were sent."""
    request, answer = body_schema(item.collection.create), answer_schema(seen)
    if request is None or answer is None or not isinstance(seen.body, dict):
        return frozenset()
    return kept_members(item.sent, seen.body, request, answer)


def _compare(walk: Walk, item: Item, seen: Reply, title: str, known: frozenset[str] = frozenset()) -> None:
    """Note the first member in which an answer differs from what was sent at creation."""
    request, answer = body_schema(item.collection.create), answer_schema(seen)
    if request is None or answer is None or not isinstance(seen.body, dict):
        return
    sure = known or _kept(item, item.reply)
    for name, how in changed_members(item.sent, seen.body, request, answer, sure=sure):
        walk.fail(f"{title}: {name} differs", how, seen.operation)
        return


def _unknown(walk: Walk, maker: Maker) -> None:
    """An id that was never given leads to nothing: not to be read, and not to be changed."""
    items = [maker.make(walk) for _ in range(2)]
    collection, keys = maker.collection, [item.key for item in items]
    fits = partial(key_fits, walk.session, collection.read, collection.place.key)
    far = unissued.far(keys, fits)
    subject = collection.subject(UNKNOWN)
    if far is None:
        walk.session.unable("convention", [subject], "no other id fits its schema")
        return
    for key in (far, *unissued.near(keys, fits)):
        reply = read(walk, items[-1].named(key), note="an id that was never given")
        if reply.accepted and reply.body:
            walk.fail("An unknown id is found", f"The answer is {reply.status}.", collection.read)
            return
    walk.session.tracker.saw("convention", subject)
    for operation in collection.changes:
        change = _change_of(walk, operation, items[-1])
        if change is None:
            continue
        changed = walk.send(operation, items[-1].named(far).sample(walk, operation, change), note="change it")
        if changed.accepted and changed.status != 202:
            there = until(lambda: read(walk, items[-1].named(far)), lambda reply: reply.status not in _GONE)
            if there.status in _GONE:
                message = f"The answer is {changed.status}, and reading it then {there.status}."
                walk.fail("An unknown id can be changed", message, operation)


def _change_of(walk: Walk, operation: Operation, item: Item) -> dict[str, Json] | None:
    """Return a valid body for changing an item in one member, `None` when none can be made of what was sent."""
    schema, request = body_schema(operation), body_schema(item.collection.create)
    if schema is None or request is None:
        return None
    declared = schema.members()
    base = {n: v for n, v in item.sent.items() if n in declared} if operation.method == "PUT" else {}
    shown = answer_schema(item.reply)
    bound = {*kinds(schema), item.collection.lifecycle.key}
    free = [name for name in comparable(schema, shown) if name not in bound] if shown is not None else []
    for name in free:
        for value in another_value(walk.session, declared[name], name, item.sent.get(name)):
            for body in ({**base, name: value}, {**item.sent, name: value}):
                if walk.session.knowledge.validators.is_valid(schema, body, "request"):
                    return body
    return None


def _change(walk: Walk, maker: Maker, operation: Operation) -> None:
    """A change can be read afterwards, and touches nothing else."""
    mine, bystander = maker.make(walk), maker.make(walk, note="create a bystander")
    before, other = _read(walk, mine), _read(walk, bystander)
    subject = maker.collection.subject(shown_by(operation))
    change = _change_of(walk, operation, mine)
    if change is None:
        walk.session.unable("convention", [subject], "no change could be made of what was sent")
        return
    reply = walk.send(operation, mine.sample(walk, operation, change), note="change it")
    if not reply.accepted or reply.status == 202:
        walk.session.unable("convention", [subject], f"a change is answered with {reply.status}")
        return
    kept = _kept(mine, before)
    asked = {n: v for n, v in change.items() if n in kept and not alike(v, mine.sent.get(n))}
    after = until(lambda: read(walk, mine), lambda reply: all(alike(v, reply.member(n)) for n, v in asked.items()))
    if not after.accepted:
        walk.fail("What was changed is not there any more", f"Reading it is answered with {after.status}.", operation)
        return
    for name, value in asked.items():
        if not alike(value, after.member(name)):
            message = f"It was set to {value!r}; reading gives {after.member(name)!r}."
            walk.fail(f"A change of {name} can't be read afterwards", message, operation)
    _compare(
        walk, mine.but(asked), after, f"{operation.method} changed more than it was asked to", kept - asked.keys()
    )
    _compare(
        walk, bystander, _read(walk, bystander), f"{operation.method} touched another one", _kept(bystander, other)
    )
    if asked:
        walk.session.tracker.saw("convention", subject)


def _delete(walk: Walk, maker: Maker) -> None:
    """What was deleted is gone, or shown to be deleted; nothing else is."""
    operation = maker.collection.delete
    if operation is None:
        return
    mine, bystander = maker.make(walk), maker.make(walk, note="create a bystander")
    before = _read(walk, mine)
    reply = walk.send(operation, mine.sample(walk, operation), note="delete it")
    subject = maker.collection.subject(shown_by(operation))
    if not reply.accepted or reply.status == 202:
        walk.session.unable("convention", [subject], f"deleting one is answered with {reply.status}")
        return
    after = until(lambda: read(walk, mine), lambda reply: not same(before.body, reply.body))
    if after.accepted and same(before.body, after.body):
        walk.fail("What was deleted is still there", "Reading it gives the same as before.", operation)
    _read(walk, bystander, "Deleting one took another with it")
    walk.session.tracker.saw("convention", subject)
    if after.status in _GONE and maker.collection.listing is not None:
        shown = until(lambda: listed(walk, mine), lambda found: not found.has(mine.key))
        if shown.has(mine.key):
            walk.fail("The list shows what was deleted", f"Its id is {mine.key!r}.", maker.collection.listing)


def _listed(walk: Walk, maker: Maker) -> None:
    """The list of a collection shows what was created in it, as far as one answer shows all there is."""
    listing = maker.collection.listing
    if listing is None:
        return
    items = [maker.make(walk) for _ in range(2)]
    for item in items:
        _read(walk, item)
    found = until(lambda: listed(walk, items[0]), lambda found: not found.lacks(items))
    subject = maker.collection.subject(LISTED)
    if missing := found.lacks(items):
        walk.fail("The list lacks what was created", f"It has none with the id {missing[0]!r}.", listing)
    elif found.has(items[0].key):
        walk.session.tracker.saw("convention", subject)
    else:
        walk.session.unable("convention", [subject], "the list may be only a part of what there is")


def _other_caller(walk: Walk, maker: Maker) -> None:
    """What the list keeps from another caller, that caller can't read, change or delete either."""
    collection, other = maker.collection, walk.session.knowledge.other
    subject = collection.subject(APART)
    if subject not in collection.promises():
        return
    if other is None or collection.listing is None:
        why = "there are no credentials of a second caller" if other is None else "no list says what callers share"
        walk.session.unable("convention", [subject], why)
        return
    theirs = maker.make(walk, who=other, note="the second caller creates one")
    mine = maker.make(walk)
    shown = listed(walk, mine, who=other)
    if not shown.has(theirs.key) or shown.has(mine.key):
        walk.session.unable("convention", [subject], "callers share what they create, as the list shows")
        return
    before = _read(walk, mine)
    reply = read(walk, mine, who=other, note="another caller")
    if reply.accepted and str(reply.member(collection.lifecycle.key)) == str(mine.key):
        walk.fail("Another caller can read what the list keeps from it", f"Its id is {mine.key!r}.", collection.read)
    for operation in (*collection.changes, *([collection.delete] if collection.delete is not None else [])):
        change = _change_of(walk, operation, mine) if operation in collection.changes else None
        reply = walk.send(operation, mine.sample(walk, operation, change), who=other, note="another caller")
        after = read(walk, mine)
        if reply.accepted and (not after.accepted or not same(before.body, after.body)):
            walk.fail("Another caller can change what the list keeps from it", f"By {operation.method}.", operation)
            return
    walk.session.tracker.saw("convention", subject)
