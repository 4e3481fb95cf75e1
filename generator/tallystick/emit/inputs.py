"""What a package is made from and with, as one hash: known without making it, so that nothing is made twice.

Nothing here imports what generates.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tallystick
from tallystick import settings
from tallystick.emit.options import Options

KEY = "inputs"
"""The member of a provenance record that says what it was made from."""

_PACKAGE = Path(tallystick.__file__).parent
_MAKERS = ("load", "resolve", "contract", "emit", "runtime")


def generator() -> str:
    """Return who generates."""
    return f"tallystick {tallystick.__version__}"


def engine() -> str:
    """Return who writes the models."""
    return f"datamodel-code-generator {version('datamodel-code-generator')}"


def templates(overrides: Path | None) -> str:
    """Return a hash over all templates, the replaced ones as they are replaced."""
    found: dict[str, Path] = {}
    for folder in (settings.templates_folder(), *([overrides] if overrides else [])):
        found |= {path.name: path for path in folder.glob("*.jinja")}
    return _files(found)


def inputs(name: str, package: str, options: Options, sources: Mapping[str, bytes], record: Mapping[str, Any]) -> Any:
    """Return what a provenance record says about its inputs, the record itself among them.

    `sources` are the files of the contract, by their paths relative to the document's folder; `record` is all that
    the record says besides.
    """
    facts = {
        "name": name,
        "package": package,
        "options": [options.models, options.only, options.name, *sorted(options.transports)],
        "sources": {path: hashlib.sha256(text).hexdigest() for path, text in sources.items()},
        "signers": _signers(options.spec),
        "templates": templates(options.templates),
        "code": _code(),
        "versions": [generator(), engine()],
        "record": dict(record),
    }
    whole = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return {
        "name": name,
        "package": package,
        "sources": sorted(sources),
        "sha256": hashlib.sha256(whole.encode()).hexdigest(),
    }


def read_sources(document: Path, paths: Iterable[str]) -> dict[str, bytes] | None:
    """Return the files that a record lists for a document, `None` when one of them is not there."""
    folder = document.resolve().parent
    found = {path: folder / path for path in paths}
    if not all(full.is_file() for full in found.values()):
        return None
    return {path: full.read_bytes() for path, full in found.items()}


def _signers(spec: Path | None) -> str:
    folders = (spec.parent / "common" / "runtime", spec / "runtime") if spec else ()
    return _files({f"{i}/{path.name}": path for i, folder in enumerate(folders) for path in folder.glob("*.py")})


def _code() -> str:
    found = [path for maker in _MAKERS for path in (_PACKAGE / maker).rglob("*.py")] + [_PACKAGE / "names.py"]
    return _files({path.relative_to(_PACKAGE).as_posix(): path for path in found})


def _files(paths: Mapping[str, Path]) -> str:
    whole = hashlib.sha256()
    for name in sorted(paths):
        whole.update(name.encode() + b"\0" + paths[name].read_bytes() + b"\0")
    return whole.hexdigest()
