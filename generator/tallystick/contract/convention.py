"""Lifecycles by convention, for documents that declare none: collections, their items, and what there is one of.

A guess from paths and methods: `POST /orders` creates what `/orders/{orderId}` then names. Whoever uses it says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tallystick.contract import expression as expressions
from tallystick.contract.expression import Expression
from tallystick.contract.life import Effect, Lifecycle, State
from tallystick.contract.model import Contract, Operation
from tallystick.contract.schema import Schema

_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_EFFECTS = {"GET": "read", "PUT": "update", "PATCH": "update", "POST": "update", "DELETE": "delete"}
_SPOKEN = ("create", "read", "update", "delete", "list", "use")
_EXISTS = "exists"
_KEYS = ("id", "uid", "uuid", "guid", "name", "key", "code", "slug", "number", "token", "reference")
"""What identifies an item where nothing has the name of the path's parameter, in words in lower case."""
_CREATED = ("created_at", "created", "created_on", "create_time", "creation_date", "creation_time", "date_created")
_UPDATED = ("updated_at", "updated", "updated_on", "update_time", "modified_at", "last_modified", "last_updated")

Paths = Mapping[str, Mapping[str, Operation]]
"""Operations by method, by path with its parameters unnamed and without the slash at its end."""


def inferred(contract: Contract) -> tuple[Lifecycle, ...]:
    """Return a lifecycle for each collection whose items can be made, by POST or by PUT, and read by their id.

    Where nothing can be posted to it, no effect creates: PUT does, where an item isn't there. Reading an item comes
    before its other effects but creating. `use` is an operation on something in an item, which needs the item.
    None when the contract declares lifecycles itself: then it says all that there is.
    """
    paths = _paths(contract)
    collections = [c for item in paths if (c := _collection(paths, item)) is not None]
    uses = _uses(contract, collections)
    owner = _owner(contract, (e for c in collections for e in c.effects))
    return tuple(_lifecycle(c, (*c.effects, *uses[c.path]), _within(c.path, collections), owner) for c in collections)


def singletons(contract: Contract) -> tuple[Lifecycle, ...]:
    """Return a lifecycle, without a key, for each path at which there is one thing to be read and changed."""
    paths = _paths(contract)
    collections = [c for item in paths if (c := _collection(paths, item)) is not None]
    single = [s for path in paths if (s := _single(paths, path)) is not None]
    owner = _owner(contract, (e for s in (*collections, *single) for e in s.effects))
    return tuple(_lifecycle(s, s.effects, _within(s.path, collections), owner) for s in single)


@dataclass(frozen=True, slots=True)
class _Found:
    """Something kept: its plain path, what it is called, the first operation on it, its key, what is done to it."""

    path: str
    name: str
    first: Operation
    key: str
    effects: tuple[Effect, ...]
    created: str = ""
    updated: str = ""


def _paths(contract: Contract) -> Paths:
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in contract.operations if not contract.lifecycles else ():
        by_path.setdefault(_plain(operation.path), {}).setdefault(operation.method, operation)
    return by_path


def _plain(path: str) -> str:
    return _TEMPLATE.sub("{}", _bare(path)).rstrip("/") or path


def _bare(path: str) -> str:
    """Return a path without the query that it goes on with in some documents."""
    return path.partition("?")[0]


def names(path: str) -> list[str]:
    """Return the names of a path's parameters, in their order."""
    return _TEMPLATE.findall(_bare(path))


def _collection(paths: Paths, item: str) -> _Found | None:
    path, slash, last = item.rpartition("/")
    if not slash or last != "{}":
        return None
    above = paths.get(path or "/", {})
    create, read = above.get("POST"), paths[item].get("GET")
    first = create or paths[item].get("PUT")
    if first is None or read is None:
        return None
    known = {name: m for operation in (read, first) for name, m in _shown(operation).items()}
    key = _key(known, names(read.path)[-1], path)
    if key is None:
        return None
    others = {method: operation for method, operation in paths[item].items() if method != "GET"}
    effects = [
        *([_creation(create, key)] if create is not None else []),
        Effect(read.id, "read", _last(read), (), "", ()),
        *(Effect(o.id, _EFFECTS[m], _last(o), (), "", ()) for m, o in others.items() if m in _EFFECTS),
        *(_update(above[m], key) for m in ("PUT", "PATCH") if m in above and key in _sent(above[m])),
    ]
    if "GET" in above:
        effects.append(Effect(above["GET"].id, "list", None, (), "", ()))
    called = create.path if create is not None else read.path.rstrip("/").rpartition("/")[0]
    return _Found(
        path,
        _name(called) or names(read.path)[-1],
        first,
        key,
        tuple(effects),
        _stamped(known, _CREATED),
        _stamped(known, _UPDATED),
    )


def _creation(create: Operation, key: str) -> Effect:
    """Return what a POST to a collection does; whose request chooses the key, if that has it."""
    chosen = expressions.parse(f"$request.body#/{key}") if _is_settable(create, key) else None
    return Effect(create.id, "create", chosen, (), "", ())


def _update(change: Operation, key: str) -> Effect:
    """Return what a change to a collection does: to the item whose key its request has."""
    return Effect(change.id, "update", expressions.parse(f"$request.body#/{key}"), (), "", ())


def _single(paths: Paths, path: str) -> _Found | None:
    read = paths[path].get("GET")
    changes = [paths[path][method] for method in ("PUT", "PATCH") if method in paths[path]]
    if read is None or not changes or path.endswith("{}") or f"{path}/{{}}" in paths or not _shown(read):
        return None
    effects = (Effect(o.id, _EFFECTS[o.method], None, (), "", ()) for o in (read, *changes))
    return _Found(path, _name(read.path), read, "", tuple(effects), updated=_stamped(_shown(read), _UPDATED))


