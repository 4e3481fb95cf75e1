"""A document in, a server package imported: what its application answers is what the tests look at."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

from tallystick.contract import Contract, read
from tallystick.emit.plan import Options, Plan, plan
from tallystick.settings import find

Json = Any


@dataclass(frozen=True)
class Built:
    """A generated server package, imported."""

    module: ModuleType
    plan: Plan
    folder: Path


def write(planned: Plan, parent: Path) -> Path:
    """Write a package below a folder."""
    for file, text in planned.files.items():
        target = parent / planned.package / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return parent / planned.package


def call(app: Any, method: str, url: str, **request: Any) -> httpx2.Response:
    """Make one request to an ASGI application."""

    async def made() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            return await client.request(method, url, **request)

    return asyncio.run(made())


class Recording:
    """Handlers of any noun: remembers what it was called with, gives what it was told to."""

    def __init__(self, gives: Any = None) -> None:
        self.gives = gives
        self.seen: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        async def handler(**arguments: Any) -> Any:
            self.seen = arguments
            if isinstance(self.gives, BaseException):
                raise self.gives
            return self.gives

        return handler


@pytest.fixture
def build(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[Json], Built]]:
    """Generate a server package from a document, and import it."""
    made: list[str] = []

    def from_document(document: Json) -> Built:
        name = f"served_{abs(hash(request.node.nodeid)) % 10**8}_{len(made)}"
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(document))
        planned = plan(read(path, name=name), Options(only="server"))
        folder = write(planned, tmp_path)
        made.append(planned.package)
        importlib.invalidate_caches()
        return Built(importlib.import_module(planned.package), planned, folder)

    sys.path.insert(0, str(tmp_path))
    yield from_document
    sys.path.remove(str(tmp_path))


def contract(name: str) -> Contract:
    """A shipped contract."""
    target = find(name)
    return read(target.document, name=target.name, root=target.root)


def document(paths: Json, **more: Json) -> Json:
    """A document with these paths and whatever else it needs."""
    return {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1.2"}, "paths": paths, **more}


def operation(**more: Json) -> Json:
    """An operation that answers with nothing, unless told otherwise."""
    return {"operationId": "run", "tags": ["things"], "responses": {"204": {"description": "done"}}, **more}


def query(schema: Mapping[str, Json], **more: Json) -> Json:
    """A query parameter named `q`."""
    return {"name": "q", "in": "query", "schema": schema, **more}
