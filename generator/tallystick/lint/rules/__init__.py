"""The house rules, one module per theme. The order here is that of the listing and of the docs."""

from __future__ import annotations

from types import ModuleType

from tallystick.lint import values
from tallystick.lint.rule import Rule
from tallystick.lint.rules import curation, document, links, operations, paths, schemas, security, usage, webhooks
from tallystick.lint.vocabulary import errors, form, lifecycles, sources


def _of(*modules: ModuleType) -> tuple[Rule, ...]:
    return tuple(value for module in modules for value in vars(module).values() if isinstance(value, Rule))


RULES: tuple[Rule, ...] = _of(
    *(document, paths, operations, usage, values, schemas, curation, security, links, webhooks),
    *(form, lifecycles, errors, sources),
)
"""Every rule there is."""
