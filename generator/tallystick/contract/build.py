"""Resolved document to contract, collecting findings instead of stopping at the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tallystick.contract import build_parts as parts
from tallystick.contract import placeholders
from tallystick.contract.build_lifecycle import lifecycles
from tallystick.contract.model import (
    Callback,
    Contract,
    IdempotencyRule,
    Operation,
    Refusal,
    SecurityNeed,
    SecurityScheme,
    Server,
    Tag,
    Webhook,
)
from tallystick.contract.normalise import normalise
from tallystick.contract.reader import Reader, Unclear, flag, names, text, whole
from tallystick.contract.schema import Schema, as_mapping
from tallystick.diagnostics import Finding, Findings
from tallystick.errors import FindingsError
from tallystick.load import Json
from tallystick.load.pointer import join
from tallystick.resolve import Bundle, grammar

_SUPPORTED = ("3.0.", "3.1.")


def build(bundle: Bundle, *, name: str) -> Contract:
    """Return the contract of a bundled document.

    What can't be understood is refused by name and has a finding; the rest is there. Raises `FindingsError` when the
    document is no OpenAPI 3.0 or 3.1 at all.
    """
    _require_version(bundle)
    document, findings = normalise(bundle)
    placeholders.imply(document)
    reader = Reader(document, bundle)
    builder = _Builder(reader)
    operations = builder.operations()
    webhooks = builder.webhooks()
    schemes = parts.security_schemes(reader)
    _drop_schemes(document, schemes)
    info = as_mapping(document.get("info"))
    package = as_mapping(document.get("x-package"))
    return Contract(
        name=name,
        title=text(info, "title"),
        version=str(info.get("version", "")),
        description=text(info, "description"),
        openapi=str(document.get("openapi")),
        package=text(package, "name"),
        client=text(package, "client"),
        transports=names(package, "transports"),
        servers=builder.servers,
        operations=operations,
        webhooks=webhooks,
        schemas=_schemas(reader),
        security_schemes=schemes,
        tags=_tags(reader),
        lifecycles=lifecycles(reader),
        refused=tuple(builder.refused),
        findings=Findings.of([*bundle.findings, *findings, *reader.findings]),
        document=document,
        bundle=bundle,
    )


def _drop_schemes(document: dict[str, Json], known: Mapping[str, SecurityScheme]) -> None:
    """Take schemes that could not be read out of a document that may be changed: no tool can read them."""
    components = as_mapping(document.get("components"))
    listed = as_mapping(components.get("securitySchemes"))
    if not known.keys() >= listed.keys():
        document["components"] = {**components, "securitySchemes": {n: s for n, s in listed.items() if n in known}}


def _require_version(bundle: Bundle) -> None:
    version = bundle.data.get("openapi")
    if isinstance(version, str) and version.startswith(_SUPPORTED):
        return
    if "swagger" in bundle.data:
        message, pointer = "this is Swagger 2.0", "/swagger"
        hint = "convert it to OpenAPI 3 first, for example with swagger2openapi"
    elif version is not None:
        message, pointer = f"OpenAPI {version} is not supported", "/openapi"
        hint = f"write '{version}.0'" if str(version) in ("3.0", "3.1") else ""
    else:
        message, pointer, hint = "this is not an OpenAPI document", "", "it has no member 'openapi'"
    place = bundle.place(pointer)
    expected = "an OpenAPI 3.0 or 3.1 document"
    raise FindingsError(Findings.of([Finding("not-openapi", message, place, expected=expected, hint=hint)]))


def _schemas(reader: Reader) -> dict[str, Schema]:
    components = as_mapping(reader.document.get("components"))
    return {
        name: Schema(reader.document, pointer, data)
        for name, data, pointer in reader.members(components, "schemas", "/components")
        if isinstance(data, (dict, bool))
    }


def _tags(reader: Reader) -> tuple[Tag, ...]:
    listed = (as_mapping(item) for item, _ in reader.items(reader.document, "tags", ""))
    return tuple(Tag(text(t, "name"), text(t, "description")) for t in listed if text(t, "name"))


class _Builder:
    """Reads operations, wherever they stand, each on its own: one that is unclear does not take others with it."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.document = reader.document
        self.refused: list[Refusal] = []
        self.servers: tuple[Server, ...] = parts.servers(reader, self.document, "") or (Server("", "/"),)
        self.security = parts.security(self.document) or ()

    def operations(self) -> tuple[Operation, ...]:
        """Return the operations under `paths`, in the document's order, ids made unique."""
        found: list[Operation] = []
        for path, item, pointer in self.reader.members(self.document, "paths", ""):
            if not path.startswith("/"):
                self.reader.report(
                    "path-unclear",
                    f"the path {path!r} does not begin with a slash",
                    pointer,
                    hint=f"write /{path}",
                )
                self.refused.append(Refusal(path, pointer, "the path does not begin with a slash"))
                continue
            found += self._path_item(item, pointer, path)
        return self._unique(found)

    def webhooks(self) -> tuple[Webhook, ...]:
        """Return the webhooks of a 3.1 document."""
        found: list[Webhook] = []
        for name, item, pointer in self.reader.members(self.document, "webhooks", ""):
            found += [Webhook(name, operation) for operation in self._path_item(item, pointer, name)]
        return tuple(found)

    def _path_item(self, item: Json, pointer: str, path: str) -> Iterator[Operation]:
        try:
            node, pointer = self.reader.follow(item, pointer)
        except Unclear as unclear:
            self._refuse(path, unclear)
            return
        for method in node:
            if method in grammar.METHODS:
                place = join(pointer, method)
                try:
                    yield self._operation(node, pointer, method, path)
                except Unclear as unclear:
                    self._refuse(f"{method.upper()} {path}", unclear, place)

    def _refuse(self, name: str, unclear: Unclear, pointer: str | None = None) -> None:
        place = pointer or unclear.pointer
        self.refused.append(Refusal(name, place, unclear.reason))
        self.reader.report("operation-refused", f"{name} is left out: {unclear.reason}", unclear.pointer)

    def _operation(self, item: Mapping[str, Json], item_pointer: str, method: str, path: str) -> Operation:
        reader = self.reader
        node, pointer = reader.follow(item[method], join(item_pointer, method))
        parameters = {**parts.parameters(reader, item, item_pointer), **parts.parameters(reader, node, pointer)}
        declared = text(node, "operationId")
        security = parts.security(node)
        return Operation(
            id=declared or parts.derived_id(method, path),
            declared_id=bool(declared),
            method=method.upper(),
            path=path,
            pointer=pointer,
            tags=names(node, "tags"),
            summary=text(node, "summary") or text(item, "summary"),
            description=text(node, "description") or text(item, "description"),
            deprecated=flag(node, "deprecated"),
            parameters=tuple(p for p in parameters.values() if placeholders.concerns(p, path, reader.bundle)),
            body=parts.request_body(reader, node, pointer),
            outcomes=parts.outcomes(reader, node, pointer),
            security=_effective(self.security if security is None else security),
            servers=parts.servers(reader, node, pointer) or parts.servers(reader, item, item_pointer),
            callbacks=tuple(self._callbacks(node, pointer)),
            idempotency=_idempotency(as_mapping(node.get("x-idempotency"))),
            extensions={k: v for k, v in node.items() if k.startswith("x-")},
        )

    def _callbacks(self, node: Mapping[str, Json], pointer: str) -> Iterator[Callback]:
        for name, item, place in self.reader.members(node, "callbacks", pointer):
            callback, origin = self.reader.follow(item, place)
            for expression, path_item in callback.items():
                if not expression.startswith("x-"):
                    below = join(origin, expression)
                    for operation in self._path_item(path_item, below, expression):
                        yield Callback(name, expression, operation)

    def _unique(self, found: list[Operation]) -> tuple[Operation, ...]:
        """Return the operations with ids that several share replaced by method and path."""
        counts = Counter(o.id for o in found)
        shared = {id_: [o for o in found if o.id == id_] for id_, n in counts.items() if n > 1}
        for id_, holders in shared.items():
            for operation in holders:
                others = ", ".join(f"{o.method} {o.path}" for o in holders if o is not operation)
                self.reader.report(
                    "operation-id-duplicate",
                    f"the operationId {id_!r} is also that of {others}",
                    join(operation.pointer, "operationId"),
                    hint="give each operation an id of its own",
                )
        return tuple(
            replace(o, id=parts.derived_id(o.method.lower(), o.path), declared_id=False) if o.id in shared else o
            for o in found
        )


def _effective(alternatives: tuple[tuple[SecurityNeed, ...], ...]) -> tuple[tuple[SecurityNeed, ...], ...]:
    return tuple(dict.fromkeys(alternatives))


def _idempotency(node: Mapping[str, Json]) -> IdempotencyRule | None:
    if not text(node, "header"):
        return None
    return IdempotencyRule(
        header=text(node, "header"),
        scope=text(node, "scope", "credential"),
        lifetime=whole(node, "lifetime"),
        compares_body=text(node, "compares", "body") == "body",
        replayed=text(node, "replayed"),
    )
