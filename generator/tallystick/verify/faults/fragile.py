"""Faults of servers that fail at what they should refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tallystick.verify.data.samples import from_examples
from tallystick.verify.data.variants import leaves
from tallystick.verify.facts.bodies import NOTHING, is_deep
from tallystick.verify.facts.media import body_schema
from tallystick.verify.faults.fault import Bench, Fault, changing, kind
from tallystick.verify.faults.tamper import Answer, Request
from tallystick.verify.server.routes import label

_FAILED = Answer(500, (("content-type", "text/plain"),), b"Internal Server Error")
_ENDLESS = b"9" * 300


def _falling(bench: Bench, name: str, over: Callable[[Request], bool]) -> Iterator[Fault]:
    """Yield a fault for each operation with a JSON body that fails over some requests."""
    for operation in bench.contract.operations:
        if body_schema(operation) is not None:

            def after(request: Request, answer: Answer, wanted: str = operation.id) -> Answer:
                mine = request.is_for(wanted)
                return _FAILED if mine and over(request) else answer

            yield Fault(name, label(operation), changing(bench, after=after))


@kind
def deep_body_fails(bench: Bench) -> Iterator[Fault]:
    """A body that is nested very deep makes the server fail."""
    return _falling(bench, "deep-body-fails", lambda r: is_deep(r.body))


@kind
def endless_number_fails(bench: Bench) -> Iterator[Fault]:
    """A number of hundreds of digits makes the server fail."""
    numeric = _falling(bench, "endless-number-fails", lambda r: _ENDLESS in r.body and r.json is not NOTHING)
    return (fault for fault in numeric if fault.subject in _with_numbers(bench))


def _with_numbers(bench: Bench) -> set[str]:
    """Return the operations whose usual bodies have a number in them."""
    return {
        label(operation)
        for operation in bench.contract.operations
        if (schema := body_schema(operation)) is not None
        and any(type(value) in (int, float) for _, _, value in leaves(schema, from_examples(operation).body))
    }


@kind
def repeated_parameter_fails(bench: Bench) -> Iterator[Fault]:
    """A query parameter that comes twice makes the server fail."""

    def twice(request: Request) -> bool:
        names = [pair.partition("=")[0] for pair in request.query.split("&")]
        return len(names) > len(set(names))

    return _falling(bench, "repeated-parameter-fails", twice)
