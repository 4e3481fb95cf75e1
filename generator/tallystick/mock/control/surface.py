"""The control surface's own document, with the names that the contract at hand gives to things."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, cast

from tallystick.load import Json
from tallystick.mock.control.scenario import VERBS
from tallystick.mock.service import Mock


def described(document: dict[str, Json], mock: Mock) -> dict[str, Json]:
    """Return the document with the operations, webhooks, resources and events that can be named, where some can."""
    told = cast("dict[str, Any]", deepcopy(document))
    schemas, paths = told["components"]["schemas"], told["paths"]
    lifecycles = mock.engine.holdings.lifecycles
    events = sorted({event.name for lifecycle in lifecycles.values() for event in lifecycle.events})
    _list(schemas["Fault"]["properties"]["operation"], ["", *(o.id for o in mock.contract.operations)])
    _list(schemas["NewTarget"]["properties"]["events"]["items"], mock.deliveries.names)
    sending = paths["/webhooks/send"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    _list(sending["properties"]["webhook"], [webhook.name for webhook in mock.contract.webhooks])
    resource, _, event = paths["/resources/{resource}/{key}/events/{event}"]["post"]["parameters"]
    kept, _ = paths["/resources"]["get"]["parameters"]
    for parameter in (kept, resource):
        _list(parameter["schema"], list(lifecycles))
    _list(event["schema"], events)
    step = schemas["Step"]["properties"]["event"]["properties"]
    _list(step["resource"], list(lifecycles))
    _list(step["event"], events)
    # The mock says this in words of its own, which a schema can't.
    schemas["Step"]["oneOf"] = [{"required": [verb]} for verb in VERBS]
    return told


def _list(schema: dict[str, Any], names: list[str]) -> None:
    if names:
        schema["enum"] = names
