"""A server elsewhere, as an ASGI application: requests are passed on as they are, answers bounded."""

from __future__ import annotations

import zlib
from urllib.parse import urlsplit

import anyio
import httpx2

from tallystick.verify.plan import Plan
from tallystick.verify.server.wire import Event, NoAnswer, Receive, Scope, Send

_HOP_BY_HOP = frozenset((b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"te", b"trailer"))

_KEPT = {"http": 0, "https": 4}
"""How many connections are kept open: none where making one costs little, so that none is found closed."""


class Forward:
    """Passes requests on to the server at `origin` (scheme, host and port). Redirects are answers like others."""

    def __init__(self, origin: str, plan: Plan) -> None:
        self._origin = origin.rstrip("/")
        self._host = urlsplit(origin).netloc.encode()
        self._plan = plan
        self._client: httpx2.AsyncClient | None = None
        self._next_at = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on and its answer back. Raises `NoAnswer`."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        await self._wait_for_turn()
        query = scope["query_string"]
        url = self._origin + scope["raw_path"].decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
        # blanks around a header's value are no part of it, and some clients refuse to send them
        headers = [(k, v.strip(b" \t")) for k, v in scope["headers"] if k not in _HOP_BY_HOP | {b"host"}]
        body = (await receive())["body"]
        headers = [(b"host", self._host), *headers]
        try:
            try:
                await self._pass(scope["method"], url, headers, body, send)
            except httpx2.RemoteProtocolError as error:
                if not self._was_stale(error):
                    raise
                await self._pass(scope["method"], url, headers, body, send)
        except httpx2.TimeoutException as error:
            raise NoAnswer(f"did not answer within {self._plan.timeout:g} s") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, zlib.error) as error:
            raise NoAnswer(f"gave no valid answer: {reason_of(error)}") from error

    async def _pass(self, method: str, url: str, headers: list[tuple[bytes, bytes]], body: bytes, send: Send) -> None:
        if self._client is None:
            limits = httpx2.Limits(max_keepalive_connections=_KEPT[urlsplit(self._origin).scheme])
            self._client = httpx2.AsyncClient(
                timeout=self._plan.timeout, follow_redirects=False, trust_env=False, limits=limits
            )
        async with self._client.stream(method, url, headers=headers, content=body or None) as answer:
            raw = [(k.lower(), v) for k, v in answer.headers.raw if k.lower() not in _HOP_BY_HOP]
            raw = [(k, v) for k, v in raw if k not in (b"content-encoding", b"content-length")]
            await send({"type": "http.response.start", "status": answer.status_code, "headers": raw})
            async for part in answer.aiter_bytes(65536):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _was_stale(self, error: Exception) -> bool:
        """Say whether a connection that was kept open had been closed meanwhile, as servers may do at any time."""
        return self._origin.startswith("https:") and "without sending" in str(error)

    async def _wait_for_turn(self) -> None:
        """Keep to the rate that the plan allows."""
        if self._plan.rate is None:
            return
        now = anyio.current_time()
        self._next_at = max(now, self._next_at) + 1 / self._plan.rate
        await anyio.sleep(self._next_at - 1 / self._plan.rate - now)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            event: Event = await receive()
            stage = str(event["type"])
            if stage == "lifespan.shutdown" and self._client is not None:
                await self._client.aclose()
                self._client = None
            await send({"type": f"{stage}.complete"})
            if stage == "lifespan.shutdown":
                return


def reason_of(error: Exception) -> str:
    """Return what a transport's error says; some say nothing but their name."""
    said = str(error).strip()
    broken = isinstance(error, (httpx2.ReadError, httpx2.WriteError, httpx2.CloseError))
    return said or ("the connection was broken off" if broken else type(error).__name__)
