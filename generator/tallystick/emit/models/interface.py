"""What the rest of emission asks of models, and what it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from tallystick.diagnostics import Findings
from tallystick.emit.models.shape import Catalogue, Direction
from tallystick.load import Json

Flavour = Literal["pydantic", "msgspec", "dataclass", "typeddict"]
RUNTIME_HOMES: Final[Mapping[Flavour, Mapping[str, str]]] = {
    "pydantic": {
        "Model": "model",
        "RequestModel": "request_model",
        "DecimalNumber": "decimal_number",
        "Tagged": "tagged",
        "Unknown": "tagged",
    },
    "msgspec": dict.fromkeys(
        ("Model", "RequestModel", "DecimalNumber", "AwareDatetime", "Unknown", "describe", "later", "one_of"),
        "model_msgspec",
    ),
    "dataclass": {
        **dict.fromkeys(("Model", "RequestModel", "describe"), "model_dataclass"),
        **dict.fromkeys(("DecimalNumber", "Later", "Tagged", "Unknown"), "reading"),
        **dict.fromkeys(("MISSING", "Missing"), "missing"),
    },
    "typeddict": dict.fromkeys(("Later", "Tagged", "Unknown", "closed"), "reading"),
}
"""Which module of the runtime has what a flavour's models are made of."""


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """How models are written. `runtime` is the package of support code as `models.py` imports it."""

    flavour: Flavour = "pydantic"
    runtime: str = "._runtime"
    header: str = ""


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A finished type expression.

    `models` are the names in it that `models.py` defines, `runtime` those of the runtime's `model` module, `imports`
    the (module, name) pairs of everything else. Names stand bare in `text`.
    """

    text: str
    models: tuple[str, ...] = ()
    runtime: tuple[str, ...] = ()
    imports: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ClassField:
    """A member of a class: its name on the wire, its name in Python, and its type without "not sent"."""

    api_name: str
    name: str
    type: TypeRef
    required: bool
    nullable: bool
    default: Json
    description: str
    deprecated: bool
    sensitive: bool


@dataclass(frozen=True, slots=True)
class ModelClass:
    """A class of `models.py` and its members in the document's order. `closed` refuses members it does not list."""

    name: str
    pointer: str
    fields: tuple[ClassField, ...]
    description: str = ""
    closed: bool = False


@dataclass(frozen=True, eq=False)
class ModelOutput:
    """The models of a contract.

    `files` are paths in the package -> text. `names` are the classes and aliases `models.py` defines, sorted. `types`
    holds the type of every schema that goes over the wire on its own (parameters, bodies, answers, headers, those of
    webhooks and callbacks too), by its pointer and direction; `catalogue` has the same as shapes, for those who write
    types their own way.
    """

    files: Mapping[str, str]
    names: tuple[str, ...]
    classes: Mapping[str, ModelClass] = field(repr=False)
    types: Mapping[tuple[str, Direction], TypeRef] = field(repr=False)
    findings: Findings
    catalogue: Catalogue = field(repr=False)

    def type_of(self, pointer: str, direction: Direction) -> TypeRef:
        """Return the type of the schema at `pointer` (`parameter.schema.pointer`, `media.schema.pointer`, ...).

        What a client sends is a request; what it receives, webhooks included, is a response. Raises `KeyError` for a
        schema that never goes over the wire on its own.
        """
        return self.types[pointer, direction]

    def class_of(self, pointer: str, direction: Direction) -> ModelClass | None:
        """Return the class when the schema at `pointer` is an object with members, `None` otherwise."""
        return self.classes.get(self.types[pointer, direction].text)
