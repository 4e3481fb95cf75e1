"""How to see a failure again: a shell command, and a test to paste into one's own suite."""

from __future__ import annotations

import json
import re
import shlex

from tallystick.verify.outcome.disguise import in_python, split
from tallystick.verify.result import Failure, Step

_OWN = frozenset(("content-length", "host", "accept-encoding", "connection"))


def as_curl(step: Step) -> str:
    """Return the request as a cURL command. Credentials are environment variables, not values."""
    words = ["curl", "-i", "-X", step.method]
    for name, value in _headers(step):
        words += ["-H", f"{name}: {value}"]
    if step.request.body:
        words += ["--data-binary", step.request.body]
    return " ".join(_quoted(word) for word in (*words, step.url))


def _quoted(word: str) -> str:
    """Return a shell word in which the shell fills in credentials, and nothing else."""
    return "".join(f'"{part}"' if match else shlex.quote(part) for part, match in split(word)) or "''"


def _headers(step: Step) -> list[tuple[str, str]]:
    return [(name, value) for name, value in step.request.headers if name.lower() not in _OWN]


def as_pytest(failure: Failure) -> str:
    """Return a test that sends the same requests and fails as long as the answers stay as they were."""
    name = re.sub(r"\W+", "_", f"{failure.check} {failure.operation}").strip("_").lower()
    lines = ["import base64", "import os", "", "import httpx2", "", "", f"def test_{name}() -> None:"]
    lines.append(f"    {json.dumps(failure.title)}")
    for step in failure.steps:
        lines += [
            "    response = httpx2.request(",
            f"        {step.method!r},",
            f"        {in_python(step.url)},",
            f"        headers={{{', '.join(f'{n!r}: {in_python(v)}' for n, v in _headers(step))}}},",
            f"        content={in_python(step.request.body)}.encode(),",
            "    )",
        ]
    if failure.steps:
        lines.append(f"    assert response.status_code != {failure.steps[-1].status}, response.text")
    return "\n".join(lines) + "\n"
