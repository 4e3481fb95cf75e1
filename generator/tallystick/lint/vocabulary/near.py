"""The hint for a name that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LISTED = 8


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint with the name that was probably meant, else with the names there are."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    if len(names) == 1:
        return f"there is only {names[0]!r}"
    return f"there are {', '.join(names)}" if 0 < len(names) <= _LISTED else ""
