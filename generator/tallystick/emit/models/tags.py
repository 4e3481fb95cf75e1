"""Which member of an object tells the classes of a union apart, and what each of its values means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from tallystick.contract import Schema
from tallystick.contract.schema import as_mapping
from tallystick.emit.models.polymorphy import discriminator_member, mapping
from tallystick.emit.models.shape import Alias, Choice, Definition, Named, Record, Shape, Tagged, Union
from tallystick.emit.models.view import Part, reach
from tallystick.load.pointer import NoSuchMember

Classes = dict[str, str]


def tagged(definitions: Mapping[str, Definition], discriminated: Mapping[str, Schema]) -> dict[str, Definition]:
    """Return the definitions with the unions of classes that a member decides marked as such."""
    reader = _Reader(definitions, discriminated)
    return {key: reader.mark(key, definition) for key, definition in definitions.items()}


class _Reader:
    def __init__(self, definitions: Mapping[str, Definition], discriminated: Mapping[str, Schema]) -> None:
        self.definitions = definitions
        self.discriminated = discriminated

    def mark(self, key: str, definition: Definition) -> Definition:
        """Return an alias with its tag, if it is a union that has one."""
        if not isinstance(definition, Alias) or definition.tagged or not isinstance(definition.shape, Union):
            return definition
        members = definition.shape.members
        if not all(isinstance(m, Named) for m in members):
            return definition
        declared = self.discriminated.get(key)
        found = self._declared(declared, members) if declared is not None else self._evident(members)
        return replace(definition, tagged=found) if found is not None else definition

    def _declared(self, schema: Schema, members: Iterable[Shape]) -> Tagged | None:
        """Return what a discriminator says: by its mapping, by a constant in the class, by the component's name."""
        member = discriminator_member(schema)
        by_pointer: dict[str, list[str]] = {}
        for value, pointer in mapping(schema).items():
            try:
                target = reach(Part(Schema.at(schema.document, pointer))).schema.pointer
            except NoSuchMember:
                continue
            by_pointer.setdefault(target, []).append(value)
        classes: Classes = {}
        for name in self._classes(members, frozenset()):
            record = self.definitions[name]
            values = by_pointer.get(record.pointer) or _constants(record, member) or _implicit(schema, record)
            if not isinstance(record, Record) or not values:
                return None
            classes |= {v: name for v in values if v not in classes}
        return Tagged(member, tuple(sorted(classes.items()))) if member and len(set(classes.values())) > 1 else None

    def _evident(self, members: Iterable[Shape]) -> Tagged | None:
        """Return the member that every class requires with constants of its own, if there is one."""
        names = list(self._classes(members, frozenset()))
        records = [d for n in names if isinstance(d := self.definitions[n], Record)]
        if len(records) != len(names) or len(records) < 2:
            return None
        for candidate in sorted(f.api_name for f in records[0].fields if f.required):
            values = [_constants(r, candidate) for r in records]
            every = [v for some in values for v in some]
            if all(values) and len(set(every)) == len(every):
                pairs = [(v, name) for name, some in zip(names, values, strict=True) for v in some]
                return Tagged(candidate, tuple(sorted(pairs)))
        return None

    def _classes(self, members: Iterable[Shape], seen: frozenset[str]) -> Iterable[str]:
        """Yield the keys of the classes of a union, those of unions in it included."""
        for member in members:
            if not isinstance(member, Named) or member.name in seen:
                continue
            definition = self.definitions[member.name]
            if isinstance(definition, Alias) and isinstance(definition.shape, Union):
                yield from self._classes(definition.shape.members, seen | {member.name})
            else:
                yield member.name


def _constants(definition: Definition, member: str) -> list[str]:
    """Return the texts a required or discriminating member of a class can have, if the contract lists them."""
    fields = definition.fields if isinstance(definition, Record) else ()
    for field in fields:
        if field.api_name == member and isinstance(field.shape, Choice) and not field.shape.open:
            return [v for v in field.shape.values if isinstance(v, str)]
    return []


def _implicit(schema: Schema, definition: Definition) -> list[str]:
    """Return the component's name, which is the value that tells it where the mapping is silent."""
    has_mapping = bool(as_mapping(as_mapping(schema.get("discriminator")).get("mapping")))
    component = Schema.at(schema.document, definition.pointer).component
    return [component] if component and not has_mapping else []
