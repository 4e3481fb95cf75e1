"""One operation of the contract as one method: signature, docstring and body, every line decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tallystick.contract.model import Contract, Operation, Server
from tallystick.emit import bodies, layout, paging
from tallystick.emit.annotations import Scope, annotation
from tallystick.emit.arguments import Argument, named, parameters
from tallystick.emit.errors_module import class_name_of, class_of, failure
from tallystick.emit.literals import quoted
from tallystick.emit.models.shape import Catalogue
from tallystick.emit.naming import Address
from tallystick.emit.outcomes import Meaning, Problem, Results, results, unusual_errors
from tallystick.emit.security import Alternatives, alternatives
from tallystick.emit.values import literal, sample

RUNTIME = ".._runtime"
EXAMPLE = "Example: "
_PLACES = {"path": "params", "query": "query", "header": "headers"}


@dataclass(frozen=True, slots=True)
class Api:
    """What all methods of a package are written against."""

    contract: Contract
    catalogue: Catalogue
    usual_errors: Mapping[str, Meaning]
    usual_security: Alternatives


@dataclass(frozen=True, slots=True)
class MethodView:
    """A method, line by line."""

    name: str
    decorator: str
    signature: tuple[str, ...]
    docstring: tuple[str, ...]
    body: tuple[str, ...]


def method(operation: Operation, address: Address, api: Api, scope: Scope) -> MethodView:
    """Write one operation as a method of its resource."""
    answer = results(operation, api.catalogue, scope)
    secret = _secret_headers(operation, api)
    asked = list(parameters(operation, api.catalogue, secret))
    body = None
    if operation.body is not None:
        taken = {argument.name for argument in named(asked, api.catalogue, Scope(scope.models), "MISSING")}
        body = bodies.plan_body(operation.body, taken, api.catalogue)
        asked += bodies.wanted(body)
    arguments = named(asked, api.catalogue, scope, "MISSING")
    decorator = _decorator(operation, answer, api, scope)
    call = scope.use(f"{RUNTIME}.call", "Call")
    parts = ["self", *(["*"] if arguments else []), *(argument.written for argument in arguments)]
    return MethodView(
        address.verb,
        decorator,
        tuple(layout.call(f"def {address.verb}", "(", parts, f") -> {call}[{answer.returns}]:", indent=4)),
        tuple(layout.docstring(_doc(operation, address, arguments, api), 8)),
        tuple(_call(operation, arguments, body, answer, api, scope)),
    )


def _decorator(operation: Operation, answer: Results, api: Api, scope: Scope) -> str:
    if operation.deprecated:
        return scope.use(f"{RUNTIME}.deprecated", "deprecated_operation")
    if answer.streams:
        return scope.use(f"{RUNTIME}.streaming", "streamed")
    pages = paging.rule(operation, api.catalogue)
    if pages is not None:
        scope.use(f"{RUNTIME}.paging", "Pages")
        return f"{scope.use(f'{RUNTIME}.paging', 'paged')}[{annotation(pages.item, scope)}]({pages.text})"
    return scope.use(f"{RUNTIME}.client", "operation")


def _secret_headers(operation: Operation, api: Api) -> list[str]:
    """Return the headers that the operation's credentials fill."""
    names = {name for names in alternatives(operation, api.contract) for name in names}
    schemes = [scheme for name, scheme in api.contract.security_schemes.items() if name in names]
    return [scheme.parameter or "authorization" for scheme in schemes]


# -- body ---


def _call(
    operation: Operation,
    arguments: tuple[Argument, ...],
    body: bodies.BodyPlan | None,
    answer: Results,
    api: Api,
    scope: Scope,
) -> Iterator[str]:
    """Write the `return Call(...)` of a method."""
    parts: list[list[str]] = [
        [f"{first},"] for first in (quoted(operation.method), quoted(operation.path), answer.table)
    ]
    declared = bodies.by_place(operation)
    written: dict[str, list[str]] = {place: [] for place in (*_PLACES, "cookie")}
    for a in (a for a in arguments if a.place in written):
        value = bodies.parameter(a, declared.get((a.place, a.key)), api.catalogue, scope)
        written[a.place].append(bodies.entry(a.key, value))
    if cookies := ", ".join(written["cookie"]):
        written["header"].append(f'"cookie": {bodies.styled(scope, "cookies", f"{{{cookies}}}")}')
    for place, keyword in _PLACES.items():
        if written[place]:
            parts.append(layout.call(f"{keyword}=", "{", written[place], "},", indent=12))
    if body is not None:
        head, members, tail = bodies.expression(body, arguments, api.catalogue, scope)
        if body.record is not None:
            parts.append(layout.call(f"body={head}", "", members, f"{tail},", indent=12))
        else:
            parts.append([f"            body={_unless_empty(head, body, arguments)},"])
    parts += [[f"            {line},"] for line in _rest(operation, answer, api, scope)]
    yield from layout.stacked("        return Call(", parts, "        )")


