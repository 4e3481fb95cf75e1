"""Reads members of a document that may be malformed: the right type, or a default and a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tallystick.contract.schema import as_mapping
from tallystick.diagnostics import Finding, Severity
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get, join
from tallystick.resolve import Bundle

_EXTENSIBLE = frozenset(("paths", "responses", "x-lifecycle"))
"""Maps whose members may be extensions."""


class Unclear(Exception):
    """An object can't be understood; what needs it must be refused. Its finding has been recorded."""

    def __init__(self, reason: str, pointer: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.pointer = pointer


class Reader:
    """The document being read, and the findings so far."""

    def __init__(self, document: Mapping[str, Json], bundle: Bundle) -> None:
        self.document = document
        self.bundle = bundle
        self.findings: list[Finding] = []

    def report(
        self,
        id_: str,
        message: str,
        pointer: str,
        *,
        expected: str = "",
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Record a finding about the node at `pointer`."""
        place = self.bundle.place(pointer)
        self.findings.append(Finding(id_, message, place, severity, expected=expected, hint=hint))

    def follow(self, node: Json, pointer: str) -> tuple[Mapping[str, Json], str]:
        """Return the object that `node` is or refers to, with its own place.

        Raises `Unclear` when a reference leads nowhere or the object is no mapping.
        """
        seen: set[str] = set()
        while isinstance(node, dict) and isinstance(ref := node.get("$ref"), str):
            ref_pointer = join(pointer, "$ref")
            if ref_pointer in self.bundle.broken or not ref.startswith("#") or ref in seen:
                raise Unclear(f"the reference {ref} leads nowhere", ref_pointer)
            seen.add(ref)
            pointer = ref[1:]
            try:
                node = get(self.document, pointer)  # type: ignore[assignment]
            except NoSuchMember:
                raise Unclear(f"the reference {ref} leads nowhere", ref_pointer) from None
        if not isinstance(node, dict):
            self.report("not-an-object", "this must be a mapping", pointer)
            raise Unclear("an object is not a mapping", pointer)
        return node, pointer

    def members(self, node: Mapping[str, Json], name: str, pointer: str) -> Iterator[tuple[str, Json, str]]:
        """Yield (name, value, pointer) of the members of a map member, extensions left out.

        Only paths and responses can be extended (https://spec.openapis.org/oas/v3.1.1.html#specification-extensions);
        in other maps `x-rate-limit` is a name. What is no mapping there was meant as an extension all the same.
        """
        for key, value in as_mapping(node.get(name)).items():
            is_name = name not in _EXTENSIBLE and isinstance(value, dict)
            if is_name or not key.startswith("x-"):
                yield key, value, join(pointer, name, key)

    def items(self, node: Mapping[str, Json], name: str, pointer: str) -> Iterator[tuple[Json, str]]:
        """Yield (item, pointer) of a list member."""
        value = node.get(name)
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield item, join(pointer, name, index)


def text(node: Mapping[str, Json], name: str, default: str = "") -> str:
    """Return a text member, stripped."""
    value = node.get(name)
    return value.strip() if isinstance(value, str) else default


def flag(node: Mapping[str, Json], name: str, *, default: bool = False) -> bool:
    """Return a boolean member."""
    value = node.get(name)
    return value if isinstance(value, bool) else default


def names(node: Mapping[str, Json], name: str) -> tuple[str, ...]:
    """Return the strings in a list member."""
    value = node.get(name)
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def whole(node: Mapping[str, Json], name: str) -> int | None:
    """Return a whole-number member."""
    value = node.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
