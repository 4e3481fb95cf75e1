"""Webhooks: sent when the contract says so, once, to the address, valid, and signed as the contract says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from tallystick.contract.life import Effect, Event
from tallystick.contract.model import Operation, Webhook
from tallystick.contract.signing import load_signer
from tallystick.load import Json
from tallystick.verify.facts.bodies import NOTHING, parsed
from tallystick.verify.facts.media import essence
from tallystick.verify.facts.resource import at, differences
from tallystick.verify.result import Message, Step
from tallystick.verify.server.auth import taken_by, verified
from tallystick.verify.server.control import Control
from tallystick.verify.server.receiver import Delivery, Receiver
from tallystick.verify.session import Session
from tallystick.verify.walks.caller import Caller, Stop, Walk
from tallystick.verify.walks.life import Life, act, create, lives, read

_PATIENCE = 3
"""Seconds to wait for a webhook."""


def run(caller: Caller) -> None:
    """Cause everything that sends webhooks, with a receiver that listens."""
    session = caller.session
    if not session.contract.webhooks:
        return
    names = [webhook.name for webhook in session.contract.webhooks]
    control = session.control
    if control is None:
        session.unable("webhook", names, "the server offers no way to name a receiver")
        return
    session.unable("webhook", names, "nothing in the contract's lifecycles sends it")
    with Receiver() as receiver:
        target = control.watch(receiver.url)
        if not target:
            session.unable("webhook", names, "the server does not take a receiver on this machine")
            return
        try:
            _cause_all(caller, control, Mailbox(session, control, receiver))
        finally:
            control.unwatch(target)


def _cause_all(caller: Caller, control: Control, mailbox: Mailbox) -> None:
    """Let everything happen, each to a new resource; what time does to all of them comes last."""
    known = list(lives(caller.session))
    for life in known:
        for cause in _causes(life, control):
            for _ in range(2 if cause.webhooks else 1):  # the second time there is another to be mistaken for
                _try(caller, life, cause, mailbox)
    mailbox.no_more_than_expected(Walk(caller, "webhooks"))
    for life in known:
        expiry = life.lifecycle.expiry
        if expiry is not None and (seconds := expiry.default or expiry.maximum):
            wait = Cause("expiry", expiry.webhooks, lambda *_, s=seconds: control.advance(s + 1))
            _try(caller, life, wait, mailbox)


def _try(caller: Caller, life: Life, cause: Cause, mailbox: Mailbox) -> None:
    walk = Walk(caller, "webhooks")
    name = life.lifecycle.resource
    with suppress(Stop):
        key = life.key_of(create(walk, life))
        creation = next(e.webhooks for e in life.origin.effects if e.effect == "create")
        mailbox.expect(walk, key, creation, f"creating a {life.origin.resource}")
        if cause.happen(walk, key):
            mailbox.expect(walk, key, cause.webhooks, f"{cause.name} of a {name}")
            _agree(walk, life, key, mailbox.last(key))


def _agree(walk: Walk, life: Life, key: Json, delivery: Delivery | None) -> None:
    """What the last webhook about a resource says of it is what reading it says."""
    told = _found(parsed(delivery.body), life.lifecycle.key, key) if delivery is not None else None
    seen = read(walk, life, key) if told is not None and life.own else None
    if seen is None or not seen.accepted or not isinstance(seen.body, dict) or not isinstance(told, dict):
        return
    for pointer in differences(told, seen.body):
        message = f"The webhook: {at(told, pointer)!r}\nReading: {at(seen.body, pointer)!r}"
        walk.fail(f"A webhook has another {pointer[1:]} than reading gives", message, life.create)


def _found(value: Json, name: str, key: Json) -> Json:
    """Return the object in a body whose member is the key, `None` when there is none."""
    stack: list[Json] = [value]
    while stack:
        here = stack.pop(0)
        if isinstance(here, dict):
            if here.get(name) == key:
                return here
            stack += here.values()
    return None


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that can happen to a new resource, the webhooks that it sends, and how to let it happen."""

    name: str
    webhooks: tuple[str, ...]
    happen: Callable[[Walk, Json], bool]


def _causes(life: Life, control: Control) -> Iterator[Cause]:
    lifecycle = life.lifecycle
    for operation, effect in life.keyed:
        if effect.effect != "transition" or lifecycle.initial in effect.source_states:
            yield Cause(operation.id, effect.webhooks, partial(_call, operation, effect))
    for event in lifecycle.events:
        before = next((e for e in lifecycle.events if e.target_state in event.source_states), None)
        if lifecycle.initial in event.source_states:
            yield Cause(event.name, event.webhooks, partial(_happen, life, control, (event,)))
        elif before is not None and lifecycle.initial in before.source_states:
            sent = (*before.webhooks, *event.webhooks)
            yield Cause(event.name, sent, partial(_happen, life, control, (before, event)))


def _call(operation: Operation, effect: Effect, walk: Walk, key: Json) -> bool:
    return act(walk, operation, effect, key, note=operation.id).accepted


def _happen(life: Life, control: Control, events: tuple[Event, ...], _: Walk, key: Json) -> bool:
    return all(control.happen(life.lifecycle.resource, key, event.name) is not None for event in events)


