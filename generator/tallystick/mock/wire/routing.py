"""From a path to its operations: fixed segments before templates, as OpenAPI asks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus, urlsplit

from tallystick.contract import Contract
from tallystick.contract.model import Operation, Server

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


@dataclass(slots=True)
class Route:
    """A path of the contract with its operations by method.

    `asked` are operations whose path in the document goes on with a query, and that query. `rivals` are operations
    of one method that nothing in the path tells apart: `/pets/{id}` and `/pets/{name}`, or `/#list` and `/#create`.
    """

    path: str
    operations: dict[str, Operation] = field(default_factory=dict)
    asked: list[tuple[str, Operation]] = field(default_factory=list)
    rivals: dict[str, list[Operation]] = field(default_factory=dict)

    def operation(self, method: str, query: str) -> Operation | None:
        """Return the operation for a method, HEAD being GET without a body; `None` when there is none."""
        found = self.operations.get(method) or (self.operations.get("GET") if method == "HEAD" else None)
        if self.asked:
            fitting = (o for text, o in self.asked if o.method == method and in_query(text, query) is not None)
            return next(fitting, found)
        return found

    @property
    def allow(self) -> str:
        """The value of the `Allow` header: what is declared, and HEAD where GET is."""
        return _allow(self.operations)


@dataclass(frozen=True, slots=True)
class Match:
    """A route and the values of its path parameters, percent-decoded."""

    route: Route
    values: dict[str, str]


@dataclass(slots=True)
class _Node:
    fixed: dict[str, _Node] = field(default_factory=dict)
    templates: list[tuple[tuple[re.Pattern[str], ...], tuple[str, ...], _Node]] = field(default_factory=list)
    route: Route | None = None


class Router:
    """Finds routes. A path may be given with or without the base path of one of the contract's servers."""

    def __init__(self, contract: Contract) -> None:
        self._root = _Node()
        self._fixed: dict[str, Match] = {}
        self.routes: list[Route] = []
        self._listed = _listed(contract)
        for operation in sorted(contract.operations, key=lambda o: "?" in o.path):
            route = self._route(operation.path)
            route.operations.setdefault(operation.method, operation)
            if asked := query_of(operation.path):
                route.asked.append((asked, operation))
        self._find_rivals(contract)
        self._bases = sorted({*_base_paths(contract)}, key=len, reverse=True)
        self.allow = _allow({o.method for o in contract.operations})
        """The methods that some path takes, as the value of an `Allow` header."""

    def find(self, path: str, method: str = "") -> Match | None:
        """Return the route of a percent-encoded path, `None` when the contract has none.

        With `method`, routes that don't have it are passed over, where another route of this path does.
        """
        fixed = self._fixed.get(path)
        if fixed is not None and (not method or method in fixed.route.operations):
            return fixed
        first: Match | None = None
        for place in (path, *self._below(path)):
            matches = sorted(_walk(self._root, place.split("/")[1:], {}), key=_vagueness)
            for match in matches:
                if not method or method in match.route.operations:
                    return match
                first = first or match
        return first

    def _below(self, path: str) -> Iterator[str]:
        """Yield the path without the base path of a server, for each that it begins with."""
        yield from (path[len(base) :] for base in self._bases if path.startswith(base + "/"))

    def _find_rivals(self, contract: Contract) -> None:
        alike: dict[tuple[str, str], list[Operation]] = {}
        for operation in contract.operations:
            if not query_of(operation.path):
                alike.setdefault((_shape(operation.path), operation.method), []).append(operation)
        for route in self.routes:
            for method in route.operations:
                several = alike.get((_shape(route.path), method), [])
                if len(several) > 1:
                    route.rivals[method] = several

    def _route(self, template: str) -> Route:
        node = self._root
        path = _plain(template)
        for segment in path.split("/")[1:]:
            node = _child(node, segment, self._listed.get(template, {}))
        if node.route is None:
            node.route = Route(template)
            self.routes.append(node.route)
            if "{" not in path:
                self._fixed[path] = Match(node.route, {})
        return node.route


