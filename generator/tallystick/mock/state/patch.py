"""Changes to a resource: what is sent replaces it, is merged into it, or says step by step what to do."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, cast

from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get, split
from tallystick.mock.refusal import Refused


def merged(target: Json, patch: Json) -> Json:
    """Return a value with a patch merged into it: members are set one by one, `null` removes (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    members = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            members.pop(name, None)
        else:
            members[name] = merged(members.get(name), value)
    return members


def is_steps(body: Json) -> bool:
    """Say whether a body is a JSON Patch (RFC 6902)."""
    return isinstance(body, list) and all(isinstance(step, dict) and "op" in step for step in body)


def followed(target: Json, steps: list[Json]) -> Json:
    """Return a value after the steps of a JSON Patch (RFC 6902). Raises `Refused` for one that can't be done."""
    value = deepcopy(target)
    for number, raw in enumerate(steps):
        step = cast("Mapping[str, Json]", raw)
        try:
            value = _done(value, step)
        except (KeyError, IndexError, TypeError, ValueError, NoSuchMember) as error:
            reason = f"Step {number + 1} of the patch, {step.get('op')!r}, can't be done."
            raise Refused("invalid", reason, f"/{number}/path", step.get("path")) from error
    return value


def _done(value: Json, step: Mapping[str, Json]) -> Json:
    pointer, source = str(step["path"]), str(step.get("from", ""))
    match step["op"]:
        case "add":
            return _placed(value, pointer, step["value"], new=True)
        case "replace":
            get(value, pointer)
            return _placed(value, pointer, step["value"], new=False)
        case "remove":
            return _removed(value, pointer)
        case "copy":
            return _placed(value, pointer, deepcopy(cast("Json", get(value, source))), new=True)
        case "move":
            moved = cast("Json", get(value, source))
            return _placed(_removed(value, source), pointer, moved, new=True)
        case "test":
            if get(value, pointer) != step["value"]:
                raise Refused("state-conflict", f"{pointer} is not what the patch expects.", pointer, step["value"])
            return value
        case _:
            raise ValueError(step["op"])


def _placed(value: Json, pointer: str, new_value: Json, *, new: bool) -> Json:
    holder, last = _holder(value, pointer)
    if last is None:
        return new_value
    if not isinstance(holder, list):
        holder[last] = new_value
    elif new:
        index = len(holder) if last == "-" else int(last)
        if not 0 <= index <= len(holder):
            raise IndexError(index)
        holder.insert(index, new_value)
    else:
        holder[int(last)] = new_value
    return value


def _removed(value: Json, pointer: str) -> Json:
    get(value, pointer)
    holder, last = _holder(value, pointer)
    if last is None:
        return None
    del holder[int(last) if isinstance(holder, list) else last]
    return value


def _holder(value: Json, pointer: str) -> tuple[Any, str | None]:
    """Return what a place is in, and its name there, `None` for the whole value."""
    if not pointer:
        return value, None
    parent, _, _ = pointer.rpartition("/")
    return get(value, parent), split(pointer)[-1]
