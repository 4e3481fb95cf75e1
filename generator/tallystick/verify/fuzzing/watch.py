"""Ends a run of Schemathesis in time: by itself it looks at the clock between requests, and may think for minutes."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from types import TracebackType

_GRACE = 1.0
"""Seconds in which a run may end by itself: time to hear the answer to what was asked last."""
_WORKERS = "schemathesis_"
"""How the names of Schemathesis' threads begin."""


class Watch:
    """Calls `stop` after some seconds, or earlier when asked to, and then interrupts what does not stop.

    As a context it lasts as long as the run. `seconds` is without limit when `None`.
    """

    def __init__(self, seconds: float | None, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._seconds = seconds
        self._wanted = threading.Event()
        self._over = threading.Event()
        self._before = frozenset(threading.enumerate())
        self._thread = threading.Thread(target=self._watch, name="tallystick_watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._over.set()
        self._wanted.set()
        self._thread.join()

    def stop(self) -> None:
        """End the run now."""
        self._wanted.set()

    def _watch(self) -> None:
        self._wanted.wait(self._seconds)
        if self._over.is_set():
            return
        self._stop()
        while not self._over.wait(_GRACE):
            for thread in threading.enumerate():
                if thread.name.startswith(_WORKERS) and thread not in self._before:
                    _interrupt(thread)


def _interrupt(thread: threading.Thread) -> None:
    """Raise KeyboardInterrupt in a thread, which Schemathesis takes for the end and Hypothesis hands on."""
    if thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(KeyboardInterrupt))
