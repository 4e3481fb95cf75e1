"""Rules about who may call what, and what must not leak."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick.contract.schema import Schema, as_mapping
from tallystick.diagnostics import Severity
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Subject
from tallystick.lint.vocabulary.near import nearest
from tallystick.load.pointer import join, split

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_SECRET = (
    ("password",), ("passwd",), ("secret",), ("api", "key"), ("access", "token"), ("refresh", "token"),
    ("client", "secret"), ("private", "key"), ("cvv",), ("cvc",), ("pin",),
)  # fmt: skip
_PERSONAL = (
    ("iban",), ("bban",), ("account", "number"), ("card", "number"), ("sort", "code"), ("ssn",), ("tax", "id"),
    ("email",), ("phone",), ("phone", "number"), ("date", "of", "birth"), ("birth", "date"), ("birthday",),
)  # fmt: skip


@rule(
    "security-declared",
    "Every security scheme that is required is declared.",
    subject="security",
    severity=Severity.ERROR,
)
def security_declared(subject: Subject) -> Iterator[Issue]:
    """Compare requirements with components/securitySchemes, also with those that reading could not understand."""
    known = subject.section("securitySchemes")
    for node in subject.of_kind("securityRequirement"):
        for name in node.data:
            if name not in known:
                yield Issue(
                    join(node.pointer, name), f"there is no security scheme {name!r}", hint=nearest(name, known)
                )


@rule("security-scope", "Every OAuth scope that is required is declared by its scheme.", subject="security")
def security_scope(subject: Subject) -> Iterator[Issue]:
    """Compare requirements with the scopes of all flows."""
    for node in subject.of_kind("securityRequirement"):
        for name, scopes in node.data.items():
            scheme = subject.contract.security_schemes.get(name)
            if scheme is None or scheme.kind != "oauth2" or not isinstance(scopes, list):
                continue
            known = {s for flow in scheme.flows.values() for s in as_mapping(as_mapping(flow).get("scopes"))}
            for index, scope in enumerate(scopes):
                if isinstance(scope, str) and scope not in known:
                    message = f"{name} has no scope {scope!r}"
                    yield Issue(join(node.pointer, name, index), message, hint=nearest(scope, known))


@rule(
    "security-named",
    "Every operation says who may call it, if only that anybody may.",
    subject="operation",
    least="strict",
)
def security_named(subject: Subject) -> Iterator[Issue]:
    """Look for `security` on the operation, or on the document for what clients call."""
    everywhere = "security" in subject.contract.bundle.data
    for operation in subject.operations:
        node = as_mapping(subject.contract.bundle.get(operation.pointer))
        if "security" not in node and not (everywhere and operation.pointer in subject.called):
            hint = "name schemes under `security`, or write `security: []`"
            yield Issue(operation.pointer, f"{operation.id} does not say who may call it", hint=hint)


@rule("security-used", "Every security scheme is required by something.", subject="security", least="strict")
def security_used(subject: Subject) -> Iterator[Issue]:
    """Compare schemes with requirements."""
    used = {name for node in subject.of_kind("securityRequirement") for name in node.data}
    for name, scheme in subject.contract.security_schemes.items():
        if name not in used:
            yield Issue(scheme.pointer, f"nothing requires the security scheme {name!r}")


@rule(
    "sensitive-marked",
    "A member whose name tells of a secret or of a person is marked, so that its value reaches no log.",
    subject="schema",
    least="strict",
)
def sensitive_marked(subject: Subject) -> Iterator[Issue]:
    """Look at the words of members' names, and for `x-sensitive` on the member or on an object around it."""
    for schema in subject.schemas:
        for name, member in schema.properties.items():
            if _tells(name) and _holds_text(member) and not _marked(subject, schema, member):
                hint = "add `x-sensitive: true`, or ignore the rule here with the reason"
                yield Issue(member.pointer, f"{name!r} is not marked as sensitive", hint=hint)


def _tells(name: str) -> bool:
    words = tuple(w.lower() for w in _WORDS.findall(name))
    return any(words[i : i + len(s)] == s for s in (*_SECRET, *_PERSONAL) for i in range(len(words)))


def _holds_text(member: Schema) -> bool:
    types = member.known_types
    return (
        ("string" in types or "integer" in types) and "const" not in member.resolved and member.resolved.enum is None
    )


def _marked(subject: Subject, owner: Schema, member: Schema) -> bool:
    if member.sensitive or owner.sensitive:
        return True
    tokens = split(owner.pointer)
    above = subject.contract.schemas.get(tokens[2]) if tokens[:2] == ["components", "schemas"] else None
    return above is not None and above.sensitive
