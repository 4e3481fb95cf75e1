"""What the rest of emission asks of models, and what it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from tallystick.diagnostics import Findings
from tallystick.emit.models.shape import Catalogue

Flavour = Literal["pydantic", "msgspec", "dataclass", "typeddict"]
RUNTIME_HOMES: Final[Mapping[Flavour, Mapping[str, str]]] = {
    "pydantic": {
        "Model": "model",
        "RequestModel": "request_model",
        "SensitiveModel": "sensitive_model",
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


@dataclass(frozen=True, eq=False)
class ModelOutput:
    """The models of a contract.

    `files` are paths in the package -> text. `names` are the classes and aliases `models.py` defines, sorted.
    `catalogue` has them as they are written, and the shape of every schema that goes over the wire on its own
    (parameters, bodies, answers, headers, those of webhooks and callbacks too), by its pointer and direction: what a
    client sends is a request; what it receives, webhooks included, is a response.
    """

    files: Mapping[str, str]
    names: tuple[str, ...]
    findings: Findings
    catalogue: Catalogue = field(repr=False)
