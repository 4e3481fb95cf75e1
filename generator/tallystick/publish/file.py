"""One file, written whole or not at all."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tallystick.errors import ConfigurationError


def write_file(path: Path, text: str) -> None:
    """Write one file so that it is either the old or the new, never half of it.

    Raises `ConfigurationError` when it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}-", delete=False) as scratch:
            scratch.write(text.encode())
        finished = Path(scratch.name)
        finished.chmod(0o644)
        finished.replace(path)
    except OSError as error:
        raise ConfigurationError(f"{path} can't be written: {error.strerror or type(error).__name__}") from None
