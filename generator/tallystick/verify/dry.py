"""What a run would send, found out against our own mock; the server itself is not asked for anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tallystick.contract import Contract
from tallystick.verify.plan import Plan
from tallystick.verify.report.reproduce import as_curl
from tallystick.verify.result import Step
from tallystick.verify.run import run_session
from tallystick.verify.server.auth import Credentials, taken_by, value_names, variable
from tallystick.verify.server.mocked import local_mock
from tallystick.verify.server.routes import label
from tallystick.verify.server.wire import Exchange
from tallystick.verify.session import Session, is_safe


@dataclass(slots=True)
class _Seen:
    """Counts requests by operation and keeps the first of each."""

    session: Session
    counts: Counter[str]
    first: dict[str, Step]

    def __call__(self, exchange: Exchange) -> None:
        operation = self.session.routes.find(exchange.method, exchange.url)
        name = label(operation) if operation is not None else "methods that the contract does not have"
        self.counts[name] += 1
        self.first.setdefault(name, self.session.step(exchange))


def rehearse(
    contract: Contract, plan: Plan, *, folder: Path | None, name: str, url: str | None, own: Credentials
) -> Iterator[str]:
    """Yield lines that say what a run with this plan would send to a server, and as whom.

    `name` is what the server is called, `url` its address, `None` for what runs in-process.
    """
    session = Session(contract, local_mock(contract, folder, plan), plan, folder=folder)
    seen = _Seen(session, Counter(), {})
    session.wire.watchers.append(seen)
    run_session(session)
    total = sum(seen.counts.values())
    yield f"{contract.name} against {name}: about {total:,} requests (seed {plan.seed}), none of them sent now"
    for subject, count in sorted(seen.counts.items()):
        command = as_curl(seen.first[subject])
        yield f"  {subject}: {count:,}"
        yield f"    first: {command.replace(session.target.url, url) if url else command}"
    for operation in contract.operations:
        if operation not in session.operations:
            reason = "it may change something" if plan.safe and not is_safe(contract, operation) else "another part's"
            yield f"  {label(operation)}: not tested, {reason}"
    yield from _credentials(contract, own)


def _credentials(contract: Contract, own: Credentials) -> Iterator[str]:
    needed = {scheme.name: scheme for o in contract.operations for scheme in taken_by(contract, o)}
    for name, scheme in sorted(needed.items()):
        variables = ", ".join(variable(name, value) for value in value_names(scheme))
        yield f"  credentials {name}: {variables} {'set' if name in own.values else 'not set'}"
