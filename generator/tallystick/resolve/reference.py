"""What a `$ref` string points at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two characters at least: `C:` is a drive


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference taken apart: a relative file path (empty for the same file) and a fragment.

    `pointer` is the fragment when it is a JSON Pointer or empty, `anchor` when it is a plain name.
    """

    path: str
    pointer: str | None
    anchor: str | None
    remote: bool


def written(pointer: str) -> str:
    """Return the reference to a node of the same document as a URI spells it, which a bundle does not."""
    return "#" + quote(pointer, safe="/~!$&'()*+,;=:@-._")


def parse(ref: str) -> Reference:
    """Take a `$ref` apart. Percent-encoding is undone; nothing is looked up."""
    base, _, fragment = ref.partition("#")
    fragment = unquote(fragment)
    is_pointer = not fragment or fragment.startswith("/")
    return Reference(
        path=unquote(base),
        pointer=fragment if is_pointer else None,
        anchor=None if is_pointer else fragment,
        remote=bool(_SCHEME.match(base)) or base.startswith("//"),
    )
