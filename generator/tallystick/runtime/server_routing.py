"""From a path to its operations, before anything in it is decoded; fixed segments before templates."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import quote, unquote

from starlette.datastructures import URLPath
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from .server_facts import Operation

_TEMPLATE = re.compile(r"\{([^{}]*)\}")
Endpoint = Callable[[Request, "PathRoute"], Awaitable[Response]]


def raw_path(scope: Scope) -> str:
    """Return the path as it was sent, without the one that the application is mounted at."""
    sent: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    path = sent.decode("latin-1").partition("?")[0]
    root = quote(scope.get("root_path", ""))
    return path.removeprefix(root) if root and path.startswith(f"{root}/") else path


class PathRoute(BaseRoute):
    """One path of the contract with its operations by method."""

    def __init__(self, operations: Iterable[Operation], endpoint: Endpoint) -> None:
        self.operations = {operation.method: operation for operation in operations}
        self.path = next(iter(self.operations.values())).path
        self.endpoint = endpoint
        self._pattern = re.compile(pattern(self.path), re.DOTALL)

    @property
    def allow(self) -> str:
        """The value of the `Allow` header."""
        return ", ".join(sorted({*self.operations, *(["HEAD"] if "GET" in self.operations else [])}))

    def operation(self, method: str) -> Operation | None:
        """Return the operation for a method; HEAD is answered as GET where the contract does not say more."""
        return self.operations.get(method) or (self.operations.get("GET") if method == "HEAD" else None)

    def values(self, operation: Operation, path: str) -> list[tuple[str, str]]:
        """Return the path parameters by the operation's own names, still encoded."""
        found = self._pattern.fullmatch(path)
        return list(zip(_TEMPLATE.findall(operation.path), found.groups() if found else (), strict=False))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether a request is for this path; any method is."""
        fits = scope["type"] == "http" and self._pattern.fullmatch(raw_path(scope))
        return (Match.FULL if fits else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """Routes have no names."""
        raise NoMatchFound(name, dict(path_params))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for this path."""
        response = await self.endpoint(Request(scope, receive), self)
        await response(scope, receive, send)


def pattern(path: str) -> str:
    """Return the expression for the paths of a template; templates that differ in names alone have the same."""
    constants = [_constant(text) for text in _TEMPLATE.split(path)[::2]]
    return "([^/]+)".join(constants)


def _constant(text: str) -> str:
    """Return an expression for a fixed part, plainly written or percent-encoded."""
    return "".join(
        re.escape(c)
        if c in "/-._~" or (c.isalnum() and c.isascii())
        else f"(?:{re.escape(c)}|(?i:{quote(c, safe='')}))"
        for c in unquote(text)
    )


def grouped(operations: Iterable[Operation]) -> list[list[Operation]]:
    """Return the operations of each path together, paths with more fixed text first."""
    groups: dict[str, list[Operation]] = {}
    for operation in operations:
        groups.setdefault(pattern(operation.path), []).append(operation)
    return sorted(groups.values(), key=lambda group: _rank(group[0].path))


def _rank(path: str) -> tuple[list[tuple[bool, int]], str]:
    return [("{" in segment, -len(_TEMPLATE.sub("", segment))) for segment in path.split("/")], path
