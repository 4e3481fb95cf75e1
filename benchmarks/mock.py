"""What the mock's speed claims rest on: `python benchmarks/mock.py [--requests N] [--prism COMMAND]`.

Everything runs on this machine: servers of one process each, started as a user starts them, what they print read
from a pipe; and one client that has a request on its way on each of sixteen connections, all the time.
What counts are the ratios; requests per second belong to the machine. All take turns in many short rounds, and the
median of the rounds' ratios is told, since what else the machine does comes and goes. Processor time per request
stands beside it: what a server does, whoever else is busy, and what the client does, which must be the least.

- speed: creating a data session (validated, stored, its answer validated) against a constant answer of Starlette on
  uvicorn, in turns.
- prism: the same request against Prism, where its command is given (`--prism "npx @stoplight/prism-cli"`), by its
  `mock` command without options, which logs each request: the first requests of both, as in a run of tests, and when
  Prism is warm, which takes it some ten thousand. For comparison also with its log switched off.
- start: from the command to the first answer.
- size: the memory of 100,000 live sessions, and what they cost in speed.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
CREATE = "/api/service/data/session/create"
CONNECTIONS = 16
ROUNDS = 30
STARTS = 5
FIRST = 1_000
WARM = 20_000
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


@dataclass
class Server:
    """A server that runs, and what was measured of it in each round.

    `rates` are requests per second; `work` and `client_work` microseconds of processor time that a request took the
    server and the client.
    """

    port: int
    group: int
    answered_after: float
    sent: int = 1
    rates: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    client_work: list[float] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)

    def measure(self, count: int) -> None:
        """Send so many requests and keep what is measured."""
        kept = [connection for connection in self.connections if is_open(connection)]
        self.connections = [*kept, *(connect(self.port) for _ in range(CONNECTIONS - len(kept)))]
        before, client_before = processor(self.group), time.process_time()
        seconds = send(self.connections, self.port, self.sent, count)
        self.client_work.append((time.process_time() - client_before) / count * 1e6)
        self.work.append((processor(self.group) - before) / count * 1e6)
        self.rates.append(count / seconds)
        self.sent += count

    @classmethod
    def joined(cls, servers: Sequence[Server]) -> Server:
        """Return what was measured of several servers as if it was one."""
        rates = [rate for server in servers for rate in server.rates]
        work = [work for server in servers for work in server.work]
        client_work = [work for server in servers for work in server.client_work]
        return cls(0, 0, 0.0, 0, rates, work, client_work)

    def forget(self) -> None:
        """Begin to measure anew."""
        self.rates, self.work, self.client_work = [], [], []


def processor(group: int) -> float:
    """Return the processor time that the threads of a process group have taken so far, in seconds."""
    taken = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and _group(entry) == group:
            for thread in (entry / "task").iterdir():
                with suppress(OSError):  # it has ended
                    taken += int((thread / "schedstat").read_text().split()[0])
    return taken / 1e9


def _group(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[2])
    except OSError:  # it has ended
        return -1


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def serving(command: list[str], port: int, *, patience: float = 60.0) -> Iterator[Server]:
    """Run a server and wait until it answers."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generator")}
    begun = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    # Another process reads what it prints, so that this costs neither the server's time nor the client's.
    reader = subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)  # noqa: S607
    try:
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                    connection.sendall(request(0, port))
                    if connection.recv(12).startswith(b"HTTP/1.1"):
                        break
            except OSError:
                if process.poll() is not None or time.perf_counter() - begun > patience:
                    raise SystemExit(f"{command[0]} did not start") from None
                time.sleep(0.005)
        yield Server(port, process.pid, time.perf_counter() - begun)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)
        reader.wait(timeout=20)


def started(command: Callable[[int], list[str]]) -> AbstractContextManager[Server]:
    """Run a server on a port that is free."""
    port = free_port()
    return serving(command(port), port)


