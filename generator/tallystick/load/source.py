"""One text file, read into plain data that can say where each node stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TypeGuard

from tallystick.diagnostics import Finding, Findings, Place
from tallystick.errors import FindingsError
from tallystick.load import json_text, yaml_text
from tallystick.load.limits import MAX_BYTES
from tallystick.load.problem import TextProblem

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def is_number(value: object) -> TypeGuard[int | float]:
    """Say whether a value is a number of JSON, as Python's truth values are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@dataclass(frozen=True, eq=False)
class Source:
    """A document as plain JSON data (`data`), with the text it came from.

    Mapping keys are strings, member order is the file's. YAML is read by the YAML 1.2 core schema: `no` is a
    string, `2024-01-01` is a string. `find` gives line and column of the node at a pointer, or of the nearest above.
    """

    name: str
    path: Path
    text: str
    data: Json
    find: Callable[[str], tuple[int, int]] = field(repr=False)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.splitlines()

    def place(self, pointer: str) -> Place:
        """Return where the node at `pointer` stands: its key, or its value in an array.

        A pointer that leads nowhere gives the nearest node that exists above it.
        """
        return self.place_at(*self.find(pointer), pointer=pointer)

    def place_at(self, line: int, column: int, *, pointer: str = "") -> Place:
        """Return the place of a line and column, both counted from 1."""
        text = self._lines[line - 1] if 0 < line <= len(self._lines) else ""
        return Place(self.name, line, column, pointer, text)


def read(path: Path, *, name: str | None = None) -> Source:
    """Return the JSON or YAML file at `path`; `name` is what messages call it, the path when not given.

    Raises `FindingsError` when the file is missing, unreadable, not UTF-8, too large, or not well-formed.
    """
    name = name or path.as_posix()
    raw = _bytes(path, name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        place = Place(name, line, column)
        raise _stop("not-utf8", "the file is not text in UTF-8", place, "give JSON or YAML, saved as UTF-8") from None
    return parse(text, path=path, name=name)


def parse(text: str, *, path: Path, name: str) -> Source:
    """Return `text` as a document. Raises `FindingsError` when it is neither JSON nor YAML."""
    is_json = path.suffix == ".json" or text.lstrip()[:1] in ("{", "[")
    try:
        try:
            data, find = _json(text) if is_json else _yaml(text)
        except TextProblem:
            if path.suffix == ".json" or not is_json:
                raise
            data, find = _yaml(text)  # YAML in flow style looks like JSON at first
    except TextProblem as problem:
        lines = text.splitlines()
        shown = lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
        place = Place(name, problem.line, problem.column, problem.pointer, shown)
        raise _stop(problem.id, problem.message, place, problem.hint) from None
    return Source(name, path, text, data, find)


def _json(text: str) -> tuple[Json, Callable[[str], tuple[int, int]]]:
    return json_text.parse(text), json_text.Places(text).find


def _yaml(text: str) -> tuple[Json, Callable[[str], tuple[int, int]]]:
    data, marks = yaml_text.parse(text)
    return data, partial(marks.find, data)


def _bytes(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            hint = f"documents are limited to {MAX_BYTES // 2**20} MiB"
            raise _stop("file-too-large", "the file is too large", Place(name), hint)
        return path.read_bytes()
    except FileNotFoundError:
        raise _stop("file-missing", "there is no such file", Place(name), "check the path") from None
    except IsADirectoryError:
        hint = "name the document inside it, such as openapi.yaml"
        raise _stop("file-is-folder", "this is a folder, not a document", Place(name), hint) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _stop("file-unreadable", f"the file can't be read: {reason}", Place(name), "") from None


def _stop(id_: str, message: str, place: Place, hint: str) -> FindingsError:
    return FindingsError(Findings.of([Finding(id_, message, place, hint=hint)]))
