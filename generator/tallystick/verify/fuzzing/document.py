"""The contract's document as Schemathesis gets it: with a link from each creation to what can be done next.

Schemathesis guesses from methods and names with which operation a sequence can begin; where every operation is a
POST it begins with reading. The lifecycle says it, so only creations keep links, and each has one to every operation
that takes its key.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, cast

from tallystick.contract import Contract
from tallystick.contract.expression import Expression
from tallystick.contract.life import Effect, Lifecycle
from tallystick.contract.model import Operation
from tallystick.contract.schema import as_mapping
from tallystick.load.pointer import NoSuchMember, get
from tallystick.resolve import grammar, spelled_as_uris
from tallystick.verify.data.breach import IGNORED_HEADERS
from tallystick.verify.server.auth import proofs

_LONGEST_CHAIN = 20


def document_for(contract: Contract) -> dict[str, Any]:
    """Return a copy of the document; its schemas are JSON Schema 2020-12 whatever they were before."""
    document: dict[str, Any] = copy.deepcopy(contract.document)
    document["openapi"] = "3.1.0"
    _drop_ignored(document)
    _drop_keys(document, contract)
    _drop_addresses(document)
    _drop_references(document)
    by_name = {lifecycle.resource: lifecycle for lifecycle in contract.lifecycles}
    for lifecycle in contract.lifecycles:
        origin = by_name.get(lifecycle.of, lifecycle)
        keyed = [
            (contract.by_id[e.operation_id], e)
            for e in lifecycle.effects
            if e.key and e.operation_id in contract.by_id
        ]
        for operation, _ in keyed:
            _unlink(document, operation)
        for create in _creates(contract, origin):
            _link(document, create, origin, keyed)
    return spelled_as_uris(document)


def _drop_ignored(document: dict[str, Any]) -> None:
    """Take out the header parameters that OpenAPI says are ignored: Accept, Content-Type, Authorization."""
    for item in as_mapping(document.get("paths")).values():
        holders = [item, *as_mapping(item).values()]
        for holder in holders:
            listed = holder.get("parameters") if isinstance(holder, dict) else None
            if isinstance(holder, dict) and isinstance(listed, list):
                holder["parameters"] = [p for p in listed if not _is_ignored(document, p)]


def _drop_keys(document: dict[str, Any], contract: Contract) -> None:
    """Take out the parameters that are an operation's key: every request gets that, whatever else is said of it."""
    for operation in contract.operations:
        places = proofs(contract, operation)
        node = get(document, operation.pointer) if places else None
        listed = node.get("parameters") if isinstance(node, dict) else None
        if isinstance(node, dict) and isinstance(listed, list):
            node["parameters"] = [p for p in listed if _place(document, p) not in places]


def _drop_addresses(document: dict[str, Any]) -> None:
    """Take out the addresses of examples: Schemathesis would fetch them, wherever a document says."""
    stack: list[Any] = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(node.get("externalValue"), str):
                del node["externalValue"]
            stack += node.values()
        elif isinstance(node, list):
            stack += node


def _drop_references(document: dict[str, Any]) -> None:
    """Take out examples that are elsewhere: Schemathesis would send a reference, or the rest of them, as a value."""
    for _, kind, node in list(grammar.walk(grammar.ROOT, document)):
        if not isinstance(node, dict) or kind == "example":
            continue
        if "example" in node and _is_reference(node["example"]):
            del node["example"]
        named = node.get("examples")
        if kind != "schema" and isinstance(named, dict):
            node["examples"] = {n: e for n, e in named.items() if _has_value(_followed(document, e))}


def _has_value(example: Any) -> bool:
    return "value" in as_mapping(example) and not _is_reference(example["value"])


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and [*value] == ["$ref"]


def _followed(document: dict[str, Any], node: Any) -> Any:
    """Return what a reference leads to, `None` when that can't be told; anything else is itself."""
    for _ in range(_LONGEST_CHAIN):
        ref = as_mapping(node).get("$ref")
        if not isinstance(ref, str):
            return node
        try:
            node = get(document, ref.removeprefix("#"))
        except NoSuchMember:
            break
    return None


def _is_ignored(document: dict[str, Any], parameter: Any) -> bool:
    where, name = _place(document, parameter)
    return where == "header" and name in IGNORED_HEADERS


def _place(document: dict[str, Any], parameter: Any) -> tuple[str, str]:
    """Return where a parameter goes, and its name in lower case; two empty texts when that can't be told."""
    given = as_mapping(_followed(document, parameter))
    return str(given.get("in", "")), str(given.get("name", "")).lower()


def _creates(contract: Contract, lifecycle: Lifecycle) -> Iterator[Operation]:
    for effect in lifecycle.effects:
        if effect.effect == "create" and effect.operation_id in contract.by_id:
            yield contract.by_id[effect.operation_id]


def _responses(document: dict[str, Any], operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the responses that stand in the operation itself."""
    node = cast("dict[str, Any]", get(document, operation.pointer))
    for status, response in as_mapping(node.get("responses")).items():
        if isinstance(response, dict) and "$ref" not in response:
            yield status, response


def _unlink(document: dict[str, Any], operation: Operation) -> None:
    for _, response in _responses(document, operation):
        response.pop("links", None)


def _link(
    document: dict[str, Any], create: Operation, lifecycle: Lifecycle, keyed: list[tuple[Operation, Effect]]
) -> None:
    for status, response in _responses(document, create):
        if not status.startswith("2"):
            continue
        links = response.setdefault("links", {})
        linked = {link.get("operationId") for link in links.values() if isinstance(link, dict)}
        for operation, effect in keyed:
            if operation.declared_id and operation.id not in linked and effect.key is not None:
                value = f"$response.body#/{lifecycle.key}"
                links[f"{lifecycle.resource}.{operation.id}"] = _to(operation, effect.key, value)


def _to(operation: Operation, key: Expression, value: str) -> dict[str, Any]:
    """Return a link to an operation that puts a value where the key goes."""
    if key.source != "request.body":
        return {"operationId": operation.id, "parameters": {key.name: value}}
    body: Any = value
    for name in reversed(key.pointer.split("/")[1:]):
        body = {name: body}
    return {"operationId": operation.id, "requestBody": body}
