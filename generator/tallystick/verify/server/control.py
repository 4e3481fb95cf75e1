"""The control surface that our mock offers beside the API: its clock, its events, its webhook targets.

A server that is none of ours has none, and what needs it is then left out of the run, and said to be.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlsplit

import requests
from schemathesis.python import asgi

from tallystick.load import Json
from tallystick.verify.facts.bodies import NOTHING, parsed
from tallystick.verify.plan import Plan
from tallystick.verify.server.target import Target
from tallystick.verify.server.wire import Wire

PATH = "/_tallystick"


@dataclass
class Control:
    """Speaks to a server's control surface. Its requests are none of the API's, and not counted.

    `ahead` is how many seconds the server's clock is ahead of ours.
    """

    send: Callable[..., requests.Response]
    ahead: float = 0.0

    @classmethod
    def of(cls, target: Target, plan: Plan) -> Control | None:
        """Return the control surface of a target, `None` when it has none."""
        parts = urlsplit(target.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        bounded = Wire(target.app, plan)

        def send(method: str, path: str, body: Json = None) -> requests.Response:
            with asgi.get_client(cast("Any", bounded)) as client:
                more = {} if body is None else {"json": body}
                return client.request(method, f"{origin}{PATH}{path}", allow_redirects=False, **more)

        control = cls(send)
        try:
            clock = control.json("GET", "/clock")
        except Exception:  # whatever the server does with a path that it need not know
            return None
        if (
            not isinstance(clock, dict)
            or not isinstance(now := clock.get("now"), (int, float))
            or "frozen" not in clock
        ):
            return None
        control.ahead = now - time.time()
        return control

    def json(self, method: str, path: str, body: Json = None) -> Json:
        """Return the JSON of an answer, `None` when it was refused or is none."""
        answer = self.send(method, path, body)
        value = parsed(answer.content)
        return value if 200 <= answer.status_code < 300 and value is not NOTHING else None

    def advance(self, seconds: float) -> bool:
        """Move the server's clock on; say whether it did."""
        clock = self.json("POST", "/clock/advance", {"seconds": seconds})
        if not isinstance(clock, dict) or not isinstance(now := clock.get("now"), (int, float)):
            return False
        self.ahead = now - time.time()
        return True

    def happen(self, resource: str, key: Json, event: str) -> str | None:
        """Let something happen to a resource outside the API.

        Returns where the user's browser is sent, empty for nowhere, and `None` when the server refuses.
        """
        path = "/".join(quote(str(part), safe="") for part in (resource, key))
        done = self.json("POST", f"/resources/{path}/events/{quote(event, safe='')}")
        return str(done.get("location") or "") if isinstance(done, dict) else None

    def watch(self, url: str) -> str:
        """Have webhooks sent to an address; return the id of the target, empty when that is refused."""
        target = self.json("POST", "/webhooks/targets", {"url": url})
        return str(target.get("id", "")) if isinstance(target, dict) else ""

    def unwatch(self, target: str) -> None:
        """Stop sending webhooks to a target."""
        self.send("DELETE", f"/webhooks/targets/{quote(target, safe='')}")

    def flush(self) -> None:
        """Have what is due delivered before this returns."""
        self.send("POST", "/webhooks/flush")
