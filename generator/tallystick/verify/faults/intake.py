"""Faults in what is let in: invalid data that is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tallystick.contract import Schema
from tallystick.contract.model import Operation
from tallystick.verify.data.samples import from_examples
from tallystick.verify.facts.bodies import NOTHING, parsed
from tallystick.verify.facts.media import body_schema, essence
from tallystick.verify.faults.fault import Bench, Fault, changing, kind
from tallystick.verify.faults.tamper import Request, header, with_header, with_json
from tallystick.verify.server.routes import label

Mend = Callable[[dict[str, Any], Schema], dict[str, Any] | None]
"""Returns a body in which what is broken has been mended, `None` when there is nothing to mend."""


def _lenient(bench: Bench, name: str, keyword: str, mend: Mend) -> Iterator[Fault]:
    """Yield a fault for each operation that mends one kind of breach before the server sees it."""
    for operation in bench.contract.operations:
        schema = body_schema(operation)
        if schema is None or not _uses(schema, keyword):
            continue

        def before(request: Request, wanted: str = operation.id, its: Schema = schema) -> Request:
            body = request.json
            if not request.is_for(wanted) or not isinstance(body, dict):
                return request
            mended = mend(body, its)
            return request if mended is None else with_json(request, mended)

        yield Fault(name, label(operation), changing(bench, before=before))


def _uses(schema: Schema, keyword: str) -> bool:
    places = [schema, *schema.members().values()]
    return any(keyword in part for place in places for part in place.parts())


def _without_broken(bench: Bench, *keywords: str) -> Mend:
    """Return what takes members out that break one of some keywords, and gives required ones a good value."""

    def mend(body: dict[str, Any], schema: Schema) -> dict[str, Any] | None:
        broken = {
            v.pointer.split("/")[1]
            for v in bench.validators.violations(schema, body, "request")
            if v.keyword in keywords and v.pointer
        }
        good = _good_body(bench, schema)
        kept = {k: v for k, v in body.items() if k not in broken}
        return {**{k: good[k] for k in broken if k in good}, **kept} if broken else None

    return mend


def _good_body(bench: Bench, schema: Schema) -> dict[str, Any]:
    operations = (o for o in bench.contract.operations if (s := body_schema(o)) is not None and s == schema)
    return next((_fresh_body(bench, o) for o in operations), {})


def _fresh_body(bench: Bench, operation: Operation) -> dict[str, Any]:
    """Return the contract's example with values of its own for what must be unique."""
    body = from_examples(operation).body
    made: dict[str, Any] = dict(body) if isinstance(body, dict) else {}
    unique = {n for lc, e, o in bench.roles() if o.id == operation.id and e.effect == "create" for n in lc.unique}
    return {**made, **{n: f"mended-{bench.number()}" for n in unique if n in made}}


@kind
def required_not_needed(bench: Bench) -> Iterator[Fault]:
    """A required member may be missing."""

    def mend(body: dict[str, Any], schema: Schema) -> dict[str, Any] | None:
        good = _good_body(bench, schema)
        missing = [n for n in schema.required_members() if n not in body and n in good]
        return {**body, **{n: good[n] for n in missing}} if missing else None

    return _lenient(bench, "required-not-needed", "required", mend)


@kind
def type_not_checked(bench: Bench) -> Iterator[Fault]:
    """A member may have any type."""
    return _lenient(bench, "type-not-checked", "type", _without_broken(bench, "type"))


@kind
def enum_not_checked(bench: Bench) -> Iterator[Fault]:
    """A member may have values that its list does not have."""
    return _lenient(bench, "enum-not-checked", "enum", _without_broken(bench, "enum"))


@kind
def format_not_checked(bench: Bench) -> Iterator[Fault]:
    """A member need not have its format."""
    return _lenient(bench, "format-not-checked", "format", _without_broken(bench, "format"))


@kind
def pattern_not_checked(bench: Bench) -> Iterator[Fault]:
    """A member need not have its pattern."""
    return _lenient(bench, "pattern-not-checked", "pattern", _without_broken(bench, "pattern"))


@kind
def length_not_checked(bench: Bench) -> Iterator[Fault]:
    """A text may be longer than its limit."""

    def mend(body: dict[str, Any], schema: Schema) -> dict[str, Any] | None:
        limits = {
            n: m for n, s in schema.members().items() for p in s.parts() if isinstance(m := p.get("maxLength"), int)
        }
        long = {
            n: v[: limits[n]] for n, v in body.items() if n in limits and isinstance(v, str) and len(v) > limits[n]
        }
        return {**body, **long} if long else None

    return _lenient(bench, "length-not-checked", "maxLength", mend)


@kind
def range_not_checked(bench: Bench) -> Iterator[Fault]:
    """A number may be outside its range."""
    keywords = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
    return _lenient(bench, "range-not-checked", "minimum", _without_broken(bench, *keywords))


@kind
def items_not_counted(bench: Bench) -> Iterator[Fault]:
    """A list may have any number of items."""
    return _lenient(
        bench, "items-not-counted", "minItems", _without_broken(bench, "minItems", "maxItems", "uniqueItems")
    )


@kind
def dependency_not_checked(bench: Bench) -> Iterator[Fault]:
    """A member may come without the one that it needs."""

    def mend(body: dict[str, Any], schema: Schema) -> dict[str, Any] | None:
        needs = next((d for p in schema.parts() if isinstance(d := p.get("dependentRequired"), dict)), {})
        lonely = [
            n
            for n, others in needs.items()
            if n in body and isinstance(others, list) and any(other not in body for other in others)
        ]
        return {k: v for k, v in body.items() if k not in lonely} if lonely else None

    return _lenient(bench, "dependency-not-checked", "dependentRequired", mend)


