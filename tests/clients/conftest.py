"""A document in, a package imported, its calls recorded: the same table drives both clients."""

from __future__ import annotations

import asyncio
import importlib
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

from tallystick.contract import read
from tallystick.emit.models import Flavour
from tallystick.emit.plan import Options, Plan, plan

Json = Any


def document(paths: Json, **more: Json) -> Json:
    """A document with these paths and whatever else it needs."""
    return {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1.2"}, "paths": paths, **more}


def operation(**more: Json) -> Json:
    """An operation that answers with nothing, unless told otherwise."""
    return {"operationId": "run", "tags": ["things"], "responses": {"204": {"description": "done"}}, **more}


@dataclass
class Recorder:
    """Answers every request, and remembers it."""

    answers: list[httpx2.Response] = field(default_factory=list)
    requests: list[httpx2.Request] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def last(self) -> httpx2.Request:
        return self.requests[-1]

    @property
    def target(self) -> str:
        """Path and query exactly as they went out."""
        return self.last.url.raw_path.decode()


@dataclass
class Shop:
    """A generated package with both of its clients on a recorder."""

    module: ModuleType
    plan: Plan
    recorder: Recorder
    sync: Any
    async_: Any

    def both(self, call: Callable[[Any], Any], *answers: httpx2.Response) -> Any:
        """Make a call on both clients, require the same requests, return the result of the first."""
        results, sent = [], []
        for client in (self.sync, self.async_):
            self.recorder.requests.clear()
            self.recorder.answers = [_copy(answer) for answer in answers or (httpx2.Response(204),)]
            given = call(client)
            results.append(asyncio.run(given) if asyncio.iscoroutine(given) else given)
            sent.append(
                [(r.method, str(r.url), sorted(_telling(r).items()), r.content) for r in self.recorder.requests]
            )
        assert sent[0] == sent[1]
        assert results[0] == results[1]
        return results[0]


def _telling(request: httpx2.Request) -> dict[str, str]:
    """Headers without those that the HTTP library adds on its own, or that differ from call to call."""
    return {
        k: v for k, v in request.headers.items() if k not in ("user-agent", "connection", "idempotency-key", "date")
    }


def _copy(answer: httpx2.Response) -> httpx2.Response:
    return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)


def generate(folder: Path, doc: Json, name: str, flavour: Flavour = "pydantic", **config: Any) -> Shop:
    """Generate a package from a document and import it; `config` goes to both clients."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(doc))
    planned = plan(read(path, name=name), Options(models=flavour))
    for file, text in planned.files.items():
        target = folder / planned.package / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    importlib.invalidate_caches()
    module = importlib.import_module(planned.package)
    recorder = Recorder([httpx2.Response(204)])
    client = next(n.removeprefix("Async") for n in module.__all__ if n.startswith("Async"))
    given = {"base_url": "https://api.test", **config}
    transport = httpx2.MockTransport(recorder)
    sync = getattr(module, client)(http_client=httpx2.Client(transport=transport), **given)
    async_ = getattr(module, f"Async{client}")(http_client=httpx2.AsyncClient(transport=transport), **given)
    return Shop(module, planned, recorder, sync, async_)


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Let packages of a folder be imported, and forget them again."""
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))
    own = {path.name for path in folder.iterdir()}
    for loaded in [m for m in sys.modules if m.split(".")[0] in own]:
        del sys.modules[loaded]


@pytest.fixture
def make(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Shop]]:
    """Return a function from a document to its package; `config` goes to both clients."""
    numbers = itertools.count()

    def build(doc: Json, name: str = "", **config: Any) -> Shop:
        own = f"shop_{abs(hash(request.node.nodeid)) % 10**8}_{next(numbers)}"
        return generate(tmp_path, doc, name or own, **config)

    with importable(tmp_path):
        yield build
