"""Where the nodes of a document stand, noted while it is built and looked up by pointer."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tallystick.load.pointer import split

if TYPE_CHECKING:
    from tallystick.load.source import Json

_COLUMN = 32  # bits


class Marks:
    """Line and column of each member and item, by the mapping or sequence that holds it. Small, as few are asked for.

    Those containers must stay as they are for as long as anything is looked up.
    """

    def __init__(self) -> None:
        self._starts: dict[int, int] = {}
        self._places = array("Q")

    def note(self, container: Json, places: Iterable[tuple[int, int]]) -> None:
        """Note lines and columns, counted from 0, of the members of a container, in its order."""
        self._starts[id(container)] = len(self._places)
        self._places.extend([line << _COLUMN | column for line, column in places])

    def find(self, data: Json, pointer: str) -> tuple[int, int]:
        """Return line and column, counted from 1, of a node of `data`, or of the nearest that exists above it."""
        found = 0
        for token in split(pointer):
            start = self._starts.get(id(data))
            if start is None:
                break
            if isinstance(data, dict) and token in data:
                found = self._places[start + list(data).index(token)]
                data = data[token]
            elif isinstance(data, list) and token.isdecimal() and int(token) < len(data):
                found = self._places[start + int(token)]
                data = data[int(token)]
            else:
                break
        return (found >> _COLUMN) + 1, (found & (1 << _COLUMN) - 1) + 1
