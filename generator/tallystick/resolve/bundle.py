"""A document and every file it refers to, as one document with internal references only.

Three passes: discover the closure of references, name what comes from other files, copy. A document that lives
in one file, and refers to its parts by pointers, is not copied at all.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from tallystick.diagnostics import Finding, Findings, Place
from tallystick.errors import FindingsError
from tallystick.load import Json, Source
from tallystick.load.pointer import NoSuchMember, get, join, split
from tallystick.resolve import cycles, grammar, reference
from tallystick.resolve.sources import OutsideRoot, Sources, default_root, display_name
from tallystick.settings import nearest

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")  # what component names may not contain
_NEVER_REFERENCES = frozenset({"openapi", "components", "paths", "responses", "discriminator", "securityRequirement"})


@dataclass(frozen=True, eq=False)
class Bundle:
    """One OpenAPI document in which every reference is internal.

    `data` must not be changed. A reference in it is `#` and the pointer as it is, whatever a URI would encode of it;
    `spelled_as_uris` encodes it for what reads URIs. `broken` holds the pointers of references that lead nowhere;
    each has its finding in `findings`. `sources` are the files it came from, by name.
    """

    data: dict[str, Json]
    entry: Source
    sources: tuple[Source, ...]
    findings: Findings
    broken: frozenset[str]
    origins: dict[str, tuple[Source, str]] = field(repr=False)

    def place(self, pointer: str) -> Place:
        """Return the file, line and column that the node at `pointer` came from."""
        source, origin = _origin(self.origins, pointer)
        return source.place(origin)

    def get(self, pointer: str) -> Json:
        """Return the node at `pointer`. Raises `NoSuchMember` when there is none."""
        return get(self.data, pointer)  # type: ignore[return-value]

    def has(self, pointer: str) -> bool:
        """Say whether there is a node at `pointer`."""
        try:
            self.get(pointer)
        except NoSuchMember:
            return False
        return True


def bundle(entry: Path, *, root: Path | None = None) -> Bundle:
    """Read the document at `entry` with all it refers to. `root` bounds where references may lead.

    References that lead nowhere become findings and stay in place. Raises `FindingsError` when the entry can't be
    read or is no mapping.
    """
    sources = Sources(root or default_root(entry))
    source = sources.open(entry)
    if not isinstance(source.data, dict):
        problem = "the document is not a mapping" if source.text.strip() else "the file is empty"
        finding = Finding(
            "not-openapi",
            problem,
            source.place(""),
            expected="an OpenAPI document",
            hint="begin it with openapi: 3.1.0, or give another file",
        )
        raise FindingsError(Findings.of([finding]))
    closure = _Closure(sources, source)
    closure.discover()
    needed = closure.targets or closure.renamed
    data, origins = _Copier(closure).run() if needed else (source.data, {"": (source, "")})
    found, broken = _check(data, origins, closure)
    return Bundle(data, source, sources.all, Findings.of([*closure.findings, *found]), broken, origins)


def spelled_as_uris(data: dict[str, Json]) -> dict[str, Json]:
    """Return a bundled document in which every reference is a URI: itself if that already is so, else a copy."""
    changes = [
        (ref_pointer, reference.written(ref[1:]))
        for pointer, kind, node in grammar.walk(grammar.ROOT, data)
        for ref_pointer, ref in references(kind, node, pointer)
        if isinstance(ref, str) and ref.startswith("#")
    ]
    copy = data
    for ref_pointer, uri in changes:
        if get(copy, ref_pointer) != uri:
            copy = deepcopy(data) if copy is data else copy
            above, _, name = ref_pointer.rpartition("/")
            cast("dict[str, Json]", get(copy, above))[split(f"/{name}")[0]] = uri
    return copy


def _origin(origins: dict[str, tuple[Source, str]], pointer: str) -> tuple[Source, str]:
    above = pointer
    while above not in origins:
        above = above.rpartition("/")[0]
    source, origin = origins[above]
    return source, origin + pointer[len(above) :]


@dataclass(frozen=True, slots=True)
class _Target:
    """A node of another file that must become part of the bundle."""

    source: Source
    pointer: str
    kind: str

    @property
    def key(self) -> tuple[str, str]:
        return (self.source.name, self.pointer)


class _Closure:
    """Every reference of the entry and of what it reaches, each resolved once."""

    def __init__(self, sources: Sources, entry: Source) -> None:
        self.sources = sources
        self.entry = entry
        self.targets: dict[tuple[str, str], _Target] = {}
        self.renamed = False  # whether the entry refers to itself by anchors, its own file name, or percent-encoded
        self.findings: list[Finding] = []
        self.failed: set[tuple[str, str]] = set()

    def discover(self) -> None:
        """Walk the entry and each target once, collecting targets in other files."""
        queue = [_Target(self.entry, "", grammar.ROOT)]
        while queue:
            current = queue.pop()
            node = get(current.source.data, current.pointer)
            for pointer, kind, item in grammar.walk(current.kind, node, current.pointer):  # type: ignore[arg-type]
                for ref_pointer, ref in references(kind, item, pointer):
                    target = self.resolve(current.source, ref_pointer, ref, kind)
                    if target and target.source is self.entry:
                        self.renamed |= ref != f"#{target.pointer}"
                    elif target and target.key not in self.targets:
                        self.targets[target.key] = target
                        queue.append(target)

    def resolve(self, source: Source, pointer: str, ref: Json, kind: str) -> _Target | None:
        """Return what the reference at `pointer` leads to; `None`, with a finding, when it leads nowhere."""
        if (source.name, pointer) in self.failed:
            return None
        try:
            return self._resolve(source, ref, kind)
        except _Unresolvable as problem:
            self.failed.add((source.name, pointer))
            place = source.place(pointer)
            self.findings.append(Finding(problem.id, problem.message, place, hint=problem.hint))
            return None

    def _resolve(self, source: Source, ref: Json, kind: str) -> _Target:
        if not isinstance(ref, str):
            raise _Unresolvable("ref-not-text", "$ref is not a string", "write a path, a fragment or both")
        parsed = reference.parse(ref)
        if parsed.remote:
            hint = "nothing is ever fetched; save the document beside this one and refer to the file"
            raise _Unresolvable("ref-remote", f"{ref} is on the network", hint)
        target = self._open(source, parsed.path) if parsed.path else source
        pointer = parsed.pointer
        if parsed.anchor is not None:
            pointer = self.sources.anchor(target, parsed.anchor)
            if pointer is None:
                hint = f"no schema in {target.name} declares this $anchor"
                raise _Unresolvable("ref-dangling", f"{ref} leads nowhere", hint)
        assert pointer is not None
        try:
            get(target.data, pointer)
        except NoSuchMember as missing:
            raise _Unresolvable("ref-dangling", f"{ref} leads nowhere", _suggest(missing, target)) from None
        return _Target(target, pointer, kind)

    def _open(self, source: Source, path: str) -> Source:
        full = source.path.parent / path
        try:
            return self.sources.open(full)
        except OutsideRoot:
            root = display_name(self.sources.root)
            hint = f"references may reach files below {'the working folder' if root == '.' else root}"
            raise _Unresolvable("ref-outside", f"{path} is outside of the document's folder", hint) from None
        except ValueError:
            hint = "no file has such a name: it has a NUL in it, or half a character"
            raise _Unresolvable("ref-missing-file", f"there is no file {path!r}", hint) from None
        except FindingsError as error:
            first = error.findings.items[0]
            if first.id == "file-missing":
                hint = _suggest_file(full)
                raise _Unresolvable("ref-missing-file", f"there is no file {path}", hint) from None
            self.findings.append(first)
            raise _Unresolvable("ref-unreadable", f"{path} can't be read: {first.message}", "see there") from None


class _Unresolvable(Exception):
    def __init__(self, id_: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.id, self.message, self.hint = id_, message, hint


def references(kind: str, node: Json, pointer: str) -> list[tuple[str, Json]]:
    """Return (pointer, value) of each reference that an OpenAPI object itself holds."""
    if not isinstance(node, dict) or kind in _NEVER_REFERENCES:
        if kind == "discriminator" and isinstance(node, dict) and isinstance(mapping := node.get("mapping"), dict):
            return [(join(pointer, "mapping", k), v) for k, v in mapping.items() if is_reference(v)]
        return []
    keywords = ("$ref", "$dynamicRef") if kind == "schema" else ("$ref",)
    return [(join(pointer, k), node[k]) for k in keywords if k in node]


def is_reference(value: Json) -> bool:
    """Say whether a discriminator's mapping value is a reference rather than a bare component name."""
    return isinstance(value, str) and bool(re.search(r"[#/]|\.(ya?ml|json)$", value))


