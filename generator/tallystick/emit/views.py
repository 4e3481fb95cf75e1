"""Python-shaped values for the templates: everything is decided here, and printed there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tallystick.contract.model import Contract, Server
from tallystick.emit import layout
from tallystick.emit.annotations import Scope
from tallystick.emit.errors_module import ErrorsView
from tallystick.emit.literals import quoted
from tallystick.emit.models.shape import Catalogue, Record
from tallystick.emit.naming import Address, settle
from tallystick.emit.operations import Api, MethodView, method, security
from tallystick.emit.outcomes import usual_errors
from tallystick.emit.security import Alternatives, Credential, alternatives, credentials
from tallystick.names import class_name, member_name, words

_BUILTINS = frozenset(("list", "dict", "str", "int", "float", "bool", "bytes", "tuple", "set", "type", "object"))
_RUNTIME_NAMES = frozenset(
    (
        *("Call", "Json", "Form", "Raw", "Multipart", "File", "M", "MISSING", "Missing", "Resource"),
        *("operation", "streamed", "deprecated_operation", "styles", "Failure", "Pages", "paged"),
    )
)

ADAPTERS = {"pyreqwest": ("fast", "PyreqwestTransport")}
"""HTTP libraries that a package can have an adapter for besides httpx: module and class."""


@dataclass(frozen=True, slots=True)
class ResourceView:
    """One noun: a class in a module of its own."""

    module: str
    class_name: str
    docstring: tuple[str, ...]
    imports: tuple[str, ...]
    methods: tuple[MethodView, ...]


@dataclass(frozen=True, slots=True)
class ServerView:
    """One server as an environment: its name, its address, and how it is written in the table."""

    name: str
    url: str
    entry: str


@dataclass(frozen=True, slots=True)
class ClientView:
    """The module of the two clients; `told` are the last lines of `__init__`, if it has a `signature` of its own."""

    name: str
    prefix: str
    docstring: tuple[str, ...]
    async_docstring: tuple[str, ...]
    imports: tuple[str, ...]
    constants: tuple[str, ...]
    hints: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    signature: tuple[str, ...]
    credentials: tuple[Credential, ...]
    told: tuple[str, ...]
    resources: tuple[ResourceView, ...]


def api(contract: Contract, catalogue: Catalogue) -> Api:
    """Return what every method is written against."""
    return Api(contract, catalogue, usual_errors(contract, catalogue), usual_security(contract))


def usual_security(contract: Contract) -> Alternatives:
    """Return what most operations accept as proof; the first by name of those equally usual."""
    count = Counter(alternatives(operation, contract) for operation in contract.operations)
    return min(count, key=lambda accepted: (-count[accepted], accepted), default=((),))


def resources(facts: Api, addresses: Mapping[str, Address], error_names: frozenset[str]) -> tuple[ResourceView, ...]:
    """Write every noun, sorted by name, its methods in the order of the document."""
    nouns = sorted({address.noun for address in addresses.values()})
    return tuple(_resource(noun, facts, addresses, error_names) for noun in nouns)


def _resource(noun: str, facts: Api, addresses: Mapping[str, Address], error_names: frozenset[str]) -> ResourceView:
    operations = [o for o in facts.contract.operations if addresses[o.id].noun == noun]
    resource = addresses[operations[0].id].resource
    verbs = frozenset(addresses[o.id].verb for o in operations)
    scope = Scope("..models", taken=_RUNTIME_NAMES | error_names | {resource}, hidden=verbs & _BUILTINS)
    for name in ("M", "Resource"):
        scope.use(".._runtime.client", name)
    methods = tuple(method(operation, addresses[operation.id], facts, scope) for operation in operations)
    tag = next((t for t in facts.contract.tags if operations[0].tags[:1] == (t.name,)), None)
    text = (tag.description if tag else "") or f"Operations on {' '.join(words(resource)).lower()}."
    lines = tuple(layout.docstring(layout.prose(text, width=92) or [resource], 4))
    return ResourceView(noun, resource, lines, tuple(scope.lines()), methods)


# -- servers ---


def environments(contract: Contract) -> tuple[ServerView, ...]:
    """Return the servers by name: their own, else a word of their description, else their host."""
    servers = contract.servers or (Server("", "/"),)
    wanted = {server.url + server.pointer: _server_names(server, len(servers)) for server in servers}
    names, _ = settle(wanted)
    return tuple(ServerView(names[s.url + s.pointer], _filled(s), _server(s)) for s in servers)


def _filled(server: Server) -> str:
    """Return the address that stands for a server when nobody says more."""
    url = server.url
    for variable in server.variables:
        url = url.replace(f"{{{variable.name}}}", variable.default)
    return url


def _server_names(server: Server, count: int) -> list[str]:
    told = server.name or " ".join(words(server.description)[:2])
    host = server.url.partition("://")[2].partition("/")[0]
    candidates = [told, host, server.url]
    return [member_name(name).strip("_") for name in candidates if words(name)] or [
        "default" if count == 1 else "server"
    ]


def _server(server: Server) -> str:
    defaults = ", ".join(f"{quoted(v.name)}: {quoted(v.default)}" for v in server.variables)
    return f"Server({quoted(server.url)}{f', {{{defaults}}}' if defaults else ''})"


def _variables(contract: Contract) -> dict[str, list[str]]:
    """Return the server variables with their listed values, those of all servers together."""
    found: dict[str, dict[str, None]] = {}
    for server in contract.servers:
        for variable in server.variables:
            found.setdefault(variable.name, {}).update(dict.fromkeys(variable.values))
    return {name: list(values) for name, values in found.items()}


# -- client ---


def client(
    contract: Contract,
    facts: Api,
    nouns: tuple[ResourceView, ...],
    names: tuple[str, str],
    errors: ErrorsView,
    transports: tuple[str, ...],
) -> ClientView:
    """Write the clients. `names` are those of the package and of the synchronous client."""
    package, name = names
    prefix = "_".join(words(name)).upper()
    secrets, servers, variables = credentials(contract), environments(contract), _variables(contract)
    taken = ["self", "config", "environment", *(name for secret in secrets for name, _ in secret.arguments)]
    spelled, _ = settle({v: [member_name(v), f"server_{member_name(v)}"] for v in variables}, taken)
    parts = [f"{argument}: {kind} = None" for secret in secrets for argument, kind in secret.arguments]
    several = len(servers) > 1
    if several:
        parts.append(f"environment: Literal[{', '.join(quoted(s.name) for s in servers)}] | None = None")
    aliases = {v: f"_{class_name(v)}" for v, values in variables.items() if values}
    parts += [f"{spelled[v]}: {aliases.get(v, 'str')} | None = None" for v in variables]
    sensitive = sorted(_sensitive(facts.catalogue))
    adapters = [ADAPTERS[name] for name in sorted(transports)]
    if any(method.decorator == "streamed" for noun in nouns for method in noun.methods):
        adapters.append(("streaming", "StreamingHttpx"))
    chosen = several or bool(variables)
    given = "environment" if several else "None"
    filled = f", {{{', '.join(f'{quoted(v)}: {spelled[v]}' for v in variables)}}}" if variables else ""
    config = f"located(config, {quoted(prefix)}, SERVERS, {given}{filled})" if chosen else "config"
    told = [f"super().__init__(**{config})"]
    if secrets:
        told.append(f"keyring = Keyring(known, {security(facts.usual_security)}, HINTS)")
        told.append("self.facts = self.facts._replace(steps=(*self.facts.steps, keyring))")
    imports = _client_imports(secrets, errors, adapters, sensitive=bool(sensitive), several=chosen)
    typing = ["TYPE_CHECKING", *(["Literal"] if aliases or several else []), *(["Unpack"] if parts else [])]
    partial = ["from functools import partial"] if secrets or sensitive else []
    far = (*partial, f"from typing import {', '.join(typing)}")
    known = _facts(package, prefix, contract, servers[0], errors, adapters, sensitive=bool(sensitive))
    hints = tuple((secret.scheme, secret.hint(prefix)) for secret in secrets)
    constants = [line for v, n in aliases.items() for line in _alias(n, variables[v])]
    constants += _table("SENSITIVE = frozenset((", layout.filled([f"{quoted(n)}," for n in sensitive], 4), "))")
    constants += _table("SERVERS = {", [f"    {quoted(s.name)}: {s.entry}," for s in servers if chosen], "}")
    constants += _table("HINTS = {", [f"    {quoted(scheme)}: {quoted(hint)}," for scheme, hint in hints], "}")
    signature = layout.call(
        "def __init__", "(", ["self", "*", *parts, "**config: Unpack[Config]"], ") -> None:", indent=4
    )
    return ClientView(
        name=name,
        prefix=prefix,
        docstring=_client_doc(contract, name, secrets, prefix, several),
        async_docstring=tuple(layout.docstring([f"The same as `{name}`, with calls to be awaited."], 4)),
        imports=(*far, "", *imports),
        constants=("", *constants) if constants else (),
        hints=hints,
        facts=tuple(layout.call("facts = Facts", "(", known, ")", indent=4)),
        signature=tuple(signature) if parts else (),
        credentials=secrets,
        told=tuple(told),
        resources=nouns,
    )


def _alias(name: str, values: list[str]) -> list[str]:
    return layout.call(f"{name} = Literal", "[", [quoted(value) for value in values], "]")


def _table(head: str, lines: list[str], tail: str) -> list[str]:
    return [head, *lines, tail] if lines else []


def _facts(
    package: str,
    prefix: str,
    contract: Contract,
    server: ServerView,
    errors: ErrorsView,
    adapters: list[tuple[str, str]],
    *,
    sensitive: bool,
) -> list[str]:
    """Return what the client knows before it is told anything."""
    version = re.sub(r"[^0-9A-Za-z.+-]", "-", contract.version) or "0"
    known = [quoted(f"{package}/{version}"), quoted(prefix), quoted(server.url)]
    known += ["failures=failures"] if errors.failures else []
    known += ["choose=told_apart"] if errors.problems else []
    known += ["steps=(partial(redact, SENSITIVE),)"] if sensitive else []
    known += [f"adapters=({', '.join(name for _, name in adapters)},)"] if adapters else []
    return known


def _client_doc(
    contract: Contract, name: str, secrets: tuple[Credential, ...], prefix: str, several: bool
) -> tuple[str, ...]:
    lines = layout.prose(contract.title or name, width=92) or [name]
    described = [
        (argument, (s.description or f"Credential {s.scheme}.") if i == 0 else f"Goes with `{s.arguments[0][0]}`.")
        for s in secrets
        for i, (argument, _) in enumerate(s.arguments)
    ]
    described += [("environment", f"Which server; {prefix}_ENVIRONMENT says it too.")] if several else []
    if described:
        lines += ["", "Args:"]
        for argument, text in described:
            lines += [f"    {line}" for line in layout.prose(f"{argument}: {text}", width=88, hang="    ")]
    if lines[1:] or len(lines[0]) > 60:
        return tuple(layout.docstring([*lines, "", "What else it can be told: see `Config`."], 4))
    return tuple(layout.docstring([f"{lines[0].removesuffix('.')}. What it can be told: see `Config`."], 4))


def _client_imports(
    secrets: tuple[Credential, ...],
    errors: ErrorsView,
    adapters: list[tuple[str, str]],
    *,
    sensitive: bool,
    several: bool,
) -> list[str]:
    """Return the imports from the package itself, sorted."""
    written = " ".join(secret.expression for secret in secrets)
    kinds = " ".join(kind for secret in secrets for _, kind in secret.arguments)
    shown = [*(["Secret"] if "Secret" in kinds else []), *(n for n in ("basic", "token") if f"{n}(" in written)]
    names = sorted(["Credential", "Keyring", "environment_variable", *shown], key=lambda n: (n.islower(), n))
    auth = [", ".join(names)] if secrets else []
    signers = sorted({secret.signer for secret in secrets if secret.signer})
    lines = [
        "from ._runtime.client import AsyncClient, Client, Facts, M, SyncClient",
        *(["from ._runtime.call import Config"] if secrets or several else []),
        *(f"from ._runtime.auth import {names}" for names in auth),
        *(["from ._runtime.problems import told_apart"] if errors.problems else []),
        *(["from ._runtime.redaction import redact"] if sensitive else []),
        *(["from ._runtime.servers import Server, located"] if several else []),
        *(["from ._runtime.signing import signature"] if signers else []),
        *(f"from ._runtime.{module} import {class_name}" for module, class_name in [*signers, *adapters]),
    ]
    return [*sorted(lines), *(["from .errors import failures"] if errors.failures else [])]


def _sensitive(catalogue: Catalogue) -> set[str]:
    """Return the names on the wire of members that must not be shown."""
    records = (d for d in catalogue.definitions.values() if isinstance(d, Record))
    return {field.api_name for record in records for field in record.fields if field.sensitive}
