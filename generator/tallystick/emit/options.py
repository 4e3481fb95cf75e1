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
    """What is generated and how. `spec` is the contract's own folder, which has its signers under `runtime/`."""

    models: Flavour = "pydantic"
    only: Part = "all"
    name: str = ""
    templates: Path | None = None
    spec: Path | None = None
