"""Scenarios: steps in JSON or YAML that bring a mock into a wanted state."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get
from tallystick.mock.message import Request
from tallystick.mock.refusal import Refused

if TYPE_CHECKING:
    from tallystick.mock.control import Control

_REFERENCE = re.compile(r"\{(\w+)#([^{}]*)\}")


async def play(control: Control, body: Any, request: Request) -> list[Json]:
    """Do the steps of a scenario and return what each gave. Raises `Refused` naming the step that fails."""
    scenario = _parsed(body, control) if isinstance(body, str) else body
    known: dict[str, Json] = {}
    given: list[Json] = []
    for number, raw in enumerate(scenario["steps"], 1):
        step = cast("dict[str, Any]", _filled(raw, known))
        try:
            result = await _step(control, step, request)
        except Refused as refused:
            raise Refused("state-conflict", f"Step {number}: {refused.message}") from refused
        if "as" in step:
            known[step["as"]] = result
        given.append({"step": number, "result": result})
    return given


def _parsed(text: str, control: Control) -> Any:
    import yaml

    try:
        scenario = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Refused("invalid", f"The scenario is not YAML: {error}") from None
    return control.checked("Scenario", scenario)


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
    if "target" in step:
        return cast("Json", await control.add_target({}, step["target"], request))
    raise Refused("invalid", "A step has one of call, event, advance, clock, fault and target.")


async def _call(control: Control, step: dict[str, Any], request: Request) -> Json:
    call = step["call"]
    body = json.dumps(call["body"]).encode() if "body" in call else b""
    host = request.headers.get("host", "localhost")
    headers = {"host": host, **{n.lower(): v for n, v in call.get("headers", {}).items()}}
    if body:
        headers.setdefault("content-type", "application/json")
    path, _, query = call["path"].partition("?")
    method = call["method"].upper()
    answer = await control.play(Request(method, path, query, headers, body, scheme=request.scheme))
    if answer.status != step.get("expect", answer.status):
        raise Refused("state-conflict", f"the call was answered {answer.status}, not {step['expect']}.")
    try:
        return cast("Json", json.loads(answer.body)) if answer.body else None
    except ValueError:
        return None
