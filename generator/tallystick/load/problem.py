"""What a reader of text reports, before it is known which file the text came from."""

from __future__ import annotations


class TextProblem(Exception):
    """The text is not well-formed. Line and column count from 1."""

    def __init__(self, id_: str, message: str, line: int, column: int, *, hint: str = "", pointer: str = "") -> None:
        super().__init__(message)
        self.id = id_
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint
        self.pointer = pointer
