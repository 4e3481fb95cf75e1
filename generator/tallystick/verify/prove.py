"""Whether the verification would find a fault: faults are put into our own mock, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tallystick.contract import Contract
from tallystick.contract.validation import Validators
from tallystick.verify.faults import derive
from tallystick.verify.faults.fault import Bench, Fault
from tallystick.verify.plan import Plan
from tallystick.verify.result import Failure
from tallystick.verify.run import run
from tallystick.verify.server.auth import Signature
from tallystick.verify.server.mocked import local_mock
from tallystick.verify.server.routes import Routes
from tallystick.verify.server.target import Target

NO_FAULT = "no fault"
"""The kind of the verdict over the mock as it is."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a fault: the failure that gave it away, `None` when it escaped, and the requests that took."""

    kind: str
    subject: str
    failure: Failure | None
    requests: int

    @property
    def caught(self) -> bool:
        """Whether the fault was found."""
        return self.failure is not None


def prove(
    contract: Contract,
    plan: Plan,
    *,
    folder: Path | None,
    each: int = 1,
    tell: Callable[[Verdict], None] = lambda _: None,
    only: str = "",
) -> tuple[Verdict, ...]:
    """Put each fault that the contract gives rise to into the mock, test it, and return the verdicts.

    A run without any fault comes first: when that finds something, it is the first verdict and the only one. `each`
    is how many faults of each kind to take; `only` takes the kinds with this text in their name.
    """
    quick = replace(plan, first_only=True)
    clean = _verdict(contract, quick, folder, None)
    if clean.caught:
        return (clean,)
    return tuple(_verdicts(contract, quick, folder, each, tell, only))


def _verdicts(
    contract: Contract, plan: Plan, folder: Path | None, each: int, tell: Callable[[Verdict], None], only: str
) -> Iterator[Verdict]:
    faults = [fault for fault in derive(bench(contract, folder, plan), each=each) if only in fault.kind]
    for position, fault in enumerate(faults):
        if plan.shard.takes(position):
            verdict = _verdict(contract, replace(plan, shard=type(plan.shard)()), folder, fault)
            tell(verdict)
            yield verdict


def bench(contract: Contract, folder: Path | None, plan: Plan) -> Bench:
    """Return what the faults of a contract are made from."""
    target = local_mock(contract, folder, plan)
    routes = Routes(contract.operations, target.prefix)
    signature = Signature(contract, target.credentials, routes, folder=folder, now=target.moment)
    return Bench(contract, routes, Validators(contract), signature)


def _verdict(contract: Contract, plan: Plan, folder: Path | None, fault: Fault | None) -> Verdict:
    target: Target = local_mock(contract, folder, plan)
    if fault is not None:
        target = replace(target, app=fault.layer(target.app))
    result = run(contract, target, plan, folder=folder)
    found = min(result.failures, key=lambda f: f.after, default=None)
    kind, subject = (fault.kind, fault.subject) if fault is not None else (NO_FAULT, "")
    return Verdict(kind, subject, found, result.cases)
