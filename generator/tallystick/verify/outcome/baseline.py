"""Failures that are known and accepted for now: a file of fingerprints, each with a line that says what it is."""

from __future__ import annotations

import re
from pathlib import Path

from tallystick.errors import ConfigurationError
from tallystick.verify.result import Failure, Result

_LINE = re.compile(r"([0-9a-f]{12})(?:\s+#.*)?")
_HEAD = (
    "# Accepted failures of `tallystick test`, by fingerprint. Delete a line to have its failure reported again.\n"
)


def read(path: Path) -> frozenset[str]:
    """Return the fingerprints in a file. Raises `ConfigurationError` for one that is missing or malformed."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        hint = "make it with --update-baseline"
        raise ConfigurationError(f"the baseline {path} can't be read: {reason}", hint=hint) from error
    found: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ConfigurationError(f"{path}:{number}: this is no fingerprint: {line.strip()[:60]!r}")
        found.add(match[1])
    return frozenset(found)


def write(path: Path, result: Result) -> None:
    """Write the failures of a result, those accepted before included. Raises `ConfigurationError`."""
    failures = sorted((*result.failures, *result.accepted), key=lambda f: (f.operation, f.check, f.title, f.place))
    lines = [
        f"{f.fingerprint}  # {f.operation or 'the whole API'}: {f.check}: {_line(f.title)}{_where(f)}\n"
        for f in failures
    ]
    try:
        path.write_text(_HEAD + "".join(lines), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"the baseline {path} can't be written: {error.strerror}") from error


def _where(failure: Failure) -> str:
    return f" ({_line(failure.place)})" if failure.place else ""


def _line(text: str) -> str:
    return " ".join(text.split())
