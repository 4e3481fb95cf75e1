"""How to see a failure again: a shell command, and a test to paste into one's own suite."""

from __future__ import annotations

import json
import re
import shlex

from tallystick.verify.result import Failure, Step

_OWN = frozenset(("content-length", "host", "accept-encoding", "connection"))
_VARIABLE = re.compile(r"\$[A-Z][A-Z0-9_]*")


def as_curl(step: Step) -> str:
    """Return the request as a cURL command. Credentials are environment variables, not values."""
    words = ["curl", "-i", "-X", step.method]
    for name, value in _headers(step):
        words += ["-H", f"{name}: {value}"]
    if step.request.body:
        words += ["--data-binary", step.request.body]
    quoted = [_quoted(word) for word in words]
    return " ".join([*quoted, shlex.quote(step.url)])


def _quoted(word: str) -> str:
    """Return a shell word; one with our variables in double quotes, so that the shell fills them in."""
    if not _VARIABLE.search(word) or "TALLYSTICK" not in word:
        return shlex.quote(word)
    escaped = re.sub(r'([\\"`])', r"\\\1", word) if "$(" not in word else word.replace('"', '\\"')
    return f'"{escaped}"'


def _headers(step: Step) -> list[tuple[str, str]]:
    return [(name, value) for name, value in step.request.headers if name.lower() not in _OWN]


def as_pytest(failure: Failure) -> str:
    """Return a test that sends the same requests and fails as long as the answers stay as they were."""
    name = re.sub(r"\W+", "_", f"{failure.check} {failure.operation}").strip("_").lower()
    lines = ["import os", "", "import httpx", "", "", f"def test_{name}() -> None:"]
    lines.append(f"    {json.dumps(failure.title)}")
    for step in failure.steps:
        lines += [
            "    response = httpx.request(",
            f"        {step.method!r},",
            f"        {step.url!r},",
            f"        headers={{{', '.join(f'{n!r}: {_expanded(v)}' for n, v in _headers(step))}}},",
            f"        content={step.request.body!r},",
            "    )",
        ]
    if failure.steps:
        lines.append(f"    assert response.status_code != {failure.steps[-1].status}, response.text")
    return "\n".join(lines) + "\n"


def _expanded(value: str) -> str:
    return f"os.path.expandvars({value!r})" if _VARIABLE.search(value) else repr(value)
