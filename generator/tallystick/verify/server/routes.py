"""Which operation a request belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from tallystick.contract.model import Operation

_PARAMETER = re.compile(r"\{[^{}]*\}")


class Routes:
    """Finds operations by method and path; a literal path goes before one with parameters."""

    def __init__(self, operations: Iterable[Operation], prefix: str = "") -> None:
        self._prefix = prefix.rstrip("/")
        ordered = sorted(operations, key=lambda o: (len(_PARAMETER.findall(o.path)), o.path))
        self._patterns = [(o.method, _pattern(o.path), o) for o in ordered]

    def find(self, method: str, url: str) -> Operation | None:
        """Return the operation of a request to `url` (absolute or a path), `None` when there is none."""
        path = urlsplit(url).path
        if not path.startswith(self._prefix):
            return None
        path = path[len(self._prefix) :]
        return next((o for m, pattern, o in self._patterns if m == method.upper() and pattern.fullmatch(path)), None)

    def paths(self, url: str) -> frozenset[str]:
        """Return the templates of all paths that a URL is one of: a value in it may make it another's."""
        path = urlsplit(url).path.removeprefix(self._prefix)
        return frozenset(o.path for _, pattern, o in self._patterns if pattern.fullmatch(path))


def path_values(operation: Operation, path: str) -> dict[str, str]:
    """Return the path parameters of a request, still percent-encoded; empty when the path is another."""
    names = [found[1:-1] for found in _PARAMETER.findall(operation.path)]
    match = _pattern(operation.path).fullmatch(path)
    return dict(zip(names, match.groups(), strict=True)) if match is not None else {}


def _pattern(path: str) -> re.Pattern[str]:
    literals = (re.escape(part) for part in _PARAMETER.split(path.split("?")[0]))
    return re.compile("([^/]+)".join(literals))


def label(operation: Operation) -> str:
    """Return what reports call an operation: `POST /path`."""
    return f"{operation.method} {operation.path}"