def _uses(contract: Contract, collections: list[_Found]) -> dict[str, list[Effect]]:
    """Return the effects of operations below items that are about something else: they need the item.

    One that is answered with the item shows it.
    """
    taken = {e.operation_id for c in collections for e in c.effects}
    paths = _paths(contract)
    single = (s for path in paths if (s := _single(paths, path)) is not None)
    taken |= {e.operation_id for s in single for e in s.effects}
    found: dict[str, list[Effect]] = {c.path: [] for c in collections}
    for operation in contract.operations:
        above = _above(_plain(operation.path), collections)
        if above is None or operation.id in taken:
            continue
        place = _parameter(operation, above.path.count("{}"))
        shown = _schema(operation)
        reading = next(e for e in above.effects if e.effect == "read")
        item = _schema(contract.by_id[reading.operation_id])
        same = shown is not None and item is not None and shown.resolved == item.resolved
        found[above.path].append(Effect(operation.id, "read" if same else "use", place, (), "", ()))
    return found


def _above(path: str, collections: list[_Found]) -> _Found | None:
    """Return the nearest collection in one of whose items a path lies.

    One that nothing can be posted to may have items from elsewhere: nothing in them needs the item.
    """
    above = [c for c in collections if path.startswith(f"{c.path}/{{}}/") and c.effects[0].effect == "create"]
    return max(above, key=lambda c: len(c.path), default=None)


def _within(path: str, collections: list[_Found]) -> str:
    above = _above(path, collections)
    return above.name if above is not None else ""


def _name(path: str) -> str:
    return _bare(path).strip("/").replace("/", ".")


def _owner(contract: Contract, effects: Iterable[Effect]) -> str:
    """Return to whom what is kept belongs: to everybody where anybody may do something to it."""
    touching = (contract.by_id[effect.operation_id] for effect in effects)
    return "" if any(not o.security or () in o.security for o in touching) else "credential"


def _lifecycle(found: _Found, effects: tuple[Effect, ...], within: str, owner: str) -> Lifecycle:
    done = {e.effect for e in effects}
    told = ", ".join(effect for effect in _SPOKEN if effect in done)
    told += "; what isn't there is created by an update" if found.key and "create" not in done else ""
    what = f"{found.name} by {found.key}" if found.key else f"{found.name}, of which there is one"
    return Lifecycle(
        resource=found.name,
        pointer=found.first.pointer,
        description=f"{what}{f', in {within}' if within else ''}: {told}",
        key=found.key,
        unique=(),
        tenant=owner,
        state_member="",
        initial=_EXISTS,
        created_member=found.created,
        updated_member=found.updated,
        states=(State(_EXISTS, False, ""),),
        effects=effects,
        expiry=None,
        events=(),
        returns=(),
        page_member="",
        within=within,
        depth=found.path.count("{}"),
    )


# -- members --------------------------------------------------------------------------------------------------------


def _schema(operation: Operation) -> Schema | None:
    """Return the schema of an operation's answer, that of JSON where it has several forms."""
    media = [m for o in operation.intended for m in o.media if m.schema is not None]
    return next((m.schema for m in sorted(media, key=lambda m: "json" not in m.content_type)), None)


def _shown(operation: Operation) -> dict[str, Schema]:
    """Return the members of an operation's answer."""
    schema = _schema(operation)
    return dict(_members(schema)) if schema is not None else {}


def _members(schema: Schema, depth: int = 0) -> Iterator[tuple[str, Schema]]:
    """Yield the members of an object, those of its alternatives included."""
    for part in schema.parts():
        for branch in (*part.many("oneOf"), *part.many("anyOf")) if depth < 3 else ():
            yield from _members(branch, depth + 1)
    yield from schema.members().items()


def _key(known: Mapping[str, Schema], parameter: str, path: str) -> str | None:
    """Return which member of an item its path names: of the answer, else of something that the answer wraps."""
    singular = path.rpartition("/")[2].rstrip("s")
    words = _words(parameter)
    likely = (words, "id", words.rpartition("_")[2], f"{_words(singular)}_id", *_KEYS)
    for members in (known, *(dict(_members(m)) for m in known.values() if m.known_types in ((), ("object",)))):
        spelled = {_words(name): name for name, m in members.items() if not {"object", "array"} & {*m.known_types}}
        found = next((spelled[name] for name in likely if name in spelled), None)
        if found is not None:
            return found
    return None


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower().strip("_")


def _stamped(known: Mapping[str, Schema], likely: tuple[str, ...]) -> str:
    """Return the member that says when something happened, empty when there is none."""
    spelled = {_words(n): n for n, m in known.items() if {"string", "integer", "number"} & {*m.known_types}}
    return next((spelled[name] for name in likely if name in spelled), "")


def _is_settable(create: Operation, key: str) -> bool:
    """Say whether a request chooses the key of what it creates."""
    member = _sent(create).get(key)
    return member is not None and not member.flag("readOnly")


def _sent(operation: Operation) -> dict[str, Schema]:
    """Return the members of an operation's request."""
    schema = operation.body_media[0].schema if operation.body_media else None
    return dict(_members(schema)) if schema is not None else {}


def _last(operation: Operation) -> Expression | None:
    return _parameter(operation, -1)


def _parameter(operation: Operation, index: int) -> Expression | None:
    return expressions.parse(f"$request.path.{names(operation.path)[index]}")
