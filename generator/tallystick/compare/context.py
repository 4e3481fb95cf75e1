"""What facets must know of the place in the API where two schemas meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Context:
    """The kind of place: equal contexts give equal facts.

    `flow` is `request` for what a client sends, `response` for what it is sent. `place` is `body`, `parameter` or
    `header`. `today` is the day that sunsets are judged by. `traits` are of a parameter: `required`,
    `header-parameter`, and `exploded-form` for one that is written as repeated `name=value`.
    """

    flow: str
    place: str
    today: date
    media_type: str = ""
    traits: frozenset[str] = frozenset()

    @property
    def strongly_typed(self) -> bool:
        """Whether a number and its text differ on the wire, as they do in JSON and in nothing else."""
        media = self.media_type.partition(";")[0]
        return media == "application/json" or media.endswith("+json")
