"""Runs Schemathesis over the contract and turns what it reports into our own failures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import requests
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events
from schemathesis.engine.core import Engine
from schemathesis.engine.run import Phase, PhaseName

from tallystick.contract.model import Operation
from tallystick.verify import checks
from tallystick.verify.data.sprawl import forget_examples
from tallystick.verify.fuzzing import judge
from tallystick.verify.fuzzing.document import document_for
from tallystick.verify.fuzzing.turns import Turns
from tallystick.verify.fuzzing.watch import Watch
from tallystick.verify.result import Problem, Step
from tallystick.verify.server.auth import body_of, header_text
from tallystick.verify.server.routes import label
from tallystick.verify.server.wire import Exchange
from tallystick.verify.session import Knowledge, Session, Sighting

VERBATIM = "tallystick_verbatim"
"""Keyword of `Case.call` for requests that walks send: nothing of them is changed."""
_OURS = re.compile(r"Custom check failed: `(\w+)`")
ENGINE_PHASES = ("examples", "coverage", "fuzzing", "stateful")


def build_schema(session: Session, phases: tuple[str, ...] = (), *, everything: bool = False) -> Any:
    """Return Schemathesis' view of the contract, sent over the session's wire and signed by its caller.

    It has the session's operations, or `everything` of the contract.
    """
    config = SchemathesisConfig.from_dict(_settings(session, phases))
    document = document_for(session.contract)
    for operation in session.sprawling:
        forget_examples(document, operation, session.knowledge.validators)
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = session.wire
    schema.auth.set_from_requests(session.knowledge.signature)
    schema.hook("filter_failure")(judge.filter_failure)
    if everything:
        return schema
    wanted = {label(operation) for operation in session.operations}
    return schema.include(lambda context: context.operation.label in wanted)


def _settings(session: Session, phases: tuple[str, ...]) -> dict[str, Any]:
    plan = session.plan
    coverage: dict[str, Any] = {"enabled": "coverage" in phases}
    if plan.safe:
        coverage["unexpected-methods"] = []
    stateful: dict[str, Any] = {"enabled": "stateful" in phases}
    if session.contract.lifecycles:
        stateful["inference"] = {"algorithms": []}  # the lifecycles say what follows what
    return {
        "seed": plan.seed,
        "base-url": session.target.url,
        "continue-on-failure": True,
        "max-redirects": 0,
        "request-timeout": plan.timeout + 5,
        "workers": 1,
        "analysis": {"constants": {"enabled": False}},
        "cache": {"enabled": False},
        "generation": {
            "max-examples": plan.max_examples,
            "with-security-parameters": False,
            "database": "none",
        },
        "phases": {
            **{p: {"enabled": p in phases} for p in ENGINE_PHASES},
            "coverage": coverage,
            "stateful": stateful,
        },
        "checks": checks.settings(),
    }


class _Engine(Engine):
    """Schemathesis' engine without its probing: that sends requests past our wire, whatever its bounds."""

    def get_phase_config(self, phase_name: PhaseName, *, is_supported: bool, requires_transitions: bool) -> Phase:
        """Return a phase, disabled when it is the one of probes, or needs links and this part of a run has none."""
        linked = not requires_transitions or self.schema.statistic.transitions.selected > 0
        allowed = is_supported and linked and phase_name is not PhaseName.PROBING
        return super().get_phase_config(phase_name, is_supported=allowed, requires_transitions=requires_transitions)


def run(session: Session, phases: tuple[str, ...]) -> None:
    """Run some of the engine's phases. Failures and problems are added to the session."""
    if not session.over and session.operations:
        _run(session, _watched(session, phases))


class Coverage:
    """The engine's coverage phase in two turns: what tells most of every operation, and later all the rest."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _turns(self) -> Turns:
        return Turns(_watched(self._session, ("coverage",)), len(self._session.operations))

    def begin(self) -> None:
        """Run a few cases of each operation. Where there are examples, nothing is learned from made-up requests."""
        with self._session.samples.settled():
            self._turn()

    def finish(self) -> None:
        """Run all others."""
        self._turn()

    def _turn(self) -> None:
        if not self._session.over and self._session.operations:
            _run(self._session, self._turns.schema)


def _watched(session: Session, phases: tuple[str, ...]) -> Any:
    """Return the contract's view for some phases; the session hears of a failure when it is seen."""
    schema = build_schema(session, phases)
    schema.hook("filter_failure")(partial(_see, session))
    return schema


def _see(session: Session, context: Any, failure: Any, case: Any, response: Any) -> bool:  # noqa: ARG001 (the hook's form)
    session.saw(Sighting(session.elapsed, failure, case, response))
    return True


def _run(session: Session, schema: Any) -> None:
    stream = _Engine(schema).execute()
    limit = session.plan.max_time
    try:
        with Watch(None if limit is None else max(0.0, limit - session.elapsed), stream.stop) as watch:
            session.stop = watch.stop
            for event in stream:
                _take(session, event)
    finally:
        session.stop = lambda: None
    _take_untold(session)