@kind
def unknown_members_taken(bench: Bench) -> Iterator[Fault]:
    """A body may have members that the contract does not have."""

    def mend(body: dict[str, Any], schema: Schema) -> dict[str, Any] | None:
        known = schema.members()
        return {k: v for k, v in body.items() if k in known} if not {*body} <= {*known} else None

    return _lenient(bench, "unknown-members-taken", "additionalProperties", mend)


@kind
def null_taken(bench: Bench) -> Iterator[Fault]:
    """A member may be null."""

    def mend(body: dict[str, Any], schema: Schema) -> dict[str, Any] | None:
        nulls = [n for n, v in body.items() if v is None]
        good = _good_body(bench, schema)
        kept = {k: v for k, v in body.items() if v is not None}
        return (
            {**{n: good[n] for n in nulls if n in schema.required_members() and n in good}, **kept} if nulls else None
        )

    return _lenient(bench, "null-taken", "type", mend)


def _with_body(bench: Bench, name: str, excuse: Callable[[Operation, Request], bool]) -> Iterator[Fault]:
    """Yield a fault for each operation that serves requests with an excuse as if they had the contract's example."""
    for operation in bench.contract.operations:
        if body_schema(operation) is not None:

            def before(request: Request, mine: Operation = operation) -> Request:
                if not request.is_for(mine.id) or not excuse(mine, request):
                    return request
                return with_json(with_header(request, "content-type", "application/json"), _fresh_body(bench, mine))

            yield Fault(name, label(operation), changing(bench, before=before))


@kind
def broken_json_taken(bench: Bench) -> Iterator[Fault]:
    """A body that is no JSON is taken."""
    return _with_body(bench, "broken-json-taken", lambda _, r: bool(r.body) and r.json is NOTHING)


@kind
def missing_body_taken(bench: Bench) -> Iterator[Fault]:
    """A body that is required may be missing."""
    return _with_body(bench, "missing-body-taken", lambda _, r: not r.body)


@kind
def any_body_type_taken(bench: Bench) -> Iterator[Fault]:
    """A body may be declared as anything."""

    def excuse(operation: Operation, request: Request) -> bool:
        given = essence(header(request, "content-type") or "")
        return operation.body is not None and given not in {m.content_type for m in operation.body.media}

    return _with_body(bench, "any-body-type-taken", excuse)


@kind
def condition_not_checked(bench: Bench) -> Iterator[Fault]:
    """What a member needs only beside some value of another may be missing."""
    for operation in bench.contract.operations:
        schema = body_schema(operation)
        for part in schema.parts() if schema is not None else ():
            condition, then = part.one("if"), part.one("then")
            if condition is None or then is None or not then.required:
                continue

            def before(
                request: Request,
                wanted: str = operation.id,
                names: frozenset[str] = condition.required,
                needed: frozenset[str] = then.required,
            ) -> Request:
                body = request.json
                mine = request.is_for(wanted)
                if not mine or not isinstance(body, dict) or needed <= body.keys():
                    return request
                return with_json(request, {k: v for k, v in body.items() if k not in names})

            if condition.required:
                yield Fault(
                    "condition-not-checked",
                    f"{label(operation)} {min(then.required)}",
                    changing(bench, before=before),
                )


@kind
def letter_case_not_checked(bench: Bench) -> Iterator[Fault]:
    """Values of a list are taken in any letter case."""

    def mend(body: dict[str, Any], schema: Schema) -> dict[str, Any] | None:
        good: dict[str, Any] = {}
        for name, member in schema.members().items():
            values = next((p.enum for p in member.parts() if p.enum), ())
            known = {v.lower(): v for v in values if isinstance(v, str)}
            given = body.get(name)
            if isinstance(given, str) and given not in values and given.lower() in known:
                good[name] = known[given.lower()]
        return {**body, **good} if good else None

    return _lenient(bench, "letter-case-not-checked", "enum", mend)


@kind
def names_in_any_letter_case(bench: Bench) -> Iterator[Fault]:
    """Members are known by their names in any letter case."""

    def mend(body: dict[str, Any], schema: Schema) -> dict[str, Any] | None:
        known = {name.lower(): name for name in schema.members()}
        renamed = {known.get(name.lower(), name): value for name, value in body.items()}
        return renamed if renamed.keys() != body.keys() else None

    return _lenient(bench, "names-in-any-letter-case", "required", mend)


@kind
def texts_taken_for_values(bench: Bench) -> Iterator[Fault]:
    """Numbers and booleans may be written as texts."""

    def mend(body: dict[str, Any], schema: Schema) -> dict[str, Any] | None:
        good: dict[str, Any] = {}
        for name, member in schema.members().items():
            types = {t for p in member.parts() for t in p.types}
            if isinstance(body.get(name), str) and types & {"number", "integer", "boolean"} and "string" not in types:
                value = parsed(body[name].encode())
                good |= {name: value} if isinstance(value, (bool, int, float)) else {}
        return {**body, **good} if good else None

    faults = _lenient(bench, "texts-taken-for-values", "type", mend)
    numbers = {
        label(o)
        for o in bench.contract.operations
        if (schema := body_schema(o)) is not None
        for member in schema.members().values()
        if {t for p in member.parts() for t in p.types} & {"number", "integer", "boolean"}
    }
    return (fault for fault in faults if fault.subject in numbers)
