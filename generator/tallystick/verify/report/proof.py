"""The outcome of a proof: which faults were put in, which were found, by what, and when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from statistics import median

from tallystick.verify.prove import Verdict


def as_line(verdict: Verdict) -> str:
    """Return a verdict as a line for a terminal."""
    if verdict.failure is None:
        return f"escaped  {verdict.kind}: {verdict.subject} ({verdict.requests:,} requests)"
    found = verdict.failure
    return f"caught   {verdict.kind}: {verdict.subject}: {found.check} in {found.phase} after {found.after:.2f} s"


def as_summary(contract: str, verdicts: Sequence[Verdict]) -> str:
    """Return what to print at the end of a proof."""
    return "\n".join(_summary(contract, verdicts)) + "\n"


def _summary(contract: str, verdicts: Sequence[Verdict]) -> Iterator[str]:
    caught = [v for v in verdicts if v.caught]
    kinds = len({v.kind for v in verdicts})
    escaped = len(verdicts) - len(caught)
    yield f"{contract}: {len(verdicts)} faults of {kinds} kinds, {len(caught)} caught, {escaped} escaped"
    times = sorted(v.failure.after for v in verdicts if v.failure is not None)
    if times:
        yield f"time to the first failure: median {median(times):.2f} s, longest {times[-1]:.2f} s"


def as_json(contract: str, verdicts: Sequence[Verdict]) -> str:
    """Return the verdicts for tools; `seconds` depends on the machine."""
    rows = [
        {
            "kind": v.kind,
            "subject": v.subject,
            "caught": v.caught,
            "check": v.failure.check if v.failure is not None else "",
            "phase": v.failure.phase if v.failure is not None else "",
            "title": v.failure.title if v.failure is not None else "",
            "seconds": round(v.failure.after, 2) if v.failure is not None else None,
            "requests": v.requests,
        }
        for v in verdicts
    ]
    return json.dumps({"contract": contract, "verdicts": rows}, indent=2, ensure_ascii=False) + "\n"
