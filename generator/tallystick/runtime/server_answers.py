"""Refusals in the contract's own words, or as problem details (RFC 9457) where it has none."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from starlette.responses import Response

from .codec import dump
from .server_errors import STATUSES, Problem
from .server_facts import Facts, Form, Operation

_LONGEST = 300


class Answers:
    """Turns problems into answers."""

    def __init__(self, facts: Facts) -> None:
        self._everywhere = facts.errors

    def answer(self, operation: Operation | None, error: Problem, *, declared: bool = True) -> Response:
        """Return the answer that says no. Not `declared`: the operation is only near, its own errors don't apply."""
        own = operation.errors if operation is not None and declared else ()
        form = _chosen(own, error) or _by_status(own, error)
        if form is None and error.status not in (operation.statuses if operation and declared else ()):
            form = _chosen(self._everywhere, error)
        status = form.status if form is not None else _status(operation if declared else None, error)
        if error.body is not None:
            kind = form.media_type if form is not None else "application/json"
            return Response(dump(Any, error.body), status, {**error.headers, "content-type": kind})
        if form is None:
            return _problem(status, error)
        facts = {
            "message": error.message[:_LONGEST],
            "pointer": error.pointer,
            "value": error.value,
            "status": status,
            "id": str(uuid.uuid4()),
        }
        body = _filled(form, facts)
        return _json(status, body, form.media_type, error.headers)


def _chosen(forms: tuple[Form, ...], error: Problem) -> Form | None:
    """Return the form of an error by its name, or by the situation it is in."""
    if error.name:
        return next((form for form in forms if form.name == error.name), None)
    return next((form for form in forms if error.situation and error.situation in form.situations), None)


def _by_status(forms: tuple[Form, ...], error: Problem) -> Form | None:
    statuses = STATUSES.get(error.situation, (error.status,))
    return next((form for status in statuses for form in forms if form.status == status), None)


def _status(operation: Operation | None, error: Problem) -> int:
    statuses = STATUSES.get(error.situation, (error.status,))
    declared = operation.statuses if operation is not None else frozenset[int]()
    return next((status for status in statuses if status in declared), statuses[0])


def _filled(form: Form, facts: Mapping[str, Any]) -> Any:
    """Return the form's example with its places filled; a place for which there is nothing to say is left out."""
    body = deepcopy(form.example)
    for place, fact in form.fill.items():
        *path, last = [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:]]
        holder: Any = body
        for part in path:
            holder = holder[_index(holder, part)]
        if fact == "pointer" and not facts[fact]:
            holder.pop(last, None)
        elif facts[fact] not in ("", None):
            holder[_index(holder, last)] = facts[fact]
    return body


def _index(holder: object, part: str) -> int | str:
    return int(part) if isinstance(holder, list) else part


def _problem(status: int, error: Problem) -> Response:
    title = error.situation.replace("-", " ") or type(error).__name__
    body = {"title": title, "status": status, "detail": error.message[:_LONGEST]}
    return _json(status, body, "application/problem+json", error.headers)


def _json(status: int, body: object, kind: str, headers: Mapping[str, str]) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(content, status, {**headers, "content-type": kind})
