"""Whether `x-provenance` names sources of the legend, everywhere, and `x-signer` a module that can sign."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tallystick.contract.schema import as_mapping
from tallystick.diagnostics import Severity
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Node, Subject
from tallystick.lint.vocabulary.near import nearest
from tallystick.load import Json
from tallystick.load.pointer import join, split
from tallystick.resolve import grammar
from tallystick.settings import signer_file


def legend(subject: Subject) -> Mapping[str, Json]:
    """Return the sources that the document declares, by code."""
    return as_mapping(subject.contract.bundle.data.get("x-provenance"))


def named(subject: Subject) -> Iterator[tuple[Node, int, str]]:
    """Yield (object, index, code) of each source that is named."""
    for node in subject.nodes:
        codes = node.data.get("x-provenance") if node.kind != grammar.ROOT else None
        for index, code in enumerate(codes if isinstance(codes, list) else ()):
            if isinstance(code, str):
                yield node, index, code


@rule(
    "provenance-code",
    "Every source that is named stands in the legend.",
    subject="x-provenance",
    severity=Severity.ERROR,
)
def provenance_code(subject: Subject) -> Iterator[Issue]:
    """Compare codes with the document's legend."""
    known = legend(subject)
    for node, index, code in named(subject):
        if code not in known:
            pointer = join(node.pointer, "x-provenance", index)
            yield Issue(pointer, f"the legend has no source {code!r}", hint=nearest(code, known))


@rule("provenance-unused", "Every source of the legend is named somewhere.", subject="x-provenance", least="strict")
def provenance_unused(subject: Subject) -> Iterator[Issue]:
    """Compare the legend with the codes in use."""
    used = {code for _, _, code in named(subject)}
    for code in legend(subject):
        if code not in used:
            yield Issue(
                join("/x-provenance", code), f"nothing names the source {code!r}", hint="remove it, or name it"
            )


@rule(
    "provenance-named",
    "Every operation, named schema, shared parameter and shared answer names its source.",
    subject="x-provenance",
    least="strict",
)
def provenance_named(subject: Subject) -> Iterator[Issue]:
    """Look for the extension on operations and on components."""
    for node in subject.nodes:
        tokens = split(node.pointer)
        shared = tokens[:1] == ["components"] and len(tokens) == 3
        wanted = node.kind == "operation" or (shared and node.kind in ("schema", "parameter", "response"))
        if wanted and "$ref" not in node.data and not node.data.get("x-provenance"):
            name = node.data.get("operationId") or tokens[-1]
            yield Issue(node.pointer, f"{name} names no source", hint="list codes of the legend under x-provenance")


@rule(
    "signer-module",
    "A signer's module is there, needs the standard library only, and has a class that takes the credentials.",
    subject="x-signer",
    least="strict",
)
def signer_module(subject: Subject) -> Iterator[Issue]:
    """Read the module beside the document, without running it."""
    folder = subject.contract.bundle.entry.path.parent
    for scheme in subject.contract.security_schemes.values():
        if scheme.signer is None:
            continue
        pointer = join(scheme.pointer, "x-signer")
        path = signer_file(folder, scheme.signer.module)
        if not path.is_file():
            yield Issue(join(pointer, "module"), f"there is no runtime/{path.name} beside the contract")
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for module in _foreign(tree):
            message = f"runtime/{path.name} imports {module}, which is not in the standard library"
            yield Issue(join(pointer, "module"), message)
        yield from _wrong_class(tree, pointer, path, scheme.signer.class_name, scheme.signer.credentials)


def _foreign(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or "")]
        yield from (n for n in names if n.split(".")[0] not in sys.stdlib_module_names)


def _wrong_class(
    tree: ast.Module, pointer: str, path: Path, name: str, credentials: tuple[str, ...]
) -> Iterator[Issue]:
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    if name not in classes:
        message = f"runtime/{path.name} has no class {name!r}"
        yield Issue(join(pointer, "class"), message, hint=nearest(name, classes))
        return
    methods = {n.name: n for n in classes[name].body if isinstance(n, ast.FunctionDef)}
    for method in ("sign", "verify"):
        if method not in methods:
            yield Issue(join(pointer, "class"), f"{name} in runtime/{path.name} has no method {method!r}")
    taken = _parameters(methods["__init__"]) if "__init__" in methods else _fields(classes[name])
    if set(taken) != set(credentials):
        message = f"{name} in runtime/{path.name} takes {', '.join(taken) or 'nothing'}"
        yield Issue(join(pointer, "credentials"), message, expected=", ".join(credentials))


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [a.arg for a in (*function.args.args[1:], *function.args.kwonlyargs)]


def _fields(definition: ast.ClassDef) -> list[str]:
    """Return the fields of a dataclass."""
    return [n.target.id for n in definition.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]
