"""What is tested: our own mock in-process, any ASGI application, or a server at an address."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import cast
from urllib.parse import SplitResult, urlsplit

import anyio
import httpx2

from tallystick.contract import Contract
from tallystick.errors import UsageError
from tallystick.verify.plan import Plan
from tallystick.verify.server.auth import OTHER, Credentials, from_environment, test_credentials
from tallystick.verify.server.forward import Forward, reason_of
from tallystick.verify.server.wire import App

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
    parts = _address(url)
    _require_answer(url, plan)
    app = Forward(f"{parts.scheme}://{parts.netloc}", plan)
    return Target(url, app, url.rstrip("/"), *_callers(contract))


def _address(url: str) -> SplitResult:
    """Return the parts of a server's address. Raises `UsageError`, which shows no credentials, when it is none."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        usable = usable and not re.search(r"[\s\x00-\x1f]", url)
    except ValueError:
        parts, usable = urlsplit(""), False
    if "@" in parts.netloc:
        hint = "give them in the environment, by security scheme; --dry-run names the variables"
        raise UsageError("the address of a server must not hold credentials", hint=hint)
    if not usable or parts.query or parts.fragment:
        raise UsageError(f"{url!r} is no address of a server", hint="write it like https://api.example.com/v1")
    return parts


def at_import_path(contract: Contract, path: str) -> Target:
    """Return the ASGI application that `module:app` names. Raises `UsageError`."""
    module, _, attribute = path.partition(":")
    if not module or not attribute or module.startswith("."):
        raise UsageError(f"{path!r} names no application", hint="write module:attribute, such as shop.main:app")
    try:
        app = import_module(module)
        for name in attribute.split("."):
            app = getattr(app, name)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"the application {path} can't be imported: {error}") from error
    except (Exception, SystemExit) as error:  # whatever a module of somebody else does when it is run
        raise UsageError(f"the application {path} can't be imported: {type(error).__name__}: {error}") from error
    _require_asgi(app, path)
    return in_process(contract, cast("App", app), path)


def _require_asgi(app: object, path: str) -> None:
    """Raise `UsageError` for what can't be called like an ASGI application."""
    if not callable(app):
        raise UsageError(f"{path} is no ASGI application but a {type(app).__name__}")
    try:
        takes = inspect.signature(app)
    except ValueError:
        return  # written in C: it does not say
    try:
        takes.bind(None, None, None)
    except TypeError as error:
        hint = "wrap it, for example in a2wsgi.WSGIMiddleware" if len(takes.parameters) == _WSGI else _FACTORY
        raise UsageError(f"{path} is no ASGI application: it can't be called with {_ASGI}", hint=hint) from error


_ASGI = "scope, receive and send"
_WSGI = 2
"""How many arguments a WSGI application takes."""
_FACTORY = "name the application itself, not what makes it"


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
    """Send one harmless request; any HTTP answer will do, as soon as its headers are there."""

    async def ask() -> None:
        with anyio.fail_after(plan.timeout):
            async with (
                httpx2.AsyncClient(timeout=plan.timeout, follow_redirects=False, trust_env=False) as client,
                client.stream("GET", url),
            ):
                return

    try:
        anyio.run(ask)
    except (httpx2.TimeoutException, TimeoutError) as error:
        reason = f"no answer within {plan.timeout:g} s"
        raise UsageError(f"the server at {url} can't be reached: {reason}", hint=_HINT) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        reason = reason_of(error)
        raise UsageError(f"the server at {url} can't be reached: {reason}", hint=_HINT) from error


_HINT = "start it first, or leave --url out to test against our own mock"