def _allow(methods: Collection[str]) -> str:
    return ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])}))


def query_of(path: str) -> str:
    """Return the query that a path in the document goes on with, empty without one."""
    return path.partition("#")[0].partition("?")[2]


def in_query(template: str, query: str) -> dict[str, str] | None:
    """Return the values of the parameters in `a=1&b={name}`, `None` for a query that doesn't have all pieces."""
    said = query.split("&")
    values: dict[str, str] = {}
    for piece in template.split("&"):
        named = _TEMPLATE.findall(piece)
        if not named and piece in said:
            continue
        start = piece.partition("{")[0]
        found = next((s for s in said if named and s.startswith(start)), None)
        if found is None:
            return None
        values[named[0]] = unquote_plus(found.removeprefix(start))
    return values


def _vagueness(match: Match) -> list[bool]:
    """Return which segments of a match's path have templates: fixed ones come first, the earlier the better."""
    return ["{" in segment for segment in _plain(match.route.path).split("/")]


def _plain(path: str) -> str:
    """Return a path without the query or fragment that follows it in the document."""
    return re.split(r"[?#]", path, maxsplit=1)[0]


def _shape(path: str) -> str:
    """Return a path without the names of its parameters, and without what follows it."""
    return _TEMPLATE.sub("{}", _plain(path))


def _listed(contract: Contract) -> dict[str, dict[str, str]]:
    """Return, by path, what parameters of it that have a list of values match: only these values."""
    found: dict[str, dict[str, str]] = {}
    for operation in contract.operations:
        for parameter in operation.parameters:
            values = parameter.schema.resolved.enum if parameter.location == "path" and parameter.schema else None
            if values and parameter.style == "simple":
                known = found.setdefault(operation.path, {}).get(parameter.name)
                told = "|".join([*([known] if known else []), *(re.escape(v) for v in values if isinstance(v, str))])
                found[operation.path][parameter.name] = told
    return found


def _child(node: _Node, segment: str, listed: Mapping[str, str]) -> _Node:
    names = tuple(_TEMPLATE.findall(segment))
    if not names:
        return node.fixed.setdefault(unquote(segment), _Node())
    constants = [re.escape(c) for c in _TEMPLATE.split(segment)[::2]]
    pattern = re.compile("(.+?)".join(constants[:-1]) + "(.+)" + constants[-1], re.DOTALL)
    for known, known_names, child in node.templates:
        if (known[-1].pattern, known_names) == (pattern.pattern, names):
            return child
    child = _Node()
    pieces = [f"({listed[name]})" if listed.get(name) else "(.+?)" for name in names]
    exact = "".join(c + p for c, p in zip(constants, [*pieces, ""], strict=True))
    patterns = (re.compile(exact, re.DOTALL), pattern) if len(names) > 1 else (pattern,)
    node.templates.append((patterns, names, child))
    node.templates.sort(key=lambda t: -len(t[0][-1].pattern))
    return child


def _walk(node: _Node, segments: list[str], values: dict[str, str]) -> Iterator[Match]:
    if not segments:
        if node.route is not None:
            yield Match(node.route, values)
        return
    here, rest = unquote(segments[0]), segments[1:]
    if here in node.fixed:
        yield from _walk(node.fixed[here], rest, values)
    for patterns, names, child in node.templates:
        match = next((m for pattern in patterns if (m := pattern.fullmatch(here)) is not None), None)
        if match is not None:
            yield from _walk(child, rest, {**values, **dict(zip(names, match.groups(), strict=True))})


def _base_paths(contract: Contract) -> Iterable[str]:
    servers: list[Server] = [*contract.servers, *(s for o in contract.operations for s in o.servers)]
    for server in servers:
        url = server.url
        for variable in server.variables:
            url = url.replace(f"{{{variable.name}}}", variable.default)
        path = urlsplit(url).path.rstrip("/")
        if path:
            yield path if path.startswith("/") else f"/{path}"
