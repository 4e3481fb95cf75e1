"""What happens outside of an API, made to happen in `tallystick mock`: time passes, users finish what they began."""

import json
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from .call import Call
from .client import Resource
from .outcome import RequestValidationError


def told(
    noun: Resource[Any],
    real: Collection[str],
    path: str,
    params: Mapping[str, str] = {},
    body: Mapping[str, object] = {},
) -> Call[None]:
    """Tell the mock that the client is pointed at; raises `RequestValidationError` if its host is a `real` one."""
    address = urlsplit(noun.client.options.get("base_url", ""))
    if address.hostname in real:
        raise RequestValidationError(f"only a mock can do this: point the client at one, {address.hostname} is none")
    server, content = f"{address.scheme}://{address.netloc}", ("application/json", json.dumps(body).encode())
    return Call(
        "POST", f"/_tallystick{path}", {"2XX": None}, params, body=lambda: content, security=((),), server=server
    )


def happens(noun: Resource[Any], real: Collection[str], resource: str, key: str, event: str) -> Call[None]:
    """Let an event happen to the resource with this key."""
    params = {"resource": resource, "key": key, "event": event}
    return told(noun, real, "/resources/{resource}/{key}/events/{event}", params)
