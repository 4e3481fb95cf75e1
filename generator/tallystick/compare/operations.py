"""Operations side by side: which came and went, and what changed around their requests and responses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tallystick.compare import behaviour, bodies, lifetime, parameters, security, servers
from tallystick.compare.ledger import Ledger, Scope
from tallystick.compare.sunsets import enter_sunset
from tallystick.contract import Contract
from tallystick.contract.model import Operation
from tallystick.contract.schema import as_mapping
from tallystick.load import Json
from tallystick.load.pointer import get, join

_PARAMETER = re.compile(r"\{[^{}]*\}")


def compare_operations(ledger: Ledger) -> list[str]:
    """Enter what changed in the operations under `paths`. Returns notes on those that could not be compared."""
    old, new = ledger.old.contract, ledger.new.contract
    refused = {r.pointer for r in (*old.refused, *new.refused)} | {r.name for r in (*old.refused, *new.refused)}
    pairs = _matched(old.operations, new.operations)
    notes = [f"{r.name} can't be compared: {r.reason}" for r in dict.fromkeys((*old.refused, *new.refused))]
    for before, after in pairs:
        if after is None:
            assert before is not None
            if not refused & {f"{before.method} {before.path}", before.path}:
                _gone(ledger, before)
        elif before is None:
            if not refused & {f"{after.method} {after.path}", after.path}:
                _come(ledger, after)
        else:
            compare_operation(ledger, before, after)
    return notes


def _matched(old: Sequence[Operation], new: Sequence[Operation]) -> list[tuple[Operation | None, Operation | None]]:
    """Pair operations by method and path; the names of path parameters don't matter where the rest is equal."""
    exact = {(o.method, o.path): o for o in new}
    shapes = {(o.method, _shape(o.path)): o for o in reversed(new) if (o.method, o.path) not in _keys(old)}
    taken: set[tuple[str, str]] = set()
    pairs: list[tuple[Operation | None, Operation | None]] = []
    for before in old:
        after = exact.get((before.method, before.path)) or shapes.pop((before.method, _shape(before.path)), None)
        if after is not None:
            taken.add((after.method, after.path))
        pairs.append((before, after))
    pairs += [(None, after) for after in new if (after.method, after.path) not in taken]
    return pairs


def _keys(operations: Sequence[Operation]) -> set[tuple[str, str]]:
    return {(o.method, o.path) for o in operations}


def _shape(path: str) -> str:
    return _PARAMETER.sub("{}", path)


