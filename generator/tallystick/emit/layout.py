"""Where lines break: generated text is laid out here, the same way every time."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 118
_UNPRINTABLE = {i: " " for i in range(32) if i not in (9, 10)} | {127: " ", 0x2028: " ", 0x2029: " ", 9: "    "}


def call(
    head: str, opening: str, parts: Sequence[str], tail: str, *, indent: int = 0, bare: bool = False
) -> list[str]:
    """Lay out something with a list in brackets: on one line if it fits, else its parts filled in below.

    A `bare` list, such as that of an import, has no brackets while it fits.
    """
    margin = " " * indent
    whole = f"{margin}{head}{'' if bare else opening}{', '.join(parts)}{'' if bare else tail}"
    if len(whole) <= WIDTH and "\n" not in whole:
        return [whole]
    return [f"{margin}{head}{opening}", *filled([f"{part}," for part in parts], indent + 4), f"{margin}{tail}"]


def alternatives(head: str, parts: Sequence[str]) -> list[str]:
    """Lay out a union after `head`."""
    whole = head + " | ".join(parts)
    if len(whole) <= WIDTH:
        return [whole]
    return [f"{head}(", *filled([parts[0], *(f"| {part}" for part in parts[1:])], 4), ")"]


def filled(parts: Sequence[str], indent: int) -> list[str]:
    """Put as many parts on each line as fit."""
    margin, lines = " " * indent, [""]
    for part in parts:
        joined = f"{lines[-1]} {part}" if lines[-1] else part
        if lines[-1] and len(margin) + len(joined) > WIDTH:
            lines.append(part)
        else:
            lines[-1] = joined
    return [margin + line for line in lines if line]


def stacked(head: str, parts: Sequence[Sequence[str]], tail: str) -> list[str]:
    """Lay out arguments some of which take several lines; those that take one share lines while they fit."""
    indent = len(tail) - len(tail.lstrip()) + 4
    flat = [line.strip() for part in parts for line in part]
    whole = f"{head}{' '.join(flat).removesuffix(',')})"
    if all(len(part) == 1 for part in parts) and len(whole) <= WIDTH:
        return [whole]
    lines, run = [head], list[str]()
    for part in [*parts, []]:
        if len(part) == 1:
            run.append(part[0].strip())
            continue
        lines += filled(run, indent) if run else []
        lines += part
        run = []
    return [*lines, tail]


def prose(text: str, *, width: int = WIDTH, hang: str = "") -> list[str]:
    """Wrap text of a document, whatever it holds, paragraphs kept apart; safe inside a docstring."""
    safe = (
        text.encode("utf-8", "replace")
        .decode()
        .translate(_UNPRINTABLE)
        .replace("\\", "\\\\")
        .replace('"""', '\\"\\"\\"')
    )
    lines: list[str] = []
    for paragraph in safe.split("\n\n"):
        kept = " ".join(paragraph.split())
        if kept:
            lines += ([""] if lines else []) + textwrap.wrap(
                kept, width, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
            )
    return lines


def docstring(lines: Sequence[str], indent: int) -> list[str]:
    """Quote finished lines as a docstring."""
    margin = " " * indent
    body = [margin + line if line else "" for line in lines]
    if len(body) == 1:
        closing = ' """' if body[0].endswith(('"', "\\")) else '"""'
        return [f'{margin}"""{lines[0]}{closing}']
    return [f'{margin}"""{lines[0]}', *body[1:], f'{margin}"""']
