"""A package with the models and the server half: its files."""

from __future__ import annotations

from dataclasses import replace

from tallystick.emit import server, server_facts, views
from tallystick.emit.half import Half, Source
from tallystick.emit.models_half import surroundings
from tallystick.emit.naming import addresses
from tallystick.errors import UsageError


def server_half(source: Source) -> Half:
    """Return the handler protocols, the authenticator, the errors and the application of a contract.

    Raises `UsageError` for another flavour of models than pydantic.
    """
    if source.flavour != "pydantic":
        hint = "leave --models out, or generate the models alone with --only models"
        raise UsageError(f"a server half has pydantic models, not {source.flavour}", hint=hint)
    templates, header = source.templates, source.header
    refused = server_facts.indistinct(source.contract)
    kept = tuple(operation for operation in source.contract.operations if operation.id not in refused)
    contract = replace(source.contract, operations=kept)
    found, clashes = addresses(contract, nouns_taken=server.NOUNS_TAKEN, classes_taken=server.CLASSES_TAKEN)
    view = server.view(contract, views.api(contract, source.models.catalogue), found)
    protocols = [protocol.class_name for protocol in view.protocols]
    callers = ["Authenticator", "Received"] if view.checks else []
    exports = ("Reply", "create_app", "errors", "models", *callers, *protocols)
    needs = ("jsonschema-rs>=0.60", "starlette>=1.0")
    about = surroundings(source, "Server half", (), exports, needs)
    files = {
        f"handlers/{p.module}.py": templates.render("server_handlers.py", header=header, protocol=p)
        for p in view.protocols
    }
    files["handlers/__init__.py"] = f'# {header}\n"""What the application has to answer, one noun each."""\n'
    if view.checks:
        files["authentication.py"] = templates.render("server_authentication.py", header=header, server=view)
    files["errors.py"] = templates.render("server_errors.py", header=header, server=view)
    files["app.py"] = templates.render("server_app.py", header=header, server=view)
    files["contract.json"] = view.facts.text
    files["__init__.py"] = templates.render("server_init.py", header=header, server=view, package=about)
    files["README.md"] = templates.render("server_README.md", header=header, server=view, package=about)
    files["pyproject.toml"] = templates.render("pyproject.toml", header=header, package=about)
    return Half(
        files,
        sum(len(p.methods) for p in view.protocols),
        view.signers,
        clashes,
        tuple((id_, source.contract.by_id[id_].pointer, reason) for id_, reason in refused.items()),
        view.facts.findings,
    )
