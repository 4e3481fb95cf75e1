"""What a client is told when it is made: by arguments, by the environment, by its contract."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypedDict

from .auth import Credential
from .call import Timeout
from .errors import StatusError
from .retry import Retry

log = logging.getLogger(__name__.partition("._runtime")[0])
log.addHandler(logging.NullHandler())


class Failure(NamedTuple):
    """What an error status means: the type of its body, and the classes for what it may say.

    `problems` pairs JSON Pointers into the body, and the values found there, with a class; first match wins.
    """

    body: object = None
    problems: tuple[tuple[Mapping[str, object], type[StatusError]], ...] = ()


class Server(NamedTuple):
    """An address with `{names}` to be filled in, and what they stand for if nobody says."""

    url: str
    variables: Mapping[str, str] = {}


class Config(TypedDict, total=False):
    """What every client can be told; an argument wins over the environment variable of its name.

    `http_client` is an httpx2 or httpx client, or a transport; without one, connections are opened and closed here.
    `timeout` is in seconds; with an `http_client` of yours, its own setting counts unless you give one here.
    `retries` is a number, or a whole policy. `strict` refuses answers with members that the contract does not list.
    """

    base_url: str
    timeout: float | Timeout
    retries: int | Retry
    headers: Mapping[str, str]
    user_agent: str
    strict: bool
    http_client: Any


@dataclass(frozen=True, slots=True)
class Facts:
    """What the contract says about all of its operations."""

    agent: str
    prefix: str
    servers: Mapping[str, Server]
    security: tuple[tuple[str, ...], ...] = ((),)
    hints: Mapping[str, str] = field(default_factory=dict[str, str])
    classes: Mapping[int | str, type[StatusError]] = field(default_factory=dict[int | str, type[StatusError]])
    failures: Callable[[], Mapping[int | str, Failure]] = dict
    sensitive: Callable[[bytes], Iterable[str]] | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a call depends on besides itself."""

    facts: Facts
    base_url: str
    credentials: Mapping[str, Credential] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    timeout: Timeout | None
    retry: Retry
    strict: bool


def environment_variable(prefix: str, name: str) -> str | None:
    """Read the variable that stands for an argument: `api_key` is `<PREFIX>_API_KEY`."""
    return os.environ.get(f"{prefix}_{name.upper()}")


def settings(
    facts: Facts,
    credentials: Mapping[str, Credential | None],
    config: Config,
    server: str | None = None,
    variables: Mapping[str, str | None] | None = None,
) -> Settings:
    """Put it all together; raises `ValueError` if it is unclear which server is meant."""
    if level := environment_variable(facts.prefix, "log"):
        logging.basicConfig()
        log.setLevel(level.upper())
    agent = f"{facts.agent} python/{platform.python_version()}"
    retries = config.get("retries", Retry())
    timeout = config.get("timeout", None if "http_client" in config else Timeout())
    own = f"{config['user_agent']} {agent}" if "user_agent" in config else agent
    return Settings(
        facts,
        _address(facts, config, server, variables or {}),
        {name: credential for name, credential in credentials.items() if credential},
        {"user-agent": own} | {name.lower(): value for name, value in config.get("headers", {}).items()},
        None if timeout is None else Timeout.of(timeout),
        retries if isinstance(retries, Retry) else Retry(retries),
        config.get("strict", False),
    )


def _address(facts: Facts, config: Config, server: str | None, variables: Mapping[str, str | None]) -> str:
    base = config.get("base_url") or (None if server else environment_variable(facts.prefix, "base_url"))
    if base and server:
        raise ValueError("give either base_url or environment, not both")
    name = server or environment_variable(facts.prefix, "environment") or next(iter(facts.servers))
    if not base and name not in facts.servers:
        raise ValueError(f"no environment {name!r}: there are {', '.join(facts.servers)}")
    if not base:
        chosen = facts.servers[name]
        base = chosen.url.format_map({**chosen.variables, **{k: v for k, v in variables.items() if v is not None}})
    if "://" not in base:
        raise ValueError(f"give base_url: the contract only says {base!r}, relative to where it was found")
    return base
