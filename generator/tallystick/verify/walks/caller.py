"""Sends the requests of a walk through Schemathesis, so that its checks and ours see every answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import requests
from requests.auth import AuthBase
from requests.structures import CaseInsensitiveDict
from schemathesis import checks as provided
from schemathesis.errors import FailureGroup

from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.verify import checks
from tallystick.verify.data.samples import Sample
from tallystick.verify.facts.bodies import NOTHING, parsed
from tallystick.verify.facts.resource import meant, refusals
from tallystick.verify.fuzzing.engine import VERBATIM, Sent, build_schema, exchange_of, place_of, title_of
from tallystick.verify.fuzzing.judge import filter_failure
from tallystick.verify.result import Step
from tallystick.verify.server.auth import body_of
from tallystick.verify.server.routes import label
from tallystick.verify.server.wire import STAND_IN
from tallystick.verify.session import Session

PHASE = "walks"
_ALWAYS = (provided.not_a_server_error,)
_DECLARED = (
    *_ALWAYS,
    provided.status_code_conformance,
    provided.content_type_conformance,
    provided.response_headers_conformance,
    provided.response_schema_conformance,
)


class Nobody(AuthBase):
    """A caller who proves nothing."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request as it is."""
        return request


NOBODY: Final = Nobody()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in a walk. `status` is 0 when none came; `body` is `None` when it is no JSON."""

    operation: Operation
    status: int
    headers: dict[str, str]
    body: Json
    request: requests.PreparedRequest
    step: Step

    @property
    def accepted(self) -> bool:
        """Whether the server did what was asked."""
        return 200 <= self.status < 300

    def member(self, name: str) -> Json:
        """Return a member of the body, `None` when there is none."""
        return self.body.get(name) if isinstance(self.body, dict) else None

    def sent(self, name: str) -> Json:
        """Return a member of the request's body, `None` when there was none."""
        body = parsed(body_of(self.request))
        return body.get(name) if isinstance(body, dict) else None


class Stop(Exception):
    """A walk can't go on; what stood in its way has been noted, or was seen by others."""


class Caller:
    """Sends requests as cases of Schemathesis."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._schema = build_schema(session, everything=True)

    def send(
        self, operation: Operation, sample: Sample, who: AuthBase, raw: bytes | None, method: str = ""
    ) -> tuple[Any, Any]:
        """Return the case and the answer. Raises `Stop` when the run is over."""
        if self.session.over:
            raise Stop
        case = self._schema[operation.path][operation.method].Case(
            path_parameters={name: quote(str(value), safe="") for name, value in sample.path.items()},
            query=sample.query,
            headers=CaseInsensitiveDict(sample.headers),
            **({"body": sample.body, "media_type": sample.media_type} if sample.media_type else {}),
        )
        if method:
            case.method = method
        more: dict[str, Any] = {VERBATIM: True, "auth": who, "headers": dict(sample.headers)}
        if raw is not None:
            more |= {"data": raw, "json": None}
        return case, case.call(**more)


class Walk:
    """A named sequence of requests; what it finds is reported with all of them.

    Answers are held against all that the contract declares, unless `declared` is false: then a server may refuse as
    it likes, and only fail it may not.
    """

    def __init__(self, caller: Caller, name: str, *, declared: bool = True) -> None:
        self.session = caller.session
        self.name = name
        self._caller = caller
        self._declared = declared
        self._steps: list[Step] = []

    def send(
        self,
        operation: Operation,
        sample: Sample,
        *,
        who: AuthBase | None = None,
        raw: bytes | None = None,
        method: str = "",
        note: str = "",
    ) -> Reply:
        """Send a request, check the answer by itself, and return it. Raises `Stop` when the run is over.

        `raw` is sent in place of the sample's body, `method` in place of the operation's.
        """
        self.session.progress(PHASE, f"{self.name}: {label(operation)}", self.session.wire.count)
        signature = self.session.knowledge.signature if who is None else who
        case, response = self._caller.send(operation, sample, signature, raw, method)
        exchange = exchange_of(Sent(response.request), response)
        step = self.session.step(exchange, note)
        self._steps.append(step)
        self._check(case, response)
        body = parsed(response.content)
        return Reply(
            operation,
            0 if response.status_code == STAND_IN else response.status_code,
            {name: values[0] for name, values in response.headers.items()},
            body if body is not NOTHING else None,
            response.request,
            step,
        )

    def _check(self, case: Any, response: Any) -> None:
        if response.status_code == STAND_IN:
            raise Stop
        try:
            own = case.method == case.operation.method.upper()
            more = [*(_DECLARED if own else _ALWAYS), *checks.registered()]
            case.validate_response(response, checks=more if self._declared else [*_ALWAYS])
        except FailureGroup as group:
            for failure in group.exceptions:
                if not filter_failure(None, failure, case, response):
                    continue
                name, title, message = title_of(failure)
                steps, place = tuple(self._steps[-1:]), place_of(failure)
                self.session.fail(name, label_of(case), title, message, PHASE, steps, place)

    def fail(self, title: str, message: str, operation: Operation | None = None) -> None:
        """Note that the walk found something."""
        subject = label(operation) if operation is not None else ""
        self.session.fail(self.name, subject, title, message, PHASE, tuple(self._steps))

    def require(self, reply: Reply, what: str) -> None:
        """Make sure that a valid request was accepted. Raises `Stop` after noting that it was not."""
        if not reply.accepted:
            if reply.status < 500:  # others are reported as what they are
                self.fail(f"{what} is refused", f"The answer is {reply.status}.", reply.operation)
            raise Stop

    def refused(self, reply: Reply, what: str, *situations: str) -> bool:
        """Note when a request is not refused in the way that the contract has for a situation; say whether it was."""
        if reply.accepted:
            self.fail(f"{what} is accepted", f"The answer is {reply.status}; it has to be refused.", reply.operation)
            return False
        if reply.status >= 500:
            return True  # reported as what it is
        expected = [pair for s in situations for pair in refusals(reply.operation, s)]
        if expected and not any(o.matches(reply.status) and meant(o, reply.body) is e for o, e in expected):
            listed = " or ".join(sorted({f"{o.status} {e.name}" for o, e in expected}))
            message = f"The answer is {reply.status}; the contract has {listed} for it."
            self.fail(f"{what} is refused for the wrong reason", message, reply.operation)
        elif not expected and not 400 <= reply.status < 500:
            self.fail(f"{what} is not refused", f"The answer is {reply.status} instead of 4XX.", reply.operation)
        return True

    def note(self, step: Step) -> None:
        """Take in what happened beside the requests."""
        self._steps.append(step)

    def restart(self, steps: Iterable[Step] = ()) -> None:
        """Forget the requests so far, except for some that what follows stands on."""
        self._steps = list(steps)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The requests so far."""
        return tuple(self._steps)


def label_of(case: Any) -> str:
    """Return what reports call the operation of a case."""
    return f"{case.operation.method.upper()} {case.operation.path}"
