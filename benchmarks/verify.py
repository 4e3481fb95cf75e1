"""Which faults are found, and how soon: `tallystick test` beside Schemathesis alone, in the same run.

    python benchmarks/verify.py [CONTRACT…] [--each N] [--part I/N]

Prints a table for each contract: faults put into the mock, found by each of the two, and the median time to the
first failure. Schemathesis alone has the same document, credentials and number of examples, and none of our checks,
walks and adaptations.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from tallystick.contract import Contract, read
from tallystick.settings import Target as Document
from tallystick.settings import find
from tallystick.verify import Plan, Shard, Target, local_mock, run
from tallystick.verify.auth import Signature
from tallystick.verify.faults import derive
from tallystick.verify.faults.fault import Fault
from tallystick.verify.prove import NO_FAULT, bench
from tallystick.verify.routes import Routes

PLAN = Plan(max_examples=10, first_only=True)


@dataclass(frozen=True)
class Outcome:
    """Whether a fault was found, and after how many seconds."""

    found: bool
    seconds: float


def ours(contract: Contract, document: Document, target: Target) -> Outcome:
    """Test with everything we have."""
    result = run(contract, target, PLAN, folder=document.folder)
    first = min((failure.after for failure in result.failures), default=0.0)
    return Outcome(bool(result.failures), first)


def plain(contract: Contract, document: Document, target: Target) -> Outcome:
    """Test with Schemathesis alone."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": PLAN.seed,
            "base-url": target.url,
            "analysis": {"constants": {"enabled": False}},
            "cache": {"enabled": False},
            "max-failures": 1,
            "generation": {"max-examples": PLAN.max_examples, "database": "none", "with-security-parameters": False},
        }
    )
    schema = schemathesis.openapi.from_dict(dict(contract.document), config=config)
    schema.app = target.app
    routes = Routes(contract.operations, target.prefix)
    schema.auth.set_from_requests(
        Signature(contract, target.credentials, routes, folder=document.folder, now=target.moment)
    )
    started = time.monotonic()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished) and event.status in (Status.FAILURE, Status.ERROR):
            return Outcome(True, time.monotonic() - started)
    return Outcome(False, time.monotonic() - started)


def targets(
    contract: Contract, document: Document, each: int, part: Shard
) -> Iterator[tuple[str, Callable[[], Target]]]:
    """Yield what makes a mock as it is, then what makes one with each fault."""

    def fresh() -> Target:
        return local_mock(contract, document.folder, PLAN)

    def faulty(fault: Fault) -> Target:
        mock = fresh()
        return replace(mock, app=fault.layer(mock.app))

    yield NO_FAULT, fresh
    for position, fault in enumerate(derive(bench(contract, document.folder, PLAN), each=each)):
        if part.takes(position):
            yield fault.kind, partial(faulty, fault)


def table(name: str, each: int, part: Shard) -> None:
    """Print the table of one contract."""
    document = find(name)
    contract = read(document.document, name=document.name, root=document.root)
    testers = {"tallystick test": ours, "Schemathesis alone": plain}
    rows: dict[str, list[Outcome]] = {who: [] for who in testers}
    alarms: set[str] = set()
    for kind, make in targets(contract, document, each, part):
        for who, test in testers.items():
            outcome = test(contract, document, make())
            if kind != NO_FAULT:
                rows[who].append(outcome)
            elif outcome.found:
                alarms.add(who)
    print(f"{name}: {len(rows['tallystick test'])} faults")
    for who, outcomes in rows.items():
        times = [outcome.seconds for outcome in outcomes if outcome.found]
        alarm = (
            ", of which a false alarm may be the cause: it finds something without a fault" if who in alarms else ""
        )
        middle = f", median {median(times):.2f} s" if times else ""
        print(f"  {who}: {len(times)} found ({100 * len(times) // max(1, len(outcomes))}%){middle}{alarm}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("contracts", nargs="*", default=["ivy", "ivy-legacy", "worldline"])
    parser.add_argument("--each", type=int, default=1, help="faults of each kind")
    parser.add_argument("--part", type=Shard.parse, default=Shard(), help="such as 1/8: every eighth kind only")
    options = parser.parse_args()
    for name in options.contracts:
        table(name, options.each, options.part)


if __name__ == "__main__":
    main()
