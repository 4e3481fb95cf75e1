"""`tallystick mock` as a process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

GENERATOR = Path(__file__).parents[2] / "generator"
CREATE = "/api/service/data/session/create"
DETAILS = "/api/service/data/session/details"
KEY = {"X-Ivy-Api-Key": "test-key"}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tallystick", "mock", *arguments]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(GENERATOR)}


@contextmanager
def running(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        command(*arguments, "--port", "0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        for line in process.stdout:
            if line.startswith("listening on "):
                yield line.removeprefix("listening on ").strip(), process
                break
        else:
            raise AssertionError(process.stderr.read())
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_cleanly(number: signal.Signals) -> None:
    with running("ivy") as (url, process):
        assert url.startswith("http://127.0.0.1:")
        assert httpx2.get(f"{url}/_tallystick/openapi.json").json()["openapi"].startswith("3.1")
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, "")


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(command("ivy", "--port", str(port)), capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 2
    assert done.stderr == (
        f"error: can't listen on 127.0.0.1 port {port}: Address already in use\n"
        "  hint: choose another with --port, or --port 0 for any that is free\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ivy", "--workers", "2"], "several workers can't share memory"),
        (["ivy", "--store", "paper:"], "there is no store 'paper:'"),
        (["ivy", "--credential", "nonsense"], "a credential is not of the form SCHEME:NAME=VALUE,…"),
        (["ivvy"], "there is no contract 'ivvy'"),
    ],
)
def test_wrong_usage_is_said_so(arguments: list[str], message: str) -> None:
    done = subprocess.run(
        command(*arguments, "--port", "0"), capture_output=True, text=True, env=ENVIRONMENT, timeout=30
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {message}\n  hint: ")


def test_state_survives_a_restart(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'state.db'}"
    with running("ivy", "--store", store) as (url, _):
        session = httpx2.post(url + CREATE, json={"referenceId": "r-1"}, headers=KEY).json()
    with running("ivy", "--store", store) as (url, _):
        shown = httpx2.post(url + DETAILS, json={"id": session["id"]}, headers=KEY)
        assert (shown.status_code, shown.json()["referenceId"]) == (200, "r-1")
        assert httpx2.post(url + CREATE, json={"referenceId": "r-1"}, headers=KEY).status_code == 400


def test_workers_share_their_state(tmp_path: Path) -> None:
    with running("ivy", "--store", f"sqlite:///{tmp_path / 'state.db'}", "--workers", "2") as (url, process):
        httpx2.put(f"{url}/_tallystick/clock", json={"now": 1_700_000_000, "frozen": True})
        made = []
        for number in range(20):  # each on a connection of its own, so that both processes get some
            reply = httpx2.post(url + CREATE, json={"referenceId": f"r-{number}"}, headers=KEY)
            made.append(reply.json())
        assert {session["createdAt"] for session in made} == {1_700_000_000}
        assert len({session["id"] for session in made}) == 20
        for session in made:
            assert httpx2.post(url + DETAILS, json={"id": session["id"]}, headers=KEY).status_code == 200
        again = [httpx2.post(url + CREATE, json={"referenceId": "r-0"}, headers=KEY).status_code for _ in range(8)]
        assert set(again) == {400}
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 0


def test_credentials_can_be_chosen() -> None:
    with running("ivy", "--credential", "apiKey:value=app.secret") as (url, _):
        body = {"referenceId": "r-1"}
        assert httpx2.post(url + CREATE, json=body, headers={"X-Ivy-Api-Key": "app.secret"}).status_code == 201
        assert httpx2.post(url + CREATE, json=body, headers=KEY).status_code == 401


def things() -> dict[str, object]:
    text = {"type": "string"}
    thing = {"type": "object", "required": ["id", "name"], "properties": {"id": text, "name": text}}
    kept = {"description": "d", "content": {"application/json": {"schema": thing}}}
    listed = {"description": "d", "content": {"application/json": {"schema": {"type": "array", "items": thing}}}}
    new = {"content": {"application/json": {"schema": {"type": "object", "properties": {"name": text}}}}}
    gone = {"description": "d", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://api.example/v2"}],
        "paths": {
            "/things": {
                "post": {"requestBody": new, "responses": {"201": kept}},
                "get": {"responses": {"200": listed}},
            },
            "/things/{thingId}": {
                "parameters": [{"name": "thingId", "in": "path", "required": True, "schema": text}],
                "get": {"responses": {"200": kept, "404": gone}},
                "patch": {"requestBody": new, "responses": {"200": kept}},
                "delete": {"responses": {"204": {"description": "d"}}},
            },
        },
    }


def test_a_document_of_others_gets_state_by_convention(tmp_path: Path) -> None:
    place = tmp_path / "things.json"
    place.write_text(json.dumps(things()))
    with running(str(place), "--stateful") as (url, _):
        made = httpx2.post(f"{url}/things", json={"name": "a"})
        id_ = made.json()["id"]
        assert (made.status_code, made.json()["name"]) == (201, "a")
        assert httpx2.get(f"{url}/v2/things/{id_}").json() == made.json(), "the servers' base path may be there"
        assert httpx2.patch(f"{url}/things/{id_}", json={"name": "b"}).json()["name"] == "b"
        assert [t["name"] for t in httpx2.get(f"{url}/things").json()] == ["b"]
        assert httpx2.delete(f"{url}/things/{id_}").status_code == 204
        assert httpx2.get(f"{url}/things/{id_}").status_code == 404
        assert httpx2.get(f"{url}/things").json() == []
