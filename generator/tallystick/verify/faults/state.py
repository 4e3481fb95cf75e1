"""Faults in what a server keeps: keys and moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tallystick.contract.life import Effect, Lifecycle
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.verify.facts.media import json_media
from tallystick.verify.faults.fault import Bench, Fault, kind
from tallystick.verify.faults.tamper import Answer, Layer, Request, with_header, with_json
from tallystick.verify.server.routes import label
from tallystick.verify.server.wire import App


class Remembering(Layer):
    """Keeps what the server answered for one operation, for faults that need something of before."""

    def __init__(self, app: App, bench: Bench, lifecycle: Lifecycle, effect: Effect, operation: Operation) -> None:
        super().__init__(app, bench.routes)
        self.bench = bench
        self.lifecycle = lifecycle
        self.effect = effect
        self.operation = operation
        self.kept: list[Answer] = []

    def mine(self, request: Request) -> bool:
        """Say whether a request is one of the operation's."""
        return request.is_for(self.operation.id)


def on_each(bench: Bench, name: str, layer: type[Remembering], *effects: str) -> Iterator[Fault]:
    """Yield a fault for each operation with one of some effects, put in by a layer that remembers."""
    for lifecycle, effect, operation in bench.roles():
        if effect.effect in effects:

            def made(app: App, lc: Lifecycle = lifecycle, e: Effect = effect, o: Operation = operation) -> App:
                return layer(app, bench, lc, e, o)

            yield Fault(name, label(operation), made)


def _named_inside(bench: Bench, faults: Iterator[Fault]) -> Iterator[Fault]:
    """Return those faults whose operations name the resource in the body."""
    inside = {label(o) for _, e, o in bench.roles() if e.key is not None and e.key.source == "request.body"}
    return (fault for fault in faults if fault.subject in inside)


class _SameKey(Remembering):
    def outgoing(self, request: Request, answer: Answer) -> Answer:
        body = answer.json
        if not self.mine(request) or not answer.accepted or not isinstance(body, dict):
            return answer
        self.kept.append(answer)
        first = self.kept[0].json
        return (
            with_json(answer, {**body, self.lifecycle.key: first[self.lifecycle.key]})
            if isinstance(first, dict)
            else answer
        )


@kind
def key_given_twice(bench: Bench) -> Iterator[Fault]:
    """Every new resource has the same key."""
    return on_each(bench, "key-given-twice", _SameKey, "create")


class _AnyKey(Remembering):
    def outgoing(self, request: Request, answer: Answer) -> Answer:
        if not self.mine(request):
            return answer
        if answer.accepted:
            self.kept.append(answer)
        return self.kept[-1] if answer.status == 404 and self.kept else answer


@kind
def unknown_key_found(bench: Bench) -> Iterator[Fault]:
    """An unknown key leads to the resource that was read last."""
    return (f for f in on_each(bench, "unknown-key-found", _AnyKey, "read", "use") if f.subject)


class _Newest(Remembering):
    """Takes a key that it does not know for that of the newest resource, whatever its kind."""

    def __init__(self, app: App, bench: Bench, lifecycle: Lifecycle, effect: Effect, operation: Operation) -> None:
        super().__init__(app, bench, lifecycle, effect, operation)
        self._keys = {o.id: lc.key for lc, e, o in bench.roles() if e.effect == "create"}
        self._known: list[Json] = []

    def incoming(self, request: Request) -> Request:
        """Return the request, about the newest resource where its key is unknown."""
        body, member = request.json, self.effect.key.pointer[1:] if self.effect.key is not None else ""
        if not self.mine(request) or not isinstance(body, dict) or not self._known or body.get(member) in self._known:
            return request
        return with_json(request, {**body, member: self._known[-1]})

    def outgoing(self, request: Request, answer: Answer) -> Answer:
        """Return the answer, of which the key is kept."""
        name = self._keys.get(request.operation.id) if request.operation is not None else None
        body = answer.json
        if name and answer.accepted and isinstance(body, dict):
            self._known.append(body.get(name))
        return answer


