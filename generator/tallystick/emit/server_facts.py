"""The `contract.json` of a server package: what its adapter has to know of each operation on the wire, as data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import jsonschema_rs

from tallystick.contract import Contract, Schema
from tallystick.contract.model import Media, Operation, Outcome, Parameter, SecurityScheme
from tallystick.contract.validation import Validators, is_pattern
from tallystick.diagnostics import Finding, Severity
from tallystick.emit.bodies import is_json
from tallystick.load import Json
from tallystick.load.pointer import join

_MAPS: Final = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"))
_LISTS: Final = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_SINGLE: Final = frozenset(
    (
        *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
        *("unevaluatedItems", "unevaluatedProperties", "contentSchema"),
    )
)
_SILENT: Final = frozenset(
    (
        *("title", "description", "example", "examples", "default", "deprecated", "externalDocs", "xml"),
        *("discriminator", "readOnly", "writeOnly", "$comment"),
    )
)


Defaults: TypeAlias = Mapping[str, Mapping[str, Json]]
"""By operation, and by place and name on the wire: the value of a parameter that is not sent."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The text of the file, and what of the schemas could not go into it."""

    text: str
    findings: tuple[Finding, ...]


class Collector:
    """Schemas reduced to what a validator needs, and those that they refer to, by name."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.definitions: dict[str, Any] = {}
        self.findings: dict[str, Finding] = {}

    def schema(self, schema: Schema | None) -> Any:
        """Return a schema as it is checked in requests; what it refers to is collected."""
        return True if schema is None else self._reduced(schema)

    def _reduced(self, schema: Schema) -> Any:
        if isinstance(schema.data, bool):
            return schema.data
        found: dict[str, Any] = {}
        for keyword, value in schema.data.items():
            if keyword in _SILENT or keyword.startswith("x-"):
                continue
            if keyword == "$ref":
                written: Any = self._reference(schema)
            elif keyword == "required":
                written = self._required(schema)
            else:
                written = self._keyword(schema, keyword, value)
            if (written is None and keyword == "$ref") or not _means_something(keyword, written):
                self._left_out(schema, keyword)
            else:
                found[keyword] = written
        return found

    def _left_out(self, schema: Schema, keyword: str) -> None:
        """Say that requests are not checked for a keyword that no validator can take."""
        pointer = join(schema.pointer, keyword)
        message = f"{keyword!r} can't be checked in requests: it is not as JSON Schema has it"
        self.findings[pointer] = Finding("unchecked", message, self._contract.place(pointer), Severity.WARNING)

    def _keyword(self, schema: Schema, keyword: str, value: Json) -> Any:
        if keyword in _MAPS and isinstance(value, dict):
            parts = schema.named(keyword).items()
            return {n: self._reduced(p) for n, p in parts if keyword != "patternProperties" or is_pattern(n)}
        if keyword in _LISTS and isinstance(value, list):
            return [self._reduced(part) for part in schema.many(keyword)]
        if keyword in _SINGLE and isinstance(value, dict):
            return self._reduced(schema.child(keyword))
        return value

    def _required(self, schema: Schema) -> list[str]:
        """Return the members that a request has to have: not those that only answers carry."""
        members = schema.members()
        return sorted(n for n in schema.required if n not in members or not members[n].flag("readOnly"))

    def _reference(self, schema: Schema) -> str | None:
        target = schema.target
        if target is None:
            return None
        name = target.component or target.pointer
        if name not in self.definitions:
            self.definitions[name] = True
            self.definitions[name] = self._reduced(target)
        return "contract:/#/$defs/" + quote(name.replace("~", "~0").replace("/", "~1"), safe="~")


def _means_something(keyword: str, value: object) -> bool:
    """Say whether a validator can take a keyword; those with schemas in them are looked at inside."""
    if keyword in _MAPS | _LISTS | _SINGLE | {"$ref"}:
        return True
    return _compiles(json.dumps({keyword: value}))


@cache
def _compiles(schema: str) -> bool:
    try:
        jsonschema_rs.Draft202012Validator(json.loads(schema), validate_formats=True)
    except Exception:  # jsonschema-rs raises several types for a malformed schema
        return False
    return True


def facts(contract: Contract, arguments: Mapping[str, Mapping[str, str]], absent: Defaults) -> Facts:
    """Return the text of the file. `arguments` maps, by operation, place and name on the wire to an argument."""
    collector, forms = Collector(contract), Forms()
    written = [_operation(o, arguments[o.id], absent[o.id], collector, forms) for o in contract.operations]
    used = {need.scheme for operation in contract.operations for needs in operation.security for need in needs}
    data = {
        "operations": written,
        "schemes": {name: scheme(one) for name, one in sorted(contract.security_schemes.items()) if name in used},
        "errors": forms.found,
        "$defs": dict(sorted(collector.definitions.items())),
    }
    findings = tuple(finding for _, finding in sorted(collector.findings.items()))
    return Facts(json.dumps(data, indent=1, ensure_ascii=True) + "\n", findings)


def scheme(one: SecurityScheme) -> dict[str, str]:
    """Return how a caller proves who it is."""
    kind = "signature" if one.signer else one.kind
    place = {"place": one.location, "name": one.parameter} if kind == "apiKey" else {}
    named = {"name": one.scheme} if kind == "http" else {}
    return {"kind": kind, **place, **named}


def _operation(
    operation: Operation,
    arguments: Mapping[str, str],
    absent: Mapping[str, Json],
    collector: Collector,
    forms: Forms,
) -> dict[str, Any]:
    parameters = [
        _parameter(p, arguments[f"{p.location} {p.name}"], absent, collector)
        for p in operation.parameters
        if f"{p.location} {p.name}" in arguments
    ]
    data: dict[str, Any] = {"id": operation.id, "method": operation.method, "path": bare_path(operation.path)}
    if parameters:
        data["parameters"] = parameters
    if operation.body is not None:
        data["body"] = {media.content_type: _media(media, collector) for media in operation.body.media}
        data["body_required"] = operation.body.required
    data["answers"] = {o.status: [media.content_type for media in ordered(o)] for o in answers(operation)}
    if operation.security:
        data["security"] = [{n.scheme: list(n.scopes) for n in needs} for needs in operation.security]
    data["statuses"] = [int(o.status) for o in operation.outcomes if o.status.isdigit()]
    data["errors"] = [forms.index(form) for outcome in operation.outcomes for form in _forms(outcome)]
    return data


def indistinct(contract: Contract) -> dict[str, str]:
    """Return the operations that no request could be told to be for, with the reason: another has method and path."""
    first: dict[tuple[str, str], str] = {}
    refused: dict[str, str] = {}
    for operation in contract.operations:
        shape = re.sub(r"\{[^{}]*\}", "{}", bare_path(operation.path))
        other = first.setdefault((operation.method, shape), operation.id)
        if other != operation.id:
            refused[operation.id] = f"a server can't tell it from {other}: method and path are the same"
    return refused


def bare_path(path: str) -> str:
    """Return a path without what some documents put behind it to tell operations apart."""
    return path.partition("#")[0].partition("?")[0]


def answers(operation: Operation) -> list[Outcome]:
    """Return the answers that are no errors; `default` where there is no other."""
    found = [o for o in operation.outcomes if o.status[0] in "23"]
    return found or [o for o in operation.outcomes if o.status == "default"]


def ordered(outcome: Outcome) -> list[Media]:
    """Return the media types of an answer, JSON first."""
    return sorted(outcome.media, key=lambda media: not is_json(media.content_type))


def defaults(contract: Contract) -> Defaults:
    """Return the values of parameters that are not sent, by operation, place and name; only valid ones count."""
    validators, found = Validators(contract), dict[str, dict[str, Json]]()
    for operation in contract.operations:
        known = ((p, value) for p in operation.parameters for value in _default(p, validators))
        found[operation.id] = {f"{p.location} {p.name}": value for p, value in known}
    return found


def _default(parameter: Parameter, validators: Validators) -> Iterator[Json]:
    schema = parameter.schema or (parameter.media.schema if parameter.media else None)
    if schema is None or parameter.required:
        return
    named = (data for data in (schema.data, schema.resolved.data) if isinstance(data, dict) and "default" in data)
    values = (data["default"] for data in islice(named, 1))
    yield from (value for value in values if validators.is_valid(schema, value, "request"))


def _parameter(
    parameter: Parameter, argument: str, absent: Mapping[str, Json], collector: Collector
) -> dict[str, Any]:
    media, id_ = parameter.media, f"{parameter.location} {parameter.name}"
    more: dict[str, Any] = {"json": True} if media is not None and is_json(media.content_type) else {}
    if id_ in absent:
        more["default"] = [absent[id_]]
    return {
        "argument": argument,
        "place": parameter.location,
        "name": parameter.name,
        "required": parameter.required,
        "style": parameter.style,
        "explode": parameter.explode,
        "schema": collector.schema(parameter.schema or (media.schema if media else None)),
        **more,
    }


def _media(media: Media, collector: Collector) -> dict[str, Any]:
    styles = {
        name: ["json" if is_json(one.content_type) else one.style, one.explode]
        for name, one in media.encoding.items()
    }
    return {"schema": collector.schema(media.schema), **({"styles": styles} if styles else {})}


# -- errors ---


class Forms:
    """The errors of a contract as its examples show them, each once."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []
        self._places: dict[str, int] = {}

    def index(self, form: dict[str, Any]) -> int:
        """Return the place of a form in the list."""
        key = json.dumps(form, sort_keys=True)
        if key not in self._places:
            self._places[key] = len(self.found)
            self.found.append(form)
        return self._places[key]


def _forms(outcome: Outcome) -> Iterator[dict[str, Any]]:
    """Yield how an error status is worded: one form for each domain error, else one with the first example."""
    media = next((m for m in outcome.media if is_json(m.content_type)), None)
    if media is None or not outcome.status.isdigit() or outcome.status[0] in "23":
        return
    examples = {example.name: example.value for example in media.examples if not example.external}
    first = next(iter(examples.values()), _schema_example(media))
    for error in outcome.errors:
        example = examples.get(error.example, first)
        if example is not None:
            yield {
                "status": int(outcome.status),
                "media_type": media.content_type,
                "example": example,
                "name": error.name,
                "situations": list(error.situations),
                "fill": dict(sorted(error.fill.items())),
            }
    if not outcome.errors and first is not None:
        yield {"status": int(outcome.status), "media_type": media.content_type, "example": first}


def _schema_example(media: Media) -> Json:
    schema = media.schema
    return next(iter([*schema.examples, *schema.resolved.examples]), None) if schema else None
