"""Measures things side by side: in one run, round after round, so that other work of the machine hits them alike."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to measure. `unit` names the subject it is divided by; `bound` is the ratio it must not exceed."""

    name: str
    run: Callable[[], object]
    unit: str
    bound: float | None = None


def seconds(run: Callable[[], object]) -> float:
    """Return how long one run takes on the wall."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def processor(run: Callable[[], object]) -> float:
    """Return the processor time of this process that one run takes: waiting is not in it."""
    started = time.process_time()
    run()
    return time.process_time() - started


def rounds(
    subjects: Sequence[Subject], count: int, measure: Callable[[Callable[[], object]], float] = seconds
) -> dict[str, list[float]]:
    """Measure every subject once per round, each round in another order."""
    taken: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    shuffle = random.Random(0).shuffle  # noqa: S311
    for _ in range(count):
        order = list(subjects)
        shuffle(order)
        for subject in order:
            taken[subject.name].append(measure(subject.run))
    return taken


def ratios(subjects: Sequence[Subject], taken: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Divide, round by round, by what the unit took in the same round; sorted."""
    return {
        s.name: sorted(own / unit for own, unit in zip(taken[s.name], taken[s.unit], strict=True)) for s in subjects
    }


def report(title: str, subjects: Sequence[Subject], taken: Mapping[str, Sequence[float]], *, calls: int = 1) -> int:
    """Print a table of ratios; return 1 if a bound is exceeded. `calls` is how often one run does the thing."""
    found = ratios(subjects, taken)
    width = max(len(s.name) for s in subjects)
    unit_width = max(len(s.unit) for s in subjects)
    print(f"\n{title} ({len(taken[subjects[0].name])} rounds)")
    print(f"  {'':{width}}  {'median':>10}  {'ratio':>6}  {'middle half':>13}  {'to':{unit_width}}  bound")
    failed = 0
    for s in subjects:
        each, low, high = found[s.name], *quarters(found[s.name])
        missed = s.bound is not None and median(each) > s.bound
        failed |= missed
        verdict = "" if s.bound is None else f"<= {s.bound:g}{'  MISSED' if missed else ''}"
        print(
            f"  {s.name:{width}}  {spelled(median(taken[s.name]) / calls):>10}  {median(each):6.2f}"
            f"  {low:6.2f}-{high:<6.2f}  {s.unit:{unit_width}}  {verdict}".rstrip()
        )
    return failed


def quarters(values: Sequence[float]) -> tuple[float, float]:
    """Return what a quarter and three quarters of sorted values stay below."""
    return values[len(values) // 4], values[(3 * len(values)) // 4]


def spelled(value: float) -> str:
    """Write seconds for people."""
    scale, name = next(((s, n) for s, n in ((1.0, "s"), (1e-3, "ms")) if value >= s), (1e-6, "us"))
    return f"{value / scale:.1f} {name}"
