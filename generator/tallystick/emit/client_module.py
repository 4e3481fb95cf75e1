"""The `client.py` of a package: its two clients, what the contract says about all calls, and what they are told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tallystick.contract.model import Contract, Server
from tallystick.emit import layout
from tallystick.emit.errors_module import ErrorsView
from tallystick.emit.literals import quoted
from tallystick.emit.models.shape import Catalogue, Record
from tallystick.emit.naming import settle
from tallystick.emit.operations import Api, address_of, security
from tallystick.emit.security import TAKEN, Credential, credentials
from tallystick.emit.views import ResourceView
from tallystick.names import class_name, member_name, words

ADAPTERS = {"pyreqwest": ("fast", "PyreqwestTransport")}
"""HTTP libraries that a package can have an adapter for besides httpx: module and class."""


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


@dataclass(frozen=True, slots=True)
class _Known:
    """What decides how the clients are made. `variables` are those of servers, with their listed values."""

    contract: Contract
    errors: ErrorsView
    package: str
    prefix: str
    secrets: tuple[Credential, ...]
    servers: tuple[ServerView, ...]
    variables: Mapping[str, list[str]]
    sensitive: tuple[str, ...]
    adapters: tuple[tuple[str, str], ...]

    @property
    def several(self) -> bool:
        """Whether there is a choice of servers."""
        return len(self.servers) > 1

    @property
    def located(self) -> bool:
        """Whether the address depends on what the client is told besides `base_url`."""
        return self.several or bool(self.variables)

    @property
    def spelled(self) -> Mapping[str, str]:
        """The arguments that stand for variables of servers."""
        taken = [*TAKEN, *(name for secret in self.secrets for name, _ in secret.arguments)]
        own = {variable: member_name(variable) for variable in self.variables}
        return settle({v: [f"server_{name}" if name in taken else name] for v, name in own.items()})[0]

    @property
    def aliases(self) -> Mapping[str, str]:
        """The types of variables that have listed values."""
        return {variable: f"_{class_name(variable)}" for variable, values in self.variables.items() if values}


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
    streams = any(method.decorator == "streamed" for noun in nouns for method in noun.methods)
    adapters = (*(ADAPTERS[one] for one in transports), *([("streaming", "StreamingHttpx")] if streams else []))
    known = _Known(
        contract,
        errors,
        package,
        "_".join(words(name)).upper(),
        credentials(contract),
        environments(contract),
        _variables(contract),
        tuple(sorted(_sensitive(facts.catalogue))),
        adapters,
    )
    arguments = _arguments(known)
    signature = ["self", "*", *arguments, "**config: Unpack[Config]"]
    return ClientView(
        name=name,
        prefix=known.prefix,
        docstring=_client_doc(contract, name, known.secrets, known.prefix, known.several),
        async_docstring=tuple(layout.docstring([f"The same as `{name}`, with calls to be awaited."], 4)),
        imports=(*_far_imports(known, nouns), *_near_imports(known)),
        constants=tuple(_constants(known)),
        hints=_hints(known),
        facts=tuple(layout.call("facts = Facts", "(", _facts(known), ")", indent=4)),
        signature=tuple(layout.call("def __init__", "(", signature, ") -> None:", indent=4)) if arguments else (),
        credentials=known.secrets,
        told=tuple(_told(known, facts)),
        resources=nouns,
    )


def _arguments(known: _Known) -> list[str]:
    """Return what the clients of this contract take, besides what all clients do."""
    parts = [f"{argument}: {kind} = None" for secret in known.secrets for argument, kind in secret.arguments]
    if known.several:
        parts.append(f"environment: Literal[{', '.join(quoted(s.name) for s in known.servers)}] | None = None")
    spelled, aliases = known.spelled, known.aliases
    return parts + [f"{spelled[v]}: {aliases.get(v, 'str')} | None = None" for v in known.variables]


def _told(known: _Known, facts: Api) -> list[str]:
    """Write how a client is told what its arguments say."""
    environment = "environment" if known.several else "None"
    given = ", ".join(f"{quoted(variable)}: {name}" for variable, name in known.spelled.items())
    filled = f", {{{given}}}" if given else ""
    config = f"located(config, {quoted(known.prefix)}, SERVERS, {environment}{filled})" if known.located else "config"
    lines = [f"super().__init__(**{config})"]
    if known.secrets:
        lines.append(f"keyring = Keyring(known, {security(facts.usual_security)}, HINTS)")
        lines.append("self.facts = self.facts._replace(steps=(*self.facts.steps, keyring))")
    return lines


def _constants(known: _Known) -> list[str]:
    """Write what the clients need by name, after an empty line."""
    sensitive = layout.filled([f"{quoted(name)}," for name in known.sensitive], 4)
    servers = [f"    {quoted(server.name)}: {server.entry}," for server in known.servers if known.located]
    hints = [f"    {quoted(scheme)}: {quoted(hint)}," for scheme, hint in _hints(known)]
    lines: list[str] = []
    for variable, name in known.aliases.items():
        lines += layout.call(f"{name} = Literal", "[", [quoted(value) for value in known.variables[variable]], "]")
    lines += ["SENSITIVE = frozenset((", *sensitive, "))"] if sensitive else []
    lines += ["SERVERS = {", *servers, "}"] if servers else []
    lines += ["HINTS = {", *hints, "}"] if hints else []
    return ["", *lines] if lines else []


def _hints(known: _Known) -> tuple[tuple[str, str], ...]:
    return tuple((secret.scheme, secret.hint(known.prefix)) for secret in known.secrets)


def _facts(known: _Known) -> list[str]:
    """Return what the contract says about all calls."""
    version = re.sub(r"[^0-9A-Za-z.+-]", "-", known.contract.version) or "0"
    server = next(iter(known.servers))
    said = [quoted(f"{known.package}/{version}"), quoted(known.prefix), quoted(server.url)]
    said += ["failures=failures"] if known.errors.failures else []
    said += ["choose=told_apart"] if known.errors.problems else []
    said += ["steps=(partial(redact, SENSITIVE),)"] if known.sensitive else []
    said += [f"adapters=({', '.join(name for _, name in known.adapters)},)"] if known.adapters else []
    return said


def _far_imports(known: _Known, nouns: tuple[ResourceView, ...]) -> list[str]:
    """Return the imports from the standard library, and an empty line after them."""
    typing = ["TYPE_CHECKING"] if nouns else []
    typing += ["Literal"] if known.aliases or known.several else []
    typing += ["Unpack"] if _arguments(known) else []
    lines = ["from functools import partial"] if known.secrets or known.sensitive else []
    lines += [f"from typing import {', '.join(typing)}"] if typing else []
    return [*lines, ""] if lines else []


def _near_imports(known: _Known) -> list[str]:
    """Return the imports from the package itself, sorted."""
    written = " ".join(secret.expression for secret in known.secrets)
    kinds = " ".join(kind for secret in known.secrets for _, kind in secret.arguments)
    functions = sorted(["environment_variable", *(n for n in ("basic_from", "token_from") if f"{n}(" in written)])
    auth = ["Credential", "Keyring", *(["Secret"] if "Secret" in kinds else []), *functions]
    signers = sorted({secret.signer for secret in known.secrets if secret.signer})
    lines = [
        "from ._runtime.client import AsyncClient, Client, Facts, M, SyncClient",
        *(["from ._runtime.call import Config"] if _arguments(known) else []),
        *([f"from ._runtime.auth import {', '.join(auth)}"] if known.secrets else []),
        *(["from ._runtime.problems import told_apart"] if known.errors.problems else []),
        *(["from ._runtime.redaction import redact"] if known.sensitive else []),
        *(["from ._runtime.servers import Server, located"] if known.located else []),
        *(["from ._runtime.signing import signature"] if signers else []),
        *(f"from ._runtime.{module} import {name}" for module, name in [*signers, *known.adapters]),
    ]
    return [*sorted(lines), *(["from .errors import failures"] if known.errors.failures else [])]


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


def environments(contract: Contract) -> tuple[ServerView, ...]:
    """Return the servers by name: their own, else a word of their description, else their host."""
    servers = contract.servers or (Server("", "/"),)
    wanted = {server.url + server.pointer: _server_names(server, len(servers)) for server in servers}
    names, _ = settle(wanted)
    return tuple(ServerView(names[s.url + s.pointer], address_of(s), _server(s)) for s in servers)


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


def _sensitive(catalogue: Catalogue) -> set[str]:
    """Return the names on the wire of members that must not be shown."""
    records = (d for d in catalogue.definitions.values() if isinstance(d, Record))
    return {field.api_name for record in records for field in record.fields if field.sensitive}
