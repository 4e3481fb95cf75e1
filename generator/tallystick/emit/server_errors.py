"""The errors that handlers of a server package raise: a class for each that the contract tells apart."""

from __future__ import annotations

from dataclasses import dataclass

from tallystick.contract import Contract
from tallystick.emit import errors_module, layout
from tallystick.emit.annotations import Scope, annotation
from tallystick.emit.models.shape import Catalogue, Shape, union
from tallystick.emit.outcomes import errors
from tallystick.names import class_name


@dataclass(frozen=True, slots=True)
class ErrorView:
    """A class that handlers raise."""

    name: str
    base: str
    status: int
    domain: str
    docstring: tuple[str, ...]


def class_of(name: str) -> str:
    """Return what the class of a domain error is called."""
    spelled = f"{class_name(name).removesuffix('Error')}Error"
    return "DomainApiError" if spelled == "ApiError" else spelled


def classes(contract: Contract, catalogue: Catalogue) -> tuple[tuple[ErrorView, ...], tuple[str, ...]]:
    """Write a class for every domain error, and one for every other declared status, with the type of its body.

    What the module has to import for these types comes second, line by line.
    """
    seen: dict[str, tuple[int, str, str]] = {}
    bodies: dict[str, list[Shape]] = {}
    for operation in contract.operations:
        meanings = errors(operation, catalogue)
        for outcome in operation.outcomes:
            if not outcome.status.isdigit() or outcome.status[0] in "23":
                continue
            meaning = meanings.get(outcome.status)
            shape = [meaning.shape] if meaning and meaning.shape is not None else []
            named = [(class_of(error.name), error.name, error.description) for error in outcome.errors]
            for class_, name, text in named or [(errors_module.class_of(outcome.status), "", outcome.description)]:
                if class_ != "StatusError":
                    known = seen.get(class_, (int(outcome.status), name, text))
                    seen[class_] = min(known, (int(outcome.status), name, text))
                    bodies.setdefault(class_, []).extend(shape)
    scope = Scope(".models", taken=frozenset((*seen, "ApiError")))
    views = tuple(
        ErrorView(
            name,
            annotation(union(bodies[name]), scope) if bodies[name] else "None",
            status,
            domain,
            tuple(layout.docstring(layout.prose(text or f"Status {status}.", width=92) or [f"Status {status}."], 4)),
        )
        for name, (status, domain, text) in sorted(seen.items())
    )
    return views, tuple(scope.lines())
