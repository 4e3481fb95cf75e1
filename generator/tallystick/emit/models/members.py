"""The members of one class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from tallystick import names
from tallystick.contract import Schema
from tallystick.emit.models.shape import Anything, Choice, Field, Null, Plain, Record, Shape, Union
from tallystick.emit.models.view import Part, Parts, View, flatten
from tallystick.load import Json, is_number

if TYPE_CHECKING:
    from tallystick.emit.models.survey import Survey

_DEEPEST = 8
"""How many lists and unions deep a secret is looked for; schemas can contain themselves."""


def record(survey: Survey, key: str, parts: Parts, seen: View) -> Record:
    """Return the class of a conjunction that is an object with members."""
    python = names.distinct(seen.members, names.member_name)
    fields = [
        _field(survey, name, python[name], tuple(own), required=name in seen.required)
        for name, own in seen.members.items()
    ]
    extra: Literal["open", "closed", ""] = ""
    fields += _only_required(seen, frozenset(python.values()))
    if seen.additional is not None:
        extra = "closed" if seen.additional.data is False else "open"
    own = parts[-1].schema
    return Record(key, own.pointer, tuple(fields), described(own), extra)


def _only_required(seen: View, known: frozenset[str]) -> Iterator[Field]:
    """Yield members that are asked for and described nowhere: they can be sent, and need not come."""
    if seen.additional is None or seen.additional.data is not False:
        missing = {name: names.member_name(name) for name in sorted(seen.required - seen.members.keys())}
        python = names.distinct([n for n, spelled in missing.items() if spelled not in known], names.member_name)
        yield from (Field(name, spelled, Anything(), required=False) for name, spelled in python.items())


def _field(survey: Survey, api_name: str, name: str, parts: Parts, *, required: bool) -> Field:
    shape = survey.shape(parts)
    own = parts[-1].schema
    return Field(
        api_name,
        name,
        shape,
        required,
        default=None if required else _default(shape, own.get("default")),
        description=described(own),
        deprecated=own.flag("deprecated"),
        sensitive=_sensitive(survey, parts),
        read_only=any(p.schema.flag("readOnly") for p in parts),
        write_only=any(p.schema.flag("writeOnly") for p in parts),
    )


def _default(shape: Shape, value: Json) -> Json:
    """Return a default that fits its shape and can't be changed in place, else nothing."""
    match shape:
        case Union(members=members) if Null() in members:
            return next((d for m in members if (d := _default(m, value)) is not None), None)
        case Choice(values=values):
            return value if any(v == value and type(v) is type(value) for v in values) else None
        case Plain(kind="str"):
            return value if isinstance(value, str) else None
        case Plain(kind="int"):
            return value if isinstance(value, int) and not isinstance(value, bool) else None
        case Plain(kind="bool"):
            return value if isinstance(value, bool) else None
        case Plain(kind="float"):
            return float(value) if is_number(value) else None
        case _:
            return None


def _sensitive(survey: Survey, parts: Parts, depth: int = 0) -> bool:
    """Say whether a value, or what a list or map of them holds, must never be shown; classes mask their own."""
    seen = survey.view(parts)
    if seen.sensitive or any(p.schema.sensitive for p in parts):
        return True
    inside: list[Parts] = [(Part(b),) for _, _, branches in seen.alternatives for b in branches]
    if seen.items:
        inside.append(tuple(seen.items))
    if not seen.members and seen.additional is not None:
        inside.append((Part(seen.additional),))
    return depth < _DEEPEST and any(_sensitive(survey, p, depth + 1) for p in inside)


def described(schema: Schema) -> str:
    """Return the words for a schema: its own description before that of what it is made of, or its title.

    A title of one word is a name, and says no more than the name of the class.
    """
    texts = [t for p in flatten((Part(schema),)) if (t := p.schema.text("description"))]
    title = schema.text("title")
    return texts[-1] if texts else title if " " in title else ""
