"""Models that are only ever sent (pydantic)."""

from .model import Model


class RequestModel(Model, extra="forbid"):
    """A value that is only ever sent: a member that the contract does not list is refused."""
