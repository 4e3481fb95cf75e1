"""The coverage cases of each operation in two turns: a few that tell most, and all others later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

_ALL = 100
"""Cases of the first turn in all; one of each operation where there are more operations than that."""
_EACH = 8
"""Cases of an operation in the first turn at most."""
_AHEAD = 24
"""Cases of an operation among which the first turn chooses; making them up takes longer than sending them."""


class Turns:
    """A schema whose coverage phase can be run twice: no case is sent in both turns, and none is lost.

    The engine asks for an operation's cases once in each turn, and both times they come from the same generator.
    """

    def __init__(self, schema: Any, operations: int) -> None:
        self.schema = schema
        self._each = max(1, min(_EACH, _ALL // max(1, operations)))
        self._made = schema.iter_coverage_cases
        self._left: dict[str, Iterator[Any]] = {}
        schema.iter_coverage_cases = self._cases

    def _cases(self, operation: Any, **given: Any) -> Iterator[Any]:
        if operation.label in self._left:
            return self._left.pop(operation.label)
        cases = self._made(operation, **given)
        ahead = list(islice(cases, _AHEAD))
        chosen = set(islice(_unlike(ahead), self._each))
        self._left[operation.label] = chain((c for n, c in enumerate(ahead) if n not in chosen), cases)
        return (ahead[number] for number in sorted(chosen, reverse=True))  # the engine begins with the last


def _unlike(cases: Iterable[Any]) -> Iterator[int]:
    """Yield the numbers of cases that are the first of what they keep or break, then those of all others."""
    seen: set[object] = set()
    alike: list[int] = []
    for number, case in enumerate(cases):
        kind = (case.meta.generation.mode, case.meta.phase.data.scenario)
        if kind in seen:
            alike.append(number)
        else:
            seen.add(kind)
            yield number
    yield from alike
