"""What the documents call themselves is held against what their changes ask for."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.compare import Bump, Versions, report


@pytest.mark.parametrize(
    ("old", "new", "bump", "suffices"),
    [
        ("1.4.2", "2.0.0", "major", True),
        ("1.4.2", "1.5.0", "major", False),
        ("1.4.2", "1.5.0", "minor", True),
        ("1.4.2", "1.4.3", "minor", False),
        ("1.4.2", "1.4.3", "patch", True),
        ("1.4.2", "1.4.2", "patch", False),
        ("1.4.2", "1.4.2", "none", True),
        ("1.4.2", "1.4.1", "none", False),
        ("2.0.0", "1.9.0", "major", False),
        ("0.1.9", "0.2.0", "major", True),
        ("0.1.9", "0.1.10", "major", False),
        ("0.1.9", "0.1.10", "minor", True),
        ("v1.0.0", "2.0.0-rc.1+a", "major", True),
        ("1.0", "2.0.0", "major", None),
        ("2026-01-01", "2026-02-01", "major", None),
        ("1.0.0", "²." + "0.0", "major", None),
    ],
)
def test_what_a_version_suffices_for(old: str, new: str, bump: str, suffices: bool | None) -> None:
    assert Versions(old, new).suffice(Bump(bump)) is suffices


def documents(new_version: str) -> list[dict[str, Any]]:
    operation = {"responses": {"200": {"description": "ok"}}}
    return [
        {"openapi": "3.1.0", "info": {"title": "t", "version": version}, "paths": {path: {"get": operation}}}
        for version, path in (("1.0.0", "/a"), (new_version, "/b"))
    ]


@pytest.mark.parametrize(
    ("new_version", "ending"),
    [
        ("1.1.0", "this calls for a new major version, yet the documents say 1.0.0 and 1.1.0"),
        ("1.0.0", "this calls for a new major version, yet both documents say 1.0.0"),
        ("2.0.0", "this calls for a new major version"),
        ("later", "this calls for a new major version"),
    ],
)
def test_the_closing_sentence_says_so(new_version: str, ending: str, comparing: Any) -> None:
    found = comparing(*documents(new_version))
    assert report(found, "text").rstrip().endswith(f"; {ending}")
    assert report(found, "markdown").rstrip().endswith(f"; {ending}.")
