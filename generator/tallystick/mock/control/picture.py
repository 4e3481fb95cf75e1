"""Lifecycles as pictures: states in columns by how far they are from the first, transitions as labelled arrows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from html import escape
from typing import Final

from tallystick.contract.life import Lifecycle

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN, _LINE = 130, 44, 190, 70, 20, 15
_HEAD: Final = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>'
)

Place = tuple[int, int]


def transitions(lifecycle: Lifecycle) -> dict[tuple[str, str], list[str]]:
    """Return what leads from which state to which, by name."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for name, sources, target in _moves(lifecycle):
        for source in sources:
            found[source, target].append(name)
    return dict(found)


def _moves(lifecycle: Lifecycle) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for effect in lifecycle.effects:
        if effect.effect == "transition":
            yield effect.operation_id, effect.source_states, effect.target_state
    for event in lifecycle.events:
        yield event.name, event.source_states, event.target_state
    if lifecycle.expiry is not None:
        yield "time", lifecycle.expiry.source_states, lifecycle.expiry.target_state


def svg(lifecycle: Lifecycle) -> str:
    """Return the picture of a lifecycle as SVG, with the same in words for those who can't see it."""
    arrows = transitions(lifecycle)
    places = _places(lifecycle, arrows)
    above = _LINE * max((len(names) for names in arrows.values()), default=0)
    columns = 1 + max(x for x, _ in places.values())
    rows = 1 + max(y for _, y in places.values())
    width = 2 * _MARGIN + columns * _WIDTH + (columns - 1) * _GAP_X
    height = above + 2 * _MARGIN + rows * _HEIGHT + (rows - 1) * _GAP_Y
    words = "; ".join(f"{a} to {b} by {', '.join(names)}" for (a, b), names in arrows.items())
    parts = [
        f'<svg viewBox="0 {-above} {width} {height}" width="{width}" role="img" aria-label="{escape(words)}">',
        _HEAD,
        *(_arrow(places[a], places[b], names) for (a, b), names in arrows.items() if a in places and b in places),
        *(_box(state.name, places[state.name], terminal=state.terminal) for state in lifecycle.states),
        "</svg>",
    ]
    return "".join(parts)


def _places(lifecycle: Lifecycle, arrows: dict[tuple[str, str], list[str]]) -> dict[str, Place]:
    distance = {lifecycle.initial: 0}
    queue = [lifecycle.initial]
    for state in queue:
        for source, target in arrows:
            if source == state and target not in distance:
                distance[target] = distance[state] + 1
                queue.append(target)
    columns: defaultdict[int, int] = defaultdict(int)
    places: dict[str, Place] = {}
    for state in (s.name for s in lifecycle.states):
        column = distance.get(state, 0)
        places[state] = (column, columns[column])
        columns[column] += 1
    return places


def _corner(place: Place) -> tuple[int, int]:
    return _MARGIN + place[0] * (_WIDTH + _GAP_X), _MARGIN + place[1] * (_HEIGHT + _GAP_Y)


def _box(name: str, place: Place, *, terminal: bool) -> str:
    x, y = _corner(place)
    style = 'stroke-width="3"' if terminal else 'stroke-width="1.5"'
    return (
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="8" '
        f'fill="none" stroke="currentColor" {style}/>'
        f'<text x="{x + _WIDTH // 2}" y="{y + _HEIGHT // 2 + 5}" text-anchor="middle" fill="currentColor">'
        f"{escape(name)}</text>"
    )


def _arrow(source: Place, target: Place, names: list[str]) -> str:
    (x1, y1), (x2, y2) = _corner(source), _corner(target)
    if source[0] == target[0]:
        start, end = (x1 + _WIDTH // 2, y1 + _HEIGHT), (x2 + _WIDTH // 2, y2)
    else:
        start, end = (x1 + _WIDTH, y1 + _HEIGHT // 2), (x2, y2 + _HEIGHT // 2)
    middle_x, middle_y = (start[0] + end[0]) // 2, (start[1] + end[1]) // 2
    lines = "".join(
        f'<text x="{middle_x}" y="{middle_y - 6 - _LINE * (len(names) - 1 - i)}" text-anchor="middle" '
        f'font-size="12" fill="currentColor">{escape(name)}</text>'
        for i, name in enumerate(names)
    )
    return (
        f'<path d="M{start[0]} {start[1]} L{end[0]} {end[1]}" stroke="currentColor" fill="none" '
        f'marker-end="url(#tip)"/>{lines}'
    )
