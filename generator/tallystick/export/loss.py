"""What a document would lose in another version of OpenAPI, collected while it is translated."""

from __future__ import annotations

from tallystick.contract import Contract
from tallystick.diagnostics import Finding, Severity


class Losses:
    """The losses so far, each with the place in the author's file."""

    def __init__(self, contract: Contract, severity: Severity) -> None:
        self._contract = contract
        self._severity = severity
        self.findings: list[Finding] = []

    def add(self, pointer: str, what: str, hint: str = "") -> None:
        """Record that what stands at a pointer has no equal in OpenAPI 3.0."""
        place = self._contract.place(pointer)
        message = f"OpenAPI 3.0 has no {what}"
        self.findings.append(Finding("lost-in-30", message, place, self._severity, hint=hint))
