"""Faults in what a server keeps: writes, moves, keys, moments, uniqueness, repeats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tallystick.contract.model import Effect, Lifecycle, Operation
from tallystick.load import Json
from tallystick.verify.adapt import like, moment_of
from tallystick.verify.faults.access import signed
from tallystick.verify.faults.fault import Bench, Fault, body_schema, changing, json_media, kind
from tallystick.verify.faults.tamper import Answer, Layer, Request, with_header, with_json
from tallystick.verify.routes import label
from tallystick.verify.wire import App

Change = Callable[[dict[str, Any], Lifecycle], dict[str, Any]]


def _on_resource(bench: Bench, name: str, effects: tuple[str, ...], change: Change) -> Iterator[Fault]:
    """Yield a fault for each operation with one of some effects, which changes the resource in its answer."""
    for lifecycle, effect, operation in bench.roles():
        if effect.effect not in effects or json_media(operation) is None:
            continue

        def after(request: Request, answer: Answer, wanted: str = operation.id, of: Lifecycle = lifecycle) -> Answer:
            body = answer.json
            mine = request.operation is not None and request.operation.id == wanted
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
            mine = request.operation is not None and request.operation.id == wanted
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
                mine = request.operation is not None and request.operation.id == wanted
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

    return _with_state(bench, _on_resource(bench, "initial-state-wrong", ("create",), change))


@kind
def move_not_shown(bench: Bench) -> Iterator[Fault]:
    """The answer to a move shows the state before it."""

    def change(body: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
        return {**body, lifecycle.state_member: lifecycle.initial} if lifecycle.state_member in body else body

    return _on_resource(bench, "move-not-shown", ("transition",), change)


@kind
def state_never_changes(bench: Bench) -> Iterator[Fault]:
    """Reading always shows the first state."""

    def change(body: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
        return {**body, lifecycle.state_member: lifecycle.initial} if lifecycle.state_member in body else body

    return _with_state(bench, _on_resource(bench, "state-never-changes", ("read",), change))


def _with_state(bench: Bench, faults: Iterator[Fault]) -> Iterator[Fault]:
    shown = {label(o) for lc, _, o in bench.roles() if lc.state_member and _shows(o, lc.state_member)}
    return (fault for fault in faults if fault.subject in shown)


def _shows(operation: Operation, member: str) -> bool:
    media = json_media(operation)
    return media is not None and media.schema is not None and member in media.schema.members()


@kind
def updated_before_created(bench: Bench) -> Iterator[Fault]:
    """A resource was changed before it was created."""

    def change(body: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
        created = moment_of(body.get(lifecycle.created_member))
        name = lifecycle.updated_member
        return {**body, name: like(body[name], int(created) - 3600)} if created is not None and name in body else body

    stamped = {
        label(o) for lc, _, o in bench.roles() if _shows(o, lc.created_member) and _shows(o, lc.updated_member)
    }
    faults = _on_resource(bench, "updated-before-created", ("create", "read"), change)
    return (fault for fault in faults if fault.subject in stamped)


def _expiry_moved(bench: Bench, name: str, seconds: Callable[[Lifecycle], int | None]) -> Iterator[Fault]:
    def change(body: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
        expiry, by = lifecycle.expiry, seconds(lifecycle)
        at = moment_of(body.get(expiry.at)) if expiry is not None and expiry.at else None
        if expiry is None or at is None or by is None:
            return body
        return {**body, expiry.at: like(body[expiry.at], int(at) + by)}

    shown = {
        label(o) for lc, _, o in bench.roles() if lc.expiry is not None and lc.expiry.at and _shows(o, lc.expiry.at)
    }
    return (f for f in _on_resource(bench, name, ("create",), change) if f.subject in shown)


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
            body = request.json
            if (
                request.operation is None
                or request.operation.id != wanted
                or not isinstance(body, dict)
                or of.expiry is None
            ):
                return request
            at, base = moment_of(body.get(of.expiry.at)), moment_of(body.get(of.expiry.base))
            lives = None if at is None or base is None else outside(of, at - base)
            return request if lives is None or base is None else with_json(
                request, {**body, of.expiry.at: like(body[of.expiry.at], int(base + lives))}
            )  # fmt: skip

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


class _Remembering(Layer):
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
        return request.operation is not None and request.operation.id == self.operation.id


def _each(bench: Bench, name: str, layer: type[_Remembering], *effects: str) -> Iterator[Fault]:
    for lifecycle, effect, operation in bench.roles():
        if effect.effect in effects:

            def made(app: App, lc: Lifecycle = lifecycle, e: Effect = effect, o: Operation = operation) -> App:
                return layer(app, bench, lc, e, o)

            yield Fault(name, label(operation), made)


class _SameKey(_Remembering):
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
    return _each(bench, "key-given-twice", _SameKey, "create")


class _AnyKey(_Remembering):
    def outgoing(self, request: Request, answer: Answer) -> Answer:
        if not self.mine(request):
            return answer
        if answer.accepted:
            self.kept.append(answer)
        return self.kept[-1] if answer.status == 404 and self.kept else answer


@kind
def unknown_key_found(bench: Bench) -> Iterator[Fault]:
    """An unknown key leads to the resource that was read last."""
    return (f for f in _each(bench, "unknown-key-found", _AnyKey, "read", "use") if f.subject)


class _LastOne(_Remembering):
    def outgoing(self, request: Request, answer: Answer) -> Answer:
        if self.mine(request) and answer.accepted:
            self.kept.append(answer)
            return self.kept[-2] if len(self.kept) > 1 else answer
        return answer


@kind
def another_resource_read(bench: Bench) -> Iterator[Fault]:
    """Reading gives the resource that was read before."""
    return _each(bench, "another-resource-read", _LastOne, "read")


class _Forgiving(_Remembering):
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
    return _each(bench, "forbidden-move-made", _Forgiving, "transition")


class _Pretending(_Remembering):
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
    return _each(bench, "move-not-made", _Pretending, "transition")


class _Renaming(_Remembering):
    """Gives each unique member a value of its own, and answers with the one that was asked for."""

    async def handle(self, request: Request) -> Answer:
        """Answer a creation."""
        body: Json = request.json
        member = self.lifecycle.unique[0] if self.lifecycle.unique else ""
        if not self.mine(request) or not isinstance(body, dict) or not isinstance(value := body.get(member), str):
            return await self.ask(request)
        answer = await self.ask(request)
        if answer.accepted or b"already" not in answer.body:
            return answer
        self.kept.append(answer)
        answer = await self.ask(with_json(request, {**body, member: f"{value[:150]}~{len(self.kept)}"}))
        got = answer.json
        return with_json(answer, {**got, member: value}) if isinstance(got, dict) and member in got else answer


@kind
def duplicate_taken(bench: Bench) -> Iterator[Fault]:
    """Two resources may share what is unique."""
    faults = _each(bench, "duplicate-taken", _Renaming, "create")
    unique = {label(o) for lc, e, o in bench.roles() if lc.unique and e.effect == "create"}
    return (fault for fault in faults if fault.subject in unique)


class _Shared(_Remembering):
    """Looks for the unique value among all callers' resources."""

    async def handle(self, request: Request) -> Answer:
        """Answer a creation; the first caller owns every value."""
        answer = await self.ask(request)
        mine = signed(self.bench, request)
        if not self.mine(request) or not answer.accepted or mine.headers == request.headers:
            return answer
        again = await self.ask(mine)
        return again if not again.accepted else answer


