"""Checks of one answer, beyond Schemathesis' own. Importing this package registers them with Schemathesis."""

from __future__ import annotations

from typing import Any

from tallystick.verify.checks import acceptance, form, leaks, methods, resource
from tallystick.verify.checks.answer import REGISTERED

MODULES = (acceptance, form, leaks, methods, resource)


def registered() -> list[Any]:
    """Return our checks in the form in which Schemathesis runs them."""
    return list(REGISTERED)


def settings() -> dict[str, Any]:
    """Return Schemathesis' settings of the checks."""
    return {}
