"""The `errors.py` of a package: status errors with typed bodies, and the errors its users know by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from tallystick.contract.model import Contract
from tallystick.emit import layout
from tallystick.emit.annotations import Scope, annotation
from tallystick.emit.literals import quoted
from tallystick.emit.models.shape import Catalogue, Null, Shape, union
from tallystick.emit.outcomes import Meaning, Problem, errors
from tallystick.names import class_name

KNOWN = {
    "400": ("BadRequestError", "The request makes no sense to the server."),
    "401": ("AuthenticationError", "The credentials are missing, wrong or out of date."),
    "403": ("PermissionDeniedError", "The credentials are good, but not for this."),
    "404": ("NotFoundError", "There is no such thing, or not for these credentials."),
    "409": ("ConflictError", "The request does not fit the state of the resource."),
    "422": ("UnprocessableError", "Understood, but the values are not acceptable."),
    "429": ("RateLimitedError", "Too many requests; it was retried as the server asked before this was raised."),
    "5XX": ("ServerError", "The server failed."),
}
"""The statuses that have a class even where the contract only says `default`: its name, and what it means."""
_ABOUT_CREDENTIALS = ("401", "403")
_BASE = ("ApiError", "ConnectionFailedError", "RequestValidationError", "ResponseValidationError", "TimedOutError")
_SECURED = "MissingCredentialsError"
_NAMES = frozenset((*_BASE, _SECURED, "StatusError", *(name for name, _ in KNOWN.values())))
_PHRASES = {str(status.value): status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """One class of the module, as its template prints it."""

    name: str
    base: str
    docstring: tuple[str, ...]
    body: str = ""


@dataclass(frozen=True, slots=True)
class ErrorsView:
    """The module, line by line: what it re-exports, its classes, and the types of error bodies.

    `problems` says whether some errors are told apart by what their body says.
    """

    imports: tuple[str, ...]
    exports: tuple[str, ...]
    typing: tuple[str, ...]
    models: tuple[str, ...]
    classes: tuple[ErrorClass, ...]
    failures: tuple[str, ...]
    problems: bool


def class_of(status: str) -> str:
    """Return the class for a status: the runtime's if it has one, else one called after the status."""
    known = "5XX" if status.startswith("5") else status
    if known in KNOWN:
        return KNOWN[known][0]
    phrase = _PHRASES.get(status)
    return f"{class_name(phrase)}Error" if phrase else "StatusError"


def view(contract: Contract, catalogue: Catalogue, usual: Mapping[str, Meaning], *, secured: bool) -> ErrorsView:
    """Write the module of a contract; `secured` says whether its client has credentials."""
    problems = _problems(contract, catalogue)
    reserved = _every_status_class() | {p.class_name for p, _ in problems} | {"Failure", "base", "failures"}
    typing, models = Scope(".models", taken=reserved), Scope(".models", taken=reserved)
    classes = [
        *_status_classes(contract, catalogue, typing, secured=secured),
        *(_domain_class(*problem) for problem in problems),
    ]
    failures = [failure(status, meaning, models) for status, meaning in usual.items()]
    own = {c.name for c in classes}
    exports = [*_BASE, *([] if "StatusError" in own else ["StatusError"])]
    near = {"._runtime.outcome": exports} | ({"._runtime.auth": [_SECURED]} if secured else {})
    lines = [_again(module, near[module]) for module in sorted(near)]
    if "StatusError" in own:
        lines.append(["from ._runtime import outcome as base"])
    told = any("Failure(" in line for line in failures)
    lines += [["from ._runtime.problems import Failure"]] if told else []
    return ErrorsView(
        imports=tuple(line for part in sorted(lines) for line in part),
        exports=tuple(name for names in near.values() for name in names),
        typing=tuple(typing.lines(inside=True)),
        models=tuple(models.lines(inside=True)),
        classes=tuple(classes),
        failures=tuple(layout.call("return ", "{", failures, "}", indent=4)) if failures else (),
        problems=bool(problems),
    )


def _again(module: str, names: list[str]) -> list[str]:
    """Import names so that they can be imported from here."""
    return layout.call(f"from {module} import ", "(", [f"{n} as {n}" for n in sorted(names)], ")", bare=True)


