"""Work spread over the processors of the machine, where that is safe and cheap; the results are the same anyway."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

P = TypeVar("P")
R = TypeVar("R")


def side_by_side(work: Callable[[P], R], parts: Sequence[P]) -> list[R]:
    """Return `work` of each part, in order.

    The first part is done here, with all it imports; the others in processes forked from this one, which need not
    import it again. Nothing is forked while something else runs in this process. When a process is killed, its work
    is done here instead.
    """
    done = [work(part) for part in parts[:1]]
    rest = parts[1:]
    count = min(len(rest), _processors())
    if count < 2 or threading.active_count() > 1:
        return [*done, *map(work, rest)]
    gc.freeze()  # what is shared would be copied by looking for garbage in it
    try:
        with ProcessPoolExecutor(count, mp_context=get_context("fork")) as pool:
            return [*done, *pool.map(work, rest)]
    except BrokenProcessPool:
        return [*done, *map(work, rest)]
    finally:
        gc.unfreeze()


def _processors() -> int:
    """Return how many processors this process may use; 1 where processes can't be forked safely."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
