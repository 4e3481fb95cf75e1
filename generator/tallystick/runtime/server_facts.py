"""What the contract says of each operation on the wire, read from the package's `contract.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: the handler's argument, its place and name on the wire, and how its value is written.

    `default` holds the value of a parameter that was not sent, if the contract names one.
    """

    argument: str
    place: str
    name: str
    required: bool
    style: str
    explode: bool
    schema: Any
    json: bool = False
    default: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Media:
    """One media type of a request body; `styles` says how members of a form are written, as (style, explode)."""

    schema: Any
    styles: Mapping[str, tuple[str, bool]] = field(default_factory=dict[str, tuple[str, bool]])


@dataclass(frozen=True, slots=True)
class Form:
    """How the contract words an error: status, media type, example, and the places of the example to fill."""

    status: int
    media_type: str
    example: Any
    name: str = ""
    situations: Sequence[str] = ()
    fill: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a caller proves who it is."""

    kind: str
    place: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `security` lists alternatives, each the schemes it needs together, with their scopes."""

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Mapping[str, Media]
    body_required: bool
    answers: Mapping[str, tuple[str, ...]]
    security: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
    errors: tuple[Form, ...]
    statuses: frozenset[int]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the adapter knows of the contract. `definitions` are the schemas that others refer to."""

    operations: tuple[Operation, ...]
    schemes: Mapping[str, Scheme]
    errors: tuple[Form, ...]
    definitions: Mapping[str, Any]


def read(path: Path) -> Facts:
    """Read the facts of a package."""
    data = json.loads(path.read_text(encoding="utf-8"))
    forms = tuple(Form(**form) for form in data["errors"])
    return Facts(
        operations=tuple(_operation(one, forms) for one in data["operations"]),
        schemes={name: Scheme(**scheme) for name, scheme in data["schemes"].items()},
        errors=forms,
        definitions=data["$defs"],
    )


def _operation(data: dict[str, Any], forms: tuple[Form, ...]) -> Operation:
    return Operation(
        id=data["id"],
        method=data["method"],
        path=data["path"],
        parameters=tuple(Parameter(**parameter) for parameter in data.get("parameters", ())),
        body={kind: _media(media) for kind, media in data.get("body", {}).items()},
        body_required=data.get("body_required", False),
        answers={status: tuple(kinds) for status, kinds in data["answers"].items()},
        security=tuple(
            tuple((name, tuple(scopes)) for name, scopes in needs.items()) for needs in data.get("security", ())
        ),
        errors=tuple(forms[index] for index in cast("list[int]", data["errors"])),
        statuses=frozenset(data["statuses"]),
    )


def _media(data: dict[str, Any]) -> Media:
    return Media(
        data["schema"], {name: (style, explode) for name, (style, explode) in data.get("styles", {}).items()}
    )