def request(number: int, port: int) -> bytes:
    """Return a request that creates a session nobody has created before."""
    body = json.dumps({"referenceId": f"order-{number}", "market": "DE", "metadata": {"number": number}}).encode()
    head = (
        f"POST {CREATE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Ivy-Api-Key: test-key\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def connect(port: int) -> socket.socket:
    """Return a connection to a server that is kept from round to round."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def is_open(connection: socket.socket) -> bool:
    """Say whether a server has kept a connection: some close those that are idle for a few seconds."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def send(connections: Sequence[socket.socket], port: int, first: int, count: int) -> float:
    """Send so many requests on all connections and return how long their answers took."""
    prepared = [request(number, port) for number in range(first, first + count)]
    begun = time.perf_counter()
    for number, data in enumerate(prepared):
        connection = connections[number % CONNECTIONS]
        if number >= CONNECTIONS:
            receive(connection)
        connection.sendall(data)
    for number in range(max(count - CONNECTIONS, 0), count):
        receive(connections[number % CONNECTIONS])
    return time.perf_counter() - begun


def receive(connection: socket.socket) -> None:
    """Read one answer, which has to be a success."""
    received = connection.recv(65_536)
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += connection.recv(65_536)
    head = received[:end].lower()
    if not head.startswith(b"http/1.1 2"):
        raise SystemExit(f"the server answered {head.splitlines()[0].decode()}")
    missing = int(head.split(b"content-length: ")[1].split(b"\r\n")[0]) - (len(received) - end - 4)
    while missing > 0:
        missing -= len(connection.recv(65_536))


def mock_command(port: int, *more: str) -> list[str]:
    """Return the command that serves Ivy's mock."""
    return [sys.executable, "-m", "tallystick", "mock", "ivy", "--port", str(port), *more]


def starlette_command(port: int) -> list[str]:
    """Return the command that serves an answer of the same length, always the same."""
    more = {"metadata": {"number": 1}, "more": "y" * 400}
    answer = {"id": "x" * 20, "referenceId": "order-1", "status": "open", **more}
    return [sys.executable, "-c", STARLETTE.format(answer=answer, path=CREATE, port=port)]


def write_contract(document: Path) -> None:
    """Write Ivy's contract as the one file that Prism takes."""
    sys.path.insert(0, str(ROOT / "generator"))
    from tallystick.contract import read
    from tallystick.settings import find

    target = find("ivy")
    document.write_text(json.dumps(read(target.document, name="ivy", root=target.root).document))


def speed(requests: int, prism: str) -> bool:
    """Compare with a constant answer, and with Prism; say whether all bounds are kept."""
    with ExitStack() as stack:
        document = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "ivy.json"
        commands: dict[str, Callable[[int], list[str]]] = {"mock": mock_command, "starlette": starlette_command}
        if prism:
            write_contract(document)
            start_prism = [*shlex.split(prism), "mock", str(document), "-p"]
            commands["prism"] = lambda port: [*start_prism, str(port)]
            commands["silent prism"] = lambda port: [*start_prism, str(port), "-v", "error"]
        kept = not prism or first(commands["mock"], commands["prism"])
        servers = {name: stack.enter_context(started(command)) for name, command in commands.items()}
        ours = servers["mock"]
        for server in servers.values():
            server.measure(FIRST + WARM)
            server.forget()
        in_turns(servers.values(), requests)
        kept &= compared("stateful create / constant Starlette on uvicorn", ours, servers["starlette"], 0.5)
        if prism:
            kept &= compared("stateful create / Prism, warm", ours, servers["prism"], 10)
            compared("stateful create / Prism, warm, without its log", ours, servers["silent prism"], None)
        return kept


def first(ours: Callable[[int], list[str]], prism: Callable[[int], list[str]]) -> bool:
    """Compare the first requests with Prism's, as in a run of tests: both are started anew for each round."""
    measured: dict[str, list[Server]] = {"mock": [], "prism": []}
    for _ in range(STARTS):
        for name, command in (("mock", ours), ("prism", prism)):
            with started(command) as server:
                server.measure(FIRST)
                measured[name].append(server)
    mock, other = (Server.joined(servers) for servers in measured.values())
    return compared(f"stateful create / Prism, the first {FIRST:,}", mock, other, 10)


def in_turns(servers: Collection[Server], requests: int) -> None:
    """Send each server so many requests, in rounds."""
    for _ in range(ROUNDS):
        for server in servers:
            server.measure(requests // ROUNDS)


def compared(name: str, ours: Server, theirs: Server, bound: float | None) -> bool:
    """Print how much faster the mock is, and what all three do for a request; say whether the bound is kept."""
    ratio = median(a / b for a, b in zip(ours.rates, theirs.rates, strict=True))
    rates = f"{median(ours.rates):,.0f} / {median(theirs.rates):,.0f} req/s"
    work, client = median(ours.work), median(ours.client_work)
    words = f"{rates}; processor {work:.0f} / {median(theirs.work):.0f} us, client {client:.0f} us"
    return report(name, ratio, words, bound, bound is None or ratio >= bound)


def start() -> bool:
    """Measure the time from the command to the first answer."""
    waited: list[float] = []
    worked: list[float] = []
    for _ in range(STARTS):
        with started(mock_command) as server:
            waited.append(server.answered_after)
            worked.append(processor(server.group))
    found = median(waited)
    return report("ready after", found, f"seconds; processor {median(worked):.2f} s", 1.2, found < 1.2)


def size(requests: int) -> bool:
    """Measure what live sessions cost in memory and in speed, against a mock that has hardly any."""
    with started(mock_command) as full, started(mock_command) as empty:
        for server in (full, empty):
            server.measure(FIRST)
        before = memory(full.group)
        full.measure(SESSIONS)
        cost = memory(full.group) - before
        for server in (full, empty):
            server.forget()
        in_turns((full, empty), requests)
        kept = report(f"{SESSIONS:,} sessions", cost, "MiB", 200, cost < 200)
        ratio = median(without / with_them for without, with_them in zip(empty.work, full.work, strict=True))
        words = f"processor {median(empty.work):.0f} / {median(full.work):.0f} us"
        return report("work per request without them / with them", ratio, words, 0.9, ratio >= 0.9) and kept


def memory(process: int) -> float:
    """Return the resident memory of a process in MiB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def report(name: str, value: float, words: str, bound: float | None, kept: bool) -> bool:
    """Print a figure and whether its bound is kept, where it has one; return that."""
    limit, verdict = ("no bound", "") if bound is None else (f"bound {bound:g}", "ok" if kept else "MISSED")
    print(f"{name:<50} {value:8.2f}  ({limit}; {words})  {verdict}".rstrip(), flush=True)
    return kept


def main() -> None:
    """Run all of it; exit with 1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=30_000, help="how many each server gets in all")
    parser.add_argument("--prism", default="", help="command that runs Prism, to be measured too")
    options = parser.parse_args()
    kept = [start(), speed(options.requests, options.prism), size(options.requests)]
    raise SystemExit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()
