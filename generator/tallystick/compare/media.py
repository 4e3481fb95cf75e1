"""Media types of two bodies: which are the same, and which merely became more general or more special."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.contract.model import Media


@dataclass(frozen=True, slots=True)
class MatchedMedia:
    """Media types on both sides, those of one side only, and how a renamed pair changed (empty for equal names)."""

    pairs: tuple[tuple[Media, Media, str], ...]
    removed: tuple[Media, ...]
    added: tuple[Media, ...]


def matched_media(old: Sequence[Media], new: Sequence[Media]) -> MatchedMedia:
    """Match media types by name, then by one being a special case of the other."""
    after = {m.content_type: m for m in new}
    pairs = [(m, after[m.content_type], "") for m in old if m.content_type in after]
    left = [m for m in old if m.content_type not in after]
    right = [m for m in new if m.content_type not in {m.content_type for m in old}]
    for before in list(left):
        for candidate in right:
            renamed = relation(before.content_type, candidate.content_type)
            if renamed:
                pairs.append((before, candidate, renamed))
                left.remove(before)
                right.remove(candidate)
                break
    return MatchedMedia(tuple(pairs), tuple(left), tuple(right))


def relation(old: str, new: str) -> str:
    """Return how one media type became the other: `changed` (parameters only), `narrowed`, `widened`; else nothing.

    `application/problem+json` is a special case of `application/json`.
    """
    before, after = old.partition(";")[0].strip(), new.partition(";")[0].strip()
    if before == after:
        return "changed"
    if _is_special_case(after, before):
        return "narrowed"
    return "widened" if _is_special_case(before, after) else ""


def _is_special_case(special: str, general: str) -> bool:
    kind, _, subtype = general.partition("/")
    other, _, name = special.partition("/")
    if general == "*/*":
        return True
    return kind == other and (subtype == "*" or name.endswith(f"+{subtype}"))
