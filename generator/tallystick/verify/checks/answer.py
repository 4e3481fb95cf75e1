"""What checks have in front of them, read once: the operation, the request's body and the answer's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response

from tallystick.contract import Schema
from tallystick.contract.model import Operation, Outcome
from tallystick.contract.validation import Direction
from tallystick.load import Json
from tallystick.verify.facts.bodies import NOTHING, parsed
from tallystick.verify.facts.media import body_schema
from tallystick.verify.server.auth import body_of
from tallystick.verify.server.wire import NO_ANSWER
from tallystick.verify.session import Knowledge


@dataclass(frozen=True, slots=True)
class Answer:
    """One exchange as the contract sees it. `request` and `body` are `NOTHING` where there is no JSON."""

    known: Knowledge
    operation: Operation
    case: Case[Any]
    response: Response
    outcome: Outcome | None
    request: Json
    body: Json

    @property
    def accepted(self) -> bool:
        """Whether the server did what was asked."""
        return 200 <= self.response.status_code < 300

    @property
    def positive(self) -> bool:
        """Whether the request was generated to keep the contract and does. Those of walks have their own ends."""
        meta = self.case.meta
        return meta is not None and meta.generation.mode.is_positive and self._body_is(self.known.validators.is_valid)

    @property
    def broken(self) -> bool:
        """Whether the body is JSON that breaks its schema."""
        return not self._body_is(self.known.validators.allows)

    def _body_is(self, valid: Callable[[Schema, Json, Direction], bool]) -> bool:
        schema = self.schema
        return schema is None or self.request is NOTHING or valid(schema, self.request, "request")

    @property
    def schema(self) -> Schema | None:
        """The schema of the request's body, `None` when there is none."""
        return body_schema(self.operation)


class Broken(AssertionError):
    """The contract is broken. The first line of the text is the failure's title."""

    def __init__(self, title: str, message: str = "") -> None:
        super().__init__(f"{title}\n{message}".strip())


Check = Callable[[Answer], None]
REGISTERED: list[Callable[[CheckContext, Response, Case[Any]], bool | None]] = []
"""Our checks in the form in which Schemathesis runs them."""


def check(function: Check) -> Check:
    """Register a check with Schemathesis; it is only asked about runs of ours, and only about answers."""

    @wraps(function)
    def registered(context: CheckContext, response: Response, case: Case[Any]) -> bool | None:  # noqa: ARG001
        answer = read(response, case)
        if answer is None:
            return True
        function(answer)
        return None

    del registered.__dict__["__wrapped__"]  # Schemathesis looks at the signature
    schemathesis.check(registered)
    REGISTERED.append(registered)
    return function


def knowledge_of(response: Response, case: Case[Any]) -> Knowledge | None:
    """Return what is known besides an answer, `None` for requests that are none of ours or were not answered."""
    known = getattr(case.operation.app, "knowledge", None)
    return known if isinstance(known, Knowledge) and NO_ANSWER not in response.headers else None


def read(response: Response, case: Case[Any]) -> Answer | None:
    """Return what a check needs, `None` also for a method that the contract doesn't have."""
    known = knowledge_of(response, case)
    operation = known.operation(case) if known is not None else None
    if known is None or operation is None:
        return None
    return Answer(
        known,
        operation,
        case,
        response,
        operation.outcome(response.status_code),
        parsed(body_of(response.request)),
        parsed(response.content),
    )
