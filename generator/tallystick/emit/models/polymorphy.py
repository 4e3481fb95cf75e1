"""Classes that stand for those derived from them: a discriminator on a base that others take in through `allOf`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tallystick.contract import Contract, Schema
from tallystick.contract.schema import as_mapping
from tallystick.load.pointer import NoSuchMember


@dataclass(frozen=True, slots=True)
class Family:
    """The member that tells the derived classes of a base apart, and value of it to derived schema."""

    member: str
    children: tuple[tuple[str, Schema], ...]


def families(contract: Contract) -> dict[str, Family]:
    """Return base component -> family, for every base that has a discriminator and no alternatives of its own."""
    bases = {
        name: schema
        for name, schema in contract.schemas.items()
        if discriminator_member(schema) and not schema.many("oneOf") and not schema.many("anyOf")
    }
    if not bases:
        return {}
    derived = _derived(contract)
    found: dict[str, Family] = {}
    for name, schema in bases.items():
        children = dict(_children(schema, derived.get(schema.pointer, ())))
        if children:
            found[name] = Family(discriminator_member(schema), tuple(sorted(children.items())))
    return found


def discriminator_member(schema: Schema) -> str:
    """Return the member that a schema's discriminator names, empty without one."""
    name = as_mapping(schema.get("discriminator")).get("propertyName")
    return name if isinstance(name, str) else ""


def mapping(schema: Schema) -> Mapping[str, str]:
    """Return value -> pointer of the discriminator's mapping; a bare name is that of a component."""
    found: dict[str, str] = {}
    for value, target in as_mapping(as_mapping(schema.get("discriminator")).get("mapping")).items():
        if isinstance(target, str):
            found[value] = target[1:] if target.startswith("#/") else f"/components/schemas/{target}"
    return found


def _children(base: Schema, derived: tuple[Schema, ...]) -> Iterator[tuple[str, Schema]]:
    mapped = mapping(base)
    for value, pointer in mapped.items():
        try:
            schema = Schema.at(base.document, pointer)
        except NoSuchMember:
            continue
        if pointer != base.pointer:
            yield value, schema
    pointers = set(mapped.values())
    for schema in derived:
        if schema.pointer not in pointers and schema.component:
            yield schema.component, schema


def _derived(contract: Contract) -> dict[str, tuple[Schema, ...]]:
    """Return pointer of a schema -> the components that take it in through `allOf`, at whatever distance."""
    direct: dict[str, list[Schema]] = {}
    for schema in contract.schemas.values():
        for part in schema.many("allOf"):
            if part.ref is not None:
                direct.setdefault(part.ref, []).append(schema)
    return {pointer: tuple(_closure(pointer, direct)) for pointer in direct}


def _closure(pointer: str, direct: Mapping[str, list[Schema]]) -> Iterator[Schema]:
    seen, stack = {pointer}, [pointer]
    while stack:
        for schema in direct.get(stack.pop(), ()):
            if schema.pointer not in seen:
                seen.add(schema.pointer)
                stack.append(schema.pointer)
                yield schema
