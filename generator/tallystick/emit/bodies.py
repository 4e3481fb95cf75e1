"""How a method writes what it sends: the parts of its `Call`, as source text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tallystick.contract.model import Media, Operation, Parameter, RequestBody
from tallystick.emit.annotations import Scope, annotation
from tallystick.emit.arguments import Argument, Wanted, is_file, kind, members, shape_of
from tallystick.emit.literals import quoted
from tallystick.emit.models.shape import Catalogue, Plain, Record, Shape
from tallystick.emit.values import record_of

RUNTIME = ".._runtime"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/"


@dataclass(frozen=True, slots=True)
class BodyPlan:
    """What a body is: its media type, its shape, and its class if its members become arguments."""

    media: Media
    required: bool
    description: str
    shape: Shape
    record: Record | None

    @property
    def encoder(self) -> str:
        """Which function of the runtime writes it."""
        return encoder(self.media.content_type)


def encoder(content_type: str) -> str:
    """Return the runtime's function for a media type."""
    if is_json(content_type):
        return "json_body"
    if content_type == _FORM:
        return "form_body"
    return "multipart_body" if content_type.startswith(_MULTIPART) else "raw_body"


def is_json(content_type: str) -> bool:
    """Say whether a media type is JSON under any name."""
    bare = content_type.partition(";")[0].strip()
    return bare in ("application/json", "text/json", "*/*", "application/*") or bare.endswith("+json")


def preferred(media: tuple[Media, ...]) -> Media:
    """Choose among media types: JSON, then forms, then the first."""
    order = {"json_body": 0, "multipart_body": 1, "form_body": 2, "raw_body": 3}
    return min(media, key=lambda one: order[encoder(one.content_type)])


def plan_body(body: RequestBody, taken: set[str], catalogue: Catalogue) -> BodyPlan:
    """Decide how a body is offered: as arguments for its members if it is a class, else as one argument.

    Members become arguments only if the body is required, or a form, and no raw text, and `taken` names stay clear.
    """
    media = preferred(body.media)
    shape = shape_of(media, catalogue)
    record = record_of(shape, catalogue)
    kind_ = encoder(media.content_type)
    fits = record is not None and kind_ != "raw_body" and (body.required or kind_ != "json_body")
    clash = record is not None and any(field.name in taken for field in record.fields)
    return BodyPlan(media, body.required, body.description, shape, record if fits and not clash else None)


def wanted(plan: BodyPlan) -> Iterator[Wanted]:
    """Yield the arguments of a body."""
    example = next((e.value for e in plan.media.examples), None)
    multipart = plan.encoder == "multipart_body"
    if plan.record is not None:
        for want in members(plan.record.fields, example):
            yield replace(want, file=multipart and is_file(want.shape))
        return
    shape = Plain("bytes") if plan.encoder == "raw_body" else plan.shape
    yield Wanted("", "body", shape, plan.required, plan.description, example, name="body")


def expression(
    plan: BodyPlan, arguments: tuple[Argument, ...], catalogue: Catalogue, scope: Scope
) -> tuple[str, list[str], str]:
    """Write a body as head, members and tail, to be laid out."""
    name = plan.encoder
    module = {"json_body": "call", "multipart_body": "multipart"}.get(name, "forms")
    scope.use(f"{RUNTIME}.{module}", name)
    kind_ = plan.media.content_type
    usual = {
        "json_body": "application/json",
        "form_body": _FORM,
        "multipart_body": "multipart/form-data",
        "raw_body": "",
    }[name]
    media = "" if kind_ == usual or "*" in kind_ else f", media_type={quoted(kind_)}"
    if plan.record is None:
        typed = f"{annotation(plan.shape, scope)}, " if name == "json_body" else ""
        return f"lambda: {name}({typed}body{media})", [], ""
    own = [argument for argument in arguments if argument.place == "member"]
    written = [entry(a.key, _member(a, plan, catalogue, scope)) for a in own]
    types = {a.key: plan.media.encoding[a.key].content_type for a in own if a.key in plan.media.encoding}
    told = {key: value.partition(",")[0] for key, value in types.items() if value and name == "multipart_body"}
    if told:
        media = f", {{{', '.join(f'{quoted(k)}: {quoted(v)}' for k, v in told.items())}}}{media}"
    typed = f"{scope.use(scope.models, plan.record.name)}, " if name == "json_body" else ""
    return f"lambda: {name}({typed}{{", written, f"}}{media})"


def _member(argument: Argument, plan: BodyPlan, catalogue: Catalogue, scope: Scope) -> str:
    """Write one member of a form in its own style; JSON and multipart have only one."""
    if plan.encoder != "form_body":
        return argument.name
    encoding = plan.media.encoding.get(argument.key)
    value = kind(argument.shape, catalogue)
    if encoding and encoding.style == "deepObject":
        return _deep(scope, argument) if value != "scalar" else argument.name
    if value == "object" or (encoding and is_json(encoding.content_type)):
        return styled(scope, "as_json", argument.name)
    if value == "array" and encoding and not encoding.explode:
        return delimited(scope, argument.name, encoding.style)
    return argument.name


def entry(key: str, value: str) -> str:
    """Write one entry of a mapping; a value that is a mapping of its own is spread out."""
    return value if value.startswith("**") else f"{quoted(key)}: {value}"


def _deep(scope: Scope, argument: Argument) -> str:
    return f"**{styled(scope, 'deep', quoted(argument.key), argument.name)}"


def styled(scope: Scope, function: str, *arguments: str) -> str:
    """Write a call of a style."""
    scope.use(RUNTIME, "styles")
    return f"styles.{function}({', '.join(arguments)})"


def delimited(scope: Scope, name: str, style: str) -> str:
    """Write a list in one value."""
    between = {"spaceDelimited": '" "', "pipeDelimited": '"|"'}.get(style)
    return styled(scope, "delimited", name, *([between] if between else []))


def parameter(argument: Argument, own: Parameter | None, catalogue: Catalogue, scope: Scope) -> str:
    """Write one parameter in its style; the default styles need no wrapper."""
    name = argument.name
    if own is None:
        return name
    if own.media is not None:
        return styled(scope, "as_json", name) if is_json(own.media.content_type) else name
    value = kind(argument.shape, catalogue)
    explode = ["True"] if own.explode else []
    match own.location, own.style:
        case ("path", "label"):
            return styled(scope, "label", name, *explode)
        case ("path", "matrix"):
            return styled(scope, "matrix", quoted(own.name), name, *explode)
        case ("path" | "header" as location, _) if value != "scalar":
            style = "exploded" if own.explode and value != "array" else "simple"
            return styled(scope, f"{style}_header" if location == "header" else style, name)
        case ("path" | "header", _):
            return name
        case (_, "deepObject"):
            return _deep(scope, argument) if value != "scalar" else name
        case _:
            if value != "scalar" and not own.explode:
                return delimited(scope, name, own.style)
            return styled(scope, "reserved", name) if own.allow_reserved and value == "scalar" else name


def by_place(operation: Operation) -> dict[tuple[str, str], Parameter]:
    """Return the parameters by place and name."""
    return {(p.location, p.name): p for p in operation.parameters}
