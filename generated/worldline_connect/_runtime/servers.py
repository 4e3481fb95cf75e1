"""Which server is meant, where a contract has several, or addresses to be filled in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from .call import Config


class Server(NamedTuple):
    """An address with `{names}` to be filled in, and what they stand for if nobody says."""

    url: str
    variables: Mapping[str, str] = {}


def located(
    config: Config,
    prefix: str,
    servers: Mapping[str, Server],
    chosen: str | None = None,
    variables: Mapping[str, str | None] | None = None,
) -> Config:
    """Add the address of the chosen server; raises `ValueError` if it is unclear which one is meant."""
    if chosen and config.get("base_url"):
        raise ValueError("give either base_url or environment, not both")
    if config.get("base_url") or (not chosen and os.environ.get(f"{prefix}_BASE_URL")):
        return config
    name = chosen or os.environ.get(f"{prefix}_ENVIRONMENT") or next(iter(servers))
    if name not in servers:
        raise ValueError(f"no environment {name!r}: there are {', '.join(servers)}")
    given = {key: value for key, value in (variables or {}).items() if value is not None}
    return {**config, "base_url": servers[name].url.format_map({**servers[name].variables, **given})}
