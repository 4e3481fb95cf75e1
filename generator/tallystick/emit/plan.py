"""Contract to a map of path to text: the whole package, built in memory.

Writing it and comparing it with what is on disk are two users of this map.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tallystick.contract import Contract
from tallystick.contract.model import Operation, Parameter
from tallystick.diagnostics import Finding, Findings, Severity
from tallystick.emit import client_module, errors_module, package, simulation, support, views, webhooks_module
from tallystick.emit.annotations import RESERVED
from tallystick.emit.half import Half, Source
from tallystick.emit.models import ModelOptions, build_models
from tallystick.emit.models_half import models_half
from tallystick.emit.naming import addresses
from tallystick.emit.options import Options, Part
from tallystick.emit.render import Templates, standard
from tallystick.emit.security import credentials
from tallystick.emit.server_half import server_half

__all__ = ["Count", "Options", "Plan", "plan"]

RECORD = "_provenance.json"
_NOUNS_TAKEN = ("close", "facts", "finish", "is_async", "options", "owned", "send", "transport", "with_options")
_VERBS_TAKEN = ("client",)


@dataclass(frozen=True, slots=True)
class Count:
    """How much of the document is in the package: operations and schemas in, out and refused."""

    operations: int
    methods: int
    schemas: int
    classes: int
    refused: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A package: its name, its files, what there was to say about the document, and how much of it is in."""

    package: str
    files: Mapping[str, str] = field(repr=False)
    findings: Findings
    count: Count


def plan(contract: Contract, options: Options | None = None) -> Plan:
    """Build the package of a contract: path -> text, relative to the package's folder."""
    chosen = options or Options()
    templates = Templates(chosen.templates) if chosen.templates else standard()
    names = package.names(contract, chosen.name)
    header = package.header(contract)
    models = build_models(contract, ModelOptions(flavour=chosen.models, header=f"# {header}"))
    source = Source(contract, models, names, header, templates, chosen.models, chosen.transports)
    half = _HALVES[chosen.only](source)
    files = {**models.files, **half.files, "py.typed": ""}
    files |= support.modules(files, flavour=chosen.models, signers=half.signers, spec=chosen.spec)
    files[RECORD] = package.record(contract, files, names[0], chosen)
    return Plan(
        names[0],
        dict(sorted(files.items())),
        models.findings
        + half.findings
        + [_clash(contract, name, ids) for name, ids in half.clashes.items()]
        + [_implied(contract, o, p) for o in contract.operations for p in o.parameters if contract.is_implied(p)],
        Count(
            len(contract.operations) + len(contract.refused),
            half.methods,
            len(contract.schemas),
            len(models.names),
            (*((r.name, r.pointer, r.reason) for r in contract.refused), *half.refused),
        ),
    )


def _client(source: Source) -> Half:
    contract, templates, header = source.contract, source.templates, source.header
    catalogue = source.models.catalogue
    api = views.api(contract, catalogue)
    own = {source.names[1], f"Async{source.names[1]}"}
    classes_taken = {*package.CLASSES_TAKEN, *RESERVED, *views.RUNTIME_NAMES, *own}
    found, clashes = addresses(
        contract, nouns_taken=_NOUNS_TAKEN, classes_taken=classes_taken, verbs_taken=_VERBS_TAKEN
    )
    errors = errors_module.view(contract, catalogue, api.usual_errors, secured=bool(credentials(contract)))
    transports = tuple(sorted({*contract.transports, *source.transports}))
    error_names = frozenset(errors_module.class_names(errors))
    nouns = views.resources(api, found, error_names)
    made_to_happen = simulation.view(contract, [noun.module for noun in nouns], classes_taken)
    methods = sum(len(noun.methods) for noun in nouns)
    nouns = views.in_order((*nouns, made_to_happen) if made_to_happen else nouns)
    client = client_module.client(contract, api, nouns, source.names, errors, transports)
    about = package.view(contract, client, source.names, errors, transports, source.flavour)
    files: dict[str, str] = {}
    for resource in nouns:
        files[f"resources/{resource.module}.py"] = templates.render("resource.py", header=header, resource=resource)
    files["resources/__init__.py"] = f"# {header}\n"
    files["client.py"] = templates.render("client.py", header=header, client=client)
    files["errors.py"] = templates.render("errors.py", header=header, errors=errors)
    files["__init__.py"] = templates.render("init.py", header=header, package=about)
    files["README.md"] = templates.render("README.md", header=header, package=about, client=client)
    files["pyproject.toml"] = templates.render("pyproject.toml", header=header, package=about)
    webhooks = webhooks_module.view(contract, catalogue)
    if webhooks is not None:
        files["webhooks.py"] = templates.render("webhooks.py", header=header, webhooks=webhooks)
    signers = {module for module, _ in webhooks.signers} if webhooks else set[str]()
    signers |= {credential.signer[0] for credential in client.credentials if credential.signer}
    return Half(files, methods, frozenset(signers), clashes)


_HALVES: Mapping[Part, Callable[[Source], Half]] = {
    "all": _client,
    "models": models_half,
    "server": server_half,
}


def _implied(contract: Contract, operation: Operation, parameter: Parameter) -> Finding:
    message = f"{operation.method} {operation.path}: nothing declares {parameter.name!r}, which is taken for a text"
    hint = f"add a parameter {parameter.name!r} with `in: path`"
    return Finding("path-parameter-implied", message, contract.place(operation.pointer), Severity.WARNING, hint=hint)


def _clash(contract: Contract, name: str, ids: list[str]) -> Finding:
    operation = contract.by_id.get(ids[0])
    place = contract.place(operation.pointer if operation else "")
    message = f"several operations would be called {name}: {', '.join(sorted(ids))}"
    return Finding("name-clash", message, place, Severity.WARNING, hint="give them operationIds that differ")
