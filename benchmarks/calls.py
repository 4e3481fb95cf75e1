"""What a call through a generated client costs, beside the same call by the bare HTTP library.

`python benchmarks/calls.py`: one connection to a server of another process, on loopback. Bare means: send the same
headers and the same JSON body, raise for an error status, `json()` of the answer.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "generated"))

import httpx
import httpx2
from ivy_api import AsyncIvy, Ivy
from loopback import server
from pyreqwest.client import ClientBuilder, SyncClientBuilder
from side_by_side import Subject, processor, report, rounds

PATH = "/api/service/data/session/details"
ANSWER = json.dumps({"id": "ds_1", "status": "open", "referenceId": "order-17"}).encode()
BODY = {"id": "ds_1"}
HEADERS = {"x-ivy-api-key": "k", "accept": "application/json"}
CALLS = 5
ROUNDS = 200

Run = Callable[[], object]


def sync_calls(url: str) -> dict[str, Run]:
    """One call by each library, bare and through the client."""
    by = {
        "httpx2": httpx2.Client(trust_env=False),
        "httpx": httpx.Client(trust_env=False),
        "pyreqwest": SyncClientBuilder().follow_redirects(False).no_proxy().build(),
    }

    def bare(client: Any) -> Run:
        return lambda: client.post(url + PATH, headers=HEADERS, json=BODY).raise_for_status().json()

    def bare_fast() -> Any:
        return (
            by["pyreqwest"].post(url + PATH).error_for_status().headers(HEADERS).body_json(BODY).build().send().json()
        )

    def ours(client: Any) -> Run:
        call = Ivy(api_key="k", base_url=url, http_client=client).data_sessions.retrieve.raw
        return lambda: call(id="ds_1")

    calls: dict[str, Run] = {name: bare(by[name]) for name in ("httpx2", "httpx")}
    return calls | {"pyreqwest": bare_fast} | {f"client on {name}": ours(client) for name, client in by.items()}


def async_calls(url: str) -> dict[str, Callable[[], Awaitable[object]]]:
    """The same, to be awaited."""
    by = {
        "httpx2": httpx2.AsyncClient(trust_env=False),
        "httpx": httpx.AsyncClient(trust_env=False),
        "pyreqwest": ClientBuilder().follow_redirects(False).no_proxy().build(),
    }

    def bare(client: Any) -> Callable[[], Awaitable[object]]:
        async def call() -> object:
            answer = await client.post(url + PATH, headers=HEADERS, json=BODY)
            return answer.raise_for_status().json()

        return call

    async def bare_fast() -> object:
        client = by["pyreqwest"]
        answer = await client.post(url + PATH).error_for_status().headers(HEADERS).body_json(BODY).build().send()
        return await answer.json()

    def ours(client: Any) -> Callable[[], Awaitable[object]]:
        call = AsyncIvy(api_key="k", base_url=url, http_client=client).data_sessions.retrieve.raw
        return lambda: call(id="ds_1")

    calls = {name: bare(by[name]) for name in ("httpx2", "httpx")}
    return calls | {"pyreqwest": bare_fast} | {f"client on {name}": ours(client) for name, client in by.items()}


def subjects(calls: dict[str, Run]) -> list[Subject]:
    """The table's rows: what each call is compared with, and what it may cost."""
    rows = [
        ("httpx2", "httpx2", None),
        ("client on httpx2", "httpx2", 1.15),
        ("httpx", "httpx", None),
        ("client on httpx", "httpx", 1.15),
        ("pyreqwest", "httpx", None),
        ("client on pyreqwest", "httpx", 0.6),
    ]
    return [Subject(name, calls[name], unit, bound) for name, unit, bound in rows]


def repeated(call: Run) -> Run:
    """Make one measurement of several calls; the first opens the connection and builds the types."""

    def several() -> None:
        for _ in range(CALLS):
            call()

    call()
    return several


def awaited(loop: asyncio.AbstractEventLoop, call: Callable[[], Awaitable[object]]) -> Run:
    """The same on an event loop, which is entered once for all of the calls."""

    async def several() -> None:
        for _ in range(CALLS):
            await call()

    loop.run_until_complete(several())
    return lambda: loop.run_until_complete(several())


def main() -> int:
    """Print four tables; 1 if the time on the wall exceeds a bound."""
    failed, loop = 0, asyncio.new_event_loop()
    with server(ANSWER) as url:
        kinds = {
            "sync": subjects({name: repeated(call) for name, call in sync_calls(url).items()}),
            "async": subjects({name: awaited(loop, call) for name, call in async_calls(url).items()}),
        }
        for kind, rows in kinds.items():
            failed |= report(f"{kind} call, on the wall", rows, rounds(rows, ROUNDS), calls=CALLS)
            unbound = [Subject(row.name, row.run, row.unit) for row in rows]
            report(f"{kind} call, processor time", unbound, rounds(unbound, ROUNDS // 2, processor), calls=CALLS)
    loop.close()
    return failed


if __name__ == "__main__":
    sys.exit(main())
