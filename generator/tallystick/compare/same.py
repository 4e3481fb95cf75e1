"""Which parts of two documents are the same, references followed: so that they need not be walked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get

_ABSENT = object()


class Sameness:
    """Knows which targets of references differ, directly or through what they refer to in turn."""

    def __init__(self, old: Mapping[str, Json], new: Mapping[str, Json]) -> None:
        self._differing = _differing(old, new)
        self._known: dict[tuple[int, int], bool] = {}

    def __call__(self, old: object, new: object) -> bool:
        """Say whether two nodes mean the same: equal text, and equal targets of all references in it."""
        if not isinstance(old, (dict, list)) or not isinstance(new, (dict, list)):
            return old == new
        key = (id(old), id(new))  # nodes of the documents, which outlive this
        if key not in self._known:
            self._known[key] = old == new and self._differing.isdisjoint(references(old))
        return self._known[key]


def references(node: object) -> Iterator[str]:
    """Yield the pointers of all internal references in a node."""
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            ref = here.get("$ref")
            if isinstance(ref, str) and ref.startswith("#"):
                yield ref[1:]
            stack.extend(here.values())
        elif isinstance(here, list):
            stack.extend(here)


def _differing(old: Mapping[str, Json], new: Mapping[str, Json]) -> frozenset[str]:
    targets = {*references(old), *references(new)}
    users: dict[str, set[str]] = defaultdict(set)
    changed: list[str] = []
    for target in targets:
        before, after = _at(old, target), _at(new, target)
        if before != after:
            changed.append(target)
        for used in (*references(before), *references(after)):
            users[used].add(target)
    differing: set[str] = set()
    while changed:
        target = changed.pop()
        if target not in differing:
            differing.add(target)
            changed.extend(users[target])
    return frozenset(differing)


def _at(document: Mapping[str, Json], pointer: str) -> object:
    try:
        return get(document, pointer)
    except NoSuchMember:
        return _ABSENT