def _suggest(missing: NoSuchMember, source: Source) -> str:
    close = difflib.get_close_matches(missing.token, missing.candidates, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    where = missing.reached or "the top level"
    return f"{source.name} has no member {missing.token!r} at {where}"


def _suggest_file(path: Path) -> str:
    meant = nearest(path)
    return f"did you mean {meant!r}?" if meant else "check the path; it is relative to the referring file"


class _Copier:
    """Copies the entry and the targets into one document."""

    def __init__(self, closure: _Closure) -> None:
        self.closure = closure
        self.entry = closure.entry
        self.origins: dict[str, tuple[Source, str]] = {"": (self.entry, "")}
        self.inlining: list[tuple[str, str]] = []
        self.places = _place_targets(closure)

    def run(self) -> tuple[dict[str, Json], dict[str, tuple[Source, str]]]:
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
        for ref_pointer, ref in references(kind, node, pointer):
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


def _place_targets(closure: _Closure) -> dict[tuple[str, str], str]:
    """Return where each target goes in the bundle, as a pointer. Path items have no place: they are inlined.

    Names don't depend on the order of anything: an entry's component that stands for the target gives its name,
    else the target's own name; where two targets want one name, each is qualified by its file's.
    """
    entry_names = _entry_names(closure)
    places = dict(entry_names)
    wanted: dict[tuple[str, str], list[_Target]] = defaultdict(list)
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
    places: dict[tuple[str, str], str], closure: _Closure, entry_names: frozenset[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Point targets inside other targets to their place there, so that nothing is copied twice."""
    for key, target in closure.targets.items():
        within = _within_other(target, closure, places)
        if within is not None and key in places and len(split(places[key])) == 3 and key not in entry_names:
            places[key] = within
    return places


def _entry_names(closure: _Closure) -> dict[tuple[str, str], str]:
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


def _within_other(target: _Target, closure: _Closure, places: dict[tuple[str, str], str]) -> str | None:
    above = target.pointer
    while above:
        above = above.rpartition("/")[0]
        place = places.get((target.source.name, above))
        if place is not None and closure.targets[target.source.name, above].kind == "schema":
            return place + target.pointer[len(above) :]
    return None


def _own_name(target: _Target) -> str:
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


def _free_names(targets: list[_Target], section: str, taken: set[str]) -> list[str]:
    """Return names for targets that want the same one: each preceded by as many parts of its file's path as set all
    of them apart, from each other and from what is taken."""
    deepest = max(len(t.source.path.parts) for t in targets)
    for depth in range(deepest + 1):
        names = [_qualified(target, depth) for target in targets]
        if len(set(names)) == len(names) and not any(join("/components", section, n) in taken for n in names):
            return names
    return [f"{_qualified(t, deepest)}_{number}" for number, t in enumerate(targets, 1)]


def _qualified(target: _Target, depth: int) -> str:
    """Return the target's own name preceded by `depth` parts of its file's path."""
    parts = target.source.path.with_suffix("").parts
    around = parts if target.pointer else parts[:-1]  # the name of a whole file is in its own name already
    before = [_UNFIT.sub("_", part) for part in around[len(around) - depth :]] if depth else []
    return "_".join([*before, _own_name(target)])


def _check(
    data: dict[str, Json], origins: dict[str, tuple[Source, str]], closure: _Closure
) -> tuple[list[Finding], frozenset[str]]:
    """Return findings about cycles, and the pointers in the bundle of references that lead nowhere."""
    found: list[Finding] = []
    broken: set[str] = set()
    for pointer, kind, node in grammar.walk(grammar.ROOT, data) if closure.failed else ():
        for ref_pointer, _ in references(kind, node, pointer):
            source, origin = _origin(origins, ref_pointer)
            if (source.name, origin) in closure.failed:
                broken.add(ref_pointer)
    for pointer, message, hint in cycles.find(data):
        source, origin = _origin(origins, pointer)
        found.append(Finding("ref-cycle", message, source.place(origin), hint=hint))
        broken.add(pointer)
    return found, frozenset(broken)
