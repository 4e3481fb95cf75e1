"""A mock of ivy on a free port, for the pages that talk to one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def ivy_address() -> Iterator[str]:
    """Serve `tallystick mock ivy` as a user would, and give its address."""
    command = [sys.executable, "-m", "tallystick", "mock", "ivy", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        assert server.stdout is not None
        seen: list[str] = []
        for line in server.stdout:
            seen.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                yield found.group()
                break
        else:
            raise AssertionError("the mock did not start:\n" + "".join(seen))
        server.send_signal(signal.SIGTERM)
        server.stdout.read()
