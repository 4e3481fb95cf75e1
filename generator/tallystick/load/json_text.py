"""JSON text to data, strictly: duplicate member names, NaN and runaway nesting are problems."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tallystick.load.limits import MAX_DEPTH
from tallystick.load.pointer import join, split
from tallystick.load.problem import TextProblem

if TYPE_CHECKING:
    from tallystick.load.source import Json

_SHOWN = 40  # characters of a number
_CONSTANTS = ("NaN", "Infinity", "-Infinity")  # numbers to Python, but not to JSON
_BLANK = re.compile(r"[ \t\n\r]*")
_LAST_COMMA = re.compile(r",\s*[}\]]")
_HINTS = {
    "'": "write names and texts in double quotes",
    "/": "JSON has no comments; YAML has",
    "#": "JSON has no comments; YAML has",
}
"""What to do about a character that JSON has no use for where it stands."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(r"\\[^u]|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)")
"""An escape; a character beyond the first 65,536 takes two, and the group is one of these that stands alone."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


class _DuplicateMember(Exception):
    pass


def parse(text: str) -> Json:
    """Return the data. Raises `TextProblem` at the first place that is not JSON."""
    try:
        data: Json = json.loads(text, object_pairs_hook=_object, parse_float=_finite, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _syntax(text, error) from None
    except _DuplicateMember:
        raise _duplicate(text) from None
    except RecursionError:
        raise _too_deep(text) from None
    except ValueError:
        raise _no_number(text) from None
    if _depth_exceeds(data, MAX_DEPTH):
        raise _too_deep(text)
    if _SURROGATE.search(text):
        _require_whole(text)
    return data


def too_deep(line: int, column: int) -> TextProblem:
    """Return the problem of a document that nests beyond the limit."""
    return TextProblem("nesting-too-deep", f"nested deeper than {MAX_DEPTH} levels", line, column)


def _syntax(text: str, error: json.JSONDecodeError) -> TextProblem:
    if not text.strip():
        return TextProblem("json-syntax", "the file is empty", 1, 1)
    before = len(text[: error.pos].rstrip()) - 1
    comma = _LAST_COMMA.match(text, error.pos) or _LAST_COMMA.match(text, max(before, 0))
    if comma:  # Python's own words and place for it depend on its version
        hint = "remove it: JSON allows no comma after the last member or item"
        message = "not valid JSON: a comma with nothing after it"
        return TextProblem("json-syntax", message, *_where(text, comma.start()), hint=hint)
    hint = _HINTS.get(text[error.pos : error.pos + 1], "")
    return TextProblem("json-syntax", f"not valid JSON: {error.msg}", error.lineno, error.colno, hint=hint)


def _require_whole(text: str) -> None:
    """Refuse half a character: JSON can say it, but no file and no connection can carry it."""
    half = next((found for found in _ESCAPE.finditer(text) if found[1]), None)
    if half:
        message, hint = f"not valid JSON: {half[0]} is half a character", "write both halves, or the character itself"
        raise TextProblem("json-syntax", message, *_where(text, half.start()), hint=hint)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _DuplicateMember
    return members


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError
    return number


def _refuse_constant(_name: str) -> None:
    raise ValueError


def _no_number(text: str) -> TextProblem:
    """Return the problem of the first number that is refused; Python tells the number but not its place."""
    found = next(match for match in _TOKEN.finditer(text) if _is_refused(match[0]))
    token, where = found[0], _where(text, found.start())
    if token in _CONSTANTS:
        hint = "write a number, null, or a text in double quotes"
        return TextProblem("json-syntax", f"not valid JSON: {token} is not a JSON number", *where, hint=hint)
    shown = token if len(token) <= _SHOWN else f"{token[:_SHOWN]}…"
    message, hint = f"not valid JSON: {shown} is too large for a number", "write it as a text, in double quotes"
    return TextProblem("json-syntax", message, *where, hint=hint)


def _is_refused(token: str) -> bool:
    if token[0] not in "-0123456789":
        return token in _CONSTANTS
    read = _finite if set(".eE") & set(token) else int
    try:
        read(token)
    except ValueError:
        return True
    return False


def _too_deep(text: str) -> TextProblem:
    depth = 0
    for match in _TOKEN.finditer(text):
        depth += (match[0] in "{[") - (match[0] in "}]")
        if depth > MAX_DEPTH:
            return too_deep(*_where(text, match.start()))
    return too_deep(1, 1)


def _where(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, both counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _depth_exceeds(data: Json, limit: int) -> bool:
    level: list[Json] = [data]
    for _ in range(limit):
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


class Places:
    """Finds where nodes of well-formed JSON stand: reads the members of what is on the way, and skips the rest."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._decode = json.JSONDecoder().raw_decode
        self._known: dict[int, dict[str, tuple[int, int]]] = {}

    def find(self, pointer: str) -> tuple[int, int]:
        """Return line and column of a member's name or an item, or of the nearest that exists above it."""
        found, value = 0, self._blank(0)
        for token in split(pointer):
            if value not in self._known:
                self._known[value] = dict(self._members(value))
            if token not in self._known[value]:
                break
            found, value = self._known[value][token]
        return _where(self._text, found)

    def _members(self, start: int) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield name, place of the name and place of the value of each member; for an item its index."""
        opening = self._text[start : start + 1]
        if opening not in ("{", "["):
            return
        index, here = 0, self._blank(start + 1)
        while self._text[here] not in "}]":
            name, value = str(index), here
            if opening == "{":
                name, end = self._decode(self._text, here)
                value = self._blank(self._blank(end) + 1)  # past the colon
            yield name, (here, value)
            here = self._blank(self._decode(self._text, value)[1])
            if self._text[here] == ",":
                here = self._blank(here + 1)
            index += 1

    def _blank(self, offset: int) -> int:
        found = _BLANK.match(self._text, offset)
        return found.end() if found else offset


def _duplicate(text: str) -> TextProblem:
    pointer, (line, column) = next((p, w) for p, w, first in _walk(text) if not first)
    name = pointer.rpartition("/")[2]
    hint = "remove or rename one of the two"
    return TextProblem("duplicate-key", f"the member {name!r} stands twice", line, column, hint=hint, pointer=pointer)


def _walk(text: str) -> list[tuple[str, tuple[int, int], bool]]:
    """Return (pointer, position, first time seen) for every member and item, in order."""
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    line = 0
    found: list[tuple[str, tuple[int, int], bool]] = [("", (1, 1), True)]
    seen: set[str] = {""}
    stack: list[tuple[str, int]] = []  # pointer of the open container, next index or -1 for an object
    here, expects_name = "", False
    for match in _TOKEN.finditer(text):
        token, offset = match.group(), match.start()
        while line + 1 < len(starts) and starts[line + 1] <= offset:
            line += 1
        where = (line + 1, offset - starts[line] + 1)
        if expects_name and token[0] == '"':
            here = join(stack[-1][0], json.loads(token))
            found.append((here, where, here not in seen))
            seen.add(here)
            expects_name = False
            continue
        if stack and stack[-1][1] >= 0 and token not in ",]":
            pointer, index = stack[-1]
            here = join(pointer, index)
            stack[-1] = (pointer, index + 1)
            found.append((here, where, True))
        if token in "{[":
            stack.append((here, 0 if token == "[" else -1))
            expects_name = token == "{"
        elif token in "}]":
            stack.pop()
            expects_name = False
        elif token == ",":
            expects_name = bool(stack) and stack[-1][1] < 0
    return found
