"""What is tested: our own mock in-process, any ASGI application, or a server at an address."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import cast
from urllib.parse import urlsplit

import httpx2

from tallystick.contract import Contract
from tallystick.errors import UsageError
from tallystick.verify.auth import OTHER, Credentials, from_environment, test_credentials
from tallystick.verify.forward import Forward
from tallystick.verify.plan import Plan
from tallystick.verify.wire import App

LOCAL = "http://testserver"


@dataclass(frozen=True)
class Target:
    """A server to test. `url` is what contract paths are added to, `now` gives its time in epoch seconds.

    `other` are a second caller's credentials, where there are some.
    """

    name: str
    app: App = field(repr=False)
    url: str
    credentials: Credentials
    other: Credentials | None = None
    now: Callable[[], float] = time.time

    @property
    def prefix(self) -> str:
        """The path under which the API's own paths begin."""
        return urlsplit(self.url).path.rstrip("/")

    def moment(self) -> datetime:
        """Return the server's time."""
        return datetime.fromtimestamp(self.now(), UTC)


def at_url(contract: Contract, url: str, plan: Plan) -> Target:
    """Return the server at an address, after making sure that something answers there. Raises `UsageError`."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url!r} is no address of a server", hint="write it like https://api.example.com/v1")
    _require_answer(url, plan)
    app = Forward(f"{parts.scheme}://{parts.netloc}", plan)
    return Target(url, app, url.rstrip("/"), *_callers(contract))


def at_import_path(contract: Contract, path: str) -> Target:
    """Return the ASGI application that `module:app` names. Raises `UsageError`."""
    module, _, attribute = path.partition(":")
    if not module or not attribute:
        raise UsageError(f"{path!r} names no application", hint="write module:attribute, such as shop.main:app")
    try:
        app = import_module(module)
        for name in attribute.split("."):
            app = getattr(app, name)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"the application {path} can't be imported: {error}") from error
    if not callable(app):
        raise UsageError(f"{path} is no ASGI application but a {type(app).__name__}")
    return in_process(contract, cast("App", app), path)


def in_process(contract: Contract, app: App, name: str) -> Target:
    """Return an ASGI application as a target, under the first server's path."""
    return Target(name, app, LOCAL + base_path(contract), *_callers(contract))


def base_path(contract: Contract) -> str:
    """Return the path of the contract's first server, empty when it has none."""
    server = contract.servers[0]
    url = server.url
    for variable in server.variables:
        url = url.replace(f"{{{variable.name}}}", variable.default)
    return urlsplit(url).path.rstrip("/")


def _callers(contract: Contract) -> tuple[Credentials, Credentials | None]:
    """Return the credentials from the environment, or those of our mock when there are none at all."""
    own, other = from_environment(contract), from_environment(contract, suffix=OTHER)
    if own.given:
        return own, other if other.given else None
    return test_credentials(contract), other if other.given else test_credentials(contract, "other")


def _require_answer(url: str, plan: Plan) -> None:
    """Send one harmless request; any HTTP answer will do."""
    try:
        with httpx2.stream("GET", url, timeout=plan.timeout, follow_redirects=False, trust_env=False):
            return
    except httpx2.TimeoutException as error:
        reason = f"no answer within {plan.timeout:g} s"
        raise UsageError(f"the server at {url} can't be reached: {reason}", hint=_HINT) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        reason = str(error).strip() or type(error).__name__
        raise UsageError(f"the server at {url} can't be reached: {reason}", hint=_HINT) from error


_HINT = "start it first, or leave --url out to test against our own mock"
