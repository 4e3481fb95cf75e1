"""Valid requests are done, invalid ones refused, each with the answer that the contract names."""

from __future__ import annotations

from tallystick.verify.checks.answer import Answer, Broken, check
from tallystick.verify.facts.bodies import NOTHING
from tallystick.verify.facts.media import essence
from tallystick.verify.facts.resource import fits, refusals, roles

_NOT_ABOUT_DATA = frozenset((401, 403, 429))


@check
def valid_create_accepted(answer: Answer) -> None:
    """Creating with valid data is not refused: nothing else stands in its way."""
    creates = any(role.effect.effect == "create" for role in roles(answer.known.contract, answer.operation))
    status = answer.response.status_code
    if not creates or not answer.positive or answer.accepted or status in _NOT_ABOUT_DATA or status >= 500:
        return
    if answer.response.request.method != answer.operation.method:
        return
    raise Broken("Valid data is refused", f"The request keeps the contract, yet the answer is {status}.")


@check
def refusal_fits_reason(answer: Answer) -> None:
    """A body that breaks its schema is refused with the status that the contract has for that."""
    if not answer.broken or answer.accepted or answer.response.status_code in _NOT_ABOUT_DATA:
        return
    if answer.response.status_code >= 500 or _media_type(answer) != "application/json":
        return
    expected = {o.status for s in ("invalid", "malformed") for o, _ in refusals(answer.operation, s)}
    if expected and not any(
        o.matches(answer.response.status_code) for o in answer.operation.outcomes if o.status in expected
    ):
        listed = " or ".join(sorted(expected))
        raise Broken(
            "Invalid data is refused with the wrong status",
            f"The answer is {answer.response.status_code}; the contract has {listed} for invalid requests.",
        )


@check
def error_is_known(answer: Answer) -> None:
    """An error answer is one of the errors that the contract lists for its status."""
    outcome = answer.outcome
    if outcome is None or not outcome.errors or answer.body is NOTHING:
        return
    if not any(fits(error, answer.body) for error in outcome.errors):
        listed = ", ".join(error.name for error in outcome.errors)
        raise Broken(
            f"The error is none of those of status {answer.response.status_code}",
            f"Its body has none of the marks of {listed}.",
        )


def _media_type(answer: Answer) -> str:
    return essence(str(answer.response.request.headers.get("Content-Type") or ""))
