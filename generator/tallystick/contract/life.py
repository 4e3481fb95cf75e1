"""The life of a kind of resource: its states, what moves it from one to another, and what is seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tallystick.contract.expression import Expression
from tallystick.load import Json


@dataclass(frozen=True, slots=True)
class State:
    """A state of a resource; nothing leaves a terminal one."""

    name: str
    terminal: bool
    description: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What an operation does to a resource: `create`, `read`, `update`, `delete`, `list`, `transition` or `use`.

    `key` says where the request names the resource; `None` for create and list.
    """

    operation_id: str
    effect: str
    key: Expression | None
    source_states: tuple[str, ...]
    target_state: str
    webhooks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expiry:
    """What time does. `at` names the member that holds the moment; `default`, `minimum` and `maximum` are in seconds
    after the moment in `base`, or after creation; `None` where nothing is said."""

    source_states: tuple[str, ...]
    target_state: str
    at: str
    base: str
    default: int | None
    minimum: int | None
    maximum: int | None
    webhooks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to a resource outside the API: the user finished, failed, cancelled."""

    name: str
    source_states: tuple[str, ...]
    target_state: str
    returns: str
    webhooks: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Return:
    """Where the hosted page sends the browser: the member with the address, and the query parameters it adds.

    Query values are constants or expressions on the resource.
    """

    name: str
    url_member: str
    query: Mapping[str, Json] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The life of one kind of resource (`x-lifecycle`).

    `of` names the resource that it comes into being with and whose key it has; empty for one with a key of its own.
    `within` names the resource that it lies in, and `depth` is how many of its paths' parameters say in which.
    An empty `key` means that there is only one; an empty `tenant`, that it is everybody's.
    """

    resource: str
    pointer: str
    description: str
    key: str
    unique: tuple[str, ...]
    tenant: str
    state_member: str
    initial: str
    created_member: str
    updated_member: str
    states: tuple[State, ...]
    effects: tuple[Effect, ...]
    expiry: Expiry | None
    events: tuple[Event, ...]
    returns: tuple[Return, ...]
    page_member: str
    of: str = ""
    within: str = ""
    depth: int = 0

    def effect_of(self, operation_id: str) -> Effect | None:
        """Return what an operation does to this resource, `None` when it doesn't touch it."""
        return next((e for e in self.effects if e.operation_id == operation_id), None)
