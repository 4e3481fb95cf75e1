"""Where things are: the shipped contracts and templates, and the document a name or path stands for."""

from __future__ import annotations

import difflib
import shlex
from dataclasses import dataclass
from pathlib import Path

from tallystick.errors import UsageError

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent.parent


def spec_folder() -> Path:
    """Return the folder of the contracts: inside the installed package, or the checkout's own."""
    return _shipped("_spec", "spec")


def templates_folder() -> Path:
    """Return the folder of the templates: inside the installed package, or the checkout's own."""
    return _shipped("_templates", "templates")


def signer_file(folder: Path, module: str) -> Path:
    """Return the file of a signer's module: in a contract's own folder, else among what contracts share.

    There need not be one.
    """
    own = folder / "runtime" / f"{module}.py"
    shared = folder.parent / "common" / "runtime" / f"{module}.py"
    return shared if shared.is_file() and not own.is_file() else own


def seed_facts() -> Path:
    """Return the file of the facts that the shipped contracts were made from."""
    return _shipped("_facts", "tests/contracts") / "seed_facts.json"


def _shipped(installed: str, checkout: str) -> Path:
    inside = _PACKAGE / installed
    return inside if inside.is_dir() else _CHECKOUT / checkout


@dataclass(frozen=True, slots=True)
class Target:
    """The document that a command works on.

    `root` bounds its references. `folder` is the contract's own, with `behaviour.py` and `runtime/`; it is only set
    for contracts that ship with Tallystick, because code beside somebody's document is never run.
    """

    name: str
    document: Path
    root: Path | None = None
    folder: Path | None = None

    @property
    def spelled(self) -> str:
        """How a user writes it on the command line."""
        return self.name if self.folder else str(self.document)


def contract_names() -> tuple[str, ...]:
    """Return the names of the contracts that ship with Tallystick, sorted."""
    return tuple(sorted(p.parent.name for p in spec_folder().glob("*/openapi.yaml")))


def find(name_or_path: str) -> Target:
    """Return what a contract's name or a document's path stands for.

    A path is anything with a slash or a dot, or that exists. Raises `UsageError` for an unknown name, and for a path
    at which there is nothing.
    """
    if name_or_path in contract_names():
        folder = spec_folder() / name_or_path
        return Target(name_or_path, folder / "openapi.yaml", root=spec_folder(), folder=folder)
    path = Path(name_or_path)
    if path.exists():
        return Target(_name_of(path), path)
    if name_or_path.startswith(("http://", "https://")):
        hint = f"save it first: curl -o openapi.yaml {shlex.quote(name_or_path)}"
        raise UsageError(f"{name_or_path!r} is an address; a document has to be a file", hint=hint)
    if "/" in name_or_path or "." in name_or_path:
        raise UsageError(f"there is no file {name_or_path!r}", hint=_beside(path))
    close = difflib.get_close_matches(name_or_path, contract_names(), n=1)
    known = f"did you mean {close[0]!r}? " if close else ""
    listed = ", ".join(contract_names())
    raise UsageError(
        f"there is no contract {name_or_path!r}",
        hint=f"{known}the contracts are {listed}; or give the path of an OpenAPI document",
    )


def _beside(path: Path) -> str:
    """Return a hint about a path at which there is nothing: the name beside it that was probably meant."""
    if not path.parent.is_dir():
        return f"there is no folder {path.parent.as_posix()!r} either"
    meant = nearest(path)
    return f"did you mean {(path.parent / meant).as_posix()!r}?" if meant else "check the path"


_ALIKE = 0.75


def nearest(path: Path) -> str:
    """Return the name beside a path at which there is nothing that was probably meant, empty when none is like it.

    Endings don't count: most files beside a document have its own.
    """
    stems = {p.stem: p.name for p in sorted(path.parent.iterdir())} if path.parent.is_dir() else {}
    close = difflib.get_close_matches(path.stem, stems, n=1, cutoff=_ALIKE)
    return stems[close[0]] if close else ""


_UNTELLING = ("openapi", "index", "api", "main", "spec")


def _name_of(path: Path) -> str:
    """Return what messages and folders call a document: its file's stem, its folder's where that says nothing."""
    stem = path.name.split(".")[0]
    return path.resolve().parent.name if stem in _UNTELLING and path.resolve().parent.name else stem
