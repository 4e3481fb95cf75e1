"""Contracts and servers for the tests of verification."""

from collections.abc import Callable

import pytest

from tallystick.cli import cli
from tallystick.cli.outcome import guarded
from tallystick.contract import Contract, read
from tallystick.settings import find


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the credentials of whoever runs the tests out of them."""
    import os

    for name in [n for n in os.environ if n.startswith("TALLYSTICK_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def contract() -> Callable[[str], Contract]:
    def named(name: str) -> Contract:
        document = find(name)
        return read(document.document, name=document.name, root=document.root)

    return named


@pytest.fixture
def tallystick() -> Callable[..., int]:
    """Run a command line and return its exit code."""
    return lambda *arguments: guarded(lambda: cli.main(args=[str(a) for a in arguments], standalone_mode=False))
