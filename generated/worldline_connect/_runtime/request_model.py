"""Models that are only ever sent (pydantic)."""

from __future__ import annotations

from pydantic import ConfigDict

from .model import Model


class RequestModel(Model):
    """A value that is only ever sent: a member that the contract does not list is refused."""

    model_config = ConfigDict(extra="forbid")
