"""The files a document is made of: each read once, none from outside the allowed folder."""

from __future__ import annotations

from pathlib import Path

from tallystick.load import Source, read
from tallystick.load.pointer import join


class OutsideRoot(Exception):
    """A reference leaves the folder that references may go to."""


class Sources:
    """Reads and remembers the files below `root`. Paths are compared with symbolic links resolved."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._read: dict[Path, Source] = {}
        self._anchors: dict[Path, dict[str, str]] = {}

    def open(self, path: Path) -> Source:
        """Return the document at `path`.

        Raises `OutsideRoot` when it is not below the root and `FindingsError` when it can't be read.
        """
        full = path.resolve()
        if not full.is_relative_to(self.root):
            raise OutsideRoot(full)
        if full not in self._read:
            self._read[full] = read(full, name=display_name(full))
        return self._read[full]

    def anchor(self, source: Source, name: str) -> str | None:
        """Return the pointer of the schema that declares `name` as its anchor, `None` when no schema does."""
        if source.path not in self._anchors:
            self._anchors[source.path] = _anchors(source)
        return self._anchors[source.path].get(name)

    @property
    def all(self) -> tuple[Source, ...]:
        """Every file read so far, by name."""
        return tuple(sorted(self._read.values(), key=lambda s: s.name))


def default_root(entry: Path) -> Path:
    """Return the folder that references of a document may reach: the working folder when the document is in
    it, else the folder above the document's own (documents often refer to a sibling of their folder), unless that
    is the whole disk or somebody's home."""
    folder = entry.resolve().parent
    if folder.is_relative_to(Path.cwd()):
        return Path.cwd()
    above = folder.parent
    return folder if above in (Path(above.anchor), Path.home(), Path.home().parent) else above


def display_name(path: Path) -> str:
    """Return how messages call a file: relative to the working folder where possible."""
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else path.as_posix()


def _anchors(source: Source) -> dict[str, str]:
    found: dict[str, str] = {}
    stack: list[tuple[str, object]] = [("", source.data)]
    while stack:
        pointer, node = stack.pop()
        if isinstance(node, dict):
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(name := node.get(keyword), str):
                    found.setdefault(name, pointer)
            stack.extend((join(pointer, k), v) for k, v in reversed(node.items()))
        elif isinstance(node, list):
            stack.extend((join(pointer, i), v) for i, v in enumerate(node))
    return found
