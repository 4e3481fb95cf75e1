"""References that only lead back to themselves, by way of nothing but references and in-place keywords.

A schema that contains itself below `properties` or `items` is fine: an instance ends the recursion. One that
*is* itself has no meaning, and would make any validator run for ever.
"""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.load import Json
from tallystick.load.pointer import join
from tallystick.resolve import grammar

_IN_PLACE = ("allOf", "anyOf", "oneOf")
_IN_PLACE_SINGLE = ("not", "if", "then", "else")


def find(data: dict[str, Json]) -> list[tuple[str, str, str]]:
    """Return (pointer, message, hint) for one reference of each such cycle, in document order."""
    edges = _edges(data)
    state: dict[str, int] = {}  # 1 while open, 2 when done
    found: list[tuple[str, str, str]] = []
    for start in edges:
        stack: list[tuple[str, Iterator[tuple[str, str]]]] = []
        if start not in state:
            state[start] = 1
            stack.append((start, iter(edges[start])))
        while stack:
            node, targets = stack[-1]
            step = next(targets, None)
            if step is None:
                state[node] = 2
                stack.pop()
                continue
            ref_pointer, target = step
            if state.get(target) == 1:
                path = [n for n, _ in stack]
                names = " -> ".join(f"#{n}" for n in [*path[path.index(target) :], target])
                hint = "give one of them content of its own, or put the recursion below properties or items"
                found.append((ref_pointer, f"the reference leads back to itself: {names}", hint))
            elif target not in state:
                state[target] = 1
                stack.append((target, iter(edges.get(target, ()))))
    return found


def _edges(data: dict[str, Json]) -> dict[str, list[tuple[str, str]]]:
    """Return node -> (pointer of the reference or member, node that describes the same instance)."""
    edges: dict[str, list[tuple[str, str]]] = {}
    for pointer, kind, node in grammar.walk(grammar.ROOT, data):
        if not isinstance(node, dict):
            continue
        here: list[tuple[str, str]] = []
        ref = node.get("$ref")
        if isinstance(ref, str) and ref.startswith("#") and (ref == "#" or ref[1] == "/"):
            here.append((join(pointer, "$ref"), ref[1:]))
        if kind == "schema":
            for keyword in _IN_PLACE:
                items = node.get(keyword)
                if isinstance(items, list):
                    here += [_itself(join(pointer, keyword, i)) for i in range(len(items))]
            here += [_itself(join(pointer, k)) for k in _IN_PLACE_SINGLE if k in node]
        if here:
            edges[pointer] = here
    return edges


def _itself(pointer: str) -> tuple[str, str]:
    return pointer, pointer
