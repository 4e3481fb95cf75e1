"""The server half of a package: handler protocols, the authenticator, errors to raise, and the application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tallystick.contract import Contract
from tallystick.contract.model import Operation
from tallystick.emit import errors_module, layout, server_callers, server_errors, server_facts
from tallystick.emit.annotations import Scope, annotation
from tallystick.emit.arguments import Wanted, parameters, shape_of
from tallystick.emit.bodies import is_json
from tallystick.emit.literals import quoted
from tallystick.emit.models.shape import Catalogue, Null, Plain, Shape, union
from tallystick.emit.naming import Address, settle
from tallystick.emit.operations import Api
from tallystick.load import Json
from tallystick.names import member_name, words

NOUNS_TAKEN = ("authenticator", "max_body")
CLASSES_TAKEN = frozenset(
    ("Authenticator", "Reply", "Received", "Starlette", "Protocol", "Handler", "Path", "Caller")
)
_ARGUMENTS_TAKEN = ("self", "body", "caller", "builtins")
_NAMES = frozenset(("Protocol", "Caller_contra", "Caller", "Reply", "Received", "Handler", "Path", "Starlette"))
_BUILTINS = frozenset(("list", "dict", "str", "int", "float", "bool", "bytes", "tuple"))


@dataclass(frozen=True, slots=True)
class ProtocolMethod:
    """A method of a handler protocol, line by line, and how the application binds it."""

    signature: tuple[str, ...]
    docstring: tuple[str, ...]
    binding: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProtocolView:
    """What answers the operations of one noun: a protocol in a module of its own."""

    module: str
    class_name: str
    has_caller: bool
    docstring: tuple[str, ...]
    imports: tuple[str, ...]
    methods: tuple[ProtocolMethod, ...]

    @property
    def type(self) -> str:
        """The protocol as an annotation."""
        return f"{self.class_name}[Caller]" if self.has_caller else self.class_name


@dataclass(frozen=True, slots=True)
class ServerPackage:
    """The modules of a server package, as the templates print them."""

    protocols: tuple[ProtocolView, ...]
    checks: tuple[server_callers.CheckView, ...]
    check_imports: tuple[str, ...]
    errors: tuple[server_errors.ErrorView, ...]
    error_imports: tuple[str, ...]
    app_imports: tuple[str, ...]
    signature: tuple[str, ...]
    signers: frozenset[str]
    facts: server_facts.Facts


def view(contract: Contract, api: Api, found: Mapping[str, Address]) -> ServerPackage:
    """Write the server half of a contract."""
    checks = tuple(server_callers.checks(contract))
    app = Scope(".models", taken=_NAMES | {address.resource for address in found.values()})
    arguments: dict[str, dict[str, str]] = {}
    absent = server_facts.defaults(contract)
    nouns = sorted({address.noun for address in found.values()})
    protocols = tuple(_protocol(noun, api, found, app, arguments, absent) for noun in nouns)
    errors_, error_imports = server_errors.classes(contract, api.catalogue)
    handlers = [f"{protocol.module}: {protocol.type}" for protocol in protocols]
    who = ["authenticator: Authenticator[Caller]"] if checks else []
    for protocol in protocols:
        app.use(f".handlers.{protocol.module}", protocol.class_name)
    app.use("pathlib", "Path")
    app.use("starlette.applications", "Starlette")
    app.use("._runtime.server", "Handler")
    app.use("._runtime.server", "application")
    if checks:
        app.use(".authentication", "Authenticator")
    if any(protocol.has_caller for protocol in protocols):
        app.use("._runtime.server_security", "Caller")
    used = {n.scheme for o in contract.operations for needs in o.security for n in needs}
    signers = (s.signer.module for name, s in contract.security_schemes.items() if s.signer and name in used)
    return ServerPackage(
        protocols=protocols,
        checks=checks,
        check_imports=tuple(server_callers.imports(checks)),
        errors=errors_,
        error_imports=error_imports,
        app_imports=tuple(app.lines()),
        signature=tuple(
            layout.call(
                "def create_app", "(", ["*", *who, *handlers, "max_body: int = 10_000_000"], ") -> Starlette:"
            )
        ),
        signers=frozenset(signers),
        facts=server_facts.facts(contract, arguments, absent),
    )


def _protocol(
    noun: str,
    api: Api,
    found: Mapping[str, Address],
    app: Scope,
    arguments: dict[str, dict[str, str]],
    absent: server_facts.Defaults,
) -> ProtocolView:
    operations = [o for o in api.contract.operations if found[o.id].noun == noun]
    resource = found[operations[0].id].resource
    verbs = frozenset(found[o.id].verb for o in operations)
    scope = Scope("..models", taken=_NAMES | {resource}, hidden=verbs & _BUILTINS)
    scope.use("typing", "Protocol")
    has_caller = any(operation.security for operation in operations)
    if has_caller:
        scope.use(".._runtime.server_security", "Caller_contra")
    methods: list[ProtocolMethod] = []
    for operation in operations:
        asked = _asked(operation, api, absent[operation.id])
        arguments[operation.id] = {want.id: name for want, name in asked}
        methods.append(_method(operation, found[operation.id], asked, api, scope, app))
    tag = next((t for t in api.contract.tags if operations[0].tags[:1] == (t.name,)), None)
    text = (tag.description if tag else "") or f"Operations on {' '.join(words(resource)).lower()}."
    lines = tuple(layout.docstring(layout.prose(text, width=92) or [resource], 4))
    return ProtocolView(noun, resource, has_caller, lines, tuple(scope.lines()), tuple(methods))


def _asked(operation: Operation, api: Api, absent: Mapping[str, Json]) -> list[tuple[Wanted, str]]:
    """Return the parameters, each with the argument it becomes; one with a default always has a value."""
    wanted = {want.id: want for want in parameters(operation, api.catalogue, _shown(operation, api.contract))}
    wanted = {
        id_: want for id_, want in wanted.items() if any(_is(p.location, p.name, want) for p in operation.parameters)
    }
    names, _ = settle(
        {id_: [member_name(want.key), f"{want.place}_{member_name(want.key)}"] for id_, want in wanted.items()},
        _ARGUMENTS_TAKEN,
    )
    return [(replace(want, required=want.required or id_ in absent), names[id_]) for id_, want in wanted.items()]


def _is(place: str, name: str, want: Wanted) -> bool:
    return (place, name) == (want.place, want.key)


def _shown(operation: Operation, contract: Contract) -> list[str]:
    """Return the headers that carry the operation's credentials."""
    used = {need.scheme for needs in operation.security for need in needs}
    schemes = [scheme for name, scheme in contract.security_schemes.items() if name in used]
    return [scheme.parameter or "authorization" for scheme in schemes]


