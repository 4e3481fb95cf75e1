"""What the mock's speed claims rest on: `python benchmarks/mock.py [--seconds N] [--prism COMMAND]`.

Everything runs on this machine, one server process at a time, against one client process that keeps its connections
open. What counts are the ratios; the requests per second depend on the machine.

- speed: creating a data session (validated, stored, its answer validated) against a constant answer of Starlette on
  uvicorn, with the same server settings, in turns.
- prism: the same request against Prism, where its command is given (`--prism "npx @stoplight/prism-cli"`).
- start: from the command to the first answer.
- size: the memory of 100,000 live sessions, and what they cost in speed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
CREATE = "/api/service/data/session/create"
CONNECTIONS = 16
ROUNDS = 5
SESSIONS = 100_000

STARLETTE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
async def create(request): return JSONResponse({answer!r}, 201)
app = Starlette(routes=[Route({path!r}, create, methods=["POST"])])
uvicorn.run(app, port={port}, log_level="warning", access_log=False)
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def serving(command: list[str], port: int, *, patience: float = 60.0) -> Iterator[tuple[int, float]]:
    """Run a server; give its process id and the seconds until it answered."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generator")}
    begun = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                    connection.sendall(request(0, port))
                    if connection.recv(12).startswith(b"HTTP/1.1"):
                        break
            except OSError:
                if process.poll() is not None or time.perf_counter() - begun > patience:
                    raise SystemExit(f"{command[0]} did not start") from None
                time.sleep(0.005)
        yield process.pid, time.perf_counter() - begun
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def request(number: int, port: int) -> bytes:
    """Return a request that creates a session nobody has created before."""
    body = json.dumps({"referenceId": f"order-{number}", "market": "DE", "metadata": {"number": number}}).encode()
    head = (
        f"POST {CREATE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Ivy-Api-Key: test-key\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def load(port: int, *, seconds: float = 0.0, count: int = 0, first: int = 0) -> tuple[int, float]:
    """Send requests for some seconds, or a number of them; return how many were answered 2xx, and the time."""
    numbers = iter(range(first, first + count)) if count else iter(range(first, first + 10**9))
    begun = time.perf_counter()
    done = 0

    async def worker() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            writer.write(request(number, port))
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 2"):
                raise SystemExit(f"the server answered {head.splitlines()[0].decode()}")
            length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
            await reader.readexactly(int(length))
            done += 1
            if seconds and time.perf_counter() - begun > seconds:
                break
        writer.close()

    await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))
    return done, time.perf_counter() - begun


def rate(port: int, seconds: float, first: int) -> tuple[float, int]:
    """Return the requests per second of some seconds, and the next number to send."""
    done, took = asyncio.run(load(port, seconds=seconds, first=first))
    return done / took, first + done + CONNECTIONS


def mock_command(port: int, *more: str) -> list[str]:
    """Return the command that serves Ivy's mock."""
    return [sys.executable, "-m", "tallystick", "mock", "ivy", "--port", str(port), *more]


def memory_of(process: int) -> float:
    """Return the resident memory of a process in MiB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def speed(seconds: float, prism: str) -> None:
    """Compare with a constant answer, and with Prism."""
    ports = {name: free_port() for name in ("mock", "starlette")}
    answer = {
        "id": "x" * 20,
        "referenceId": "order-1",
        "status": "open",
        "metadata": {"number": 1},
        "more": "y" * 300,
    }
    constant = STARLETTE.format(answer=answer, path=CREATE, port=ports["starlette"])
    rates: dict[str, list[float]] = {"mock": [], "starlette": []}
    with (
        serving(mock_command(ports["mock"]), ports["mock"]),
        serving([sys.executable, "-c", constant], ports["starlette"]),
    ):
        first = dict.fromkeys(ports, 1)
        for _ in range(ROUNDS):
            for name, port in ports.items():
                found, first[name] = rate(port, seconds, first[name])
                rates[name].append(found)
    ours, theirs = median(rates["mock"]), median(rates["starlette"])
    report(
        "stateful create / constant Starlette on uvicorn", ours / theirs, f"{ours:,.0f} / {theirs:,.0f} req/s", 0.5
    )
    if prism:
        beat_prism(prism, ours, seconds)


def beat_prism(prism: str, ours: float, seconds: float) -> None:
    """Compare with Prism."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "ivy.json")
        sys.path.insert(0, str(ROOT / "generator"))
        from tallystick.contract import read
        from tallystick.settings import find

        target = find("ivy")
        document.write_text(json.dumps(read(target.document, name="ivy", root=target.root).document))
        command = [*shlex.split(prism), "mock", "-p", str(port), "-v", "error", str(document)]
        with serving(command, port):
            rate(port, seconds, 1)  # Prism compiles on its first requests
            theirs = median(rate(port, seconds, 1)[0] for _ in range(ROUNDS))
    report("stateful create / Prism", ours / theirs, f"{ours:,.0f} / {theirs:,.0f} req/s", 10)


def start() -> None:
    """Measure the time from the command to the first answer."""

    def once() -> float:
        port = free_port()
        with serving(mock_command(port), port) as (_, seconds):
            return seconds

    found = median(once() for _ in range(ROUNDS))
    report("ready after", found, "seconds", 1.2, better=lambda value, limit: value < limit)


def size(seconds: float) -> None:
    """Measure what live sessions cost in memory and in speed."""
    port = free_port()
    with serving(mock_command(port), port) as (process, _):
        first = 1
        _, first = rate(port, seconds, first)
        before, first = rate(port, seconds, first)
        empty = memory_of(process)
        asyncio.run(load(port, count=SESSIONS, first=first))
        first += SESSIONS
        cost = memory_of(process) - empty
        after, _ = rate(port, seconds, first)
    report(f"{SESSIONS:,} sessions", cost, "MiB", 200, better=lambda value, limit: value < limit)
    report("speed with them / without", after / before, f"{after:,.0f} / {before:,.0f} req/s", 0.9)


def report(
    name: str,
    value: float,
    unit: str,
    limit: float,
    *,
    better: Callable[[float, float], bool] = lambda value, limit: value >= limit,
) -> None:
    """Print a figure, and whether it meets its target."""
    verdict = "ok" if better(value, limit) else "MISSED"
    print(f"{name:<50} {value:8.2f}  ({unit}; target {limit:g})  {verdict}", flush=True)


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one measurement")
    parser.add_argument("--prism", default="", help="command that runs Prism, to be measured too")
    options = parser.parse_args()
    start()
    speed(options.seconds, options.prism)
    size(options.seconds)


if __name__ == "__main__":
    main()
