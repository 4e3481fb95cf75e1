"""Errors that have a class because of what their body says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from .outcome import StatusError


class Failure(NamedTuple):
    """What an error status means: the type of its body, and the classes for what it may say.

    `problems` pairs JSON Pointers into the body, and the values found there, with a class; first match wins.
    """

    body: object
    problems: tuple[tuple[Mapping[str, object], type[StatusError]], ...]


def told_apart(kind: type[StatusError], rule: Any, data: object) -> tuple[type[StatusError], object]:
    """Give the class for an error body, `kind` if nothing more is known, and the type of the body."""
    if not isinstance(rule, Failure):
        return kind, rule
    return next((error for when, error in rule.problems if matches(data, when)), kind), rule.body


def matches(data: object, when: Mapping[str, object]) -> bool:
    """Say whether JSON data holds the given values at the given JSON Pointers."""
    for pointer, expected in when.items():
        value = data
        for token in pointer.split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            if isinstance(value, list):
                value = dict(enumerate(cast("list[object]", value))).get(int(key)) if key.isdecimal() else None
            else:
                value = cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None
        if value != expected:
            return False
    return True
