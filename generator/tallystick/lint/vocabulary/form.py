"""Whether each extension is known, stands where it belongs, and has the form that the vocabulary gives it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

import jsonschema_rs

from tallystick.diagnostics import Severity
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Node, Subject
from tallystick.lint.suppression import KEYWORD
from tallystick.lint.wording import SchemaError, faults
from tallystick.load.pointer import join
from tallystick.resolve import grammar
from tallystick.settings import spec_folder

_DOCUMENT = "document"  # what the vocabulary calls the root
_ALIKE = 0.85  # how near a name must be to one of ours to be a slip, in a document of somebody else
_GENERIC = frozenset(("x-name", "x-displayName", "x-package"))
"""Names that others use too, with meanings of their own."""


@rule(
    "extension-valid",
    "Each of our extensions stands where it belongs and has the form that the vocabulary gives it.",
    subject="extension",
    severity=Severity.ERROR,
)
def extension_valid(subject: Subject) -> Iterator[Issue]:
    """Look at extensions whose name is ours, or nearly ours."""
    for node, name in _extensions(subject):
        if name in _GENERIC:
            continue
        if name in _allowed(node.kind):
            yield from _malformed(node, name)
        elif name in _names():
            yield _misplaced(node, name)
        elif close := difflib.get_close_matches(name, _names() - _GENERIC, n=1, cutoff=_ALIKE):
            yield Issue(join(node.pointer, name), f"{name} is not known", hint=f"did you mean {close[0]!r}?")


@rule(
    "extension-known",
    "Only extensions of the vocabulary are used, and the document names its package and its sources.",
    subject="extension",
    severity=Severity.ERROR,
    least="strict",
)
def extension_known(subject: Subject) -> Iterator[Issue]:
    """Look at extensions that `extension-valid` takes for somebody else's, and for those that must be there."""
    for node, name in _extensions(subject):
        if name in _GENERIC:
            yield from _malformed(node, name) if name in _allowed(node.kind) else (_misplaced(node, name),)
        elif name not in _names() and not difflib.get_close_matches(name, _names() - _GENERIC, n=1, cutoff=_ALIKE):
            hint = "spec/README.md describes the vocabulary"
            yield Issue(join(node.pointer, name), f"{name} is not in the vocabulary", hint=hint)
    for name in _definitions()[_DOCUMENT].get("required", ()):
        if name not in subject.contract.bundle.data:
            yield Issue("", f"the document has no {name}", hint="spec/README.md describes it")


def _extensions(subject: Subject) -> Iterator[tuple[Node, str]]:
    for node in subject.nodes:
        if node.kind != "securityRequirement":  # there, every member is the name of a scheme
            yield from ((node, name) for name in node.data if name.startswith("x-") and name != KEYWORD)


@cache
def _vocabulary() -> dict[str, Any]:
    text = (spec_folder() / "vocabulary.schema.json").read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))


def _definitions() -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", _vocabulary()["$defs"])


@cache
def _allowed(kind: str) -> Mapping[str, Any]:
    """Return the extensions that a kind of object may have, each with its schema."""
    definition = _definitions().get(_DOCUMENT if kind == grammar.ROOT else kind, {})
    while "$ref" in definition:
        definition = _definitions()[definition["$ref"].rpartition("/")[2]]
    return cast("Mapping[str, Any]", definition.get("properties", {}))


@cache
def _places() -> Mapping[str, list[str]]:
    """Return each extension with the kinds of object that may have it."""
    kinds = [k for k in _definitions() if not k.startswith("x-")]
    names = sorted({n for k in kinds for n in _allowed(k) if n.startswith("x-")})
    return {n: [k for k in kinds if n in _allowed(k)] for n in names}


def _names() -> frozenset[str]:
    return frozenset(_places())


@cache
def _validator(kind: str, name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"$defs": _definitions(), **_allowed(kind)[name]})


def _malformed(node: Node, name: str) -> Iterator[Issue]:
    pointer = join(node.pointer, name)
    errors = _validator(node.kind, name).iter_errors(node.data[name])
    for fault in faults(cast("Iterator[SchemaError]", errors), _vocabulary()):
        yield Issue(pointer + fault.pointer, f"{name}: {fault.message}", fault.expected, fault.hint)


def _misplaced(node: Node, name: str) -> Issue:
    places = _places()[name]
    kind = _DOCUMENT if node.kind == grammar.ROOT else node.kind
    return Issue(join(node.pointer, name), f"{name} says nothing on this {kind}", f"on: {', '.join(places)}")