class Mailbox:
    """Compares what arrives with what is expected, by the key of the resource that it is about."""

    def __init__(self, session: Session, control: Control, receiver: Receiver) -> None:
        self._session = session
        self._control = control
        self._receiver = receiver
        self._expected: dict[str, Counter[str]] = {}
        self._checked: set[int] = set()

    def expect(self, walk: Walk, key: Json, names: tuple[str, ...], cause: str) -> None:
        """Wait for webhooks about a resource, check those that came, and note those that did not."""
        known = {webhook.name for webhook in self._session.contract.webhooks}
        expected = self._expected.setdefault(str(key), Counter())
        expected.update(name for name in names if name in known)
        self._control.flush()
        deliveries = self._receiver.wait(lambda all_: not expected - self._arrived(str(key), all_), _PATIENCE)
        for delivery in deliveries:
            if id(delivery) not in self._checked and _is_about(delivery, str(key)):
                self._checked.add(id(delivery))
                self._check(walk, delivery)
        for name in sorted(expected - self._arrived(str(key), deliveries)):
            walk.fail(f"The webhook {name} is missing", f"{cause} sends it; it did not come within {_PATIENCE} s.")

    def last(self, key: Json) -> Delivery | None:
        """Return the webhook about a resource that came last, `None` when none did."""
        about = [d for d in self._receiver.wait(lambda _: True, 0) if _is_about(d, str(key))]
        return about[-1] if about else None

    def no_more_than_expected(self, walk: Walk) -> None:
        """Note what came too often, once everything has come."""
        self._control.flush()
        deliveries = self._receiver.wait(lambda _: True, 0)
        for key, expected in self._expected.items():
            for name in sorted(self._arrived(key, deliveries) - expected):
                sent = [d for d in deliveries if _is_about(d, key)]
                walk.restart(_step(self._session, d) for d in sent)
                message = f"{expected[name]} times is right for what happened to {key}."
                walk.fail(f"The webhook {name} is sent too often", message)

    def _arrived(self, key: str, deliveries: Iterable[Delivery]) -> Counter[str]:
        about = (_which(self._session, d) for d in deliveries if _is_about(d, key))
        return Counter(webhook.name for webhook in about if webhook is not None)

    def _check(self, walk: Walk, delivery: Delivery) -> None:
        walk.note(_step(self._session, delivery))
        webhook = _which(self._session, delivery)
        if webhook is None:
            walk.fail("A webhook is none of the contract's", "Its constants are those of none of them.")
            return
        self._session.tracker.saw("webhook", webhook.name)
        if urlsplit(delivery.target).path != urlsplit(self._receiver.url).path:
            walk.fail(f"The webhook {webhook.name} goes to another address", f"It went to {delivery.target}.")
        _check(walk, webhook.operation, delivery, webhook.name)


def _is_about(delivery: Delivery, key: str) -> bool:
    return key.encode() in delivery.body


def _which(session: Session, delivery: Delivery) -> Webhook | None:
    """Return the webhook that a delivery is: of those whose schema it fits, else that whose constants it has."""
    body = parsed(delivery.body)
    candidates = [w for w in session.contract.webhooks if w.operation.method == delivery.method]
    fitting = [w for w in candidates if not _violations(session, w.operation, body)]
    return next(iter([*fitting, *(w for w in candidates if _names(w, body))]), None)


def _names(webhook: Webhook, body: Json) -> bool:
    """Say whether the constants of a webhook's payload are those of a body."""
    schema = _schema(webhook.operation)
    members = schema.members() if schema is not None else {}
    constants = {n: p.get("const") for n, s in members.items() for p in s.parts() if "const" in p}
    return isinstance(body, dict) and bool(constants) and all(body.get(n) == v for n, v in constants.items())


def _schema(operation: Operation) -> Any:
    return operation.body.media[0].schema if operation.body is not None else None


def _violations(session: Session, operation: Operation, body: Json) -> list[str]:
    schema = _schema(operation)
    if body is NOTHING:
        return ["it is no JSON"]
    if schema is None:
        return []
    found = session.knowledge.validators.violations(schema, body, "request")
    return [f"{violation.pointer}: {violation.message}" for violation in found]


def _check(walk: Walk, operation: Operation, delivery: Delivery, name: str) -> None:
    broken = _violations(walk.session, operation, parsed(delivery.body))
    if broken:
        walk.fail(f"The webhook {name} breaks its schema", "\n".join(broken[:5]))
    given = {name.lower(): value for name, value in delivery.headers}
    media = operation.body.media[0].content_type if operation.body is not None else ""
    if essence(given.get("content-type", "")) != media:
        walk.fail(
            f"The webhook {name} has another type", f"It is {given.get('content-type')!r} instead of {media!r}."
        )
    declared = {p.name.lower(): p for p in operation.parameters if p.location == "header"}
    coding = given.get("content-encoding", "identity")
    if coding.strip().lower() != "identity" and "content-encoding" not in declared:
        walk.fail(f"The webhook {name} is encoded", f"It is {coding}, of which the contract says nothing.")
    for parameter in declared.values():
        if parameter.required and parameter.name.lower() not in given:
            walk.fail(f"The webhook {name} lacks the header {parameter.name}", "The contract requires it.")
    _signed(walk, operation, delivery, name)


def _signed(walk: Walk, operation: Operation, delivery: Delivery, name: str) -> None:
    session = walk.session
    for scheme in taken_by(session.contract, operation):
        values = session.target.credentials.values.get(scheme.name)
        if scheme.signer is None or session.folder is None or values is None:
            continue
        reason = verified(
            load_signer(session.folder, scheme.signer)(**values),
            method=delivery.method,
            target=delivery.target,
            headers=dict(delivery.headers),
            body=delivery.body,
            now=session.moment(),
        )
        if reason:
            walk.fail(f"The webhook {name} is not validly signed", reason)


def _step(session: Session, delivery: Delivery) -> Step:
    message = session.knowledge.redaction.message(delivery.headers, delivery.body)
    return Step(delivery.method, delivery.target, message, 200, Message((), ""), "a webhook arrived")
