"""JSON Schema errors as sentences: what is wrong at which place, the innermost cause instead of `oneOf` riddles."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from tallystick.load.pointer import join

_SHOWN = 60  # characters of a value in a message
_LISTED = 8  # names or values in a list


class SchemaError(Protocol):
    """What we read of a `jsonschema_rs.ValidationError`."""

    message: str
    instance: Any
    instance_path: list[str | int]
    schema_path: list[str | int]
    kind: Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a value. `pointer` is into the value."""

    pointer: str
    message: str
    expected: str = ""
    hint: str = ""


def faults(errors: Iterable[SchemaError], schema: object) -> Iterator[Fault]:
    """Yield what is wrong, in words, in the order of the errors.

    `schema` is the document in which their `schema_path` begins. Of a value that has the wrong type, nothing else is
    said; what is asked of it on a condition, only when nothing is wrong without one.
    """
    known = list(errors)
    mistyped = {tuple(e.instance_path) for e in known if e.kind.name == "type"}
    wrong_anyway = {tuple(e.instance_path) for e in known if not _is_conditional(e)}
    for error in known:
        at = tuple(error.instance_path)
        if error.kind.name == "type" or not (at in mistyped or (_is_conditional(error) and at in wrong_anyway)):
            yield from _fault(error, schema)


def _is_conditional(error: SchemaError) -> bool:
    return not {"then", "else"}.isdisjoint(error.schema_path)


def _fault(error: SchemaError, schema: object) -> Iterator[Fault]:
    kind = error.kind.name
    if kind in ("anyOf", "oneOf") and hasattr(error.kind, "context"):
        yield from _alternatives(error, schema)
        return
    at = join("", *error.instance_path)
    match kind:
        case "required":
            yield Fault(at, f"{error.kind.property!r} is missing")
        case "additionalProperties" | "unevaluatedProperties":
            known = _known_names(schema, error.schema_path)
            for name in error.kind.unexpected:
                yield _unknown_member(at, name, known)
        case "type":
            yield Fault(at, f"this is {_type_of(error.instance)}", expected=_types(error.kind.types))
        case "enum":
            yield _not_listed(at, error.instance, cast("Sequence[object]", error.kind.options))
        case "const":
            yield Fault(at, f"{shown(error.instance)} is not allowed", expected=shown(error.kind.expected_value))
        case "pattern":
            yield Fault(at, f"{shown(error.instance)} has the wrong form", expected=f"text like {error.kind.pattern}")
        case "format":
            yield Fault(at, f"{shown(error.instance)} is no {error.kind.format}")
        case "minProperties" | "minItems" if not error.instance:
            yield Fault(at, f"{shown(error.instance)} is empty", expected=f"at least {_at_least(error)}")
        case "falseSchema":
            yield Fault(at, "nothing is allowed here")
        case "not":
            yield Fault(at, f"{shown(error.instance)} is what the schema rules out with `not`")
        case "propertyNames":
            yield Fault(at, f"a member's name is not allowed: {error.kind.error.message}")
        case _:
            yield Fault(at, _without_long_value(error))


def _at_least(error: SchemaError) -> str:
    one, several = ("item", "items") if error.kind.name == "minItems" else ("member", "members")
    return f"{error.kind.limit} {one if error.kind.limit == 1 else several}"


def shown(value: object) -> str:
    """Return a value as JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def listed(values: Sequence[object]) -> str:
    """Return values as a list in words, shortened."""
    texts = [str(v) if isinstance(v, str) else shown(v) for v in values[:_LISTED]]
    more = [f"{len(values) - _LISTED} more"] if len(values) > _LISTED else []
    return ", ".join([*texts, *more])


def _unknown_member(at: str, name: str, known: list[str]) -> Fault:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else ""
    return Fault(join(at, name), f"{name!r} is not known here", hint=hint)


def _not_listed(at: str, value: object, options: Sequence[object]) -> Fault:
    close = (
        difflib.get_close_matches(value, [o for o in options if isinstance(o, str)], n=1)
        if (isinstance(value, str))
        else []
    )
    hint = f"did you mean {close[0]!r}?" if close else ""
    return Fault(at, f"{shown(value)} is not in the list", expected=f"one of {listed(options)}", hint=hint)


def _alternatives(error: SchemaError, schema: object) -> Iterator[Fault]:
    """Yield what is wrong with the alternative that the value comes closest to."""
    at = join("", *error.instance_path)
    branches = cast("list[list[SchemaError]]", error.kind.context)
    if not all(branches):
        yield Fault(
            at, f"{shown(error.instance)} fits more than one of the forms it may have", expected="exactly one"
        )
        return
    unreferenced = [b for b in branches if not _wants_reference(b)]
    branches = unreferenced or branches
    if all(len(b) == 1 and b[0].kind.name == "required" for b in branches):
        names = dict.fromkeys(str(b[0].kind.property) for b in branches)
        one_of = "one of " if len(names) > 1 else ""
        yield Fault(at, f"{one_of}{', '.join(map(repr, names))} is missing")
    elif all(_is_wrong_type(b, error) for b in branches):
        wanted = dict.fromkeys(t for b in branches for t in _type_names(b[0].kind.types))
        yield Fault(at, f"this is {_type_of(error.instance)}", expected=" or ".join(wanted))
    else:
        nearest: list[SchemaError] = min(branches, key=lambda branch: _distance(branch, error))
        yield from faults(nearest, schema)


def _wants_reference(branch: list[SchemaError]) -> bool:
    return any(e.kind.name == "required" and e.kind.property == "$ref" for e in branch)


def _is_wrong_type(branch: list[SchemaError], error: SchemaError) -> bool:
    return branch[0].kind.name == "type" and len(branch[0].instance_path) == len(error.instance_path)


def _distance(branch: list[SchemaError], error: SchemaError) -> tuple[bool, bool, int, int]:
    """Return how far the value is from an alternative: a wrong type or tag is farther than wrong details."""
    here = [e for e in branch if len(e.instance_path) == len(error.instance_path)]
    tag = any(
        e.kind.name in ("const", "enum") and len(e.instance_path) <= len(error.instance_path) + 1 for e in branch
    )
    return (_is_wrong_type(branch, error), tag, len(here), len(branch))


def _known_names(schema: object, schema_path: Sequence[str | int]) -> list[str]:
    node: Any = schema
    for token in schema_path[:-1]:
        try:
            node = node[token]
        except (KeyError, IndexError, TypeError):
            return []
    properties = node.get("properties") if isinstance(node, dict) else None
    return list(properties) if isinstance(properties, dict) else []


_TYPE_WORDS = {"object": "a mapping", "array": "a list", "null": "null", "boolean": "true or false"}


def _type_names(types: object) -> list[str]:
    names = [types] if isinstance(types, str) else list(cast("Sequence[str]", types))
    return [_TYPE_WORDS.get(n, f"an {n}" if n == "integer" else f"a {n}") for n in names]


def _types(types: object) -> str:
    return " or ".join(_type_names(types))


def _type_of(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return shown(value)
        case int() | float():
            return f"the number {shown(value)}"
        case str():
            return f"the string {shown(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _without_long_value(error: SchemaError) -> str:
    """Return the engine's message with a long value at its beginning cut."""
    whole = json.dumps(error.instance, ensure_ascii=False, separators=(",", ":"))
    _, found, rest = error.message.partition(" is ") if len(whole) > _SHOWN else ("", "", "")
    if not found:
        _, found, rest = error.message.partition(" has ") if len(whole) > _SHOWN else ("", "", "")
    return f"{shown(error.instance)}{found}{rest}" if found else error.message
