"""All that the mock sends by itself, put together: webhooks, callbacks, and their way to who gets them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tallystick.contract import Contract
from tallystick.contract.life import Lifecycle
from tallystick.mock.behaviour import Behaviour
from tallystick.mock.clock import Clock
from tallystick.mock.state.records import Record
from tallystick.mock.store import Store
from tallystick.mock.values.compose import Composer
from tallystick.mock.webhooks.callbacks import Callbacks, named
from tallystick.mock.webhooks.deliveries import Deliveries, signers
from tallystick.mock.webhooks.payloads import Webhooks
from tallystick.mock.wire.security import Credentials


class Sending:
    """Makes webhooks and callbacks, which `deliveries` brings to their targets."""

    def __init__(
        self,
        contract: Contract,
        *,
        folder: Path | None,
        store: Store,
        clock: Clock,
        credentials: Credentials,
        composer: Composer,
        behaviour: Behaviour,
        seed: str,
        new_id: Callable[[str], str],
    ) -> None:
        sent = {w.name: w.operation for w in contract.webhooks}
        sent |= {name: c.operation for o in contract.operations for name, c in named(o)}
        self.deliveries = deliveries = Deliveries(
            sent,
            store=store,
            clock=clock,
            retries=behaviour.retries,
            repeated=behaviour.repeated,
            signers=signers(contract, sent, folder, credentials),
            new_id=new_id,
        )
        self.webhooks = Webhooks(
            contract, deliveries=deliveries, composer=composer, behaviour=behaviour, seed=seed, new_id=new_id
        )
        self.callbacks = Callbacks(contract, deliveries=deliveries, composer=composer, behaviour=behaviour, seed=seed)

    def call_back(self, name: str, address: str, lifecycle: Lifecycle, record: Record, now: float) -> None:
        """Make a callback about something that has happened to a resource."""
        self.callbacks.make(name, address, record.resource, now, f"{lifecycle.resource} {record.key}")
