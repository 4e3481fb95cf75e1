"""Answers that fit several alternatives of a `oneOf` because the document leaves them no other way."""

from __future__ import annotations

from tallystick.contract import Schema
from tallystick.contract.model import Operation
from tallystick.contract.schema import as_mapping
from tallystick.contract.validation import Validators, Violation
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.verify.facts.bodies import NOTHING, parsed
from tallystick.verify.facts.media import essence


def overlaps(operation: Operation, status: int, media_type: str, body: bytes, validators: Validators) -> bool:
    """Say whether all that is wrong with an answer is that alternatives overlap.

    They do where what one of them requires fits others too, so that a server which means it can't help it, and where
    a discriminator says which one is meant.
    """
    outcome = operation.outcome(status)
    media = outcome.media if outcome is not None else ()
    schema = next((m.schema for m in media if essence(m.content_type) == media_type), None)
    value = parsed(body)
    if schema is None or value is NOTHING or not validators.can_check(schema, "response"):
        return False
    violations = list(validators.violations(schema, value, "response"))
    return all(v.is_ambiguous and _is_unavoidable(v, schema, value, validators) for v in violations)


def _is_unavoidable(violation: Violation, schema: Schema, value: Json, validators: Validators) -> bool:
    try:
        holder = Schema.at(schema.document, violation.schema_pointer.rpartition("/")[0])
        part = get(value, violation.pointer)
    except NoSuchMember:
        return False
    branches = holder.many("oneOf")
    if not isinstance(part, dict):
        return False
    if any(member in part for b in (holder, *branches) for member in _telling(b)):
        return True
    fitting = [b for b in branches if validators.is_valid(b, part, "response")]
    least = [{name: part[name] for name in b.required_members() if name in part} for b in fitting]
    return any(sum(validators.is_valid(b, value, "response") for b in branches) > 1 for value in least)


def _telling(schema: Schema) -> list[str]:
    """Return the members by which a schema, or what it takes in, says which one a value is."""
    said = [as_mapping(part.get("discriminator")).get("propertyName") for part in schema.parts()]
    return [name for name in said if isinstance(name, str)]
