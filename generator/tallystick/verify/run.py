"""A whole run, from target to result: what one request shows first, then sequences, then random data."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from schemathesis.python import asgi

from tallystick.contract import Contract
from tallystick.errors import UsageError
from tallystick.verify import walks
from tallystick.verify.coverage import Coverage
from tallystick.verify.fuzzing import engine
from tallystick.verify.plan import Plan
from tallystick.verify.result import Failure, Result, distinct
from tallystick.verify.server.target import Target
from tallystick.verify.session import Progress, Session


def run(
    contract: Contract,
    target: Target,
    plan: Plan,
    *,
    folder: Path | None = None,
    progress: Progress = lambda *_: None,
    accepted: frozenset[str] = frozenset(),
) -> Result:
    """Test a server against a contract and return what was found.

    `folder` is a shipped contract's own, with its signer modules. `accepted` are fingerprints of failures that don't
    count. Raises `UsageError` and `ConfigurationError`.
    """
    session = Session(contract, target, plan, folder=folder, progress=progress)
    _start(session)
    run_session(session)
    if session.operations and session.wire.count == 0:
        known = (session.over, *(problem.reason for problem in session.problems), "no operation gives rise to one")
        reason = next(reason for reason in known if reason)
        raise UsageError(f"no request could be sent to {target.name}: {' '.join(reason.split())}")
    return _result(session, accepted)


def _start(session: Session) -> None:
    """Let the application start. Raises `UsageError` when it can't."""
    try:
        with asgi.get_client(cast("Any", session.wire)):
            return
    except Exception as error:  # whatever an application of somebody else raises when it starts
        raise UsageError(f"{session.target.name} does not start: {error}") from error


def run_session(session: Session) -> None:
    """Run the phases of a session's plan, until they are through or the run has to end.

    What one request shows comes first: the contract's examples, and what tells most of the coverage cases of every
    operation. The rest of these come after the walks: they are hundreds where an operation takes much, more than all
    walks send before it has come to the last operation, and few faults are left that only they show.
    """
    phases = frozenset(session.plan.phases)
    coverage = engine.Coverage(session)
    if "examples" in phases:
        engine.run(session, ("examples",))
    if "coverage" in phases:
        coverage.begin()
    if "walks" in phases:
        walks.run(session)
    if "coverage" in phases:
        coverage.finish()
    if {"walks", "coverage"} <= phases:
        walks.resume(session)
    if random := tuple(phase for phase in ("fuzzing", "stateful") if phase in phases):
        engine.run(session, random)


def _result(session: Session, accepted: frozenset[str]) -> Result:
    failures = distinct(session.failures)
    return Result(
        contract=session.contract.name,
        version=session.contract.version,
        target=session.target.name,
        seed=session.plan.seed,
        failures=_those(failures, accepted, wanted=False),
        accepted=_those(failures, accepted, wanted=True),
        problems=tuple(sorted({*session.problems, *session.knowledge.notes}, key=lambda p: (p.subject, p.reason))),
        coverage=session.tracker.statement() if session.operations else Coverage(),
        cases=session.wire.count,
        seconds=session.elapsed,
        stopped=session.over,
    )


def _those(failures: tuple[Failure, ...], accepted: frozenset[str], *, wanted: bool) -> tuple[Failure, ...]:
    return tuple(f for f in failures if (f.fingerprint in accepted) is wanted)
