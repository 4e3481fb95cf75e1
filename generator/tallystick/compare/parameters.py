"""Parameters side by side: which there are, whether they are required, how they are written, and their schemas."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tallystick.compare import lifetime
from tallystick.compare.ledger import Ledger, Scope
from tallystick.compare.sunsets import enter_sunset
from tallystick.compare.view import demands_nothing
from tallystick.contract import Schema
from tallystick.contract.model import Operation, Parameter
from tallystick.contract.schema import as_mapping
from tallystick.load import Json
from tallystick.load.pointer import get, join

_Key = tuple[str, str]
_IN_PATH = re.compile(r"\{([^{}]*)\}")


def compare_parameters(ledger: Ledger, scope: Scope, old: Operation, new: Operation) -> None:
    """Enter what changed in the parameters of an operation.

    Path parameters are the same when they stand at the same position of the path, header parameters when their
    names differ in case only.
    """
    before, after = _keyed(old), _keyed(new)
    for key, parameter in before.items():
        if key not in after:
            _gone(ledger, scope, parameter)
        else:
            _compare(ledger, scope, parameter, after[key])
    for key, parameter in after.items():
        if key not in before:
            _come(ledger, scope, parameter)


def _keyed(operation: Operation) -> Mapping[_Key, Parameter]:
    positions = {name: str(i) for i, name in enumerate(_IN_PATH.findall(operation.path))}
    keyed: dict[_Key, Parameter] = {}
    for parameter in operation.parameters:
        name = parameter.name
        if parameter.location == "path":
            name = positions.get(name, name)
        elif parameter.location == "header":
            name = name.lower()
        keyed[parameter.location, name] = parameter
    return keyed


def _scope(scope: Scope, parameter: Parameter) -> Scope:
    facts = {
        "required": parameter.required,
        "header-parameter": parameter.location == "header",
        "exploded-form": parameter.style == "form" and parameter.explode,
    }
    traits = frozenset(name for name, holds in facts.items() if holds)
    subject = f"the {parameter.location} parameter {parameter.name!r}"
    return scope.at("parameter", subject, parameter.location, parameter.name, traits=traits)


def _gone(ledger: Ledger, scope: Scope, parameter: Parameter) -> None:
    here = _scope(scope, parameter)
    node = _node(ledger.old.contract.document, parameter)
    when = lifetime.removal(node, ledger.today, deprecated=parameter.deprecated)
    if when == "invalid":
        what = f"has no date as sunset: {lifetime.sunset_of(node)!r}"
        ledger.enter(here, "sunset", "invalid", what, old=parameter.pointer, new=None)
    elif when is not None:
        ledger.enter(here, "presence", "removed", "was removed", old=parameter.pointer, new=None, when=when)


def _come(ledger: Ledger, scope: Scope, parameter: Parameter) -> None:
    need = "path" if parameter.location == "path" else "required" if parameter.required else "optional"
    here = _scope(scope, parameter)
    what = "was added" if need == "optional" else "was added and is required"
    ledger.enter(here, "presence", "added", what, old=None, new=parameter.pointer, place=f"{need}-parameter")


def _compare(ledger: Ledger, scope: Scope, old: Parameter, new: Parameter) -> None:
    here = _scope(scope, new)
    places = {"old": old.pointer, "new": new.pointer}
    if old.required != new.required:
        change, what = ("on", "is required now") if new.required else ("off", "may be left out now")
        ledger.enter(here, "required", change, what, **places)
    _writing(ledger, here, old, new)
    before, after = _node(ledger.old.contract.document, old), _node(ledger.new.contract.document, new)
    enter_sunset(ledger, here, (old.deprecated, before, old.pointer), (new.deprecated, after, new.pointer))
    traits = here.traits | (_scope(scope, old).traits & {"required"})
    here = scope.at("parameter", here.subject, new.location, new.name, traits=traits)
    schema, schema_now = _schema(old), _schema(new)
    if schema is not None and schema_now is not None:
        ledger.enter_schemas(here, schema, schema_now)
    elif schema is None and schema_now is not None and not demands_nothing(schema_now):
        ledger.enter(here, "schema", "added", "has a schema now", old=old.pointer, new=schema_now.pointer)


def _schema(parameter: Parameter) -> Schema | None:
    return parameter.media.schema if parameter.media else parameter.schema


def _node(document: Mapping[str, Json], parameter: Parameter) -> Mapping[str, Json]:
    return as_mapping(get(document, parameter.pointer))  # type: ignore[arg-type]


def _writing(ledger: Ledger, here: Scope, old: Parameter, new: Parameter) -> None:
    """Enter how the parameter is written. Only lists and objects are written differently when exploded."""
    media = [p.media.content_type if p.media else "" for p in (old, new)]
    if media[0] != media[1]:
        what = f"is written as {media[1] or 'plain text'} instead of {media[0] or 'plain text'}"
        ledger.enter(here, "content", "changed", what, *filter(None, media), old=old.pointer, new=new.pointer)
        return
    if old.style != new.style:
        what = f"is written in style {new.style} instead of {old.style}"
        places = [join(p.pointer, "style") for p in (old, new)]
        ledger.enter(here, "style", "changed", what, old.style, new.style, old=places[0], new=places[1])
    elif old.explode != new.explode and _is_composite(old) and _is_composite(new):
        what = "is exploded now" if new.explode else "is no longer exploded"
        places = [join(p.pointer, "explode") for p in (old, new)]
        ledger.enter(here, "explode", "changed", what, old=places[0], new=places[1])
    if old.allow_reserved and not new.allow_reserved:
        what = "must have reserved characters escaped"
        ledger.enter(here, "allowReserved", "off", what, old=old.pointer, new=new.pointer)


def _is_composite(parameter: Parameter) -> bool:
    types = parameter.schema.known_types if parameter.schema else ()
    return not types or any(t in ("array", "object") for t in types)