def _take_untold(session: Session) -> None:
    """Note what the engine saw and does not tell, since it was stopped in the middle of an operation."""
    for seen in session.seen.values():
        exchange = exchange_of(Sent(seen.response.request), seen.response)
        phase = seen.case.meta.phase.name.value
        _note(session, seen.failure, phase, seen.case.operation.label, (session.step(exchange),), seen.after)
    session.seen.clear()


def _take(session: Session, event: Any) -> None:
    match event:
        case events.ScenarioStarted():
            session.progress(event.phase.value, event.label or "sequences of calls", session.wire.count)
        case events.ScenarioFinished():
            for name, failure, steps in _failures(session, event.recorder):
                seen = session.seen.pop(id(failure), None)
                after = seen.after if seen is not None else session.elapsed
                _note(session, failure, event.phase.value, event.label or "", steps, after, name)
        case events.NonFatalError():
            subject = event.label or str(event.phase)
            session.problems.append(Problem(subject, f"{event.info.title}: {event.info.message}".strip()))
        case events.FatalError():
            raise event.exception
        case events.Interrupted() if not session.over:  # else it was us who stopped it
            raise KeyboardInterrupt
        case _:
            pass


def _note(
    session: Session, failure: Any, phase: str, subject: str, steps: tuple[Step, ...], after: float, check: str = ""
) -> None:
    name, title, message = title_of(failure)
    place = place_of(failure)
    session.fail(check or name, failure.operation or subject, title, message, phase, steps, place, after=after)


def title_of(failure: Any) -> tuple[str, str, str]:
    """Return the check, title and message of a failure; ours have both texts in the message."""
    named = _OURS.fullmatch(failure.title)
    if named is None:
        return next(iter(failure.checks), type(failure).__name__), failure.title, failure.message.strip()
    title, _, message = failure.message.partition("\n")
    return named[1], title, message.strip()


def place_of(failure: Any) -> str:
    """Return what tells a failure of Schemathesis from others of its title: the status, what of the body is wrong."""
    said = [getattr(failure, name, None) for name in ("status_code", "failure_reason", "content_type")]
    path = getattr(failure, "instance_path", None)
    if path is not None:
        inside = "".join(f"/{'*' if isinstance(name, int) else name}" for name in path)
        said += [inside or "/", *list(failure.schema_path)[-1:]]
    said += getattr(failure, "missing_headers", ())
    return " ".join(str(one) for one in said if one is not None)


def _failures(session: Session, recorder: Any) -> Iterator[tuple[str, Any, tuple[Step, ...]]]:
    for case_id, nodes in recorder.checks.items():
        for node in nodes:
            if node.failure_info is not None:
                chain = [s.case_id for s in node.failure_info.steps] or [node.failure_info.failure.case_id or case_id]
                shown = (recorder.interactions.get(i) for i in chain)
                yield (
                    node.name,
                    node.failure_info.failure,
                    tuple(session.step(exchange_of(i.request, i.response)) for i in shown if i is not None),
                )


@dataclass(frozen=True, slots=True)
class Sent:
    """A finished request in the form in which Schemathesis records one."""

    request: requests.PreparedRequest

    @property
    def method(self) -> str:
        """Return its method."""
        return self.request.method or ""

    @property
    def uri(self) -> str:
        """Return its address."""
        return self.request.url or ""

    @property
    def body(self) -> bytes:
        """Return its body."""
        return body_of(self.request)

    @property
    def headers(self) -> dict[str, list[str]]:
        """Return its headers."""
        return {name: [header_text(value)] for name, value in self.request.headers.items()}


def exchange_of(request: Any, response: Any) -> Exchange:
    """Return an exchange that Schemathesis recorded as one of ours."""
    if response is None:
        return Exchange(
            request.method, request.uri, _flat(request.headers), request.body or b"", 0, (), b"", "gave none"
        )
    body = request.body or b""
    return Exchange(
        request.method,
        request.uri,
        _flat(request.headers),
        body,
        response.status_code,
        _flat(response.headers),
        response.content,
    )


def _flat(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, values in headers.items() for value in values)


@schemathesis.hook("before_call")
def adapt(context: Any, case: Any, kwargs: Any) -> None:  # noqa: ARG001 (the hook's form)
    """Let every request of ours mean something to a server with state, unless it is to be sent as it is."""
    verbatim = kwargs.pop(VERBATIM, False)
    known = getattr(case.operation.app, "knowledge", None)
    if isinstance(known, Knowledge) and not verbatim:
        operation: Operation | None = known.operation(case)
        if operation is not None:
            known.adapter.headers(operation, case.headers)
            adapted = known.adapter.body(operation, case.body)
            if adapted is not case.body:
                case.body = adapted