@kind
def unique_for_all_callers(bench: Bench) -> Iterator[Fault]:
    """A value that one caller has used is refused to another."""
    unique = {
        label(o) for lc, e, o in bench.roles() if lc.unique and e.effect == "create" and lc.tenant == "credential"
    }
    return (f for f in _each(bench, "unique-for-all-callers", _Shared, "create") if f.subject in unique)


@kind
def move_not_dated(bench: Bench) -> Iterator[Fault]:
    """A move leaves the moment of the last change as it was."""

    def change(body: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
        return {**body, lifecycle.updated_member: body[lifecycle.created_member]}

    dated = {
        label(o)
        for lc, _, o in bench.roles()
        if not lc.of and _shows(o, lc.created_member) and _shows(o, lc.updated_member)
    }
    faults = _on_resource(bench, "move-not-dated", ("transition",), change)
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
        and "string" not in created.resolved.types
    }
    faults = _on_resource(bench, "creation-in-milliseconds", ("create",), change)
    return (fault for fault in faults if fault.subject in numbers)


class _Shaped(_Remembering):
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
    return (f for f in _each(bench, "secret-key-counts-up", _Shaped, "create") if f.subject in sensitive)


class _Alias(_Remembering):
    """Takes a unique value for the key of the resource that has it."""

    def incoming(self, request: Request) -> Request:
        """Return the request with the resource's own key."""
        asked = self.effect.key
        if not self.mine(request) or asked is None or asked.source != "request.body":
            return request
        member = asked.pointer.removeprefix("/")
        body: Json = request.json
        given = body.get(member) if isinstance(body, dict) else None
        for answer in self.kept:
            made = answer.json
            if isinstance(made, dict) and given in (made.get(name) for name in self.lifecycle.unique):
                return with_json(request, {member: made[self.lifecycle.key]})
        return request

    def outgoing(self, request: Request, answer: Answer) -> Answer:
        """Remember what was created."""
        created = {e.operation_id for e in self.lifecycle.effects if e.effect == "create"}
        if answer.accepted and request.operation is not None and request.operation.id in created:
            self.kept.append(answer)
        return answer


