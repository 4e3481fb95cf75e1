"""What people type wrong is answered in a sentence, with what to type instead, and exit code 2."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tallystick.cli.outcome import guarded

DOCUMENT = "openapi: 3.1.0\ninfo: {title: Class, version: '1'}\npaths: {}\n"


@pytest.mark.parametrize(
    ("given", "suggested"), [("my-api", "my_api"), ("class", "class_"), ("../x", "x"), ("123", "n123")]
)
def test_names_that_no_package_can_have(
    tmp_path: Path, tallystick: Callable[..., Any], given: str, suggested: str
) -> None:
    (tmp_path / "a.yaml").write_text(DOCUMENT)
    done = tallystick("generate", tmp_path / "a.yaml", "--as", given)
    assert done.code == 2
    assert f"{given!r} is no import name of a package; write it like {suggested}" in done.err
    assert [p.name for p in tmp_path.iterdir()] == ["a.yaml"]


def test_a_document_that_is_called_like_a_keyword(
    tmp_path: Path, tallystick: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "class.yaml").write_text(DOCUMENT)
    assert tallystick("generate", "class.yaml").code == 0
    assert [p.name for p in (tmp_path / "generated").iterdir()] == ["class_"]


FORM = "for a key or token: apiKey:value=KEY; for a signature: v1HMAC:key_id=ID,secret=SECRET"


@pytest.mark.parametrize(
    ("credential", "problem", "hint"),
    [
        ("v1HMAC", "a credential is not of the form SCHEME:NAME=VALUE,…", FORM),
        ("v1HMAC:=", "a credential is not of the form SCHEME:NAME=VALUE,…", FORM),
        ("apiKey:value=x", "worldline has no security scheme 'apiKey'", "it has v1HMAC, webhookSignature"),
        (
            "v1HMAC:secret=x",
            "a credential of v1HMAC has other parts than these",
            "write --credential v1HMAC:key_id=…,secret=…",
        ),
    ],
)
def test_credentials_that_a_contract_has_no_place_for(
    tallystick: Callable[..., Any], credential: str, problem: str, hint: str
) -> None:
    done = tallystick("mock", "worldline", "--port", "0", "--credential", credential)
    assert (done.code, done.out, done.err) == (2, "", f"error: {problem}\n  hint: {hint}\n")


@pytest.mark.parametrize("arguments", [["check"], ["vendor", "--check"], ["generate", "ivy", "--out"]])
def test_what_the_operating_system_refuses_is_no_bug_of_ours(
    tallystick: Callable[..., Any], arguments: list[str]
) -> None:
    done = tallystick(*arguments, "a" * 5000)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: aaa")
    assert done.err.endswith("a: File name too long\n") or "/tallystick.lock: File name too long\n" in done.err


def test_a_full_disk_is_no_bug_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    def write() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    assert guarded(write) == 2
    assert capsys.readouterr().err == "error: No space left on device\n"


def test_a_folder_without_a_report(tmp_path: Path, tallystick: Callable[..., Any]) -> None:
    done = tallystick("report", "merge", tmp_path)
    problem = f"there is no report {tmp_path / 'report.json'}"
    hint = "name report.json files that `tallystick test` wrote, or the folders that hold them"
    assert (done.code, done.err) == (2, f"error: {problem}\n  hint: {hint}\n")


def test_what_a_test_leaves_out_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tallystick: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    answers = "responses: {'200': {description: ok}}"
    (tmp_path / "shop.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\npaths:\n"
        f"  /things: {{get: {{{answers}}}}}\n"
        f"  others: {{get: {{{answers}}}}}\n"
    )
    done = tallystick("test", "shop.yaml", "--dry-run")
    assert done.code == 0
    assert done.err == (
        "shop.yaml:5:3: others is left out: the path does not begin with a slash\n"
        "  hint: `tallystick check shop.yaml` says more\n"
    )


def test_a_document_that_no_tests_can_be_made_of_is_no_bug_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tallystick: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\npaths:\n"
        "  /things: {get: {responses: {'200': {description: ok}}}}\n"
        "  /others: {get: {responses: none}}\n"
    )
    done = tallystick("test", "shop.yaml", "--report-dir", "reports")
    assert (done.code, done.out) == (1, (
        "shop.yaml:5:19: structure: this is the string \"none\"\n"
        "    /others: {get: {responses: none}}\n"
        "                    ^\n"
        "  expected: a mapping\n"
    ))  # fmt: skip
    assert done.err.startswith("no tests can be made of this document; this is wrong in it:\n")
