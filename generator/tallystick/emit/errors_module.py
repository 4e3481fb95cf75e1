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
    "400": "BadRequestError",
    "401": "AuthenticationError",
    "403": "PermissionDeniedError",
    "404": "NotFoundError",
    "409": "ConflictError",
    "422": "UnprocessableError",
    "429": "RateLimitedError",
    "5XX": "ServerError",
}
"""The runtime's own classes."""
_ALWAYS = ("ApiError", "ConnectionFailedError", "MissingCredentialsError", "RequestValidationError")
EXPORTED = (*_ALWAYS, "ResponseValidationError", "StatusError", "TimedOutError")
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
    """The module, line by line: what it re-exports, its classes, and the tables that lead to them."""

    exports: tuple[str, ...]
    reexports: tuple[str, ...]
    imports: tuple[str, ...]
    model_imports: tuple[str, ...]
    classes: tuple[ErrorClass, ...]
    statuses: tuple[str, ...]
    failures: tuple[str, ...]


def class_of(status: str) -> str:
    """Return the class for a status: the runtime's if it has one, else one called after the status."""
    if status in KNOWN:
        return KNOWN[status]
    if status.startswith("5"):
        return KNOWN["5XX"]
    phrase = _PHRASES.get(status)
    return f"{class_name(phrase)}Error" if phrase else "StatusError"


def view(contract: Contract, catalogue: Catalogue, usual: Mapping[str, Meaning]) -> ErrorsView:
    """Write the module of a contract."""
    reserved = _every_status_class() | {p.class_name for p, _ in _problems(contract, catalogue)}
    reserved |= {"CLASSES", "Failure", "base", "failures"}
    scope = Scope(".models", taken=reserved)
    bodies = _bodies(contract, catalogue)
    problems = _problems(contract, catalogue)
    classes = [_status_class(name, shape, scope) for name, shape in sorted(bodies.items())]
    classes += [_domain_class(problem, status) for problem, status in problems]
    taken = {c.name for c in classes}
    statuses = {_range(s): class_of(s) for s in _statuses(contract, catalogue) if class_of(s) in taken}
    for_failures = Scope(".models", taken=reserved)
    exports = sorted({*EXPORTED, *KNOWN.values()} - taken)
    failures = [failure(status, meaning, for_failures) for status, meaning in usual.items()]
    return ErrorsView(
        exports=tuple(exports),
        reexports=tuple(
            layout.call("from ._runtime.errors import ", "(", [f"{n} as {n}" for n in exports], ")", bare=True)
        ),
        imports=tuple(scope.lines(inside=True)),
        model_imports=tuple(for_failures.lines(inside=True)),
        classes=tuple(classes),
        statuses=tuple(f"{_key(status)}: {name}" for status, name in sorted(statuses.items())),
        failures=tuple(failures),
    )


def _range(status: str) -> str:
    return "5XX" if status.startswith("5") else status


def _statuses(contract: Contract, catalogue: Catalogue) -> list[str]:
    """Return the statuses whose class says something: those declared, and all usual ones where `default` is typed."""
    found = {status for operation in contract.operations for status in errors(operation, catalogue)}
    more = set(KNOWN) if "default" in found else set()
    more |= {s for s in KNOWN if "4XX" in found and s.startswith("4")}
    return sorted((found - {"default", "4XX"}) | more)


def _bodies(contract: Contract, catalogue: Catalogue) -> dict[str, Shape]:
    """Return, for each status class, what its body may be in any operation."""
    found: dict[str, list[Shape]] = {}
    statuses = _statuses(contract, catalogue)
    for operation in contract.operations:
        own = errors(operation, catalogue)
        for status in statuses:
            ranged = own.get(f"{status[0]}XX") or own.get("default")
            meaning = own.get(status) or ranged
            if meaning is not None and meaning.shape is not None:
                found.setdefault(class_of(status), []).append(meaning.shape)
            elif meaning is not None:
                found.setdefault(class_of(status), [])
    return {name: union([*shapes, Null()]) for name, shapes in found.items() if name != "StatusError"}


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


def _status_class(name: str, shape: Shape, scope: Scope) -> ErrorClass:
    status = next((s for s, known in KNOWN.items() if known == name), "")
    base = f"base.{name}" if status else "base.StatusError"
    number = status or next(s for s, phrase in _PHRASES.items() if f"{class_name(phrase)}Error" == name)
    own = () if status else (f'    """Status {number}."""', "")  # the runtime's classes have words of their own
    return ErrorClass(name, base, own, annotation(shape, scope))


def _domain_class(problem: Problem, status: str) -> ErrorClass:
    name = class_of(status)
    text = problem.description or f"The error that the contract calls {problem.name}."
    base = "base.StatusError" if name == "StatusError" else name
    return ErrorClass(class_name_of(problem, status), base, tuple(layout.docstring(layout.prose(text, width=92), 4)))


def failure(status: str, meaning: Meaning, scope: Scope, *, home: str = "") -> str:
    """Write one entry of a table from status to meaning; `home` is where to import the classes from, if anywhere."""
    shape = "None" if meaning.shape is None else annotation(meaning.shape, scope)
    said = [(p, class_name_of(p, status)) for p in meaning.problems]
    while said and not said[-1][0].when and said[-1][1] == class_of(status):
        said.pop()  # the class of the status, whatever the body says: nothing to tell apart
    for name in (name for _, name in said if home):
        scope.use(home, name)
    told = ", ".join(f"({{{', '.join(f'{quoted(k)}: {quoted(v)}' for k, v in p.when)}}}, {name})" for p, name in said)
    return f"{_key(status)}: Failure({shape}{f', ({told},)' if told else ''})"


def class_name_of(problem: Problem, status: str) -> str:
    """Return the class of a domain error; the status class itself where both are called alike."""
    name = problem.class_name
    return f"Domain{name}" if name in _every_status_class() - {class_of(status)} else name


@cache
def _every_status_class() -> frozenset[str]:
    return frozenset((*KNOWN.values(), *EXPORTED, *map(class_of, _PHRASES)))


def _key(status: str) -> str:
    return status if status.isdigit() else quoted(status)


def class_names(view_: ErrorsView) -> Iterator[str]:
    """Yield every name the module offers."""
    yield from view_.exports
    yield from (c.name for c in view_.classes)
