"""Where what comes from other files goes in a bundle: by names that don't depend on the order of anything."""

from __future__ import annotations

import re
from collections import defaultdict

from tallystick.load import Source
from tallystick.load.pointer import join, split
from tallystick.resolve import grammar
from tallystick.resolve.closure import Closure, Target

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")  # what component names may not contain


def place_targets(closure: Closure) -> dict[tuple[str, str], str]:
    """Return where each target goes in the bundle, as a pointer. Path items have no place: they are inlined.

    Names don't depend on the order of anything: an entry's component that stands for the target gives its name,
    else the target's own name; where two targets want one name, each is qualified by its file's.
    """
    entry_names = _entry_names(closure)
    places = dict(entry_names)
    wanted: dict[tuple[str, str], list[Target]] = defaultdict(list)
    for target in sorted(closure.targets.values(), key=lambda t: t.key):
        section = grammar.SECTION_OF.get(target.kind)
        if target.key in places or section is None or target.kind == "pathItem":
            continue
        within = _within_other(target, closure, places)
        if within is not None:
            places[target.key] = within
        else:
            wanted[section, _own_name(target)].append(target)
    taken = set(places.values()) | _declared(closure.entry)
    for (section, _), targets in sorted(wanted.items(), key=lambda item: item[0]):
        for target, name in zip(targets, _free_names(targets, section, taken), strict=True):
            places[target.key] = join("/components", section, name)
            taken.add(places[target.key])
    return _settle_nested(places, closure, frozenset(entry_names))


def _settle_nested(
    places: dict[tuple[str, str], str], closure: Closure, entry_names: frozenset[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Point targets inside other targets to their place there, so that nothing is copied twice."""
    for key, target in closure.targets.items():
        within = _within_other(target, closure, places)
        if within is not None and key in places and len(split(places[key])) == 3 and key not in entry_names:
            places[key] = within
    return places


def _entry_names(closure: Closure) -> dict[tuple[str, str], str]:
    """Return the components of the entry that are nothing but a reference to another file."""
    data = closure.entry.data
    components = data.get("components") if isinstance(data, dict) else None
    names: dict[tuple[str, str], str] = {}
    if not isinstance(components, dict):
        return names
    for section, kind in grammar.COMPONENT_KINDS.items():
        entries = components.get(section)
        for name, node in entries.items() if isinstance(entries, dict) else ():
            if isinstance(node, dict) and isinstance(node.get("$ref"), str):
                pointer = join("/components", section, name)
                target = closure.resolve(closure.entry, join(pointer, "$ref"), node["$ref"], kind)
                if target and target.source is not closure.entry:
                    names.setdefault(target.key, pointer)
    return names


def _within_other(target: Target, closure: Closure, places: dict[tuple[str, str], str]) -> str | None:
    above = target.pointer
    while above:
        above = above.rpartition("/")[0]
        place = places.get((target.source.name, above))
        if place is not None and closure.targets[target.source.name, above].kind == "schema":
            return place + target.pointer[len(above) :]
    return None


def _own_name(target: Target) -> str:
    tokens = split(target.pointer)
    name = tokens[-1] if tokens else target.source.path.name.split(".")[0]
    return _UNFIT.sub("_", name) or "unnamed"


def _declared(entry: Source) -> set[str]:
    data = entry.data
    components = data.get("components") if isinstance(data, dict) else None
    if not isinstance(components, dict):
        return set()
    sections = ((s, v) for s, v in components.items() if isinstance(v, dict))
    return {join("/components", section, name) for section, entries in sections for name in entries}


def _free_names(targets: list[Target], section: str, taken: set[str]) -> list[str]:
    """Return names for targets that want the same one: each preceded by as many parts of its file's path as set all
    of them apart, from each other and from what is taken."""
    deepest = max(len(t.source.path.parts) for t in targets)
    for depth in range(deepest + 1):
        names = [_qualified(target, depth) for target in targets]
        if len(set(names)) == len(names) and not any(join("/components", section, n) in taken for n in names):
            return names
    return [f"{_qualified(t, deepest)}_{number}" for number, t in enumerate(targets, 1)]


def _qualified(target: Target, depth: int) -> str:
    """Return the target's own name preceded by `depth` parts of its file's path."""
    parts = target.source.path.with_suffix("").parts
    around = parts if target.pointer else parts[:-1]  # the name of a whole file is in its own name already
    before = [_UNFIT.sub("_", part) for part in around[len(around) - depth :]] if depth else []
    return "_".join([*before, _own_name(target)])
