"""The arguments of a method: parameters of the operation, and the members of its body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tallystick.contract.model import Media, Operation, Parameter
from tallystick.emit.annotations import Scope, annotation
from tallystick.emit.literals import quoted
from tallystick.emit.models.shape import (
    Anything,
    Catalogue,
    Choice,
    Field,
    Named,
    Plain,
    Row,
    Sequence,
    Shape,
    Table,
    Union,
)
from tallystick.emit.naming import settle
from tallystick.emit.values import follow, record_of
from tallystick.load import Json
from tallystick.names import member_name

_TAKEN = frozenset(("self", "styles", "builtins", "json_body", "form_body", "raw_body", "multipart_body"))


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. `key` is the name on the wire, `place` where it goes: path, query, header, cookie, member, body.

    `default` is empty for what is required; `example` is a value from the document, `None` without one.
    """

    key: str
    place: str
    name: str
    annotation: str
    default: str
    shape: Shape
    description: str = ""
    example: Json = None

    @property
    def written(self) -> str:
        """The argument as it stands in the signature."""
        return f"{self.name}: {self.annotation}" + (f" = {self.default}" if self.default else "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An argument before its name is settled and its annotation written."""

    key: str
    place: str
    shape: Shape
    required: bool
    description: str
    example: Json = None
    file: bool = False
    name: str = ""

    @property
    def id(self) -> str:
        """What tells it from the others of its method."""
        return f"{self.place} {self.key}"


def parameters(operation: Operation, catalogue: Catalogue, secret_headers: Iterable[str]) -> Iterator[Wanted]:
    """Yield what the parameters ask for. Headers that credentials fill are not asked for twice."""
    hidden = {name.lower() for name in secret_headers}
    for parameter in operation.parameters:
        if parameter.location == "header" and parameter.name.lower() in hidden:
            continue
        is_key = bool(operation.idempotency) and _is_key(parameter, operation)
        yield Wanted(
            parameter.name,
            parameter.location,
            shape_of(parameter, catalogue),
            parameter.required and not is_key,
            parameter.description,
            None if is_key else next((e.value for e in parameter.examples), _schema_example(parameter)),
        )
    rule = operation.idempotency
    if rule and not any(_is_key(p, operation) for p in operation.parameters):
        yield Wanted(
            rule.header, "header", Plain("str"), False, "Makes the call safe to repeat; made up if not given."
        )


def _is_key(parameter: Parameter, operation: Operation) -> bool:
    rule = operation.idempotency
    return rule is not None and parameter.location == "header" and parameter.name.lower() == rule.header.lower()


def _schema_example(parameter: Parameter) -> Json:
    schema = parameter.schema
    return next(iter([*schema.examples, *schema.resolved.examples]), None) if schema else None


def shape_of(part: Parameter | Media, catalogue: Catalogue, way: str = "request") -> Shape:
    """Return the shape of a parameter or a body; anything, where the document says nothing."""
    schema = part.schema
    if schema is None and isinstance(part, Parameter) and part.media:
        schema = part.media.schema
    if schema is None:
        return Anything()
    return catalogue.places.get((schema.pointer, "response" if way == "response" else "request"), Anything())


def members(fields: Iterable[Field], example: Json) -> Iterator[Wanted]:
    """Yield what the members of a body ask for."""
    values = example if isinstance(example, dict) else {}
    for field in fields:
        yield Wanted(
            field.api_name,
            "member",
            field.shape,
            field.required,
            field.description,
            values.get(field.api_name),
            name=field.name,
        )


def named(wanted: Iterable[Wanted], catalogue: Catalogue, scope: Scope, missing: str) -> tuple[Argument, ...]:
    """Settle names and write annotations: required ones first, in the order of the document."""
    asked = {want.id: want for want in wanted}
    names, _ = settle({key: _candidates(want) for key, want in asked.items()}, _TAKEN)
    found = [_argument(want, names[key], catalogue, scope, missing) for key, want in asked.items()]
    return tuple(sorted(found, key=lambda argument: bool(argument.default)))


def _candidates(want: Wanted) -> list[str]:
    own = want.name or member_name(want.key)
    return [own, f"{want.place}_{own}"]


def _argument(want: Wanted, name: str, catalogue: Catalogue, scope: Scope, missing: str) -> Argument:
    written = _file(want.shape, scope) if want.file else annotation(want.shape, scope, argument=True)
    default = _only_value(want.shape, catalogue) if want.required else missing
    if default == "MISSING":
        written = f"{written} | {scope.use('.._runtime.call', 'Missing')}"
        scope.use(".._runtime.call", "MISSING")
    return Argument(want.key, want.place, name, written, default, want.shape, want.description, want.example)


def _only_value(shape: Shape, catalogue: Catalogue) -> str:
    """Return the value of what can only have one: nobody should have to write it."""
    shape = follow(shape, catalogue)
    alone = isinstance(shape, Choice) and len(shape.values) == 1 and not shape.open
    return quoted(shape.values[0]) if alone and isinstance(shape, Choice) else ""


def is_file(shape: Shape) -> bool:
    """Say whether a part of a multipart body is a file, or a list of files."""
    return shape == Plain("bytes") or (isinstance(shape, Sequence) and is_file(shape.item))


def _file(shape: Shape, scope: Scope) -> str:
    file = scope.use(".._runtime.multipart", "File")
    return f"{scope.builtin('list')}[{file}]" if isinstance(shape, Sequence) else file


def kind(shape: Shape, catalogue: Catalogue, depth: int = 0) -> str:
    """Say whether a value is an `object`, an `array`, a `scalar`, or, if that is open, `any` of them."""
    shape = follow(shape, catalogue)
    match shape:
        case Table():
            return "object"
        case Named():
            return "object" if record_of(shape, catalogue) else "any"
        case Sequence() | Row():
            return "array"
        case Union(members=parts) if depth < 8:
            kinds = {kind(part, catalogue, depth + 1) for part in parts}
            return kinds.pop() if len(kinds) == 1 else "any"
        case Anything():
            return "any"
        case _:
            return "scalar"
