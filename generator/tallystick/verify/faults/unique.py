"""Faults in what no two resources may share."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.contract.life import Effect, Lifecycle
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.verify.facts.bodies import NOTHING
from tallystick.verify.faults.access import signed
from tallystick.verify.faults.fault import Bench, Fault, kind
from tallystick.verify.faults.state import Remembering, on_each
from tallystick.verify.faults.tamper import Answer, Request, with_json
from tallystick.verify.server.routes import label
from tallystick.verify.server.wire import App


class _Unique(Remembering):
    """Looks at the first unique member of what is created."""

    @property
    def member(self) -> str:
        """The member's name, empty where nothing is unique."""
        return self.lifecycle.unique[0] if self.lifecycle.unique else ""

    def value(self, request: Request) -> Json:
        """Return the member's value in a creation, `NOTHING` in any other request."""
        body: Json = request.json
        return body.get(self.member, NOTHING) if self.mine(request) and isinstance(body, dict) else NOTHING


def _on_unique(bench: Bench, name: str, layer: type[Remembering], *, by_tenant: bool = False) -> Iterator[Fault]:
    """Yield a fault for each creation of what has unique members; `by_tenant`, unique among one caller's."""
    unique = {
        label(o)
        for lc, e, o in bench.roles()
        if lc.unique and e.effect == "create" and (lc.tenant == "credential" or not by_tenant)
    }
    return (fault for fault in on_each(bench, name, layer, "create") if fault.subject in unique)


class _Renaming(_Unique):
    """Gives each unique member a value of its own, and answers with the one that was asked for."""

    async def handle(self, request: Request) -> Answer:
        """Answer a creation."""
        body, value, member = request.json, self.value(request), self.member
        answer = await self.ask(request)
        free = answer.accepted or b"already" not in answer.body
        if free or not isinstance(body, dict) or not isinstance(value, str):
            return answer
        self.kept.append(answer)
        answer = await self.ask(with_json(request, {**body, member: f"{value[:150]}~{len(self.kept)}"}))
        got = answer.json
        return with_json(answer, {**got, member: value}) if isinstance(got, dict) and member in got else answer


@kind
def duplicate_taken(bench: Bench) -> Iterator[Fault]:
    """Two resources may share what is unique."""
    return _on_unique(bench, "duplicate-taken", _Renaming)


class _Forgetful(_Renaming):
    """Knows only the unique value that came last."""

    _last: Json = None

    async def handle(self, request: Request) -> Answer:
        """Answer a creation."""
        value = self.value(request)
        if value is NOTHING or value is None:
            return await self.ask(request)
        answer = await (self.ask(request) if value == self._last else super().handle(request))
        if answer.accepted:
            self._last = value
        return answer


@kind
def earlier_value_forgotten(bench: Bench) -> Iterator[Fault]:
    """A unique value may be used again once another one has come."""
    return _on_unique(bench, "earlier-value-forgotten", _Forgetful)


class _Shared(Remembering):
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
    return _on_unique(bench, "unique-for-all-callers", _Shared, by_tenant=True)


class _Alias(Remembering):
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
    return (f for f in on_each(bench, "found-by-another-name", _Alias, "read") if f.subject in named)


class _Reserving(_Unique):
    """Keeps a unique value for a request that was refused."""

    def __init__(self, app: App, bench: Bench, lifecycle: Lifecycle, effect: Effect, operation: Operation) -> None:
        super().__init__(app, bench, lifecycle, effect, operation)
        self._taken: set[str] = set()

    async def handle(self, request: Request) -> Answer:
        """Answer a creation."""
        value = self.value(request)
        if value is NOTHING:
            return await self.ask(request)
        answer = await self.ask(with_json(request, []) if str(value) in self._taken else request)
        if not answer.accepted and b"already" not in answer.body:
            self._taken.add(str(value))
        return answer


@kind
def value_kept_by_refusal(bench: Bench) -> Iterator[Fault]:
    """A unique value is taken by a request that was refused."""
    return _on_unique(bench, "value-kept-by-refusal", _Reserving)


class _Loose(_Reserving):
    """Takes values for the same that have the same beginning."""

    async def handle(self, request: Request) -> Answer:
        """Answer a creation."""
        value = self.value(request)
        if not isinstance(value, str) or len(value) <= 100:
            return await self.ask(request)
        answer = await self.ask(with_json(request, []) if value[:100] in self._taken else request)
        if answer.accepted:
            self._taken.add(value[:100])
        return answer


@kind
def start_of_value_compared(bench: Bench) -> Iterator[Fault]:
    """Unique values that begin alike count as the same."""
    return _on_unique(bench, "start-of-value-compared", _Loose)
