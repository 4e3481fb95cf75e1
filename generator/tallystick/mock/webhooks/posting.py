"""A request that the mock sends by itself, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from ssl import SSLContext

    import httpx2

TIMEOUT: Final = 10.0
"""Seconds within which the whole answer has to be there."""
MOST_READ: Final = 64 * 1024
"""How much of an answer's body is read, in bytes."""


class Reply(NamedTuple):
    """What a receiver answered: status, and the beginning of the body as it came."""

    status: int
    body: bytes = b""


Post = Callable[[str, str, Mapping[str, str], bytes], Awaitable[Reply]]
"""Sends a request (method, address, headers, body) and returns the answer.

Raises `OSError` when there is no answer.
"""


async def post(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
    """Send a request over HTTP and return the answer. Raises `OSError` when there is none in time."""
    import httpx2

    sent = {"Accept-Encoding": "identity", **headers}
    try:
        async with (
            asyncio.timeout(TIMEOUT),
            httpx2.AsyncClient(timeout=None, trust_env=False, verify=_trusted()) as client,
            client.stream(method, url, headers=sent, content=body) as answer,
        ):
            return Reply(answer.status_code, await _beginning(answer))
    except TimeoutError:
        raise OSError(f"no answer within {TIMEOUT:g} seconds") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise OSError(str(error) or type(error).__name__) from error


async def _beginning(answer: httpx2.Response) -> bytes:
    read = bytearray()
    async for piece in answer.aiter_raw():
        read += piece
        if len(read) >= MOST_READ:
            break
    return bytes(read[:MOST_READ])


@cache
def _trusted() -> SSLContext:
    """Return whom receivers' certificates may be from. To read that takes long, so it is read once."""
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)
