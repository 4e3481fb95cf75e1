"""Contracts, served in-process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tallystick.contract import Contract, read
from tallystick.mock import App, Clock, create_app
from tallystick.settings import find

HEAD = "openapi: 3.0.3\ninfo: {title: t, version: '1'}"
"""The beginning of documents that it doesn't matter for."""
NOW = 1_789_467_630.0
"""The time of the frozen clock: 2026-09-15T10:20:30Z."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Caller:
    """Calls an ASGI application without a network. `headers` go with every call."""

    app: App
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(
        self, method: str, target: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> Reply:
        sent = {n.lower(): v for n, v in {**self.headers, **(headers or {})}.items()}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if content and "content-type" not in sent:
            sent["content-type"] = "application/json"
        return asyncio.run(_exchange(self.app, method, target, {n: v for n, v in sent.items() if v}, content))

    def post(self, target: str, body: Any = None, **headers: str) -> Reply:
        return self("POST", target, body, headers={n.replace("_", "-"): v for n, v in headers.items()})

    def get(self, target: str, **headers: str) -> Reply:
        return self("GET", target, headers={n.replace("_", "-"): v for n, v in headers.items()})


async def _exchange(app: App, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
    parts = urlsplit(target)
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "headers": [(b"host", b"mock.example"), *((n.encode(), v.encode("latin-1")) for n, v in headers.items())],
        "server": ("mock.example", 80),
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    given = {n.decode(): v.decode("latin-1") for n, v in start["headers"]}
    return Reply(start["status"], given, b"".join(m["body"] for m in sent[1:]))


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen=NOW)


@cache
def shipped(name: str) -> Contract:
    target = find(name)
    return read(target.document, name=target.name, root=target.root)


Serve = Callable[..., Caller]


@pytest.fixture
def serve(clock: Clock) -> Serve:
    """Serve a shipped contract by its name."""

    def serving(name: str, **options: Any) -> Caller:
        app = create_app(shipped(name), folder=find(name).folder, clock=clock, **options)
        headers = {"X-Ivy-Api-Key": "test-key"} if name.startswith("ivy") else {}
        return Caller(app, headers)

    return serving


@pytest.fixture
def serve_text(clock: Clock, tmp_path: Path) -> Serve:
    """Serve a document given as text; what only says its paths, and components, gets the rest."""

    def serving(document: str, **options: Any) -> Caller:
        path = tmp_path / "openapi.yaml"
        path.write_text(HEAD + document if document.startswith("\npaths:") else document)
        return Caller(create_app(read(path, name="case"), clock=clock, **options))

    return serving
