"""Lifecycles by convention, for documents that declare none: collections and their items.

A guess from paths and methods: `POST /orders` creates what `/orders/{orderId}` then names. Whoever uses it says so.
"""

from __future__ import annotations

import re

from tallystick.contract import expression as expressions
from tallystick.contract.model import Contract, Effect, Lifecycle, Media, Operation, State
from tallystick.contract.schema import Schema

_ITEM = re.compile(r"(?P<collection>.*)/\{(?P<name>[^{}/]+)\}")
_EFFECTS = {"GET": "read", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
_EXISTS = "exists"


def inferred(contract: Contract) -> tuple[Lifecycle, ...]:
    """Return a lifecycle for each collection that can be posted to and whose items can be read by their id.

    None when the contract declares lifecycles itself: then it says all that there is.
    """
    if contract.lifecycles:
        return ()
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in contract.operations:
        by_path.setdefault(_plain(operation.path), {})[operation.method] = operation
    found = (_lifecycle(by_path, item) for item in by_path)
    return tuple(lifecycle for lifecycle in found if lifecycle is not None)


def _plain(path: str) -> str:
    """Return a path without the slash at its end, which tells collections from items in some documents."""
    return path.rstrip("/") or path


def _lifecycle(by_path: dict[str, dict[str, Operation]], item: str) -> Lifecycle | None:
    match = _ITEM.fullmatch(item)
    if match is None:
        return None
    collection = by_path.get(match["collection"], {})
    create, read = collection.get("POST"), by_path[item].get("GET")
    if create is None or read is None:
        return None
    key = _key(create, match["name"])
    if key is None:
        return None
    place = expressions.parse(f"$request.path.{match['name']}")
    effects = [Effect(create.id, "create", None, (), "", ())]
    effects += [
        Effect(operation.id, _EFFECTS[method], place, (), "", ())
        for method, operation in by_path[item].items()
        if method in _EFFECTS
    ]
    if "GET" in collection:
        effects.append(Effect(collection["GET"].id, "list", None, (), "", ()))
    return Lifecycle(
        resource=match["collection"].strip("/").replace("/", "."),
        pointer=create.pointer,
        description=f"What POST {match['collection']} creates.",
        key=key,
        unique=(),
        tenant="credential",
        state_member="",
        initial=_EXISTS,
        created_member="",
        updated_member="",
        states=(State(_EXISTS, False, ""),),
        effects=tuple(effects),
        expiry=None,
        events=(),
        returns=(),
        page_member="",
    )


def _key(create: Operation, parameter: str) -> str | None:
    """Return which member of a created resource its path names."""
    media: Media | None = next((m for o in create.successes for m in o.media if "json" in m.content_type), None)
    schema: Schema | None = media.schema if media is not None else None
    members = schema.members() if schema is not None else {}
    words = re.sub(r"([a-z])([A-Z])", r"\1_\2", parameter).lower().split("_")
    likely = (parameter, "id", "_".join(words), words[-1], "uid", "uuid", "name")
    return next((name for name in likely if name in members), None)
