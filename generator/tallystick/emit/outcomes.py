"""What the answers of an operation are: results by status, and the errors of a whole API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tallystick.contract.model import Contract, Operation, Outcome
from tallystick.emit.annotations import Scope, annotation
from tallystick.emit.arguments import shape_of
from tallystick.emit.bodies import is_json
from tallystick.emit.literals import quoted
from tallystick.emit.models.shape import Catalogue, Null, Plain, Shape, union
from tallystick.load import Json
from tallystick.names import class_name

STREAM = "text/event-stream"
_WITHOUT_CONTENT = frozenset(("204", "205", "304"))  # RFC 9110, 15.3.5, 15.3.6 and 15.4.5


@dataclass(frozen=True, slots=True)
class Results:
    """The results of an operation: what its method gives, and the table from status to type, as source text."""

    returns: str
    table: str
    accept: str
    streams: bool = False


def results(operation: Operation, catalogue: Catalogue, scope: Scope) -> Results:
    """Read the answers that are no errors; without any, every 2xx is one and `default` says of what type."""
    declared = [o for o in operation.outcomes if o.status[0] in "23"]
    fallback = next((o for o in operation.outcomes if o.status == "default"), None)
    shapes: dict[str, Shape] = {o.status: result_shape(o, catalogue) for o in declared}
    if not any(status.startswith("2") for status in shapes):
        shapes = {"2XX": result_shape(fallback, catalogue) if fallback and not declared else Null(), **shapes}
    outcomes = declared or ([fallback] if fallback else [])
    media = list(dict.fromkeys(_offered(outcome) for outcome in outcomes if outcome.media))
    return Results(
        returns=annotation(union(list(shapes.values())), scope),
        table="{" + ", ".join(f"{_key(s)}: {annotation(shape, scope)}" for s, shape in shapes.items()) + "}",
        accept=", ".join(media) or "application/json",
        streams=any(name == STREAM or not is_json(name) for name in media),
    )


def _offered(outcome: Outcome) -> str:
    """Return the media type of an answer to ask for: JSON if there is any."""
    names = [media.content_type for media in outcome.media]
    return next((name for name in names if is_json(name)), names[0])


def result_shape(outcome: Outcome, catalogue: Catalogue) -> Shape:
    """Return the shape of an answer: of its JSON, else text, else bytes, else nothing."""
    if not outcome.media or outcome.status in _WITHOUT_CONTENT:
        return Null()
    chosen = next(media for media in outcome.media if media.content_type == _offered(outcome))
    if is_json(chosen.content_type):
        return shape_of(chosen, catalogue, "response")
    return Plain("str" if chosen.content_type.startswith("text/") else "bytes")


def _key(status: str) -> str:
    return status if status.isdigit() else quoted(status.upper())


# -- errors ---


@dataclass(frozen=True, slots=True)
class Problem:
    """A domain error: its class, and what the body says when it is meant."""

    name: str
    when: tuple[tuple[str, Json], ...]
    description: str

    @property
    def class_name(self) -> str:
        """The class it becomes."""
        return f"{class_name(self.name).removesuffix('Error')}Error"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error status means: the shape of its body if it has one, and its domain errors, the tellable first."""

    shape: Shape | None
    problems: tuple[Problem, ...] = ()


def errors(operation: Operation, catalogue: Catalogue) -> dict[str, Meaning]:
    """Return what each error status of an operation means, where the contract says anything about it."""
    found: dict[str, Meaning] = {}
    for outcome in operation.outcomes:
        if outcome.status[0] in "23":
            continue
        typed = bool(outcome.media) and is_json(_offered(outcome))
        problems = {Problem(e.name, tuple(sorted(e.when.items())), e.description) for e in outcome.errors}
        ordered = sorted(problems, key=lambda problem: (not problem.when, problem.name))
        found[outcome.status] = Meaning(result_shape(outcome, catalogue) if typed else None, tuple(ordered))
    return {status: meaning for status, meaning in found.items() if meaning != Meaning(None)}


def usual_errors(contract: Contract, catalogue: Catalogue) -> dict[str, Meaning]:
    """Return, for each status, what it means in most operations: said once for the whole API."""
    seen: dict[str, Counter[Meaning]] = {}
    for operation in contract.operations:
        for status, meaning in errors(operation, catalogue).items():
            seen.setdefault(status, Counter())[meaning] += 1
    return {
        status: min(count, key=lambda meaning: (-count[meaning], repr(meaning)))
        for status, count in sorted(seen.items())
    }


def unusual_errors(operation: Operation, usual: Mapping[str, Meaning], catalogue: Catalogue) -> dict[str, Meaning]:
    """Return what an operation says differently."""
    own = errors(operation, catalogue)
    return {status: meaning for status, meaning in own.items() if usual.get(status) != meaning}