def _label(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _gone(ledger: Ledger, operation: Operation) -> None:
    if _level(operation) in lifetime.UNPROMISED:
        return
    scope = Scope("operation", "operation", _label(operation), subject="the operation")
    if _unknown_stability(ledger, scope, operation, None):
        return
    when = lifetime.removal(operation.extensions, ledger.today, deprecated=operation.deprecated)
    if when == "invalid":
        sunset = lifetime.sunset_of(operation.extensions)
        ledger.enter(
            scope, "sunset", "invalid", f"has no date as sunset: {sunset!r}", old=operation.pointer, new=None
        )
    elif when is not None:
        ledger.enter(scope, "presence", "removed", "was removed", old=operation.pointer, new=None, when=when)


def _come(ledger: Ledger, operation: Operation) -> None:
    scope = Scope("operation", "operation", _label(operation), subject="the operation")
    ledger.enter(scope, "presence", "added", "was added", old=None, new=operation.pointer)


def compare_operation(ledger: Ledger, old: Operation, new: Operation) -> None:
    """Enter what changed in one operation of the API, under the path that its clients know."""
    label = _label(old)
    scope = Scope("operation", "operation", label, subject="the operation")
    if _unchanged(ledger, old, new):
        return
    if _stability(ledger, scope, old, new):
        return
    announced = [(o.deprecated, o.extensions, o.pointer) for o in (old, new)]
    enter_sunset(ledger, scope, announced[0], announced[1])
    _identity(ledger, scope, old, new)
    before, after = (_node(c, o) for c, o in ((ledger.old.contract, old), (ledger.new.contract, new)))
    security.compare_operation_security(ledger, scope, old, new, before, after)
    if old.servers or new.servers:
        listed = [o.servers or c.servers for o, c in ((old, ledger.old.contract), (new, ledger.new.contract))]
        servers.compare_servers(ledger, scope, *listed)
    compare_travelling(ledger, Scope("request", "request", label), Scope("response", "response", label), old, new)
    behaviour.compare_repeats(ledger, scope, old, new)
    _callbacks(ledger, scope, old, new)


def _unchanged(ledger: Ledger, old: Operation, new: Operation) -> bool:
    """Say whether nothing that the operation itself says has changed, as most of them do not."""
    before, after = (_node(c, o) for c, o in ((ledger.old.contract, old), (ledger.new.contract, new)))
    around, around_now = (_item(c, o) for c, o in ((ledger.old.contract, old), (ledger.new.contract, new)))
    inherited = all(ledger.same(around.get(k), around_now.get(k)) for k in ("parameters", "servers"))
    return old.path == new.path and inherited and ledger.same(before, after)


def _node(contract: Contract, operation: Operation) -> Mapping[str, Json]:
    return as_mapping(get(contract.document, operation.pointer))  # type: ignore[arg-type]


def _item(contract: Contract, operation: Operation) -> Mapping[str, Json]:
    return as_mapping(get(contract.document, operation.pointer.rpartition("/")[0]))  # type: ignore[arg-type]


def compare_travelling(ledger: Ledger, call: Scope, answer: Scope, old: Operation, new: Operation) -> None:
    """Enter what changed in what travels: parameters and body as `call`, the outcomes as `answer`."""
    parameters.compare_parameters(ledger, call, old, new)
    bodies.compare_request_body(ledger, call, old, new)
    bodies.compare_outcomes(ledger, answer, old, new)


def compare_incoming(
    ledger: Ledger, side: str, label: str, names: tuple[str, ...], old: Operation, new: Operation
) -> None:
    """Enter what changed in a call that the provider makes: a webhook or a callback.

    The client reads what is sent, so that is judged as a response is; and it writes the answer.
    """
    call = Scope(side, "response", label, names=names)
    compare_travelling(ledger, call, Scope(f"{side}-response", "request", label, names=names), old, new)


def _stability(ledger: Ledger, scope: Scope, old: Operation, new: Operation) -> bool:
    """Enter a change of promised stability; say whether the rest is not to be judged, as nothing is promised now."""
    before, after = (_level(o) for o in (old, new))
    if _unknown_stability(ledger, scope, old, new):
        return False
    if change := lifetime.stability_change(before, after):
        what = f"is {after or 'stable, as nothing else is said,'} instead of {before or 'stable'}"
        places = [join(o.pointer, "x-stability-level") for o in (old, new)]
        ledger.enter(scope, "stability", change, what, *filter(None, (before, after)), old=places[0], new=places[1])
    return after in lifetime.UNPROMISED


def _unknown_stability(ledger: Ledger, scope: Scope, old: Operation, new: Operation | None) -> bool:
    """Enter levels that are none; say whether there are any."""
    wrong = [o for o in (old, new) if o is not None and _level(o) and not lifetime.is_stability(_level(o))]
    for operation in wrong:
        place = join(operation.pointer, "x-stability-level")
        old_place, new_place = (place, None) if operation is old else (None, place)
        what = f"has {_level(operation)!r} as stability level"
        ledger.enter(scope, "stability", "invalid", what, old=old_place, new=new_place)
    return bool(wrong)


def _level(operation: Operation) -> str:
    value = operation.extensions.get("x-stability-level")
    return "" if value is None else str(value)


def _identity(ledger: Ledger, scope: Scope, old: Operation, new: Operation) -> None:
    before, after = (o.id if o.declared_id else "" for o in (old, new))
    places = {"old": join(old.pointer, "operationId"), "new": join(new.pointer, "operationId")}
    if before and before != after:
        what = f"is called {after!r} instead of {before!r}" if after else f"is no longer called {before!r}"
        ledger.enter(scope, "operationId", "removed", what, before, *([after] if after else []), **places)
    elif after and before != after:
        ledger.enter(scope, "operationId", "added", f"is called {after!r} now", after, **places)
    places = {"old": join(old.pointer, "tags"), "new": join(new.pointer, "tags")}
    for tag in (t for t in old.tags if t not in new.tags):
        ledger.enter(scope, "tag", "removed", f"no longer has the tag {tag!r}", tag, **places)
    for tag in (t for t in new.tags if t not in old.tags):
        ledger.enter(scope, "tag", "added", f"has the tag {tag!r} now", tag, **places)


def _callbacks(ledger: Ledger, scope: Scope, old: Operation, new: Operation) -> None:
    before = {(c.name, c.expression, c.operation.method): c for c in old.callbacks}
    after = {(c.name, c.expression, c.operation.method): c for c in new.callbacks}
    for key, callback in before.items():
        names = (callback.name, callback.expression)
        place = callback.operation.pointer
        if key not in after:
            what = f"no longer calls back {callback.name!r} at {callback.expression}"
            ledger.enter(scope, "callback", "removed", what, *names, old=place, new=None)
        else:
            compare_incoming(ledger, "callback", scope.operation, names, callback.operation, after[key].operation)
    for key, callback in after.items():
        if key not in before:
            what = f"calls back {callback.name!r} at {callback.expression}"
            place = callback.operation.pointer
            ledger.enter(scope, "callback", "added", what, callback.name, callback.expression, old=None, new=place)
