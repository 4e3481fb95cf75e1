"""A document and what it refers to, copied into one: references are rewritten to where things go."""

from __future__ import annotations

from typing import cast

from tallystick.diagnostics import Finding
from tallystick.load import Json, Source
from tallystick.load.pointer import get, join, split
from tallystick.resolve import grammar, reference
from tallystick.resolve.closure import Closure
from tallystick.resolve.places import place_targets


class Copier:
    """Copies the entry and the targets into one document."""

    def __init__(self, closure: Closure) -> None:
        self.closure = closure
        self.entry = closure.entry
        self.origins: dict[str, tuple[Source, str]] = {"": (self.entry, "")}
        self.inlining: list[tuple[str, str]] = []
        self.places = place_targets(closure)

    def run(self) -> tuple[dict[str, Json], dict[str, tuple[Source, str]]]:
        """Return the one document, and where in which file the nodes came from that were copied into it."""
        data = self._copy(self.entry, "", grammar.ROOT, self.entry.data, "")
        assert isinstance(data, dict)
        components = data.setdefault("components", {})
        assert isinstance(components, dict)
        for key, pointer in sorted(self.places.items(), key=lambda item: item[1]):
            target = self.closure.targets[key]
            tokens = split(pointer)
            if len(tokens) != 3:
                continue  # part of another target, or inlined
            section = components.setdefault(tokens[1], {})
            assert isinstance(section, dict)
            node = get(target.source.data, target.pointer)
            section[tokens[2]] = self._copy(target.source, target.pointer, target.kind, node, pointer)  # type: ignore[arg-type]
            self.origins[pointer] = (target.source, target.pointer)
        return data, self.origins

    def _copy(self, source: Source, pointer: str, kind: str, node: Json, new: str) -> Json:
        """Return a copy of an OpenAPI object with its references rewritten; `new` is its place in the bundle."""
        inlined = self._inline(source, pointer, kind, node, new)
        if inlined is not None:
            return inlined
        if not isinstance(node, dict):
            return node
        copy = dict(node)
        for ref_pointer, ref in reference.held(kind, node, pointer):
            holder, name = _holder(copy, kind, ref_pointer)
            holder[name] = self._rewrite(source, ref_pointer, ref, kind)
        for tokens, child_kind, value in grammar.children(kind, node):
            if child_kind == "discriminator" and isinstance(value, dict):
                mapping = value.get("mapping")
                value = {**value, "mapping": dict(mapping)} if isinstance(mapping, dict) else value
            child = self._copy(source, join(pointer, *tokens), child_kind, value, join(new, *tokens))
            _put(copy, node, tokens, child)
        return copy

    def _rewrite(self, source: Source, pointer: str, ref: Json, kind: str) -> Json:
        target = self.closure.resolve(source, pointer, ref, kind)
        if target is None:
            return ref
        if target.source is self.entry:
            return "#" + target.pointer
        return "#" + self.places[target.key] if target.key in self.places else ref

    def _inline(self, source: Source, pointer: str, kind: str, node: Json, new: str) -> Json:
        """Return the target's content where the object is nothing but a reference that has no component to name:
        a path item, or the entry's own component that stands for a file."""
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            return None
        target = self.closure.resolve(source, join(pointer, "$ref"), node["$ref"], kind)
        if target is None or (target.source is self.entry and kind != "pathItem"):
            return None
        if self.places.get(target.key, new) != new and kind != "pathItem":
            return None
        if target.key in self.inlining:
            return self._refuse_cycle(source, join(pointer, "$ref"), node)
        self.origins[new] = (target.source, target.pointer)
        self.inlining.append(target.key)
        content = get(target.source.data, target.pointer)
        copy = self._copy(target.source, target.pointer, kind, content, new)  # type: ignore[arg-type]
        self.inlining.pop()
        siblings = {k: v for k, v in node.items() if k != "$ref"}
        return {**copy, **siblings} if isinstance(copy, dict) else copy

    def _refuse_cycle(self, source: Source, pointer: str, node: dict[str, Json]) -> Json:
        """Record that what is copied in place contains itself; the reference stays, and leads nowhere."""
        self.closure.failed.add((source.name, pointer))
        message = f"{node['$ref']} contains itself by way of this reference"
        hint = "path items are copied to where they are used, which would never end"
        self.closure.findings.append(Finding("ref-cycle", message, source.place(pointer), hint=hint))
        return dict(node)


def _holder(copy: dict[str, Json], kind: str, ref_pointer: str) -> tuple[dict[str, Json], str]:
    name = split(ref_pointer)[-1]
    if kind == "discriminator":
        mapping = copy["mapping"]
        assert isinstance(mapping, dict)
        return mapping, name
    return copy, name


def _put(copy: dict[str, Json], original: dict[str, Json], tokens: tuple[str | int, ...], value: Json) -> None:
    first = str(tokens[0])
    if len(tokens) == 1:
        copy[first] = value
        return
    container = copy[first]
    if container is original[first]:
        container = dict(container) if isinstance(container, dict) else list(cast("list[Json]", container))
        copy[first] = container
    container[tokens[1]] = value  # type: ignore[index]
