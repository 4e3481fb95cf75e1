"""Faults in what is let in: valid data that is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tallystick.contract import Schema
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.verify.facts.media import body_schema
from tallystick.verify.facts.resource import refusals
from tallystick.verify.faults.fault import Bench, Fault, kind
from tallystick.verify.faults.tamper import Answer, Layer, Request, header, with_json
from tallystick.verify.server.routes import label
from tallystick.verify.server.wire import App


class _Refuser(Layer):
    """Refuses requests that it does not like as if they were invalid."""

    def __init__(self, app: App, bench: Bench, operation: Operation, dislikes: Callable[[Request], bool]) -> None:
        super().__init__(app, bench.routes)
        self._operation = operation
        self._dislikes = dislikes

    async def handle(self, request: Request) -> Answer:
        """Answer a request, or refuse it."""
        mine = request.is_for(self._operation.id)
        if mine and self._dislikes(request):
            return await self.ask(with_json(request, [None]))
        return await self.ask(request)


def _strict(
    bench: Bench, name: str, dislike: Callable[[str, Schema], Callable[[Json], bool] | None]
) -> Iterator[Fault]:
    """Yield a fault for each member of a body of which some valid values are refused."""
    for operation in bench.contract.operations:
        schema = body_schema(operation)
        if schema is None or not refusals(operation, "invalid"):
            continue
        for member, part in schema.members().items():
            disliked = dislike(member, part)
            if disliked is not None:

                def dislikes(request: Request, at: str = member, bad: Callable[[Json], bool] = disliked) -> bool:
                    body = request.json
                    return isinstance(body, dict) and at in body and bad(body[at])

                def layer(app: App, mine: Operation = operation, bad: Callable[[Request], bool] = dislikes) -> App:
                    return _Refuser(app, bench, mine, bad)

                yield Fault(name, f"{label(operation)} {member}", layer)


@kind
def enum_value_refused(bench: Bench) -> Iterator[Fault]:
    """One value of a list is refused."""

    def dislike(_: str, schema: Schema) -> Callable[[Json], bool] | None:
        values = next((p.enum for p in schema.parts() if p.enum), None)
        return (lambda v: v == values[-1]) if values is not None and len(values) > 1 else None

    return _strict(bench, "enum-value-refused", dislike)


@kind
def longest_text_refused(bench: Bench) -> Iterator[Fault]:
    """A text of the greatest length allowed is refused."""

    def dislike(_: str, schema: Schema) -> Callable[[Json], bool] | None:
        limit = next((m for p in schema.parts() if isinstance(m := p.get("maxLength"), int)), None)
        return (lambda v: isinstance(v, str) and len(v) == limit) if limit is not None else None

    return _strict(bench, "longest-text-refused", dislike)


@kind
def shortest_text_refused(bench: Bench) -> Iterator[Fault]:
    """A text of one letter is refused where any text is allowed."""

    def dislike(_: str, schema: Schema) -> Callable[[Json], bool] | None:
        parts = tuple(schema.parts())
        bound = any(p.enum is not None or k in p for p in parts for k in ("const", "format", "pattern", "minLength"))
        texts = any("string" in p.types for p in parts)
        return (lambda v: isinstance(v, str) and len(v) == 1) if texts and not bound else None

    return _strict(bench, "shortest-text-refused", dislike)


@kind
def optional_member_refused(bench: Bench) -> Iterator[Fault]:
    """A member that may be there must not."""
    required = {o.id: s.required_members() for o in bench.contract.operations if (s := body_schema(o)) is not None}
    faults = _strict(bench, "optional-member-refused", lambda _, __: lambda ___: True)
    labels = {f"{label(o)} {n}" for o in bench.contract.operations for n in required.get(o.id, ())}
    return (fault for fault in faults if fault.subject not in labels)


@kind
def smallest_number_refused(bench: Bench) -> Iterator[Fault]:
    """The smallest number allowed is refused."""

    def dislike(_: str, schema: Schema) -> Callable[[Json], bool] | None:
        limit = next((m for p in schema.parts() if isinstance(m := p.get("minimum"), (int, float))), None)
        return (lambda v: v == limit and not isinstance(v, bool)) if limit is not None else None

    return _strict(bench, "smallest-number-refused", dislike)


@kind
def fraction_refused(bench: Bench) -> Iterator[Fault]:
    """A number with a fraction is refused where any number is allowed: in a moment too."""

    def dislike(_: str, schema: Schema) -> Callable[[Json], bool] | None:
        return (
            (lambda v: isinstance(v, float) and v % 1 != 0)
            if any("number" in p.types for p in schema.parts())
            else None
        )

    return _strict(bench, "fraction-refused", dislike)


@kind
def false_refused(bench: Bench) -> Iterator[Fault]:
    """A boolean may only be true."""

    def dislike(_: str, schema: Schema) -> Callable[[Json], bool] | None:
        return (lambda v: v is False) if any("boolean" in p.types for p in schema.parts()) else None

    return _strict(bench, "false-refused", dislike)


@kind
def plain_accept_refused(bench: Bench) -> Iterator[Fault]:
    """Asking for a list of types with weights is refused."""
    for operation in bench.contract.operations:
        if body_schema(operation) is not None:

            def layer(app: App, mine: Operation = operation) -> App:
                return _Refuser(app, bench, mine, lambda r: ";q=" in (header(r, "accept") or ""))

            yield Fault("plain-accept-refused", label(operation), layer)


def refuser(bench: Bench, operation: Operation, dislikes: Callable[[Request], bool]) -> Callable[[App], App]:
    """Return a layer that refuses those requests of an operation that it dislikes."""
    return lambda app: _Refuser(app, bench, operation, dislikes)
