"""The bundled document in the version of OpenAPI that is wanted."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from tallystick.contract import Contract
from tallystick.diagnostics import Findings, Severity
from tallystick.export import schema30
from tallystick.export.loss import Losses
from tallystick.load import Json
from tallystick.load.pointer import join
from tallystick.resolve import grammar, spelled_as_uris

Version = Literal["3.0", "3.1"]
_NEWEST = {"3.0": "3.0.4", "3.1": "3.1.1"}
_SPDX = "https://spdx.org/licenses/"


@dataclass(frozen=True, eq=False)
class Exported:
    """A document, and findings about what it lost on the way."""

    data: dict[str, Json]
    findings: Findings


def export(contract: Contract, version: Version | None = None, *, lossy: bool = False) -> Exported:
    """Return the bundled document in a version, its own when none is named.

    Findings name what the version can't say and the document therefore lacks; with `lossy` they are warnings.
    """
    if version is None or contract.openapi.startswith(version):
        return Exported(spelled_as_uris(contract.bundle.data), Findings())
    if version == "3.1":
        return Exported({**spelled_as_uris(contract.document), "openapi": _NEWEST["3.1"]}, Findings())
    losses = Losses(contract, Severity.WARNING if lossy else Severity.ERROR)
    data = _Downgrade(losses).run(grammar.ROOT, deepcopy(spelled_as_uris(contract.document)), "")
    assert isinstance(data, dict)
    return Exported(data, Findings.of(losses.findings))


class _Downgrade:
    """Translates OpenAPI objects from 3.1 to 3.0, innermost first."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses

    def run(self, kind: str, node: Json, pointer: str) -> Json:
        """Return one OpenAPI object, translated; the copy it is given is changed."""
        if kind == "schema" and isinstance(node, bool):
            return schema30.boolean(node)
        if not isinstance(node, dict):
            return node
        for tokens, child_kind, value in list(grammar.children(kind, node)):
            if not (tokens == ("additionalProperties",) and isinstance(value, bool)):
                self._put(node, tokens, self.run(child_kind, value, join(pointer, *tokens)))
        if kind == "schema":
            return schema30.downgrade(node, pointer, self.losses)
        if "$ref" in node:
            return self._reference(node, pointer)
        translate = getattr(self, f"_{kind}", None)
        if translate is not None:
            translate(node, pointer)
        return node

    @staticmethod
    def _put(node: dict[str, Json], tokens: tuple[str | int, ...], value: Json) -> None:
        container: Any = node
        for token in tokens[:-1]:
            container = container[token]
        container[tokens[-1]] = value

    def _reference(self, node: dict[str, Json], pointer: str) -> Json:
        for name in [n for n in ("summary", "description") if n in node]:
            self.losses.add(join(pointer, name), f"{name} beside a reference")
            del node[name]
        return node

    def _openapi(self, node: dict[str, Json], pointer: str) -> None:
        node["openapi"] = _NEWEST["3.0"]
        node.setdefault("paths", {})
        if node.pop("jsonSchemaDialect", None) is not None:
            self.losses.add(join(pointer, "jsonSchemaDialect"), "choice of a schema dialect")
        if "webhooks" in node:  # the name that tools for 3.0 know them by
            node["x-webhooks"] = node.pop("webhooks")

    def _info(self, node: dict[str, Json], pointer: str) -> None:
        if "summary" in node:
            node["x-summary"] = node.pop("summary")
        licence = node.get("license")
        if isinstance(licence, dict) and "identifier" in licence:
            identifier = licence.pop("identifier")
            licence.setdefault("url", f"{_SPDX}{identifier}.html")
            licence["x-identifier"] = identifier

    def _components(self, node: dict[str, Json], pointer: str) -> None:
        if node.pop("pathItems", None):
            self.losses.add(join(pointer, "pathItems"), "path items among the components")

    def _operation(self, node: dict[str, Json], pointer: str) -> None:
        if "responses" not in node:
            self.losses.add(pointer, "operation without responses")

    def _securityScheme(self, node: dict[str, Json], pointer: str) -> None:  # noqa: N802 - the object's name
        if node.get("type") == "mutualTLS":
            self.losses.add(join(pointer, "type"), "security scheme of type mutualTLS")
