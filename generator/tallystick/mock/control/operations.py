"""The control surface: time, state, faults and webhooks of a running mock, as `control.yaml` describes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, cast

from tallystick.contract import read
from tallystick.contract.validation import Validators
from tallystick.load import Json
from tallystick.mock.control.snapshot import put_back, taken
from tallystick.mock.control.surface import described
from tallystick.mock.faults import Fault
from tallystick.mock.message import Answer, Request
from tallystick.mock.refusal import Refused
from tallystick.mock.service import Mock
from tallystick.mock.state.records import Record
from tallystick.mock.values.generate import Generator
from tallystick.mock.webhooks.addresses import host_of, with_query
from tallystick.mock.webhooks.deliveries import Delivery, Target, value_of
from tallystick.mock.wire.exchange import RequestChecker
from tallystick.mock.wire.masking import masked
from tallystick.mock.wire.outgoing import encoded_json
from tallystick.mock.wire.parameters import Reader
from tallystick.mock.wire.routing import Router

DOCUMENT: Final = Path(__file__).with_name("control.yaml")
_STATUS: Final = {
    "not-found": 404,
    "unknown-resource": 404,
    "method-not-allowed": 405,
    "unsupported-media-type": 415,
    "state-conflict": 409,
    "too-large": 413,
}

Handler = Callable[["Control", dict[str, Any], Any, Request], Awaitable[object]]


class Control:
    """Answers requests below the control path. `play` sends a request of a scenario through the mock."""

    def __init__(self, mock: Mock, play: Callable[[Request], Awaitable[Answer]]) -> None:
        self.mock = mock
        self.play = play
        contract = read(DOCUMENT, name="control")
        self.document = described(contract.document, mock)
        self._contract = contract
        self._validators = validators = Validators(contract)
        reader = Reader(validators)
        self._router = Router(contract)
        self._checkers = {o.id: RequestChecker(o, Generator(validators), reader) for o in contract.operations}

    async def answer(self, request: Request) -> Answer:
        """Return the answer to a request of the control surface."""
        try:
            match = self._router.find(request.path)
            if match is None:
                raise Refused("not-found", f"There is no {request.path} here.")
            operation = match.route.operations.get("GET" if request.method == "HEAD" else request.method)
            if operation is None:
                allow = match.route.allow
                raise Refused("method-not-allowed", f"This takes {allow}.", headers={"Allow": allow})
            parameters, body = self._checkers[operation.id].read(request, match.values)
            given = {name: value for (_, name), value in parameters.items()}
            self.mock.restore_clock()
            value = await HANDLERS[operation.id](self, given, body, request)
        except Refused as refused:
            place = f"At {refused.pointer}: " if refused.pointer.startswith("/") else ""
            answer = encoded_json(_STATUS.get(refused.situation, 400), {"message": place + refused.message})
            answer.headers |= refused.headers
            return answer
        status = int(operation.successes[0].status)
        return Answer(status) if status == 204 or value is None else encoded_json(status, value)

    def checked(self, schema: str, value: Any, place: Callable[[str], str]) -> Any:
        """Return a value that fits one of the surface's schemas.

        Raises `Refused` when it doesn't; `place` says where what a JSON Pointer leads to stands.
        """
        violation = next(self._validators.violations(self._contract.schemas[schema], value, "request"), None)
        if violation is not None:
            raise Refused("invalid", f"{place(violation.pointer)}: {violation.message}")
        return value

    # -- clock --------------------------------------------------------------------------------------------------

    async def read_clock(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Return the time."""
        return {"now": self.mock.clock.now(), "frozen": self.mock.clock.frozen is not None}

    async def set_clock(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Set, freeze or release the clock."""
        clock = self.mock.clock
        await self.mock.settle()  # what is due now is sent now
        if body.get("frozen") is False:
            clock.release()
        if body.get("frozen") is True:
            clock.freeze(body.get("now"))
        elif "now" in body:
            clock.set(body["now"])
        return await self._moved()

    async def advance_clock(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Move on, stopping at each moment at which something is due, so that all happens in order."""
        clock = self.mock.clock
        await self.mock.settle()  # what is due now is sent now
        goal = clock.now() + body["seconds"]
        try:
            while (due := self.mock.store.next_due()) is not None and due <= goal:
                clock.set(max(due, clock.now()))
                self.mock.keep_clock()
                await self.mock.settle()
            clock.set(goal)
        except ValueError as error:
            raise Refused("state-conflict", str(error)) from error
        return await self._moved()

    async def _moved(self) -> object:
        self.mock.keep_clock()
        await self.mock.settle()
        self.mock.wake()
        return await self.read_clock({}, None, cast("Request", None))

    # -- state --------------------------------------------------------------------------------------------------

    async def reset(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Forget everything."""
        self.mock.reset()
        return None

    async def read_snapshot(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Return all state."""
        return taken(self.mock)

    async def restore_snapshot(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Put all state back."""
        put_back(self.mock, body)
        return None

    async def list_resources(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Return what is kept."""
        self._tick()
        wanted, limit = given.get("resource"), given.get("limit", 100)
        if wanted is not None:
            self._require(wanted)
        holdings = self.mock.engine.holdings
        kinds = [wanted] if wanted is not None else list(holdings.lifecycles)
        return [self.told(kind, record) for kind in kinds for record in holdings.kept(kind, limit)]

    def _tick(self) -> None:
        with self.mock.store.transaction():
            self.mock.tick()

    def _require(self, resource: str) -> None:
        """Raise `Refused` when nothing of this name is kept."""
        known = self.mock.engine.holdings.lifecycles
        if resource not in known:
            raise Refused(
                "unknown-resource", f"There is no resource {resource!r}; there are {', '.join(known) or 'none'}."
            )

    async def happen(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Let an event happen."""
        self._tick()
        self._require(given["resource"])
        kept = self.mock.engine.holdings.kept(given["resource"])
        record = next((r for r in kept if r.key == given["key"]), None)
        if record is None:
            raise Refused("unknown-resource", f"There is no {given['resource']} with the key {given['key']!r}.")
        return await self.let_happen(given["resource"], record, given["event"])

    async def let_happen(self, resource: str, record: Record, event: str) -> dict[str, Json]:
        """Let an event happen to a record, deliver what it sends, and say where the browser goes."""
        with self.mock.store.transaction():
            # Another process may have let something happen to it since it was looked up.
            record = self.mock.engine.holdings.records[resource].find(record.tenant, record.key) or record
            happened = self.mock.engine.happenings.happen(resource, record, event, self.mock.clock.now())
        await self.mock.settle()
        self.mock.wake()
        told: dict[str, Json] = {"record": self.told(resource, record)}
        back = self.mock.engine.happenings.return_address(resource, record, happened.returns)
        location = with_query(*back) if back is not None else None
        return {**told, "location": location} if location is not None else told

    async def list_lifecycles(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Return the lifecycles that are followed."""
        return [asdict(lifecycle) for lifecycle in self.mock.engine.holdings.lifecycles.values()]

    async def play_scenario(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Do the steps of a scenario."""
        from tallystick.mock.control.scenario import play

        return await play(self, body, request)

    def told(self, resource: str, record: Record) -> Json:
        """Return a record as the control surface shows it."""
        lifecycle = self.mock.engine.holdings.lifecycles[resource]
        page = record.resource.get(lifecycle.page_member) if lifecycle.page_member else None
        told: dict[str, Json] = {
            "resource": resource,
            "key": record.key,
            "tenant": record.tenant,
            "state": record.state,
            "expires": record.expires,
            "value": self.mock.engine.views.masked(resource, record),
            "events": [e.name for e in lifecycle.events if record.state in e.source_states],
        }
        return {**told, "page": page} if isinstance(page, str) else told

    # -- journal and faults -------------------------------------------------------------------------------------

    async def read_journal(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Return the last exchanges."""
        return self.mock.journal.entries(given.get("after", 0), given.get("limit", 100))

    async def clear_journal(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Forget the journal."""
        self.mock.journal.clear()
        return None

    async def list_faults(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Return the faults that wait."""
        return [asdict(fault) for fault in self.mock.faults.all()]

    async def add_fault(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Queue a fault."""
        known = [o.id for o in self.mock.contract.operations]
        if body.get("operation") and body["operation"] not in known:
            raise Refused("invalid", f"There is no operation {body['operation']!r}; there are {', '.join(known)}.")
        self.mock.faults.add(Fault(**_whole(body)))
        return None

    async def clear_faults(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Take all faults back."""
        self.mock.faults.clear()
        return None

    # -- webhooks -----------------------------------------------------------------------------------------------

    async def list_targets(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Return who gets webhooks."""
        return [asdict(target) for target in self.mock.deliveries.targets()]

    async def add_target(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Add a target."""
        target = Target(**{**_whole(body), "events": tuple(body.get("events", ()))})
        if not host_of(target.url):
            raise Refused("invalid", f"{target.url!r} is no address that something can be sent to.")
        known = self.mock.deliveries.names
        if unknown := [name for name in target.events if name not in known]:
            raise Refused("invalid", f"There is no webhook {unknown[0]!r}; there are {', '.join(known) or 'none'}.")
        added = self.mock.deliveries.add_target(target)
        await self.mock.verify(added)
        known_now = (t for t in self.mock.deliveries.targets() if t.id == added.id)
        return asdict(next(known_now, added))

    async def remove_target(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Remove a target."""
        self.mock.deliveries.remove_target(given["id"])
        return None

    async def list_deliveries(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Return what was sent, and what became of it."""
        return [self._delivery(d) for d in self.mock.deliveries.newest(**given)]

    async def redeliver(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Send a webhook once more."""
        delivery = await self.mock.deliveries.redeliver(given["id"])
        if delivery is None:
            raise Refused("not-found", f"There is no delivery {given['id']!r}.")
        if not delivery.url:
            raise Refused("state-conflict", f"No target wants {delivery.webhook}; add one.")
        return self._delivery(delivery)

    async def send_webhook(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Send a webhook that nothing has caused."""
        name = body["webhook"]
        known = [webhook.name for webhook in self.mock.contract.webhooks]
        if name not in known:
            raise Refused("invalid", f"There is no webhook {name!r}; there are {', '.join(known) or 'none'}.")
        schema = self.mock.deliveries.schema(name)
        if "body" in body and schema is not None:
            violations = self.mock.validators.violations(schema, body["body"], "response")
            if (violation := next(violations, None)) is not None:
                raise Refused("invalid", f"At {violation.pointer or 'the top'}: {violation.message}")
        self.mock.send_webhook(name, body)
        await self.mock.settle()
        return None

    async def flush_webhooks(self, given: dict[str, Any], body: Any, request: Request) -> object:
        """Deliver what is due."""
        await self.mock.settle()
        return None

    def _delivery(self, delivery: Delivery) -> Json:
        told = asdict(delivery)
        schema = self.mock.deliveries.schema(delivery.webhook)
        told["body"] = masked(value_of(delivery), schema)
        return cast("Json", told)


def _whole(members: dict[str, Any]) -> dict[str, Any]:
    """Return members with whole numbers as such: 2.0 is one in JSON Schema, too."""
    return {n: int(v) if isinstance(v, float) and v.is_integer() else v for n, v in members.items()}


HANDLERS: Final[dict[str, Handler]] = {
    "readClock": Control.read_clock,
    "setClock": Control.set_clock,
    "advanceClock": Control.advance_clock,
    "reset": Control.reset,
    "readSnapshot": Control.read_snapshot,
    "restoreSnapshot": Control.restore_snapshot,
    "playScenario": Control.play_scenario,
    "listResources": Control.list_resources,
    "happen": Control.happen,
    "listLifecycles": Control.list_lifecycles,
    "readJournal": Control.read_journal,
    "clearJournal": Control.clear_journal,
    "listFaults": Control.list_faults,
    "addFault": Control.add_fault,
    "clearFaults": Control.clear_faults,
    "listTargets": Control.list_targets,
    "addTarget": Control.add_target,
    "removeTarget": Control.remove_target,
    "listDeliveries": Control.list_deliveries,
    "redeliver": Control.redeliver,
    "sendWebhook": Control.send_webhook,
    "flushWebhooks": Control.flush_webhooks,
}