@kind
def unknown_key_is_the_newest(bench: Bench) -> Iterator[Fault]:
    """An unknown key leads to the resource that was created last, where the key is in the body."""
    return _named_inside(bench, on_each(bench, "unknown-key-is-the-newest", _Newest, "use", "read"))


class _Stumbling(Remembering):
    """Fails over keys that are no usual text."""

    def outgoing(self, request: Request, answer: Answer) -> Answer:
        """Return the answer, or a failure where the request has a NUL."""
        return replace(answer, status=500) if self.mine(request) and b"\\u0000" in request.body else answer


@kind
def strange_key_fails(bench: Bench) -> Iterator[Fault]:
    """A key with a NUL in it makes the server fail."""
    return _named_inside(bench, on_each(bench, "strange-key-fails", _Stumbling, "read", "use", "transition"))


class _LastOne(Remembering):
    def outgoing(self, request: Request, answer: Answer) -> Answer:
        if self.mine(request) and answer.accepted:
            self.kept.append(answer)
            return self.kept[-2] if len(self.kept) > 1 else answer
        return answer


@kind
def another_resource_read(bench: Bench) -> Iterator[Fault]:
    """Reading gives the resource that was read before."""
    return on_each(bench, "another-resource-read", _LastOne, "read")


class _Forgiving(Remembering):
    def outgoing(self, request: Request, answer: Answer) -> Answer:
        if not self.mine(request):
            return answer
        if answer.accepted:
            self.kept.append(answer)
        conflict = answer.status == 409 and b"idempoten" not in answer.body
        return self.kept[-1] if conflict and self.kept else answer


@kind
def forbidden_move_made(bench: Bench) -> Iterator[Fault]:
    """A move that the state forbids is answered as if it were made."""
    return on_each(bench, "forbidden-move-made", _Forgiving, "transition")


class _Pretending(Remembering):
    async def handle(self, request: Request) -> Answer:
        """Answer a move with the resource as it is, in the state that it should have."""
        read = next((o for lc, e, o in self.bench.roles() if lc is self.lifecycle and e.effect == "read"), None)
        if not self.mine(request) or read is None:
            return await self.ask(request)
        asked = replace(request, operation=read, method=read.method, path=read.path)
        answer = await self.ask(with_header(asked, "idempotency-key", None))
        body = answer.json
        member = self.lifecycle.state_member
        if not answer.accepted or not isinstance(body, dict) or body.get(member) not in self.effect.source_states:
            return await self.ask(request)
        return with_json(answer, {**body, member: self.effect.target_state})


@kind
def move_not_made(bench: Bench) -> Iterator[Fault]:
    """A move is answered as if it were made, and is not."""
    return on_each(bench, "move-not-made", _Pretending, "transition")


class _Shaped(Remembering):
    """Gives out keys that count up, each for one of the server's own."""

    def outgoing(self, request: Request, answer: Answer) -> Answer:
        """Return the answer with the next number for its key."""
        body = answer.json
        if not self.mine(request) or not answer.accepted or not isinstance(body, dict):
            return answer
        if body not in (known := [a.json for a in self.kept]):
            self.kept.append(answer)
        number = 100_000 + (known.index(body) if body in known else len(known))
        return with_json(answer, {**body, self.lifecycle.key: str(number)})


@kind
def secret_key_counts_up(bench: Bench) -> Iterator[Fault]:
    """A key that lets in whoever knows it is one more than the last one."""
    sensitive = {
        label(o)
        for lc, e, o in bench.roles()
        if e.effect == "create" and (media := json_media(o)) is not None and media.schema is not None
        if (key := media.schema.members().get(lc.key)) is not None and key.sensitive
    }
    return (f for f in on_each(bench, "secret-key-counts-up", _Shaped, "create") if f.subject in sensitive)
