"""Values that the contract calls sensitive: found in what is sent, so that no message repeats them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, cast

from .call import Call, Request


def redact(names: frozenset[str], request: Request, _: Call[Any]) -> None:
    """Keep the values of members with these names out of what is said about a request."""
    request.secrets = (*request.secrets, partial(values_of, names, request.content))


def values_of(names: frozenset[str], content: bytes) -> Iterable[str]:
    """Give the values of members with these names, wherever they stand in a JSON body."""
    try:
        return list(_walk(names, json.loads(content), marked=False)) if content else []
    except ValueError:
        return []


def _walk(names: frozenset[str], data: object, *, marked: bool) -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in cast("dict[str, object]", data).items():
            yield from _walk(names, value, marked=marked or name in names)
    elif isinstance(data, list):
        for item in cast("list[object]", data):
            yield from _walk(names, item, marked=marked)
    elif marked and data is not None and not isinstance(data, bool):
        yield str(data)
