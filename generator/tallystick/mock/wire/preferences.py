"""What a caller prefers (RFC 7240): the preferences that steer the mock, and the others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tallystick.mock.refusal import Refused

_PREFERENCE: Final = re.compile(r'\s*([A-Za-z0-9_-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?')
_STEERING: Final = frozenset(("code", "example", "dynamic", "seed"))


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a `Prefer` header asks for. `code` 0 and empty texts leave the choice to the mock."""

    code: int = 0
    example: str = ""
    dynamic: bool = False
    seed: str = ""

    @property
    def applied(self) -> str:
        """The value of `Preference-Applied`."""
        said = (
            f"code={self.code}" if self.code else "",
            f'example="{self.example}"' if self.example else "",
            "dynamic=true" if self.dynamic else "",
            f'seed="{self.seed}"' if self.seed else "",
        )
        return ", ".join(s for s in said if s)


def preferences(header: str | None) -> Preferences:
    """Return what a `Prefer` header asks for. Preferences that the mock doesn't know are passed over.

    Raises `Refused` for a code that is no HTTP status.
    """
    if not header:
        return Preferences()
    matches = (m for piece in _pieces(header) if (m := _PREFERENCE.match(piece)) is not None)
    found: dict[str, str] = {}
    for m in matches:
        found.setdefault(m[1].lower(), m[2] if m[2] is not None else m[3] or "")  # the first counts: RFC 7240, 2
    code = found.get("code", "")
    if code and not re.fullmatch(r"[1-5]\d\d", code):
        raise Refused("invalid", f"Prefer: code={code} is no HTTP status.")
    return Preferences(
        code=int(code) if code else 0,
        example=found.get("example", ""),
        dynamic=found.get("dynamic", "").lower() in ("true", "1") or ("dynamic" in found and not found["dynamic"]),
        seed=found.get("seed", ""),
    )


def others(header: str | None) -> str | None:
    """Return a `Prefer` header without what steers the mock, `None` when nothing else is left.

    That is what a contract that has a `Prefer` of its own gets to see.
    """
    if not header:
        return header
    left = [p for p in _pieces(header) if not ((m := _PREFERENCE.match(p)) is not None and m[1].lower() in _STEERING)]
    return ",".join(left).strip() or None


def _pieces(header: str) -> list[str]:
    return re.split(r'[,;](?=(?:[^"]*"[^"]*")*[^"]*$)', header[:2000])
