"""Every reference of a document and of what it reaches, each resolved once."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from tallystick.diagnostics import Finding
from tallystick.errors import FindingsError
from tallystick.load import Json, Source
from tallystick.load.pointer import NoSuchMember, get
from tallystick.resolve import grammar, reference
from tallystick.resolve.sources import OutsideRoot, Sources, display_name
from tallystick.settings import nearest


@dataclass(frozen=True, slots=True)
class Target:
    """A node of another file that must become part of the bundle."""

    source: Source
    pointer: str
    kind: str

    @property
    def key(self) -> tuple[str, str]:
        """The name of the file and the pointer in it."""
        return (self.source.name, self.pointer)


class Closure:
    """Every reference of the entry and of what it reaches, each resolved once."""

    def __init__(self, sources: Sources, entry: Source) -> None:
        self.sources = sources
        self.entry = entry
        self.targets: dict[tuple[str, str], Target] = {}
        self.renamed = False  # whether the entry refers to itself by anchors, its own file name, or percent-encoded
        self.findings: list[Finding] = []
        self.failed: set[tuple[str, str]] = set()

    def discover(self) -> None:
        """Walk the entry and each target once, collecting targets in other files."""
        queue = [Target(self.entry, "", grammar.ROOT)]
        while queue:
            current = queue.pop()
            node = get(current.source.data, current.pointer)
            for pointer, kind, item in grammar.walk(current.kind, node, current.pointer):  # type: ignore[arg-type]
                for ref_pointer, ref in reference.held(kind, item, pointer):
                    target = self.resolve(current.source, ref_pointer, ref, kind)
                    if target and target.source is self.entry:
                        self.renamed |= ref != f"#{target.pointer}"
                    elif target and target.key not in self.targets:
                        self.targets[target.key] = target
                        queue.append(target)

    def resolve(self, source: Source, pointer: str, ref: Json, kind: str) -> Target | None:
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

    def _resolve(self, source: Source, ref: Json, kind: str) -> Target:
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
        return Target(target, pointer, kind)

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


def _suggest(missing: NoSuchMember, source: Source) -> str:
    close = difflib.get_close_matches(missing.token, missing.candidates, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    where = missing.reached or "the top level"
    return f"{source.name} has no member {missing.token!r} at {where}"


def _suggest_file(path: Path) -> str:
    meant = nearest(path)
    return f"did you mean {meant!r}?" if meant else "check the path; it is relative to the referring file"