def _method(
    operation: Operation, address: Address, asked: list[tuple[Wanted, str]], api: Api, scope: Scope, app: Scope
) -> ProtocolMethod:
    parts = [f"{name}: {_typed(want, scope)}" for want, name in asked]
    body = _bodies(operation, api.catalogue)
    if operation.body is not None:
        shapes = [*body.values(), *([] if operation.body.required else [Null()])]
        parts.append(f"body: {annotation(union(shapes), scope)}")
    if operation.security:
        parts.append(f"caller: Caller_contra{' | None' if () in operation.security else ''}")
    returns = _returns(operation, api.catalogue, scope)
    signature = layout.call(
        f"async def {address.verb}", "(", ["self", *(["*"] if parts else []), *parts], f") -> {returns}:", indent=4
    )
    return ProtocolMethod(
        tuple(signature),
        tuple(layout.docstring(_doc(operation, asked), 8)),
        tuple(_binding(operation, address, asked, body, api.catalogue, app)),
    )


def _typed(want: Wanted, scope: Scope) -> str:
    return annotation(want.shape if want.required else union([want.shape, Null()]), scope)


def _bodies(operation: Operation, catalogue: Catalogue) -> dict[str, Shape]:
    """Return the shape of a body by media type: typed where it has members, else text or bytes."""
    media = operation.body_media
    found: dict[str, Shape] = {}
    for one in media:
        kind = one.content_type
        structured = is_json(kind) or kind == "application/x-www-form-urlencoded" or kind.startswith("multipart/")
        plain = Plain("str" if kind.startswith("text/") else "bytes")
        found[kind] = shape_of(one, catalogue) if structured else plain
    return found


