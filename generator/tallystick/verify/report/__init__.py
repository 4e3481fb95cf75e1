"""What a run leaves behind: for people in a terminal and a browser, for CI as JUnit, for tools as JSON."""

from __future__ import annotations

from pathlib import Path

from tallystick.errors import ConfigurationError
from tallystick.verify.report.data import as_json, from_json
from tallystick.verify.report.junit import as_junit
from tallystick.verify.report.page import as_html
from tallystick.verify.report.text import as_text
from tallystick.verify.result import Result

__all__ = ["FILES", "as_html", "as_json", "as_junit", "as_text", "from_json", "write", "write_text"]

FILES = ("report.html", "junit.xml", "report.json")


def write(result: Result, folder: Path) -> Path:
    """Write all reports into a folder, made when missing, and return the page. Raises `ConfigurationError`."""
    texts = (as_html(result), as_junit(result), as_json(result))
    paths = [write_text(folder, name, text) for name, text in zip(FILES, texts, strict=True)]
    return paths[0]


def write_text(folder: Path, name: str, text: str) -> Path:
    """Write one file into a folder, made when missing, and return its path. Raises `ConfigurationError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"the reports can't be written to {folder}: {error.strerror}") from error
    return folder / name
