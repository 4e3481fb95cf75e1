"""Progress on a terminal: one line that changes, and nothing at all where nobody watches."""

from __future__ import annotations

import shutil
from types import TracebackType
from typing import TextIO


class Ticker:
    """Shows where a run is; used as a context, it takes its line away in the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty()

    def __enter__(self) -> Ticker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._show("")

    def __call__(self, phase: str, subject: str, requests: int) -> None:
        """Show a phase, what is being tested, and the number of requests."""
        self._show(f"{phase}: {subject} ({requests:,} requests)")

    def _show(self, line: str) -> None:
        if self._shown:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r\x1b[2K{line[:width]}")
            self._stream.flush()
