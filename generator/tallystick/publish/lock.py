"""The lock of a folder of vendored packages: what each was made from, and what each file looked like.

The lock answers "was anything edited, lost or left over?" without the contract at hand, and keeps a copy of each
contract, so that an update can say in words what changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tallystick.errors import ConfigurationError
from tallystick.publish.file import write_file
from tallystick.publish.tree import Drift, digest, present

if TYPE_CHECKING:
    from tallystick.load import Json

LOCK = "tallystick.lock"
_DOCUMENTS = ".tallystick"


@dataclass(frozen=True, slots=True)
class Vendored:
    """One vendored package.

    `contract` is a shipped contract's name, or the path of a document relative to the lock's folder. The hashes are
    SHA-256 in hexadecimal; `files` maps paths within the package to theirs. `options` are those of emission.
    """

    package: str
    contract: str
    version: str
    contract_sha256: str
    generator: str
    templates_sha256: str
    options: Mapping[str, Json] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def document_path(folder: Path, package: str) -> Path:
    """Return where the contract of a vendored package is kept, as it was when the package was made."""
    return folder / _DOCUMENTS / f"{package}.json"


def read_lock(folder: Path) -> dict[str, Vendored]:
    """Return the packages that the lock in `folder` lists, by name; empty without a lock.

    Raises `ConfigurationError` when the lock can't be understood.
    """
    path = folder / LOCK
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["packages"]
        return {name: Vendored(package=name, **entry) for name, entry in listed.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        hint = "restore it from version control, or delete it and vendor the packages again"
        raise ConfigurationError(f"{path} is not a lock that this version understands", hint=hint) from None


def write_lock(folder: Path, packages: Mapping[str, Vendored]) -> None:
    """Write the lock. Equal packages give equal bytes."""
    listed = {name: {k: v for k, v in asdict(packages[name]).items() if k != "package"} for name in sorted(packages)}
    write_file(folder / LOCK, json.dumps({"packages": listed}, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def drift(folder: Path, vendored: Vendored) -> tuple[Drift, ...]:
    """Return the files of a vendored package that are not as they were written, sorted by path."""
    package = folder / vendored.package
    on_disk = set(present(package))
    found: list[Drift] = []
    for path in sorted(on_disk | set(vendored.files)):
        if path not in on_disk:
            found.append(Drift(path, "missing"))
        elif path not in vendored.files:
            found.append(Drift(path, "orphaned"))
        elif digest((package / path).read_bytes().decode("utf-8", "replace")) != vendored.files[path]:
            found.append(Drift(path, "changed"))
    return tuple(found)
