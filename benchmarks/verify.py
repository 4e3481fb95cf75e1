"""Which faults are found, and how soon: `tallystick test` beside Schemathesis alone, in the same run.

    python benchmarks/verify.py [CONTRACT…] [--each N] [--part I/N]

Prints a table for each contract: faults put into the mock, found by each of the two, and the median time to the
first failure. Schemathesis alone has the same document, credentials and number of examples, and none of our checks,
walks and adaptations. It fails some operations of the mock as it is, such as over a reference that was used before: a
failure of it counts only when the same check does not fail the same operation without any fault.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema

from tallystick.contract import Contract, read
from tallystick.settings import Target as Document
from tallystick.settings import find
from tallystick.verify import Plan, Shard, Target, local_mock, run
from tallystick.verify.faults import derive
from tallystick.verify.faults.fault import Fault
from tallystick.verify.prove import bench
from tallystick.verify.server.auth import Signature
from tallystick.verify.server.routes import Routes

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


Seen = tuple[str, str]
"""The check that failed, and the operation."""


class Plain:
    """Schemathesis alone, which knows what it finds without any fault."""

    def __init__(self, contract: Contract, document: Document, sound: Target) -> None:
        self._contract = contract
        self._document = document
        self.alarms: frozenset[Seen] = frozenset(seen for seen, _ in self._failures(sound))

    def __call__(self, target: Target) -> Outcome:
        """Test until something fails that does not without a fault."""
        after = next((seconds for seen, seconds in self._failures(target) if seen not in self.alarms), None)
        return Outcome(after is not None, after or 0.0)

    def _failures(self, target: Target) -> Iterator[tuple[Seen, float]]:
        """Yield what fails and the seconds until it was seen; the engine's last event comes after all of them."""
        schema, seen = self._schema(target), list[tuple[Seen, float]]()
        started = time.monotonic()

        def note(_: Any, failure: Any, case: Any, __: Any) -> bool:
            name = next(iter(failure.checks), type(failure).__name__)
            seen.append(((name, case.operation.label), time.monotonic() - started))
            return True

        schema.hook("filter_failure")(note)
        for _ in from_schema(schema).execute():
            while seen:  # the engine's thread may add to it meanwhile
                yield seen.pop(0)

    def _schema(self, target: Target) -> Any:
        config = SchemathesisConfig.from_dict(
            {
                "seed": PLAN.seed,
                "base-url": target.url,
                "continue-on-failure": True,
                "analysis": {"constants": {"enabled": False}},
                "cache": {"enabled": False},
                "generation": {
                    "max-examples": PLAN.max_examples,
                    "database": "none",
                    "with-security-parameters": False,
                },
            }
        )
        schema = schemathesis.openapi.from_dict(dict(self._contract.document), config=config)
        schema.app = target.app
        routes = Routes(self._contract.operations, target.prefix)
        schema.auth.set_from_requests(
            Signature(self._contract, target.credentials, routes, folder=self._document.folder, now=target.moment)
        )
        return schema


def targets(contract: Contract, document: Document, each: int, part: Shard) -> Iterator[Callable[[], Target]]:
    """Yield what makes a mock with each fault."""

    def faulty(fault: Fault) -> Target:
        mock = local_mock(contract, document.folder, PLAN)
        return replace(mock, app=fault.layer(mock.app))

    for position, fault in enumerate(derive(bench(contract, document.folder, PLAN), each=each)):
        if part.takes(position):
            yield partial(faulty, fault)


def table(name: str, each: int, part: Shard) -> None:
    """Print the table of one contract."""
    document = find(name)
    contract = read(document.document, name=document.name, root=document.root)
    sound = partial(local_mock, contract, document.folder, PLAN)
    alone = Plain(contract, document, sound())
    testers: dict[str, Callable[[Target], Outcome]] = {
        "tallystick test": partial(ours, contract, document),
        "Schemathesis alone": alone,
    }
    if testers["tallystick test"](sound()).found:
        raise SystemExit(f"{name}: tallystick test finds something in the mock as it is")
    rows: dict[str, list[Outcome]] = {who: [] for who in testers}
    for make in targets(contract, document, each, part):
        for who, test in testers.items():
            rows[who].append(test(make()))
    print(f"{name}: {len(rows['tallystick test'])} faults")
    for who, outcomes in rows.items():
        times = [outcome.seconds for outcome in outcomes if outcome.found]
        middle = f", median {median(times):.2f} s" if times else ""
        print(f"  {who}: {len(times)} found ({100 * len(times) // max(1, len(outcomes))}%){middle}")
    print(f"  not counted of the latter: {len(alone.alarms)} that fail without a fault", flush=True)


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