@kind
def found_by_another_name(bench: Bench) -> Iterator[Fault]:
    """A resource is found by a unique value as by its key."""
    named = {
        label(o)
        for lc, e, o in bench.roles()
        if lc.unique and e.key is not None and e.key.source == "request.body" and e.key.pointer.count("/") == 1
    }
    return (f for f in _each(bench, "found-by-another-name", _Alias, "read") if f.subject in named)


class _Reserving(_Remembering):
    """Keeps a unique value for a request that was refused."""

    def __init__(self, app: App, bench: Bench, lifecycle: Lifecycle, effect: Effect, operation: Operation) -> None:
        super().__init__(app, bench, lifecycle, effect, operation)
        self._taken: set[str] = set()

    async def handle(self, request: Request) -> Answer:
        """Answer a creation."""
        body: Json = request.json
        member = self.lifecycle.unique[0] if self.lifecycle.unique else ""
        value = str(body.get(member)) if isinstance(body, dict) and member in body else None
        if not self.mine(request) or value is None:
            return await self.ask(request)
        answer = await self.ask(with_json(request, []) if value in self._taken else request)
        if not answer.accepted and b"already" not in answer.body:
            self._taken.add(value)
        return answer


@kind
def value_kept_by_refusal(bench: Bench) -> Iterator[Fault]:
    """A unique value is taken by a request that was refused."""
    unique = {label(o) for lc, e, o in bench.roles() if lc.unique and e.effect == "create"}
    return (f for f in _each(bench, "value-kept-by-refusal", _Reserving, "create") if f.subject in unique)


class _Loose(_Reserving):
    """Takes values for the same that have the same beginning."""

    def _same(self, value: str) -> str:
        return value[:100]

    async def handle(self, request: Request) -> Answer:
        """Answer a creation."""
        body: Json = request.json
        member = self.lifecycle.unique[0] if self.lifecycle.unique else ""
        value = body.get(member) if isinstance(body, dict) else None
        if not self.mine(request) or not isinstance(value, str) or len(value) <= 100:
            return await self.ask(request)
        answer = await self.ask(with_json(request, []) if self._same(value) in self._taken else request)
        if answer.accepted:
            self._taken.add(self._same(value))
        return answer


@kind
def start_of_value_compared(bench: Bench) -> Iterator[Fault]:
    """Unique values that begin alike count as the same."""
    unique = {label(o) for lc, e, o in bench.roles() if lc.unique and e.effect == "create"}
    return (f for f in _each(bench, "start-of-value-compared", _Loose, "create") if f.subject in unique)