def _answers(operation: Operation, catalogue: Catalogue) -> dict[str, Shape]:
    """Return what each answer may be; the types of JSON, text and bytes together where there are several."""
    found: dict[str, Shape] = {}
    for outcome in server_facts.answers(operation):
        shapes = [
            shape_of(media, catalogue, "response")
            if is_json(media.content_type)
            else Plain("str" if media.content_type.startswith("text/") else "bytes")
            for media in server_facts.ordered(outcome)
        ]
        found[outcome.status] = union(shapes) if shapes else Null()
    return found


def _returns(operation: Operation, catalogue: Catalogue, scope: Scope) -> str:
    """Write what a handler gives: the value of the first success, or a reply that says more."""
    found = _answers(operation, catalogue)
    plain = next((shape for status, shape in found.items() if status[0] in "2d"), None)
    whole = annotation(union(list(found.values())), scope)
    if plain is not None and whole == annotation(plain, scope) == "Any":
        return whole
    reply = f"{scope.use('.._runtime.server', 'Reply')}[{whole}]"
    if plain is None:
        return reply
    written = annotation(plain, scope)
    return f"{reply} | None" if written == "None" else f"{written} | {reply}"


def _doc(operation: Operation, asked: list[tuple[Wanted, str]]) -> list[str]:
    title = f"{operation.method} {operation.path}"
    lines = layout.prose(operation.summary or operation.description or title, width=100) or [title]
    if operation.summary and operation.description not in ("", operation.summary):
        lines += ["", *layout.prose(operation.description, width=100)]
    described = [(name, want.description.strip().split("\n\n")[0]) for want, name in asked if want.description]
    if described:
        lines += ["", "Args:"]
        for name, text in described:
            lines += [f"    {line}" for line in layout.prose(f"{name}: {text}", width=96, hang="    ")]
    raised = list(dict.fromkeys(_raised(operation)))
    tail = layout.prose(f"Raise: {', '.join(raised)}.", width=100, hang="    ") if raised else []
    return [*lines, *([""] if tail else []), *tail]


def _raised(operation: Operation) -> Iterator[str]:
    """Yield the errors that a handler may raise, by name; those of the adapter are its own affair."""
    for outcome in operation.outcomes:
        if outcome.status.isdigit() and outcome.status[0] not in "23":
            yield from (server_errors.class_of(error.name) for error in outcome.errors)
            if not outcome.errors:
                yield errors_module.class_of(outcome.status)


def _binding(
    operation: Operation,
    address: Address,
    asked: list[tuple[Wanted, str]],
    body: Mapping[str, Shape],
    catalogue: Catalogue,
    app: Scope,
) -> Iterator[str]:
    """Write the entry of an operation in the table of handlers."""
    answers = {status: annotation(shape, app) for status, shape in _answers(operation, catalogue).items()}
    parts = [f"{address.noun}.{address.verb}", _table(answers)]
    if asked:
        parts.append(f"arguments={_table({name: annotation(want.shape, app) for want, name in asked})}")
    if body:
        parts.append(f"body={_table({kind: annotation(shape, app) for kind, shape in body.items()})}")
    yield from layout.call(f"{quoted(operation.id)}: Handler", "(", parts, "),", indent=12)


def _table(entries: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{quoted(key)}: {text}" for key, text in entries.items()) + "}"
