"""Lifecycles as Mermaid state diagrams."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from tallystick.contract import Contract
from tallystick.contract.life import Lifecycle

_INDENT = "    "


def diagram(lifecycle: Lifecycle) -> str:
    """Return one lifecycle as a Mermaid `stateDiagram-v2`, its text ending in a line feed."""
    lines = ["stateDiagram-v2", *(_INDENT + line for line in _lines(lifecycle))]
    return "\n".join(lines) + "\n"


def page(contracts: list[Contract]) -> str:
    """Return the lifecycles of several contracts as a Markdown page."""
    parts = [_HEAD]
    for contract in contracts:
        parts += [f"## {contract.name}\n", *(_section(life) for life in contract.lifecycles)]
        if not contract.lifecycles:
            parts.append("It declares no lifecycle.\n")
    return "\n".join(parts)


def _section(life: Lifecycle) -> str:
    states = "".join(f"| `{s.name}` | {s.description} |{' yes |' if s.terminal else ' |'}\n" for s in life.states)
    table = f"| state | | final |\n|---|---|---|\n{states}"
    return f"### {life.resource}\n\n{life.description}\n\n```mermaid\n{diagram(life)}```\n\n{table}"


def _lines(life: Lifecycle) -> Iterator[str]:
    aliases = {s.name: _alias(s.name, index) for index, s in enumerate(life.states)}
    yield from (f"state {_label(name)} as {alias}" for name, alias in aliases.items() if name != alias)
    creators = " / ".join(e.operation_id for e in life.effects if e.effect == "create")
    if life.initial in aliases:
        yield f"[*] --> {aliases[life.initial]}" + (f" : {_plain(creators)}" if creators else "")
    moves = [(aliases[s], aliases[t], label) for s, t, label in _moves(life) if s in aliases and t in aliases]
    order = {alias: index for index, alias in enumerate(aliases.values())}
    moves.sort(key=lambda move: (order[move[0]], order[move[1]]))
    for (source, target), same in groupby(moves, key=lambda move: move[:2]):
        yield f"{source} --> {target} : {_plain(' / '.join(label for _, _, label in same))}"
    yield from (f"{aliases[s.name]} --> [*]" for s in life.states if s.terminal)


def _moves(life: Lifecycle) -> Iterator[tuple[str, str, str]]:
    """Yield (from, to, label): operations first, then events in round brackets, then time."""
    for effect in life.effects:
        yield from (
            (s, effect.target_state, effect.operation_id) for s in effect.source_states if effect.target_state
        )
    for event in life.events:
        yield from ((s, event.target_state, f"({event.name})") for s in event.source_states)
    if life.expiry is not None:
        yield from ((s, life.expiry.target_state, "(time)") for s in life.expiry.source_states)


def _alias(name: str, index: int) -> str:
    """Return what a state is called inside the diagram: its name, unless Mermaid would take that for syntax."""
    plain = name.isascii() and name.isidentifier() and name not in ("state", "end", "note", "direction")
    return name if plain else f"s{index}"


def _label(text: str) -> str:
    return '"' + _plain(text).replace('"', "'") + '"'


def _plain(text: str) -> str:
    """Return text without what ends a Mermaid label."""
    return " ".join(text.replace(";", ",").replace(":", " ").split())


_HEAD = """# Lifecycles

What happens to the things that each API keeps, as the contracts declare it under `x-lifecycle`. Events that happen
outside of the API stand in round brackets. `tallystick check --lifecycles` prints this page.
"""
