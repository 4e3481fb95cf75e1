"""The report for tools, and back again: one JSON document that holds the whole result."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from tallystick.errors import ConfigurationError
from tallystick.verify.coverage import Coverage, Item
from tallystick.verify.result import Failure, Message, Problem, Result, Step

FORMAT = 1


def as_json(result: Result) -> str:
    """Return the result as JSON. The same result gives the same bytes: times are left out."""
    data: dict[str, Any] = {"format": FORMAT, **asdict(result)}
    del data["seconds"]
    for listed in ("failures", "accepted"):
        for plain, failure in zip(data[listed], getattr(result, listed), strict=True):
            del plain["after"]
            plain["fingerprint"] = failure.fingerprint
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str, name: str) -> Result:
    """Return the result that `as_json` wrote. Raises `ConfigurationError` when the text is something else."""
    try:
        data = json.loads(text)
        if data.pop("format") != FORMAT:
            raise ValueError("another format")
        return Result(
            **{
                **data,
                "failures": tuple(_failure(f) for f in data["failures"]),
                "accepted": tuple(_failure(f) for f in data["accepted"]),
                "problems": tuple(Problem(**p) for p in data["problems"]),
                "coverage": Coverage(tuple(Item(**i) for i in data["coverage"]["items"])),
            }
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "give the report.json files that `tallystick test` wrote"
        raise ConfigurationError(f"{name} is no report of a test run", hint=hint) from error


def _failure(data: dict[str, Any]) -> Failure:
    data.pop("fingerprint")
    return Failure(**{**data, "steps": tuple(_step(s) for s in data["steps"])})


def _step(data: dict[str, Any]) -> Step:
    return Step(**{**data, "request": _message(data["request"]), "answer": _message(data["answer"])})


def _message(data: dict[str, Any]) -> Message:
    return Message(tuple((k, v) for k, v in data["headers"]), data["body"])
