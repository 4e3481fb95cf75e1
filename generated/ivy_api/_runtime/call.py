"""What a method of the API is before anything is sent, and how it becomes the bytes of a request."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypedDict, TypeVar, cast
from urllib.parse import quote
from uuid import uuid4

from .codec import plain
from .missing import MISSING as MISSING
from .missing import Missing as Missing
from .retry import Retry

T = TypeVar("T")


class Timeout(NamedTuple):
    """Seconds each phase of one attempt may take; `None` waits for ever."""

    connect: float | None = 5.0
    read: float | None = 60.0
    write: float | None = 60.0
    pool: float | None = 60.0


class Call(NamedTuple, Generic[T]):
    """One call: where it goes, what it carries, and what each status means.

    `results` maps a status, or a range such as `2XX`, to the type of that answer; any status outside it is an error,
    whose body has the type found in `errors`. `body` gives its `Content-Type` and its bytes. `security` lists
    alternatives, each the names of the schemes it needs together. `idempotency` is the header that makes the call
    safe to repeat, `replayed` the one that marks a replay.
    """

    method: str
    path: str
    results: Mapping[int | str, object]
    params: Mapping[str, object] = {}
    query: Mapping[str, object] = {}
    headers: Mapping[str, object] = {}
    cookies: Mapping[str, object] = {}
    body: Callable[[], tuple[str, bytes]] | None = None
    accept: str = "application/json"
    errors: Mapping[int | str, object] = {}
    security: tuple[tuple[str, ...], ...] | None = None
    idempotency: str = ""
    replayed: str = ""
    server: str = ""

    def __repr__(self) -> str:
        return f"Call({self.method} {self.path})"  # and nothing of what a caller put into it


class Options(TypedDict, total=False):
    """What one call, a copy of the client, or a whole client does differently.

    `timeout` is in seconds. `retries` is a number, or a whole policy. `headers` and `query` go out besides, and
    instead of, those of the contract; `body` adds members to a JSON body. `strict` refuses answers with members that
    the contract does not list.
    """

    timeout: float | Timeout
    retries: int | Retry
    headers: Mapping[str, str]
    query: Mapping[str, object]
    body: Mapping[str, object]
    idempotency_key: str
    strict: bool


class Config(Options, total=False):
    """What a client is told when it is made; an argument wins over the environment variable of its name.

    `http_client` is an httpx2 or httpx client, or a transport; without one, connections are opened and closed here.
    With an `http_client` of yours, its own timeout counts unless you give one here.
    """

    base_url: str
    user_agent: str
    http_client: Any


def merged(options: Config, changes: Options) -> Config:
    """Give options with something different: headers add up, a number of retries leaves the rest of the policy."""
    headers = {name.lower(): text for given in (options, changes) for name, text in given.get("headers", {}).items()}
    policy, retries = options.get("retries"), changes.get("retries")
    if isinstance(policy, Retry) and isinstance(retries, int):
        changes = {**changes, "retries": policy._replace(retries=retries)}
    return {**options, **changes, "headers": headers}


def declared(table: Mapping[int | str, Any], status: int) -> Any:
    """Find what a table says about a status: itself, its range, or `MISSING`."""
    return table.get(status, table.get(f"{status // 100}XX", MISSING))


@dataclass(slots=True)
class Request:
    """One HTTP request; its `repr` shows nothing a caller put into it. `secrets` are kept out of messages."""

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    timeout: float | Timeout | None = None
    stream: bool = False
    secrets: tuple[Callable[[], Iterable[str]], ...] = field(default=(), repr=False)


class Encoded(str):
    """Text already written in a style of its own."""

    __slots__ = ()


def build(call: Call[Any], options: Config) -> Request:
    """Put address, headers and body together; raises `ValueError` for what cannot be sent."""
    path, content, key, given = call.path, b"", call.idempotency.lower(), options.get("idempotency_key")
    if given and not key:
        raise ValueError("the contract declares no idempotency key for this operation")
    for name, value in call.params.items():
        text = encoded(value)
        if text in ("", ".", ".."):
            raise ValueError(f"{name}: {text!r} cannot stand in a path")
        path = path.replace(f"{{{name}}}", text)
    sent = {"user-agent": options.get("user_agent", ""), "accept": call.accept}
    for name, value in call.headers.items():
        if value is not MISSING and value is not None:
            sent[name.lower()] = text = scalar(value)
            if not text.isprintable():
                raise ValueError(f"{name}: a header value has to be printable")
    if cookies := pairs(call.cookies):
        sent["cookie"] = "; ".join(cookies)
    if call.body is not None:
        sent["content-type"], content = call.body()
    if more := options.get("body"):
        content = json.dumps({**json.loads(content or b"{}"), **more}).encode()
        sent.setdefault("content-type", "application/json")
    sent |= options.get("headers", {})
    if key:
        sent[key] = given or sent.get(key) or str(uuid4())
    url = (call.server or options.get("base_url", "")).rstrip("/") + path
    if query := "&".join(pairs({**call.query, **options.get("query", {})})):
        url = f"{url}?{query}"
    return Request(call.method, url, sent, content, options.get("timeout"))


def scalar(value: object) -> str:
    """Write one value the way JSON would, without the quotes of a string."""
    data = value if isinstance(value, str) else plain(value)
    return data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))


def encoded(value: object) -> str:
    """Write one value so that it stands for itself in a query or a path."""
    return value if isinstance(value, Encoded) else quote(scalar(value), safe="")


def pairs(values: Mapping[str, object]) -> list[str]:
    """Write `name=value`s: a list repeats its name, an object gives its members, what is missing nothing."""
    written: list[str] = []
    for name, value in values.items():
        if value is MISSING or value is None:
            continue
        data = value if isinstance(value, str) else plain(value)
        if isinstance(data, dict):
            written += pairs(cast("dict[str, object]", data))
        else:
            items = cast("list[object]", data) if isinstance(data, list) else [data]
            written += [f"{quote(name)}={encoded(item)}" for item in items]
    return written
