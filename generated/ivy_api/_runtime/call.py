"""What a method of the API is before anything is sent, and how it becomes the bytes of a request."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypedDict, cast
from urllib.parse import quote
from uuid import uuid4

from .codec import dump, plain
from .missing import MISSING as MISSING
from .missing import Missing as Missing
from .outcome import T


class Timeout(NamedTuple):
    """Seconds each phase of one attempt may take; `None` waits for ever."""

    connect: float | None = 5.0
    read: float | None = 60.0
    write: float | None = 60.0
    pool: float | None = 60.0


class Retry(NamedTuple):
    """How often and how patiently, in seconds: a call takes `(retries + 1) * timeout` at most, and its waits."""

    retries: int = 2
    first_wait: float = 0.5
    longest_wait: float = 8.0
    longest_asked: float = 120.0  # by the server; beyond, we give up
    budget: float = 600.0  # no attempt starts later than this


class Call(NamedTuple, Generic[T]):
    """One call: where it goes, what it carries, and what each status means."""

    method: str
    path: str
    results: Mapping[int | str, object]  # the type of each status, or range such as `2XX`; all others are errors
    params: Mapping[str, object] = {}
    query: Mapping[str, object] = {}
    headers: Mapping[str, object] = {}
    body: Callable[[], tuple[str, bytes]] | None = None  # gives its `Content-Type` and its bytes
    accept: str = "application/json"
    errors: Mapping[int | str, object] = {}  # the type of an error's body
    security: tuple[tuple[str, ...], ...] | None = None  # alternatives: the schemes each of them needs together
    idempotency: str = ""  # the header that makes the call safe to repeat
    replayed: str = ""  # the header that marks a replay
    server: str = ""

    def __repr__(self) -> str:
        return f"Call({self.method} {self.path})"  # and nothing of what a caller put into it


class Options(TypedDict, total=False):
    """What one call, a copy of the client, or a whole client does differently."""

    timeout: float | Timeout  # seconds
    retries: int | Retry  # a number, or a whole policy
    headers: Mapping[str, str]  # go out besides, and instead of, those of the contract; `query` too
    query: Mapping[str, object]
    body: Mapping[str, object]  # more members of a JSON body
    idempotency_key: str
    strict: bool  # refuses answers with members that the contract does not list


class Config(Options, total=False):
    """What a client is told when it is made; an argument wins over the environment variable of its name."""

    base_url: str
    user_agent: str  # of your product
    http_client: Any  # of httpx2 or httpx, whose timeout counts unless one is given here, or another transport


def merged(options: Config, changes: Options) -> Config:
    """Give options with something different: headers add up, a number of retries leaves the rest of the policy."""
    headers = {name.lower(): text for given in (options, changes) for name, text in given.get("headers", {}).items()}
    policy, retries = options.get("retries"), changes.get("retries")
    if isinstance(policy, Retry) and isinstance(retries, int):
        changes = {**changes, "retries": policy._replace(retries=retries)}
    return {**options, **changes, "headers": headers}


def declared(table: Mapping[int | str, Any], status: int) -> Any:
    """Find what a table says about a status: itself, its range, all others, or `MISSING`."""
    return next((table[key] for key in (status, f"{status // 100}XX", "default") if key in table), MISSING)


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


def build(call: Call[Any], options: Config) -> Request:
    """Put address, headers and body together; raises `ValueError` for what cannot be sent."""
    path, content = call.path, b""
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
    if call.body is not None:
        sent["content-type"], content = call.body()
    if more := options.get("body"):
        content = json.dumps({**json.loads(content or b"{}"), **more}).encode()
        sent.setdefault("content-type", "application/json")
    sent |= options.get("headers", {})
    if key := call.idempotency.lower():
        sent[key] = options.get("idempotency_key") or sent.get(key) or str(uuid4())
    elif options.get("idempotency_key"):
        raise ValueError("the contract declares no idempotency key for this operation")
    query = "&".join(pairs({**call.query, **options.get("query", {})}))
    url = (call.server or options.get("base_url", "")).rstrip("/") + path + ("?" if query else "") + query
    return Request(call.method, url, sent, content, options.get("timeout"))


def json_body(type_: object, value: object, media_type: str = "application/json") -> tuple[str, bytes]:
    """Check a body and write it as JSON; of a mapping, members that are `MISSING` are left out."""
    if isinstance(value, Mapping):
        value = {k: v for k, v in cast("Mapping[object, object]", value).items() if v is not MISSING}
    return media_type, dump(type_, value)


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
