"""Bodies with examples inside that Schemathesis would not get through.

It makes a body for every example inside a schema and follows each way there, however many schemas share a part: what
is small on paper can have thousands of places, each of which costs a value to make up. And where alternatives of a
`oneOf` overlap, a value that fits just one of them is hard to come by: each takes it seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from tallystick.contract import Contract, Schema
from tallystick.contract.model import Operation
from tallystick.contract.schema import as_mapping
from tallystick.contract.validation import Validators
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get

MOST = 2_000
"""Places of a body up to which examples inside of it are used."""
_LISTS = ("allOf", "oneOf", "anyOf")
_EXAMPLES = ("example", "examples", "x-example", "x-examples")


def sprawl(contract: Contract, operation: Operation, validators: Validators) -> str:
    """Return why the examples inside of an operation's body are too many, or too hard to use; empty if neither."""
    for schema in _bodies(contract.document, operation):
        if sum(1 for _ in islice(_places(contract.document, schema), MOST + 1)) > MOST:
            return f"its body has more than {MOST:,} places, so examples inside of it are left out"
    media = operation.body_media
    if any(m.schema is not None and _overlap(m.schema, validators) for m in media):
        return "alternatives of its body overlap, so examples inside of it are left out"
    return ""


def _overlap(schema: Schema, validators: Validators) -> bool:
    """Say whether several alternatives of a body are met by saying nothing."""
    choices = (part.many("oneOf") for part in schema.parts())
    return any(sum(validators.allows(branch, {}, "request") for branch in branches) > 1 for branches in choices)


def _allows(schema: Schema | None, value: Json, validators: Validators) -> bool:
    return schema is None or validators.allows(schema, value, "request")


def forget_examples(document: Json, operation: Operation, validators: Validators) -> None:
    """Take the examples out of all schemas of an operation's body; those of the whole stay if all are valid.

    Schemathesis would try to complete the others.
    """
    for media in operation.body_media:
        node = get(document, media.pointer)
        if isinstance(node, dict) and not all(_allows(media.schema, e.value, validators) for e in media.examples):
            node.pop("example", None)
            node.pop("examples", None)
    known: set[int] = set()
    stack = list(_bodies(document, operation))
    while stack:
        node = stack.pop()
        if id(node) in known:
            continue
        known.add(id(node))
        for name in _EXAMPLES:
            node.pop(name, None)
        target = _target(document, node)
        stack += [*_parts(node), *([target] if target is not None else [])]


def _bodies(document: Json, operation: Operation) -> Iterator[dict[str, Any]]:
    for media in operation.body_media:
        if media.schema is not None:
            node = get(document, media.schema.pointer)
            if isinstance(node, dict):
                yield node


def _places(document: Json, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the schemas on every way through a schema; a way ends where it comes back to itself."""
    stack: list[tuple[dict[str, Any], frozenset[int]]] = [(schema, frozenset())]
    while stack:
        node, way = stack.pop()
        if id(node) in way:
            continue
        yield node
        target = _target(document, node)
        further = [*_parts(node), *([target] if target is not None else [])]
        stack += [(part, way | {id(node)}) for part in further]


def _parts(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the schemas that stand in a schema itself, as far as Schemathesis looks for examples."""
    inner = [*as_mapping(schema.get("properties")).values(), schema.get("items")]
    for name in _LISTS:
        listed = schema.get(name)
        inner += listed if isinstance(listed, list) else []
    return [part for part in inner if isinstance(part, dict)]


def _target(document: Json, schema: dict[str, Any]) -> dict[str, Any] | None:
    ref = schema.get("$ref")
    try:
        found = get(document, ref.removeprefix("#")) if isinstance(ref, str) else None
    except NoSuchMember:
        return None
    return found if isinstance(found, dict) else None
