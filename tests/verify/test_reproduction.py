"""What reports say of a failure brings the same requests back, and never shows a credential, whole or almost."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tallystick.contract import read
from tallystick.contract.model import SecurityScheme
from tallystick.verify import Plan, Target, at_url, report, run
from tallystick.verify.outcome.disguise import in_python, stand_ins
from tallystick.verify.report.reproduce import as_curl, as_pytest
from tallystick.verify.server.auth import Credentials

from .listening import listening

KEY = "k3y-0f-Anna"
DOCUMENT = """
openapi: 3.1.0
info: {title: Rooms, version: '1'}
paths:
  /rooms:
    get:
      operationId: listRooms
      security: [{%s: []}]
      responses: {'200': {description: Rooms.}, '401': {description: Who?}}
components:
  securitySchemes:
    inHeader: {type: apiKey, in: header, name: X-Key}
    inQuery: {type: apiKey, in: query, name: key}
    inCookie: {type: apiKey, in: cookie, name: key}
    bearer: {type: http, scheme: bearer}
    basic: {type: http, scheme: basic}
"""
VALUES = {
    **{name: {"": KEY} for name in ("inHeader", "inQuery", "inCookie", "bearer")},
    "basic": {"username": "anna-of-us", "password": KEY},
}
VARIABLES = {
    "TALLYSTICK_IN_HEADER": KEY,
    "TALLYSTICK_IN_QUERY": KEY,
    "TALLYSTICK_IN_COOKIE": KEY,
    "TALLYSTICK_BEARER": KEY,
    "TALLYSTICK_BASIC_USERNAME": "anna-of-us",
    "TALLYSTICK_BASIC_PASSWORD": KEY,
}


@pytest.fixture
def open_door() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A server that lets everybody in, and what was asked of it: the path, and what might prove who asks."""
    asked: list[tuple[str, str]] = []

    def answer(request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str]]:
        proof = [request.headers.get(name, "") for name in ("X-Key", "Cookie", "Authorization")]
        asked.append((request.path, "|".join(proof)))
        return 200, {}

    with listening(answer) as address:
        yield address, asked


@pytest.mark.parametrize("scheme", VALUES)
def test_a_failure_can_be_seen_again(open_door, tmp_path: Path, scheme: str) -> None:
    address, asked = open_door
    document = tmp_path / "rooms.yaml"
    document.write_text(DOCUMENT % scheme)
    contract = read(document, name="rooms")
    plan = Plan(phases=("walks",), max_examples=1)
    known = at_url(contract, address, plan)
    result = run(contract, Target(address, known.app, address, Credentials(VALUES)), plan)
    failures = [failure for failure in result.failures if failure.check == "authentication"]
    assert len(failures) >= 5
    assert "server_answers" not in {failure.check for failure in result.failures}  # all of them could be sent
    shown = report.as_html(result) + report.as_json(result) + report.as_junit(result) + report.as_text(result)
    for name, value in VALUES[scheme].items():
        for secret in (value, value[:-1], value[1:], value[::-1], value.swapcase()):
            assert secret not in shown, name
    assert base64.b64encode(f"anna-of-us:{KEY}".encode()).decode() not in shown
    environment = {**os.environ, **VARIABLES}
    for failure in failures:
        before = set(asked)
        shell = ["bash", "-c", as_curl(failure.steps[-1])]
        done = subprocess.run(shell, env=environment, capture_output=True, check=True)
        assert b" 200 " in done.stdout.partition(b"\r\n")[0]
        assert set(asked) == before, failure.title  # the very same request as the run sent
    (tmp_path / "conftest.py").write_text("import sys\n\nsys.modules['httpx'] = None  # may be missing\n")
    tests = tmp_path / "test_again.py"
    tests.write_text(as_pytest(failures[0]))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)]
    again = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert again.returncode == 1 and "assert 200 != 200" in again.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell")
@pytest.mark.parametrize("scheme", VALUES)
def test_shell_and_python_make_what_was_sent(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    described = SecurityScheme(scheme, "", "http" if scheme in ("bearer", "basic") else "apiKey", scheme=scheme)
    pairs = list(stand_ins(described, VALUES[scheme]))
    assert pairs
    for secret, words in pairs:
        shell = subprocess.run(["bash", "-c", f'printf %s "{words}"'], capture_output=True, text=True, check=True)  # noqa: S607
        assert shell.stdout == secret
        assert eval(in_python(words), {"os": os, "base64": base64}) == secret  # noqa: S307
