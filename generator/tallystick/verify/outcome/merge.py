"""One result of several: the parts of a run that was spread over machines."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.errors import UsageError
from tallystick.verify.coverage import Coverage
from tallystick.verify.result import Result, distinct


def merge(results: Sequence[Result]) -> Result:
    """Return the results as one: all failures, everything that any part exercised, all requests.

    Raises `UsageError` when they are not about the same contract.
    """
    about = {(r.contract, r.version) for r in results}
    if len(about) > 1:
        named = ", ".join(f"{name} {version}" for name, version in sorted(about))
        raise UsageError(f"these reports are about different contracts: {named}")
    first = results[0]
    stopped = [r.stopped for r in results if r.stopped]
    return Result(
        contract=first.contract,
        version=first.version,
        target=first.target,
        seed=first.seed,
        failures=distinct(f for r in results for f in r.failures),
        accepted=distinct(f for r in results for f in r.accepted),
        problems=tuple(sorted({p for r in results for p in r.problems}, key=lambda p: (p.subject, p.reason))),
        coverage=Coverage.of(item for r in results for item in r.coverage.items),
        cases=sum(r.cases for r in results),
        stopped="; ".join(dict.fromkeys(stopped)),
    )
