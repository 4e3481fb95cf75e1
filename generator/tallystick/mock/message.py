"""A request as it came and an answer as it leaves: plain values between the server and everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast
from urllib.parse import quote

Scope = Mapping[str, Any]


class Request:
    """One request. `path` is still percent-encoded and `target` is path plus `?query`, both as they were sent.

    `headers` has lower-case names; of a repeated header, values are joined as RFC 9110 says. `base` is the address
    that the caller used, without a path.
    """

    def __init__(self, scope: Scope, body: bytes) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        raw = scope.get("raw_path")
        self.path: str = raw.decode("latin-1") if raw is not None else quote(scope["path"], safe="/%:@!$&'()*+,;=~")
        self.query: str = scope["query_string"].decode("latin-1")
        self.body = body

    @property
    def target(self) -> str:
        """Path and query as sent."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @cached_property
    def headers(self) -> dict[str, str]:
        """The headers by lower-case name."""
        found: dict[str, str] = {}
        for raw_name, raw_value in self.scope["headers"]:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            if name in found:
                value = found[name] + ("; " if name == "cookie" else ", ") + value
            found[name] = value
        return found

    @property
    def base(self) -> str:
        """The address that the caller used: scheme, host and port."""
        host = self.headers.get("host")
        if host is None:
            server = cast("tuple[str, int | None] | None", self.scope.get("server"))
            host = f"{server[0]}:{server[1]}" if server else "localhost"
        return f"{self.scope.get('scheme', 'http')}://{host}"


@dataclass(slots=True)
class Answer:
    """What goes back. `headers` holds everything but Content-Length, names as they are written."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