def _status_classes(contract: Contract, catalogue: Catalogue, scope: Scope, *, secured: bool) -> Iterator[ErrorClass]:
    """Write a class for every status that the contract declares, and for those that are usual anywhere.

    Where all bodies have one type, the base of them all says it; else each class says its own.
    """
    bodies = _bodies(contract, catalogue)
    shapes = [shape for found in bodies.values() for shape in found]
    alike = shapes[0] if shapes and all(shape == shapes[0] for shape in shapes) else None
    base = "StatusError"
    if alike is not None:
        said = tuple(layout.docstring(["The server said no, or said something the contract does not mention."], 4))
        yield ErrorClass(base, 'base.StatusError, status="default"', said, annotation(union([alike, Null()]), scope))
    declared = {o.status for operation in contract.operations for o in operation.outcomes if o.status[0] == "4"}
    usual = KNOWN.keys() - (() if secured else _ABOUT_CREDENTIALS)
    for status in sorted(usual | {status for status in declared if class_of(status) != base}):
        words = KNOWN[status][1] if status in KNOWN else f"{_PHRASES[status]}."
        own = [shape for s in bodies if class_of(s) == class_of(status) for shape in bodies[s]]
        body = annotation(union([*own, Null()]), scope) if own and alike is None else ""
        text = tuple(layout.docstring([f"{status}: {words}"], 4))
        yield ErrorClass(class_of(status), f"{base}, status={_key(status)}", text, body)


def _bodies(contract: Contract, catalogue: Catalogue) -> dict[str, list[Shape]]:
    """Return, for each status, the types that its body has in some operation."""
    meanings = [errors(operation, catalogue) for operation in contract.operations]
    found: dict[str, list[Shape]] = {status: [] for own in meanings for status in own}
    for status in {**dict.fromkeys(KNOWN), **found}:
        for own in meanings:
            meaning = own.get(status) or own.get(f"{status[0]}XX") or own.get("default")
            if meaning is not None and meaning.shape is not None:
                found.setdefault(status, []).append(meaning.shape)
    return found


def _problems(contract: Contract, catalogue: Catalogue) -> list[tuple[Problem, str]]:
    """Return every domain error once, with its status; with none if it comes with several kinds of status."""
    found: dict[str, tuple[Problem, str]] = {}
    kinds: dict[str, set[str]] = {}
    for operation in contract.operations:
        for status, meaning in errors(operation, catalogue).items():
            for problem in meaning.problems:
                if class_name_of(problem, status) == class_of(status):
                    continue
                kinds.setdefault(problem.class_name, set()).add(class_of(status))
                known = found.get(problem.class_name)
                if known is None or (status, problem.description) < (known[1], known[0].description):
                    found[problem.class_name] = (problem, status)
    return [(found[n][0], found[n][1] if len(kinds[n]) == 1 else "") for n in sorted(found)]


def _domain_class(problem: Problem, status: str) -> ErrorClass:
    text = problem.description or f"The error that the contract calls {problem.name}."
    return ErrorClass(
        class_name_of(problem, status), class_of(status), tuple(layout.docstring(layout.prose(text, width=92), 4))
    )


def failure(status: str, meaning: Meaning, scope: Scope, *, home: str = "") -> str:
    """Write one entry of a table from status to meaning; `home` is where to import the classes from, if anywhere."""
    shape = "None" if meaning.shape is None else annotation(meaning.shape, scope)
    said = [(p, class_name_of(p, status)) for p in meaning.problems]
    while said and not said[-1][0].when and said[-1][1] == class_of(status):
        said.pop()  # the class of the status, whatever the body says: nothing to tell apart
    for name in (name for _, name in said if home):
        scope.use(home, name)
    told = ", ".join(f"({{{', '.join(f'{quoted(k)}: {quoted(v)}' for k, v in p.when)}}}, {name})" for p, name in said)
    return f"{_key(status)}: {f'Failure({shape}, ({told},))' if told else shape}"


def class_name_of(problem: Problem, status: str) -> str:
    """Return the class of a domain error; the status class itself where both are called alike."""
    name = problem.class_name
    return f"Domain{name}" if name in _every_status_class() - {class_of(status)} else name


@cache
def _every_status_class() -> frozenset[str]:
    return _NAMES.union(map(class_of, _PHRASES))


def _key(status: str) -> str:
    return status if status.isdigit() else quoted(status)


def class_names(view_: ErrorsView) -> Iterator[str]:
    """Yield every name the module offers."""
    yield from view_.exports
    yield from (c.name for c in view_.classes)
