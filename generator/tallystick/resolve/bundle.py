"""A document and every file it refers to, as one document with internal references only.

Three passes: discover the closure of references, name what comes from other files, copy. A document that lives
in one file, and refers to its parts by pointers, is not copied at all.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from tallystick.diagnostics import Finding, Findings, Place
from tallystick.errors import FindingsError
from tallystick.load import Json, Source
from tallystick.load.pointer import NoSuchMember, get, split
from tallystick.resolve import cycles, grammar, reference
from tallystick.resolve.closure import Closure
from tallystick.resolve.copier import Copier
from tallystick.resolve.sources import Sources, default_root


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
    closure = Closure(sources, source)
    closure.discover()
    needed = closure.targets or closure.renamed
    data, origins = Copier(closure).run() if needed else (source.data, {"": (source, "")})
    found, broken = _check(data, origins, closure)
    return Bundle(data, source, sources.all, Findings.of([*closure.findings, *found]), broken, origins)


def spelled_as_uris(data: dict[str, Json]) -> dict[str, Json]:
    """Return a bundled document in which every reference is a URI: itself if that already is so, else a copy."""
    changes = [
        (ref_pointer, reference.written(ref[1:]))
        for pointer, kind, node in grammar.walk(grammar.ROOT, data)
        for ref_pointer, ref in reference.held(kind, node, pointer)
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


def _check(
    data: dict[str, Json], origins: dict[str, tuple[Source, str]], closure: Closure
) -> tuple[list[Finding], frozenset[str]]:
    """Return findings about cycles, and the pointers in the bundle of references that lead nowhere."""
    found: list[Finding] = []
    broken: set[str] = set()
    for pointer, kind, node in grammar.walk(grammar.ROOT, data) if closure.failed else ():
        for ref_pointer, _ in reference.held(kind, node, pointer):
            source, origin = _origin(origins, ref_pointer)
            if (source.name, origin) in closure.failed:
                broken.add(ref_pointer)
    for pointer, message, hint in cycles.find(data):
        source, origin = _origin(origins, pointer)
        found.append(Finding("ref-cycle", message, source.place(origin), hint=hint))
        broken.add(pointer)
    return found, frozenset(broken)
