"""The report in a terminal: a few lines when all is well, each failure with its cause and a command otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tallystick.verify.report.reproduce import as_curl
from tallystick.verify.result import Failure, Problem, Result

_MOST = 20
_NAMED = 3
"""How many operations a note names that holds of several; the report has them all."""


def as_text(result: Result, page: Path | None = None) -> str:
    """Return what to print at the end of a run."""
    return "\n".join(_lines(result, page)) + "\n"


def _lines(result: Result, page: Path | None) -> Iterator[str]:
    for failure in result.failures[:_MOST]:
        yield as_failure(failure)
        yield ""
    if len(result.failures) > _MOST:
        yield f"… and {len(result.failures) - _MOST} more failures; all are in the report"
        yield ""
    yield from _notes(result.problems)
    operations = sum(1 for i in result.coverage.items if i.kind == "operation")
    accepted = f", {len(result.accepted)} accepted by the baseline" if result.accepted else ""
    yield (
        f"{result.contract} against {result.target}: {_count(operations, 'operation')}, "
        f"{_count(result.cases, 'request')}, "
        f"{_count(len(result.failures), 'failure')}{accepted} (seed {result.seed})"
    )
    if result.stopped:
        yield f"ended early: {result.stopped}"
    yield f"exercised: {result.coverage.sentence()}"
    if page is not None:
        yield f"report: {page}"


def _notes(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield each reason once, with the first of those that it is about."""
    about: dict[str, list[str]] = {}
    for problem in problems:
        about.setdefault(" ".join(problem.reason.split()), []).append(problem.subject)
    for reason, subjects in about.items():
        more = f" and {len(subjects) - _NAMED} more" if len(subjects) > _NAMED else ""
        yield f"note: {', '.join(subjects[:_NAMED])}{more}: {reason}"


def as_failure(failure: Failure) -> str:
    """Return one failure as text: what is wrong, the exchanges that show it, how to see it again."""
    return "\n".join(_failure(failure))


def _failure(failure: Failure) -> Iterator[str]:
    yield f"{failure.operation or 'the whole API'}: {failure.check}: {failure.title}"
    for line in failure.message.splitlines():
        yield f"    {line}"
    for step in failure.steps:
        yield f"  {step.method} {step.url} -> {step.status or step.note}"
        if step.status:
            yield f"    {' '.join(step.answer.body.split())[:200]}"
    if failure.steps:
        yield f"  reproduce: {as_curl(failure.steps[-1])}"
    yield f"  fingerprint: {failure.fingerprint}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
