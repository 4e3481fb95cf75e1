"""Strings that match a regular expression, in bounded time whatever its repetitions say."""

from __future__ import annotations

from typing import Any, Final

from rstr import Rstr

_MORE: Final = 12
"""How many more repetitions there may be than there must be."""
_MOST: Final = 200_000
"""How many parts a string may be built from."""


class Matching(Rstr):
    """Builds strings with no more repetition than is asked for. Raises `OverflowError` for what gets too long."""

    _built = 0

    def _handle_repeat(self, start_range: int, end_range: int, value: Any) -> str:
        times = self._random.randint(start_range, min(end_range, start_range + _MORE))
        parts: list[str] = []
        for _ in range(times):
            self._built += 1
            if self._built > _MOST:
                raise OverflowError("the pattern repeats too much")
            parts += [self._handle_state(state) for state in value]
        return "".join(parts)
