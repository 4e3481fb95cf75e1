"""Which of Schemathesis' failures are failures of the server."""

from __future__ import annotations

from typing import Any

from tallystick.contract.model import Operation, Outcome
from tallystick.verify.data.breach import breaks, is_ambiguous, is_empty, refers
from tallystick.verify.facts.media import essence
from tallystick.verify.facts.overlap import overlaps
from tallystick.verify.result import Problem
from tallystick.verify.server.routes import label
from tallystick.verify.server.wire import NO_ANSWER
from tallystick.verify.session import Knowledge

_ALIKE: dict[int, tuple[int, ...]] = {
    **dict.fromkeys((400, 422), (400, 422)),
    **dict.fromkeys((401, 403), (401, 403)),
    409: (400, 409, 422),  # what is there already can't be made again, whoever chooses its id
    **{status: (status,) for status in (404, 405, 406, 411, 413, 414, 415, 431)},
}
"""Refusals that any server may give, each with the documented ones that it would have to be instead."""

_OTHER_PROTOCOL = 426
"""What a request gets where all that is documented is the way to another protocol (RFC 9110, 15.5.22)."""
_BODILESS = (204, 205, 304)
_ABOUT_TYPES = frozenset(("content_type_conformance", "response_schema_conformance"))
_UNSAID = "of which the contract says nothing"
_UNTOLD = "which the contract's oneOf does not tell apart"


def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:  # noqa: ARG001 (the hook's form)
    """Say whether a failure counts.

    Those over our stand-in for a missing answer don't: that is reported once, as what it is. Neither do those that
    rest on what a document leaves unsaid: a refusal in plain HTTP where it names no refusal at all, which is noted,
    answers of a type that the document misnames, or that fit alternatives which it does not tell apart, the missing
    body of a 204, failures where it lists nothing else, and breaches that are none as they were sent. An `Allow`
    header of OPTIONS that lists other methods is noted too: several frameworks get it wrong, and our own check says
    when it is of no use at all.
    """
    if NO_ANSWER in response.headers:
        return False
    known = getattr(case.operation.app, "knowledge", None)
    operation = known.operation(case) if isinstance(known, Knowledge) else None
    name = next(iter(failure.checks), "")
    if name == "allow_header_conformance" and isinstance(known, Knowledge):
        known.notes.add(Problem(case.operation.path, "Allow does not list the methods that the contract has"))
        return False
    if name == "unsupported_method" and isinstance(known, Knowledge) and _is_shared(known, response):
        return False
    if operation is None or not isinstance(known, Knowledge):
        return not (isinstance(known, Knowledge) and response.status_code == 501)  # RFC 9110: an unknown method
    if name == "status_code_conformance" and unsaid(operation, response.status_code):
        known.notes.add(Problem(label(operation), f"it refuses with {response.status_code}, {_UNSAID}"))
        return False
    if name in _ABOUT_TYPES and response.status_code in _BODILESS and not response.content:
        said = f"its answer {response.status_code} can't have the body that the contract gives it (RFC 9110)"
        known.notes.add(Problem(label(operation), said))
        return False
    if name in _ABOUT_TYPES and _is_misnamed(operation, response):
        return False
    if name == "not_a_server_error" and operation.outcomes and all(o.status[0] == "5" for o in operation.outcomes):
        return False
    if name == "response_schema_conformance" and _overlaps(known, operation, response):
        status = response.status_code
        known.notes.add(Problem(label(operation), f"its answer {status} fits several alternatives, {_UNTOLD}"))
        return False
    if name == "positive_data_acceptance" and operation.outcomes and not any(map(accepts, operation.outcomes)):
        return False
    if name in ("negative_data_rejection", "positive_data_acceptance"):
        return _means_it(known, operation, name, response.request)
    return True


def _is_shared(known: Knowledge, response: Any) -> bool:
    """Say whether what was asked for is more than one path of the document, with the methods of each."""
    return len(known.routes.paths(str(response.request.url))) > 1


def _is_misnamed(operation: Operation, response: Any) -> bool:
    """Say whether an answer has the type that the document names for it, and that is no media type at all."""
    outcome, given = operation.outcome(response.status_code), _media_type(response)
    return "/" not in given and outcome is not None and any(m.content_type == given for m in outcome.media)


def _overlaps(known: Knowledge, operation: Operation, response: Any) -> bool:
    """Say whether an answer fits several alternatives because the document leaves it no other way."""
    return overlaps(operation, response.status_code, _media_type(response), response.content, known.validators)


def _media_type(response: Any) -> str:
    return essence(next(iter(response.headers.get("content-type", ())), ""))


def _means_it(known: Knowledge, operation: Operation, name: str, request: Any) -> bool:
    """Say whether a request that was made to break the contract, or to keep it, does so as it was sent."""
    negative = name == "negative_data_rejection"
    broken = breaks(operation, request, known.prefix, known.validators, clearly=negative)
    if negative:
        return broken
    made_up = not known.contract.lifecycles and (operation.id in known.choosing or refers(request))
    return not (broken or made_up or is_empty(operation, request) or is_ambiguous(operation, request, known.prefix))


def accepts(outcome: Outcome) -> bool:
    """Say whether an answer can mean that a request was taken: none does where a document lists only refusals."""
    return outcome.is_success or outcome.status[0] in "3d"


def unsaid(operation: Operation, status: int) -> bool:
    """Say whether an answer is a refusal that the document leaves to HTTP, or the document names no answers."""
    if not operation.outcomes:
        return True
    if status == _OTHER_PROTOCOL:
        return all(outcome.status[0] == "1" for outcome in operation.outcomes)
    if status not in _ALIKE or any(outcome.errors for outcome in operation.outcomes):
        return False
    return not any(outcome.matches(alike) for outcome in operation.outcomes for alike in _ALIKE[status])
