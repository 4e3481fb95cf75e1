"""Discriminators: the member whose value says which alternative of a `oneOf` an object is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tallystick.contract import Schema
from tallystick.contract.schema import as_mapping
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember


@dataclass(frozen=True, slots=True)
class Discriminator:
    """A member, and what each of its values means: one alternative, or several that share the value."""

    member: str
    meanings: Mapping[str, tuple[Schema, ...]]

    def value_for(self, alternative: Schema) -> str | None:
        """Return the value that means an alternative and may stand there, `None` when its own schema says it."""
        own = _own_values(alternative, self.member)
        values = (value for value, meant in self.meanings.items() if alternative in meant)
        return next((v for v in values if not own or v in own), None)


def discriminator(schema: Schema, alternatives: Iterable[Schema]) -> Discriminator | None:
    """Return what tells a schema's alternatives apart, `None` when nothing says so, or names no member of theirs.

    It stands beside them, or on a base that they all take in through `allOf`. What a value means is said by the
    mapping, else by the member's own constants, else it is the name of the component.
    """
    branches = tuple(alternatives)
    said = as_mapping(schema.get("discriminator")) or _inherited(branches)
    member = said.get("propertyName")
    if not isinstance(member, str) or not any(member in b.members() for b in branches):
        return None
    mapped = {value: _target(schema, to) for value, to in as_mapping(said.get("mapping")).items()}
    meanings: dict[str, tuple[Schema, ...]] = {}
    for branch in branches:
        place = branch.resolved.pointer
        values = [value for value, pointer in mapped.items() if pointer == place]
        for value in values or _own_values(branch, member) or _component(branch):
            meanings[value] = (*meanings.get(value, ()), branch)
    return Discriminator(member, meanings)


def known_value(base: Schema, within: Iterable[str]) -> dict[str, Json]:
    """Return the member that a base without alternatives is told by, with a value that says what is being built.

    That is, by its places, which are `within`: what the mapping calls it, else the first thing that the mapping has;
    without a mapping, the name of the component.
    """
    said = as_mapping(base.get("discriminator"))
    member, places = said.get("propertyName"), frozenset(within)
    if not isinstance(member, str) or base.many("oneOf") or base.many("anyOf"):
        return {}
    own = _own_values(base, member)
    mapped = {value: _target(base, to) for value, to in as_mapping(said.get("mapping")).items()}
    values = [value for value in mapped if not own or value in own]
    meant = [value for value in values if mapped[value] in places]
    told = (meant or values or [name for name in _names(base, places) if not own or name in own])[:1]
    return {member: told[0]} if told else {}


def _names(base: Schema, places: Iterable[str]) -> list[str]:
    """Return the names of components among some places, the one that is made of most parts first."""
    schemas = (Schema.at(base.document, place) for place in sorted(places))
    components = [(schema, name) for schema in schemas if (name := schema.component) is not None]
    return [name for _, name in sorted(components, key=lambda c: -sum(1 for _ in c[0].parts()))]


def _inherited(branches: tuple[Schema, ...]) -> Mapping[str, Json]:
    """Return the discriminator of a base that all alternatives have, an empty mapping without one."""
    bases = [{p.pointer: p for p in branch.parts() if "discriminator" in p} for branch in branches]
    shared = (p for pointer, p in bases[0].items() if all(pointer in b for b in bases)) if bases else iter(())
    base = next(shared, None)
    return as_mapping(base.get("discriminator")) if base is not None else {}


def _target(schema: Schema, to: Json) -> str:
    """Return the place that a mapping's value leads to; a bare name is that of a component."""
    text = str(to)
    pointer = text[1:] if text.startswith("#/") else f"/components/schemas/{text}"
    try:
        return Schema.at(schema.document, pointer).resolved.pointer
    except NoSuchMember:
        return pointer


def _own_values(branch: Schema, name: str) -> tuple[str, ...]:
    member = branch.members().get(name)
    if member is None:
        return ()
    listed = (member.resolved.get("const"), *(member.resolved.enum or ()))
    return tuple(value for value in listed if isinstance(value, str))


def _component(branch: Schema) -> tuple[str, ...]:
    name = branch.target.component if branch.target is not None else None
    return (name,) if name is not None else ()
