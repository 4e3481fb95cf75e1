"""What a handler is given: parameters of every style, bodies of every media type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Built, Recording, call, document, operation

LIST = {"type": "array", "items": {"type": "integer"}}
OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}
STYLES: list[tuple[str, str, bool, Any, str, Any]] = [
    ("query", "form", True, {"type": "integer"}, "?q=5", 5),
    ("query", "form", True, {"type": "string"}, "?q=5", "5"),
    ("query", "form", True, {"type": "boolean"}, "?q=true", True),
    ("query", "form", True, {"type": "number"}, "?q=1.5", 1.5),
    ("query", "form", True, LIST, "?q=1&q=2", [1, 2]),
    ("query", "form", False, LIST, "?q=1,2", [1, 2]),
    ("query", "form", False, {"type": "array", "items": {"type": "string"}}, "?q=a%2Cb,c", ["a,b", "c"]),
    ("query", "spaceDelimited", False, LIST, "?q=1%202", [1, 2]),
    ("query", "spaceDelimited", False, LIST, "?q=1+2", [1, 2]),
    ("query", "pipeDelimited", False, LIST, "?q=1%7C2", [1, 2]),
    ("query", "pipeDelimited", False, LIST, "?q=1|2", [1, 2]),
    ("query", "form", False, OBJECT, "?q=a,1,b,x", {"a": 1, "b": "x"}),
    ("query", "form", True, OBJECT, "?a=1&b=x", {"a": 1, "b": "x"}),
    ("query", "deepObject", True, OBJECT, "?q[a]=1&q%5Bb%5D=x", {"a": 1, "b": "x"}),
    ("path", "simple", False, {"type": "string"}, "/a%2Fb%20c", "a/b c"),
    ("path", "simple", False, LIST, "/1,2", [1, 2]),
    ("path", "simple", True, OBJECT, "/a=1,b=x", {"a": 1, "b": "x"}),
    ("path", "label", False, LIST, "/.1,2", [1, 2]),
    ("path", "label", True, LIST, "/.1.2", [1, 2]),
    ("path", "matrix", False, LIST, "/;q=1,2", [1, 2]),
    ("path", "matrix", True, LIST, "/;q=1;q=2", [1, 2]),
    ("path", "matrix", True, OBJECT, "/;a=1;b=x", {"a": 1, "b": "x"}),
    ("header", "simple", False, LIST, "1, 2", [1, 2]),
    ("header", "simple", True, OBJECT, "a=1,b=x", {"a": 1, "b": "x"}),
    ("cookie", "form", True, {"type": "integer"}, "q=7", 7),
]


@pytest.mark.parametrize(("place", "style", "explode", "schema", "sent", "value"), STYLES)
def test_a_parameter_arrives_as_its_value(
    build: Callable[..., Built], place: str, style: str, explode: bool, schema: Any, sent: str, value: Any
) -> None:
    parameter = {"name": "q", "in": place, "required": True, "style": style, "explode": explode, "schema": schema}
    path = "/things/{q}" if place == "path" else "/things"
    built = build(document({path: {"get": operation(parameters=[parameter])}}))
    things = Recording()
    headers = {"q": sent} if place == "header" else {"cookie": sent} if place == "cookie" else {}
    url = "/things" + (sent if place in ("query", "path") else "")
    answer = call(built.module.create_app(things=things), "GET", url, headers=headers)
    assert answer.status_code == 204, answer.text
    given = things.seen["q"]
    assert (given.to_dict() if hasattr(given, "to_dict") else given) == value
