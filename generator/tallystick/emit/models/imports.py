"""What a module imports, collected while it is written."""

from __future__ import annotations

import ast
from collections.abc import Mapping

_LIBRARIES = frozenset(("msgspec", "pydantic", "typing_extensions"))


class Imports:
    """Names by module. `homes` says which module of the package our own names come from."""

    def __init__(self, homes: Mapping[str, str]) -> None:
        self.homes = homes
        self._names: dict[str, set[str]] = {}

    def need(self, *names: tuple[str, str]) -> None:
        """Add (module, name) pairs."""
        for module, name in names:
            self._names.setdefault(module, set()).add(name)

    def need_runtime(self, *names: str) -> None:
        """Add names of our own."""
        self.need(*((self.homes[name], name) for name in names))

    def take(self, module: str) -> set[str]:
        """Return what is imported from a module, and forget it."""
        return self._names.pop(module, set())

    def read(self, text: str) -> None:
        """Add the `from` imports of some Python text."""
        for node in ast.parse(text).body:
            if isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__":
                self.need(*((node.module, _spelled(alias)) for alias in node.names))

    def __str__(self) -> str:
        """Return the statements as isort has them: standard library, others, relative."""
        groups: Mapping[int, list[str]] = {0: [], 1: [], 2: []}
        for module in sorted(self._names):
            names = ", ".join(sorted(self._names[module], key=_order))
            group = 2 if module.startswith(".") else 1 if module.split(".")[0] in _LIBRARIES else 0
            groups[group].append(f"from {module} import {names}")
        return "\n\n".join("\n".join(lines) for lines in groups.values() if lines)


def _spelled(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _order(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)
