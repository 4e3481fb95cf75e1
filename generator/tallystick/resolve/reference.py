"""What a `$ref` string points at, and where such strings stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from tallystick.load import Json
from tallystick.load.pointer import join

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two characters at least: `C:` is a drive
_NEVER_REFERENCES = frozenset({"openapi", "components", "paths", "responses", "discriminator", "securityRequirement"})
"""Kinds of objects in which `$ref` is a name like any other."""


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


def held(kind: str, node: Json, pointer: str) -> list[tuple[str, Json]]:
    """Return (pointer, value) of each reference that an OpenAPI object itself holds."""
    if not isinstance(node, dict) or kind in _NEVER_REFERENCES:
        if kind == "discriminator" and isinstance(node, dict) and isinstance(mapping := node.get("mapping"), dict):
            return [(join(pointer, "mapping", k), v) for k, v in mapping.items() if _is_reference(v)]
        return []
    keywords = ("$ref", "$dynamicRef") if kind == "schema" else ("$ref",)
    return [(join(pointer, k), node[k]) for k in keywords if k in node]


def _is_reference(value: Json) -> bool:
    """Say whether a discriminator's mapping value is a reference rather than a bare component name."""
    return isinstance(value, str) and bool(re.search(r"[#/]|\.(ya?ml|json)$", value))
