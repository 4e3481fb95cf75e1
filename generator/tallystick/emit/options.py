"""What is generated and how: the choices alone, cheap to import."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tallystick.emit.models import Flavour

Part = Literal["all", "models", "server"]


@dataclass(frozen=True, slots=True)
class Options:
    """What is generated and how. `spec` is the contract's own folder, which has its signers under `runtime/`.

    `transports` are HTTP libraries to have adapters for, besides those that the contract asks for.
    """

    models: Flavour = "pydantic"
    only: Part = "all"
    name: str = ""
    templates: Path | None = None
    transports: tuple[str, ...] = ()
    spec: Path | None = None
