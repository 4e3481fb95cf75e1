"""`x-lifecycle` into the model. Its form is checked by lint's vocabulary; here malformed parts are passed over."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.contract import expression
from tallystick.contract.life import Effect, Event, Expiry, Lifecycle, Return, State
from tallystick.contract.reader import Reader, flag, names, text, whole
from tallystick.contract.schema import as_mapping
from tallystick.load import Json


def lifecycles(reader: Reader) -> tuple[Lifecycle, ...]:
    """Return the lifecycles that the document declares."""
    return tuple(
        _lifecycle(name, as_mapping(node), place)
        for name, node, place in reader.members(reader.document, "x-lifecycle", "")
    )


def _lifecycle(name: str, node: Mapping[str, Json], pointer: str) -> Lifecycle:
    stamps = as_mapping(node.get("timestamps"))
    states = as_mapping(node.get("states"))
    return Lifecycle(
        resource=name,
        pointer=pointer,
        description=text(node, "description"),
        key=text(node, "key", "id"),
        unique=names(node, "unique"),
        tenant=text(node, "tenant", "credential"),
        state_member=text(node, "state"),
        initial=text(node, "initial"),
        created_member=text(stamps, "created"),
        updated_member=text(stamps, "updated"),
        states=tuple(
            State(state, flag(as_mapping(s), "terminal"), text(as_mapping(s), "description"))
            for state, s in states.items()
        ),
        effects=tuple(_effect(id_, as_mapping(e)) for id_, e in as_mapping(node.get("operations")).items()),
        expiry=_expiry(as_mapping(node["expiry"])) if "expiry" in node else None,
        events=tuple(_event(event, as_mapping(e)) for event, e in as_mapping(node.get("events")).items()),
        returns=tuple(
            Return(r, text(as_mapping(v), "url"), as_mapping(as_mapping(v).get("query")))
            for r, v in as_mapping(node.get("return")).items()
        ),
        page_member=text(node, "page"),
        of=text(node, "of"),
    )


def _effect(operation_id: str, node: Mapping[str, Json]) -> Effect:
    return Effect(
        operation_id=operation_id,
        effect=text(node, "effect"),
        key=expression.parse(text(node, "key")),
        source_states=names(node, "from"),
        target_state=text(node, "to"),
        webhooks=names(node, "webhooks"),
    )


def _expiry(node: Mapping[str, Json]) -> Expiry:
    return Expiry(
        source_states=names(node, "from"),
        target_state=text(node, "to"),
        at=text(node, "at"),
        base=text(node, "base"),
        default=whole(node, "default"),
        minimum=whole(node, "minimum"),
        maximum=whole(node, "maximum"),
        webhooks=names(node, "webhooks"),
    )


def _event(name: str, node: Mapping[str, Json]) -> Event:
    return Event(
        name=name,
        source_states=names(node, "from"),
        target_state=text(node, "to"),
        returns=text(node, "return"),
        webhooks=names(node, "webhooks"),
        description=text(node, "description"),
    )
