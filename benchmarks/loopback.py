"""The server that calls are measured against: another process, which answers every request with the same bytes."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def server(body: bytes) -> Iterator[str]:
    """Run one, give its address."""
    process = subprocess.Popen([sys.executable, __file__, body.decode()], stdout=subprocess.PIPE)  # noqa: S603
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate()


def _answer(connection: socket.socket, answer: bytes) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    pending = b""
    with connection:
        while chunk := connection.recv(65536):
            pending += chunk
            head, end, rest = pending.partition(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            if end and len(rest) >= int(length or 0):
                pending = b""
                connection.sendall(answer)


def _serve(body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: r-1\r\ncontent-length: {len(body)}"
    answer = head.encode() + b"\r\n\r\n" + body
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        print(listening.getsockname()[1], flush=True)
        while True:
            threading.Thread(target=_answer, args=(listening.accept()[0], answer), daemon=True).start()


if __name__ == "__main__":
    _serve(sys.argv[1].encode())
