"""The seam to HTTP, here httpx2 or httpx: whatever has such a `send` and `close`, to be awaited or not, will do."""

from importlib import import_module
from typing import Any, Self

from .call import Request
from .outcome import ConnectionFailedError, Response, TimedOutError


async def settled(value: Any) -> Any:
    """Give what a blocking call gave, or what an awaitable comes to: one text serves both clients."""
    return await value if hasattr(value, "__await__") else value


class HttpxTransport:
    """A client of httpx2 or httpx, synchronous or not, its own settings respected."""

    def __init__(self, client: Any, *, plain: bool = False) -> None:
        self.client, self.plain, self.is_async = client, plain, hasattr(client, "aclose")
        self.close: Any = client.aclose if self.is_async else client.close
        home = next(base.__module__ for base in type(client).__mro__ if base.__module__.startswith("httpx"))
        self.library: Any = import_module(home.partition(".")[0])

    @classmethod
    def of(cls, given: Any, *, is_async: bool) -> Self | None:
        """Take what was passed in, if it is one of these; open one where nothing was."""
        if given is None:
            library = import_module("httpx2")
            return cls((library.AsyncClient if is_async else library.Client)(timeout=None), plain=True)
        return cls(given) if hasattr(given, "build_request") else None

    async def send(self, request: Request) -> Response[Any]:
        """Send one request and read its answer."""
        try:
            answer = await settled(self.client.send(self.built(request)))
        except self.library.RequestError as error:
            raise self.failure(error) from error
        return Response(answer.status_code, answer.headers, answer.content)

    def built(self, request: Request) -> Any:
        """Make a request of the library's own."""
        make, headers, more = self.client.build_request, request.headers, {}
        if self.plain:  # a client of our own has no settings to merge, which is what takes httpx long
            make, headers = self.library.Request, {"accept-encoding": "gzip, deflate", **headers}
        if request.timeout is not None:
            more = {"extensions": {"timeout": self.library.Timeout(request.timeout).as_dict()}}
        return make(request.method, request.url, headers=headers, content=request.content or None, **more)

    def failure(self, error: Exception) -> ConnectionFailedError:
        """Name a failure of the library."""
        library, name = self.library, type(error).__name__
        unsent = isinstance(error, library.ConnectError | library.ConnectTimeout | library.PoolTimeout)
        kind = TimedOutError if isinstance(error, library.TimeoutException) else ConnectionFailedError
        return kind(f"{name}: {error}" if str(error) else name, sent=not unsent)
