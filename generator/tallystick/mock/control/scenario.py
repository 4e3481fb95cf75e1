"""Scenarios: steps in JSON or YAML that bring a mock into a wanted state."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, cast

from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.load.problem import TextProblem
from tallystick.load.yaml_text import parse
from tallystick.mock.message import Dropped, Request
from tallystick.mock.refusal import Refused

if TYPE_CHECKING:
    from tallystick.mock.control.operations import Control

_REFERENCE: Final = re.compile(r"\{(\w+)#([^{}]*)\}")
VERBS: Final = ("call", "event", "advance", "clock", "fault", "target")
"""What a step can do, one at a time."""
_MOST_TOLD: Final = 300
_MOST_NODES: Final = 200_000
"""How much a scenario may hold once its aliases are expanded."""


async def play(control: Control, body: Any, request: Request) -> list[Json]:
    """Do the steps of a scenario and return what each gave. Raises `Refused` naming the step that fails."""
    scenario = _parsed(request.body, control) if isinstance(body, str) else body
    for index, step in enumerate(scenario["steps"]):
        if len([verb for verb in VERBS if verb in step]) != 1:
            raise Refused("invalid", f"At /steps/{index}: a step has just one of {', '.join(VERBS)}.")
    known: dict[str, Json] = {}
    given: list[Json] = []
    for number, raw in enumerate(scenario["steps"], 1):
        try:
            step = cast("dict[str, Any]", _filled(raw, known))
            result = await _step(control, step, request)
        except Refused as refused:
            raise Refused("state-conflict", f"Step {number}: {refused.message}") from refused
        if "as" in step:
            known[step["as"]] = result
        given.append({"step": number, "result": result})
    return given


def _parsed(body: bytes, control: Control) -> Any:
    try:
        scenario, marks = parse(body.decode())
    except UnicodeDecodeError as error:
        raise Refused("malformed", f"The scenario is not UTF-8, at byte {error.start}.") from None
    except TextProblem as problem:
        place = f"line {problem.line}, column {problem.column}"
        raise Refused("malformed", f"The scenario can't be read: {place}: {problem.message}") from None
    if _is_huge(scenario):
        raise Refused("malformed", f"The scenario holds more than {_MOST_NODES} values.")
    return control.checked("Scenario", scenario, lambda p: "line {}, column {}".format(*marks.find(scenario, p)))


def _is_huge(value: Json) -> bool:
    """Say whether a value holds too much to be walked; aliases make that possible in a short text."""
    waiting, seen = [value], 0
    while waiting and seen <= _MOST_NODES:
        node = waiting.pop()
        seen += 1
        if isinstance(node, (dict, list)):
            waiting += node.values() if isinstance(node, dict) else node
    return seen > _MOST_NODES


def _filled(value: Json, known: dict[str, Json]) -> Json:
    """Return a step with `{name#/pointer}` replaced by what an earlier one gave."""
    if isinstance(value, dict):
        return {name: _filled(v, known) for name, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, known) for v in value]
    if not isinstance(value, str):
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole is not None:
        return _looked_up(whole, known)
    return _REFERENCE.sub(lambda m: str(_looked_up(m, known)), value)


def _looked_up(match: re.Match[str], known: dict[str, Json]) -> Json:
    try:
        return cast("Json", get(known[match[1]], match[2]))
    except (KeyError, NoSuchMember):
        raise Refused("invalid", f"{match[0]} leads nowhere.") from None


async def _step(control: Control, step: dict[str, Any], request: Request) -> Json:
    if "call" in step:
        return await _call(control, step, request)
    if "event" in step:
        return cast("Json", await control.happen(step["event"], None, request))
    if "advance" in step:
        return cast("Json", await control.advance_clock({}, {"seconds": step["advance"]}, request))
    if "clock" in step:
        return cast("Json", await control.set_clock({}, step["clock"], request))
    if "fault" in step:
        return cast("Json", await control.add_fault({}, step["fault"], request))
    return cast("Json", await control.add_target({}, step["target"], request))


async def _call(control: Control, step: dict[str, Any], request: Request) -> Json:
    call = step["call"]
    body = json.dumps(call["body"]).encode() if "body" in call else b""
    host = request.headers.get("host", "localhost")
    headers = {"host": host, **{n.lower(): v for n, v in call.get("headers", {}).items()}}
    if body:
        headers.setdefault("content-type", "application/json")
    path, _, query = call["path"].partition("?")
    method = call["method"].upper()
    try:
        answer = await control.play(Request(method, path, query, headers, body, scheme=request.scheme))
    except Dropped:
        if "expect" in step:
            raise Refused("state-conflict", "the connection was dropped.") from None
        return None
    if answer.status != step.get("expect", answer.status):
        said = answer.body[:_MOST_TOLD].decode("utf-8", "replace")
        raise Refused("state-conflict", f"the call was answered {answer.status}, not {step['expect']}: {said}")
    try:
        return cast("Json", json.loads(answer.body)) if answer.body else None
    except ValueError:
        return None
