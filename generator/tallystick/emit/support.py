"""Which modules of the runtime a package needs: those that its files import, and those that these import."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from tallystick.errors import ConfigurationError
from tallystick.settings import signer_file

_RUNTIME = Path(__file__).parent.parent / "runtime"
FOLDER = "_runtime"


_VARIANTS: Mapping[str, Mapping[str, str]] = {
    "msgspec": {"codec": "codec_msgspec", "missing": "missing_msgspec"},
    "dataclass": {"codec": "codec_standard"},
    "typeddict": {"codec": "codec_standard"},
}
"""Which module stands in for another in packages of a flavour, under the other's name."""


def modules(
    files: Mapping[str, str], *, flavour: str, signers: Iterable[str] = (), spec: Path | None = None
) -> dict[str, str]:
    """Return the support code as `_runtime/<module>.py` -> text, copied verbatim.

    `flavour` is that of the models. `signers` are modules of the provider, in the folder `runtime` of `spec`.
    Raises `ConfigurationError` when one of them is not there.
    """
    own = {name: _signer(name, spec) for name in signers}
    needed = {"__init__"}
    for text in files.values():
        needed |= _imported(text, FOLDER) if FOLDER in text else set()
    pending = list(needed - set(own))
    while pending:
        more = _imported(source(pending.pop(), flavour), "") - needed
        needed |= more
        pending += sorted(more)
    found = {name: source(name, flavour) for name in needed - set(own)} | own
    return {f"{FOLDER}/{name}.py": text for name, text in sorted(found.items())}


def _signer(name: str, spec: Path | None) -> str:
    path = signer_file(spec, name) if spec else None
    if path is None or not name.isidentifier() or not path.is_file():
        raise ConfigurationError(
            f"the contract signs with a module {name!r} that is not there",
            hint="a signer is runtime/<module>.py beside the document of a contract that ships with Tallystick",
        )
    return path.read_text(encoding="utf-8")


@cache
def source(name: str, flavour: str) -> str:
    """Return the text of a module of the runtime, as packages of a flavour have it."""
    name = _VARIANTS.get(flavour, {}).get(name, name)
    return (_RUNTIME / f"{name}.py").read_text(encoding="utf-8")


_IMPORT = re.compile(r"^[ ]*from (\.+)([\w.]*) import (.*)$", re.MULTILINE)


def _imported(text: str, package: str) -> set[str]:
    """Return the runtime modules that a text imports relatively; inside the runtime itself, `package` is empty."""
    found: set[str] = set()
    for _, module, names in _IMPORT.findall(text):
        head, _, tail = module.partition(".")
        listed = {name.split()[0] for name in names.strip("()").split(",") if name.strip()}
        if not package:
            found |= {head} if head else listed
        elif head == package:
            found |= {tail} if tail else listed
    return found
