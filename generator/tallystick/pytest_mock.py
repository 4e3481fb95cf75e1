"""pytest plugin: the fixture `tallystick_mock`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tallystick.diagnostics import render
from tallystick.errors import FindingsError, TallystickError

if TYPE_CHECKING:
    from tallystick.mock.running import RunningMock


class StartMock(Protocol):
    """Starts a mock that lives until the end of the test."""

    def __call__(self, contract: str | Path, **options: Any) -> RunningMock:
        """Return a running mock of a contract, by name or path; `options` are those of `RunningMock`.

        The test fails when there is no such contract, or it can't be read.
        """
        ...


@pytest.fixture
def tallystick_mock() -> Iterator[StartMock]:
    """Start mocks with fresh state: `mock = tallystick_mock("ivy", now=1_700_000_000)`.

    `mock.url` is the address; `mock.control` moves the clock, queues faults, reads the journal, lets things happen.
    With `port=None` there is no port, and `mock.transport` carries requests of synchronous httpx2 clients.
    """
    from tallystick.mock.running import RunningMock

    with ExitStack() as stack:

        def start(contract: str | Path, **options: Any) -> RunningMock:
            try:
                return stack.enter_context(RunningMock(contract, **options))
            except TallystickError as error:
                reason = _in_words(error)
            pytest.fail(reason, pytrace=False)

        yield start


def _in_words(error: TallystickError) -> str:
    if isinstance(error, FindingsError):
        return render(error.findings)
    return f"{error}\nhint: {error.hint}" if error.hint else str(error)