def _unless_empty(written: str, body: bodies.BodyPlan, arguments: tuple[Argument, ...]) -> str:
    """Leave out a body that is optional when its argument is not given."""
    name = next(argument.name for argument in arguments if argument.place == "body")
    return written if body.required else f"({written}) if {name} is not MISSING else None"


def _rest(operation: Operation, answer: Results, api: Api, scope: Scope) -> Iterator[str]:
    """Yield the keywords that differ from what is usual in this API."""
    if answer.accept != "application/json":
        yield f"accept={quoted(answer.accept)}"
    unusual = unusual_errors(operation, api.usual_errors, api.catalogue)
    if unusual:
        told = [failure(status, meaning, scope, home="..errors") for status, meaning in unusual.items()]
        if any("Failure(" in line for line in told):
            scope.use(f"{RUNTIME}.problems", "Failure")
        yield f"errors={{{', '.join(told)}}}"
    own = alternatives(operation, api.contract)
    if own != api.usual_security:
        yield f"security={security(own)}"
    rule = operation.idempotency
    if rule is not None:
        yield f"idempotency={quoted(rule.header)}"
        if rule.replayed:
            yield f"replayed={quoted(rule.replayed)}"
    if operation.servers:
        yield f"server={quoted(address_of(operation.servers[0]))}"


def security(accepted: Alternatives) -> str:
    """Write sets of schemes as source text."""
    sets = [f"({', '.join(map(quoted, names))}{',' if len(names) == 1 else ''})" for names in accepted]
    return f"({', '.join(sets)},)"


def address_of(server: Server) -> str:
    """Return the address that stands for a server when nobody says more."""
    url = server.url
    for variable in server.variables:
        url = url.replace(f"{{{variable.name}}}", variable.default)
    return url


# -- documentation ---


def _doc(operation: Operation, address: Address, arguments: tuple[Argument, ...], api: Api) -> list[str]:
    summary = operation.summary or operation.description or f"{operation.method} {operation.path}"
    lines = layout.prose(summary, width=100) or [f"{operation.method} {operation.path}"]
    if operation.deprecated:
        lines += ["", "Deprecated: the provider advises against using it."]
    if operation.summary and operation.description and operation.description != operation.summary:
        lines += ["", *layout.prose(operation.description, width=100)]
    described = [(a.name, _first_paragraph(a.description)) for a in arguments if a.description]
    if described:
        lines += ["", "Args:"]
        for name, text in described:
            lines += [f"    {line}" for line in layout.prose(f"{name}: {text}", width=96, hang="    ")]
    raised = list(dict.fromkeys(_raises(operation)))
    tail = layout.prose(_headers(operation, api), width=100, hang="    ")
    tail += layout.prose(f"Raises: {', '.join(raised)}.", width=100, hang="    ") if raised else []
    tail += _example(address, arguments, api.catalogue)
    return [*lines, *([""] if tail else []), *tail]


def _headers(operation: Operation, api: Api) -> str:
    """Say which headers the answers have, and of what type: `.raw(...).header(name, type)` gives one."""
    scope, known = Scope(".models"), api.catalogue.places
    found: dict[str, str] = {}
    for header in (h for outcome in operation.outcomes if outcome.status.startswith("2") for h in outcome.headers):
        shape = known.get((header.schema.pointer, "response")) if header.schema else None
        found[header.name] = annotation(shape, scope) if shape is not None else "str"
    return f"Headers: {', '.join(f'{name} ({kind})' for name, kind in found.items())}." if found else ""


def _first_paragraph(text: str) -> str:
    return text.strip().split("\n\n")[0]


def _raises(operation: Operation) -> Iterator[str]:
    """Yield the classes for the errors an operation declares, domain errors first."""
    for outcome in operation.outcomes:
        if outcome.status[0] in "23" or outcome.status == "default":
            continue
        for error in outcome.errors:
            yield class_name_of(Problem(error.name, (), ""), outcome.status)
        yield class_of(outcome.status)


def _example(address: Address, arguments: tuple[Argument, ...], catalogue: Catalogue) -> list[str]:
    """Write a call with the document's own examples, made up where it has none; nothing if that is not possible."""
    written: list[str] = []
    for argument in arguments:
        text = literal(argument.example, argument.shape, catalogue) if argument.example is not None else None
        if text is None and not argument.default:
            text = 'b"..."' if "File" in argument.annotation else sample(argument.shape, catalogue)
            if text is None:
                return []
        if text is not None:
            written.append(f"{argument.name}={text}")
    lines = layout.call(f"{EXAMPLE}client.{address.noun}.{address.verb}", "(", written, ")")
    return [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]
