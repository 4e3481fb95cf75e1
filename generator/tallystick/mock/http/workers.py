"""Several processes behind one port. Their state is in a store that they share."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from tallystick.errors import ConfigurationError, TallystickError


def serve_in(count: int, work: Callable[[Callable[[], None]], None], *, ready: Callable[[], None]) -> None:
    """Run `work` in so many processes until SIGINT or SIGTERM; `ready` is called once all of them are.

    `work` gets a function to call when its process is ready. Raises `ConfigurationError` where processes can't be
    forked, and `TallystickError` when one of them ends by itself.
    """
    if not hasattr(os, "fork"):
        raise ConfigurationError("several workers need a system that can fork", hint="leave out --workers")
    reading, writing = os.pipe()
    children = {_start(work, writing) for _ in range(count)}
    os.close(writing)
    ended = _Ended()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ended)
    try:
        if _all_ready(reading, count):
            ready()
        _wait(children, ended)
    finally:
        os.close(reading)
        for child in children:
            os.kill(child, signal.SIGTERM)
        for child in children:
            os.waitpid(child, 0)


class _Ended:
    """A signal handler that remembers that it was called."""

    def __init__(self) -> None:
        self.called = False

    def __call__(self, number: int, frame: object) -> None:
        self.called = True
        raise InterruptedError


def _start(work: Callable[[Callable[[], None]], None], writing: int) -> int:
    child = os.fork()
    if child:
        return child
    code = 3
    try:
        work(lambda: _tell(writing))
        code = 0
    finally:
        os._exit(code)  # nothing of the parent's is to be cleaned up twice


def _tell(writing: int) -> None:
    os.write(writing, b".")


def _all_ready(reading: int, count: int) -> bool:
    """Wait until all children are ready; say whether they are, and not one of them gone."""
    seen = 0
    while seen < count:
        try:
            piece = os.read(reading, count)
        except InterruptedError:
            return False
        if not piece:
            return False
        seen += len(piece)
    return True


def _wait(children: set[int], ended: _Ended) -> None:
    """Wait for the end. Raises `TallystickError` when a child ends by itself."""
    try:
        child, _ = os.wait()
    except InterruptedError:
        return
    children.discard(child)
    if not ended.called:
        raise TallystickError("a worker ended by itself; its log says why")
