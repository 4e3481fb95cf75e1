"""What every half of a package is made from, and what it adds to the models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tallystick.contract import Contract
from tallystick.diagnostics import Finding
from tallystick.emit.models import ModelOutput
from tallystick.emit.render import Templates


@dataclass(frozen=True, slots=True)
class Source:
    """A contract with its models; `names` are those of the package and of its client, `header` every first line."""

    contract: Contract
    models: ModelOutput
    names: tuple[str, str]
    header: str
    templates: Templates
    flavour: str = "pydantic"
    transports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Half:
    """The files beside the models: how many operations are in them, the signers they need, names that clashed.

    `refused` are operations left out: name, pointer, reason.
    """

    files: Mapping[str, str] = field(repr=False)
    methods: int = 0
    signers: frozenset[str] = frozenset()
    clashes: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])
    refused: tuple[tuple[str, str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
