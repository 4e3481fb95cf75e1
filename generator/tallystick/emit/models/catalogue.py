"""Contract to catalogue: every place the client asks for, every definition, all under their final names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tallystick import names
from tallystick.contract import Contract, Schema
from tallystick.contract.model import Media, Operation
from tallystick.diagnostics import Finding, Severity
from tallystick.emit.models import direction, tags
from tallystick.emit.models.naming import RESERVED, component_spelling
from tallystick.emit.models.shape import Catalogue, Definition, Direction, Record, Shape, Tagged
from tallystick.emit.models.survey import Survey
from tallystick.load.pointer import join


def catalogue(contract: Contract) -> tuple[Catalogue, list[Finding]]:
    """Return the catalogue of a contract, and findings about names that clash."""
    survey = Survey(contract)
    for name in sorted(contract.schemas):  # where a cycle of lists is cut must not depend on the document
        survey.place(contract.schemas[name])
    places: dict[tuple[str, Direction], Shape] = {(s.pointer, way): survey.place(s) for s, way in _places(contract)}
    definitions = tags.tagged(survey.definitions, survey.discriminated)
    definitions, places = direction.split(definitions, places)
    called = _settle_names(definitions, survey)
    found = sorted((_rename(d, called) for d in definitions.values()), key=lambda d: d.name)
    renamed = {place: direction.rename(shape, called.__getitem__) for place, shape in places.items()}
    findings = [
        *_class_clashes(contract, survey.components),
        *_member_clashes(contract, found),
        *_unchecked(contract, survey),
    ]
    return Catalogue({d.name: d for d in found}, renamed), findings


# -- places --------------------------------------------------------------------------------------------------


def _places(contract: Contract) -> Iterator[tuple[Schema, Direction]]:
    """Yield every schema that goes over the wire on its own, and which way."""
    for operation in contract.operations:
        yield from _of_operation(operation, "request", "response")
    for webhook in contract.webhooks:
        yield from _of_operation(webhook.operation, "response", "request")


def _of_operation(operation: Operation, out: Direction, back: Direction) -> Iterator[tuple[Schema, Direction]]:
    for parameter in operation.parameters:
        if parameter.schema is not None:
            yield parameter.schema, out
        if parameter.media is not None:
            yield from _of_media(parameter.media, out)
    for media in operation.body_media:
        yield from _of_media(media, out)
    for outcome in operation.outcomes:
        for media in outcome.media:
            yield from _of_media(media, back)
        for header in outcome.headers:
            if header.schema is not None:
                yield header.schema, back
    for callback in operation.callbacks:
        yield from _of_operation(callback.operation, back, out)


def _of_media(media: Media, way: Direction) -> Iterator[tuple[Schema, Direction]]:
    if media.schema is not None:
        yield media.schema, way


# -- names ---------------------------------------------------------------------------------------------------


def _settle_names(definitions: Mapping[str, Definition], survey: Survey) -> dict[str, str]:
    """Return key -> final name. Components come first, then what is closer to a component, then the rest."""
    taken: set[str] = {*RESERVED}
    found: dict[str, str] = {}
    for key in sorted(definitions, key=lambda k: _rank(k, definitions[k])):
        wanted, pointer = survey.wanted[key.removesuffix(direction.SENT)]
        choices = [wanted]
        if key.endswith(direction.SENT):
            choices = [wanted + suffix for suffix in ("Request", "Input", "Sent")]
        elif wanted in RESERVED:
            choices = [wanted + "Model"]
        elif key == pointer and key.count("/") > 3:  # one that is written inline
            choices = [wanted, survey.namer.wanted(pointer, whole=True), wanted + "Inline"]
        free = [c for c in choices if c not in taken]
        found[key] = free[0] if free else choices[0] + names.letters(key if len(key) < 200 else pointer)
        taken.add(found[key])
    return found


def _rank(key: str, definition: Definition) -> tuple[int, int, str]:
    is_component = definition.pointer.count("/") == 3 and definition.pointer.startswith("/components/schemas/")
    own = 0 if key == definition.pointer else 1
    return (own if is_component else 2 if key.startswith("/components/") else 3, key.count("/"), key)


def _rename(definition: Definition, called: Mapping[str, str]) -> Definition:
    name = called[definition.name]
    if isinstance(definition, Record):
        fields = tuple(replace(f, shape=direction.rename(f.shape, called.__getitem__)) for f in definition.fields)
        return replace(definition, name=name, fields=fields)
    shape: Shape = direction.rename(definition.shape, called.__getitem__)
    tag = definition.tagged
    if tag is not None:
        tag = Tagged(tag.member, tuple((v, called[c]) for v, c in tag.classes), called.get(tag.fallback, ""))
    return replace(definition, name=name, shape=shape, tagged=tag)


def _unchecked(contract: Contract, survey: Survey) -> Iterator[Finding]:
    """Yield a note for each pattern that the models leave to the server."""
    for pointer in survey.unchecked:
        message = "models don't check this pattern: not every regular expression engine can"
        yield Finding("pattern-unchecked", message, contract.place(join(pointer, "pattern")), Severity.INFO)


def _class_clashes(contract: Contract, components: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding for each component that could not have the name its own name says."""
    for component, name in components.items():
        if name != component_spelling(component):
            place = contract.place(contract.schemas[component].pointer)
            message = f"another schema is called alike in Python; the class of {component!r} is {name}"
            yield Finding("name-clash", message, place, Severity.WARNING, hint="give the schemas names that differ")


def _member_clashes(contract: Contract, definitions: list[Definition]) -> Iterator[Finding]:
    for record in definitions:
        for field in record.fields if isinstance(record, Record) else ():
            if field.name != names.member_name(field.api_name):
                place = contract.place(record.pointer)
                message = (
                    f"another member of {record.name} is called alike in Python; {field.api_name!r} is {field.name}"
                )
                yield Finding("name-clash", message, place, Severity.WARNING)
