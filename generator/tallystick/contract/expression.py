"""OpenAPI runtime expressions (`$request.body#/id`), parsed once."""

from __future__ import annotations

import re
from dataclasses import dataclass

_EXPRESSION = re.compile(
    r"\$(?:(?P<plain>url|method|statusCode)"
    r"|(?P<message>request|response)\.(?P<part>header|query|path|body)(?:\.(?P<name>[^#{}]+))?(?P<f1>#[^{}]*)?"
    r"|(?P<resource>resource)(?P<f2>#[^{}]*)?)"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """Where a value comes from.

    `source` is `url`, `method`, `statusCode`, `request.header`, `request.query`, `request.path`, `request.body`,
    `response.header`, `response.body` or `resource` (the stored resource, our own). `name` is the header or
    parameter, `pointer` the JSON Pointer into a body; each empty where it has no meaning.
    """

    text: str
    source: str
    name: str = ""
    pointer: str = ""

    def __str__(self) -> str:
        return self.text


def parse(text: str) -> Expression | None:
    """Return the expression, or `None` when `text` is a constant."""
    match = _EXPRESSION.fullmatch(text)
    if match is None:
        return None
    if match["plain"]:
        return Expression(text, match["plain"])
    if match["resource"]:
        return Expression(text, "resource", pointer=(match["f2"] or "#")[1:])
    return Expression(text, f"{match['message']}.{match['part']}", match["name"] or "", (match["f1"] or "#")[1:])


def embedded(template: str) -> tuple[str | Expression, ...]:
    """Return a string with `{$…}` expressions in it as a sequence of constants and expressions."""
    parts: list[str | Expression] = []
    for piece in re.split(r"(\{\$[^}]*\})", template):
        expression = parse(piece[1:-1]) if piece.startswith("{$") else None
        if piece:
            parts.append(expression or piece)
    return tuple(parts)
