"""Rules about paths, their placeholders and servers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick.contract.schema import as_mapping
from tallystick.diagnostics import Severity
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Subject
from tallystick.lint.wording import listed
from tallystick.load.pointer import join

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@rule(
    "path-parameter-declared",
    "Every placeholder of a path is declared as a parameter.",
    subject="operation",
    severity=Severity.ERROR,
)
def path_parameter_declared(subject: Subject) -> Iterator[Issue]:
    """Compare placeholders with the parameters of path item and operation."""
    for operation in subject.contract.operations:
        contract = subject.contract
        declared = {p.name for p in operation.parameters if p.location == "path" and not contract.is_implied(p)}
        for name in dict.fromkeys(_PLACEHOLDER.findall(operation.path)):
            if name not in declared:
                message = f"{operation.method} {operation.path}: nothing declares the path parameter {name!r}"
                yield Issue(operation.pointer, message, hint=f"add a parameter {name!r} with `in: path`")


@rule(
    "path-parameter-used",
    "Every declared path parameter stands in the path.",
    subject="parameter",
    severity=Severity.ERROR,
)
def path_parameter_used(subject: Subject) -> Iterator[Issue]:
    """Compare the parameters of path item and operation with placeholders."""
    for operation in subject.contract.operations:
        names = _PLACEHOLDER.findall(operation.path)
        for parameter in operation.parameters:
            if parameter.location == "path" and parameter.name not in names:
                message = f"the path {operation.path} has no placeholder {{{parameter.name}}}"
                hint = f"it has {listed(names)}" if names else "it has no placeholders"
                yield Issue(parameter.pointer, message, hint=hint)


@rule(
    "path-ambiguous",
    "No two paths differ only in the names of their placeholders.",
    subject="path",
    severity=Severity.ERROR,
)
def path_ambiguous(subject: Subject) -> Iterator[Issue]:
    """Compare paths with their placeholders' names taken out."""
    seen: dict[str, str] = {}
    for path in as_mapping(subject.contract.bundle.data.get("paths")):
        form = _PLACEHOLDER.sub("{}", path)
        if form in seen:
            yield Issue(join("/paths", path), f"{path} can't be told from {seen[form]}", hint="make it one path")
        seen.setdefault(form, path)


@rule("path-query", "A path has no query string.", subject="path", severity=Severity.ERROR)
def path_query(subject: Subject) -> Iterator[Issue]:
    """Look for a question mark."""
    for path in as_mapping(subject.contract.bundle.data.get("paths")):
        if "?" in path:
            yield Issue(join("/paths", path), f"the path {path} has a query", hint="declare query parameters instead")


@rule("path-slash", "A path does not end in a slash.", subject="path")
def path_slash(subject: Subject) -> Iterator[Issue]:
    """Look at the last character of every path but the root's."""
    for path in as_mapping(subject.contract.bundle.data.get("paths")):
        if len(path) > 1 and path.endswith("/"):
            yield Issue(join("/paths", path), f"the path {path} ends in a slash", hint=f"write {path.rstrip('/')}")


@rule("server-declared", "The document says under which address it is served.", subject="document", least="strict")
def server_declared(subject: Subject) -> Iterator[Issue]:
    """Look for servers at the root."""
    if not subject.contract.bundle.data.get("servers"):
        yield Issue("", "no server is declared", hint="list the addresses under `servers`")


@rule(
    "server-variable",
    "Each variable of a server's address is declared and used, with a default from its own list.",
    subject="server",
    severity=Severity.ERROR,
)
def server_variable(subject: Subject) -> Iterator[Issue]:
    """Compare the address's placeholders with the declared variables."""
    for node in subject.of_kind("server"):
        url = node.data.get("url")
        used = _PLACEHOLDER.findall(url) if isinstance(url, str) else []
        variables = as_mapping(node.data.get("variables"))
        for name in dict.fromkeys(used):
            if name not in variables:
                hint = "declare it under `variables`, with a default"
                yield Issue(join(node.pointer, "url"), f"nothing declares the variable {name!r}", hint=hint)
        for name, value in variables.items():
            variable, pointer = as_mapping(value), join(node.pointer, "variables", name)
            choices = variable.get("enum")
            if name not in used:
                yield Issue(pointer, f"the address does not use the variable {name!r}")
            if isinstance(choices, list) and variable.get("default") not in choices:
                message = f"the default of {name!r} is not in its list"
                yield Issue(join(pointer, "default"), message, expected=f"one of {listed(choices)}")


@rule(
    "server-slash",
    "A server's address does not end in a slash, because every path begins with one.",
    subject="server",
)
def server_slash(subject: Subject) -> Iterator[Issue]:
    """Look at the last character of every address that is more than a slash."""
    for node in subject.of_kind("server"):
        url = node.data.get("url")
        if isinstance(url, str) and len(url) > 1 and url.endswith("/"):
            yield Issue(join(node.pointer, "url"), f"{url} ends in a slash", hint=f"write {url.rstrip('/')}")
