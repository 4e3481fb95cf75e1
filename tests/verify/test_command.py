"""`tallystick test`, as it is called."""

import json
import re
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

QUICK = ("--max-examples", "1")


@pytest.mark.parametrize("seed", [1, 2])
def test_our_mock_honours_worldline(tallystick: Callable[..., int], tmp_path: Path, capsys, seed: int) -> None:
    assert tallystick("test", "worldline", *QUICK, "--seed", seed, "--report-dir", tmp_path) == 0
    out = capsys.readouterr().out
    assert "worldline against our mock: 1 operation, " in out
    assert f"0 failures (seed {seed})" in out
    assert f"report: {tmp_path / 'report.html'}" in out
    suite = ET.fromstring((tmp_path / "junit.xml").read_bytes()).find("testsuite")  # noqa: S314 (our own)
    assert suite is not None and suite.get("failures") == "0" and suite.get("tests") == "1"
    assert "honoured" in (tmp_path / "report.html").read_text()


def test_the_same_seed_gives_the_same_reports(tallystick: Callable[..., int], tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert tallystick("test", "ivy-legacy", *QUICK, "--seed", 7, "--report-dir", tmp_path / name) == 0
    for name in ("report.html", "junit.xml", "report.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_nobody_at_the_address(tallystick: Callable[..., int], tmp_path: Path, capsys) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert tallystick("test", "ivy", "--url", f"http://127.0.0.1:{port}", "--report-dir", tmp_path / "no") == 2
    err = capsys.readouterr().err
    assert err.startswith(f"error: the server at http://127.0.0.1:{port} can't be reached: ")
    assert err.endswith("  hint: start it first, or leave --url out to test against our own mock\n")
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--url", "ftp://x"], ("error: 'ftp://x' is no address of a server\n"
         "  hint: write it like https://api.example.com/v1\n")),
        (["--app", "nothing"], ("error: 'nothing' names no application\n"
         "  hint: write module:attribute, such as shop.main:app\n")),
        (["--app", "json:nothing"], ("error: the application json:nothing can't be imported: "
         "module 'json' has no attribute 'nothing'\n")),
        (["--app", ".json:app"], ("error: '.json:app' names no application\n"
         "  hint: write module:attribute, such as shop.main:app\n")),
        (["--app", "json:loads"], ("error: json:loads is no ASGI application: it can't be called with "
         "scope, receive and send\n  hint: name the application itself, not what makes it\n")),
        (["--app", "wsgiref.simple_server:demo_app"],
         ("error: wsgiref.simple_server:demo_app is no ASGI application: "
          "it can't be called with scope, receive and send\n"
          "  hint: wrap it, for example in a2wsgi.WSGIMiddleware\n")),
        (["--app", "json:__name__"], "error: json:__name__ is no ASGI application but a str\n"),
        (["--shard", "9/8"], ("error: '9/8' is no shard\n"
         "  hint: write the part and the number of parts, such as 2/8\n")),
        (["--url", "http://x", "--app", "x:y"], ("error: --url and --app are two targets\n"
         "  hint: give one of them, or none for our own mock\n")),
        (["--update-baseline"], ("error: --update-baseline needs a file\n"
         "  hint: name it with --baseline FILE\n")),
    ],
)  # fmt: skip
def test_what_cannot_be_done(tallystick: Callable[..., int], capsys, arguments: list[str], message: str) -> None:
    assert tallystick("test", "worldline", *arguments) == 2
    assert capsys.readouterr().err == message


class Garbage(BaseHTTPRequestHandler):
    """Answers each request in one of several wrong ways."""

    def do_POST(self) -> None:
        self.close_connection = True
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.wfile.write(self.server.answer)  # type: ignore[attr-defined]

    do_GET = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_HEAD = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def serve():
    servers: list[HTTPServer] = []

    def start(answer: bytes) -> str:
        server = HTTPServer(("127.0.0.1", 0), Garbage)
        server.answer = answer  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_garbage_is_no_server(tallystick: Callable[..., int], serve, tmp_path: Path, capsys) -> None:
    url = serve(b"\x00\x01 garbage\r\n\r\n")
    assert tallystick("test", "worldline", "--url", url, "--report-dir", tmp_path) == 2
    assert capsys.readouterr().err.startswith(f"error: the server at {url} can't be reached: ")


def test_redirects_in_a_circle_are_wrong_answers(tallystick: Callable[..., int], serve, tmp_path: Path) -> None:
    url = serve(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")
    assert tallystick("test", "worldline", *QUICK, "--url", url, "--report-dir", tmp_path) == 1
    found = {f["check"] for f in json.loads((tmp_path / "report.json").read_text())["failures"]}
    assert "status_code_conformance" in found


def test_an_answer_without_end_is_cut(tallystick: Callable[..., int], serve, tmp_path: Path, capsys) -> None:
    size = 17 * 1024 * 1024
    url = serve(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % 10**10 + b" " * size)
    assert tallystick("test", "worldline", *QUICK, "--url", url, "--report-dir", tmp_path) == 1
    out = capsys.readouterr().out
    assert "server_answers: The server sent more than 16 MiB" in out
    # A walk that is under way when the run is given up may have sent one more.
    assert re.search(r"ended early: the server sent more than 16 MiB, [34] times in a row", out), out
    assert "[signed with " in out


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file or directory"), (b"\xff\xfe", "it is not UTF-8")],
)
def test_a_baseline_that_cannot_be_read(
    tallystick: Callable[..., int], tmp_path: Path, capsys, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "accepted.txt"
    if content is not None:
        path.write_bytes(content)
    assert tallystick("test", "worldline", "--baseline", path) == 2
    message = f"error: the baseline {path} can't be read: {reason}\n  hint: make it with --update-baseline\n"
    assert capsys.readouterr().err == message


def test_failures_are_shown_and_can_be_accepted(
    tallystick: Callable[..., int], serve, tmp_path: Path, capsys
) -> None:
    url = serve(b"HTTP/1.1 500 No\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<script></p>&<>")
    known = tmp_path / "accepted.txt"
    again = ("test", "worldline", *QUICK, "--url", url, "--report-dir", tmp_path, "--baseline", known)
    assert tallystick(*again, "--update-baseline") == 0
    assert tallystick(*again) == 0
    out = capsys.readouterr().out
    assert "0 failures, " in out and "accepted by the baseline" in out
    known.write_text("\n".join(known.read_text().splitlines()[:-1]) + "\n")
    assert tallystick(*again) == 1
    page = (tmp_path / "report.html").read_text()
    assert "<script></p>" not in page and "&lt;script&gt;&lt;/p&gt;&amp;&lt;&gt;" in page
    assert "test-secret" not in page and "[signed with $TALLYSTICK_V1HMAC_KEY_ID" in page
