"""What is due, brought to its receivers: to each in order, to different ones at once."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

_log = logging.getLogger("tallystick.mock")

AT_ONCE: Final = 16
"""How many receivers are served at once."""

Errand = Callable[[], Awaitable[object]]
"""Brings one thing to its receiver."""


class Couriers:
    """A courier for each receiver that something is due to. So nobody waits for a receiver that hangs but itself."""

    def __init__(self) -> None:
        self._errands: dict[str, deque[Errand]] = {}
        self._out: dict[str, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    def give(self, receiver: str, errand: Errand) -> None:
        """Take note of an errand. It is done after those to the same receiver that came before it."""
        self._errands.setdefault(receiver, deque()).append(errand)

    @property
    def pending(self) -> bool:
        """Whether an errand waits, or is being done."""
        return bool(self._errands)

    def start(self) -> None:
        """Send a courier to each receiver that has none yet."""
        for receiver in self._errands:
            if receiver not in self._out:
                self._out[receiver] = asyncio.create_task(self._serve(receiver))

    async def finish(self) -> None:
        """Return once there is nothing left to do."""
        while self._errands:
            self.start()
            await asyncio.wait([*self._out.values()])

    def stop(self) -> None:
        """Forget all errands, and break off those that are being done."""
        for task in self._out.values():
            task.cancel()
        self._out.clear()
        self._errands.clear()

    async def _serve(self, receiver: str) -> None:
        errands = self._errands[receiver]
        try:
            while errands:
                errand = errands.popleft()
                async with self._turns:
                    await _done(errand)
        finally:
            if self._out.get(receiver) is asyncio.current_task():
                del self._out[receiver], self._errands[receiver]


async def _done(errand: Errand) -> None:
    try:
        await errand()
    except Exception:
        _log.exception("what is due could not be sent")
