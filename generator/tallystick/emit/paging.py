"""Whether an operation's answer is one page of many, and how to come to the next one.

OpenAPI has no word for it, so this reads the conventions that APIs follow. It only speaks up when a request parameter
and the answer fit together; an operation that is not recognised is an ordinary one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.contract.model import Operation
from tallystick.emit.arguments import shape_of
from tallystick.emit.bodies import is_json, preferred
from tallystick.emit.literals import quoted
from tallystick.emit.models.shape import Catalogue, Field, Plain, Record, Sequence, Shape, Union
from tallystick.emit.values import follow, record_of
from tallystick.names import words

_CURSORS = frozenset(
    (
        *("cursor", "after", "page_token", "next_token", "next_cursor", "page_cursor", "after_cursor", "page_after"),
        *("starting_after", "continuation_token", "next_page_token", "bookmark", "after_id", "start_cursor"),
    )
)
_NEXT = frozenset(
    (
        *(
            "next_cursor",
            "next_page_token",
            "next_token",
            "end_cursor",
            "after_cursor",
            "continuation_token",
            "after",
        ),
        *("next", "next_page", "cursor", "cursors_after", "next_uri", "next_url", "next_link"),
    )
)
_PAGES = frozenset(("page", "page_number", "page_index"))
_OFFSETS = frozenset(("offset", "skip", "start_index"))
_ITEMS = ("data", "items", "results", "records", "values", "entries", "content", "elements")
_WRAPPERS = frozenset(("meta", "metadata", "pagination", "paging", "page_info", "pages", "links", "cursors", "page"))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the runtime, as source text, and the shape of one item."""

    text: str
    item: Shape


def rule(operation: Operation, catalogue: Catalogue) -> Rule | None:
    """Return how an operation pages, `None` when nothing says that it does."""
    if operation.method != "GET":
        return None
    outcome = next((o for o in operation.outcomes if o.status == "200" and o.media), None)
    media = preferred(outcome.media) if outcome else None
    if outcome is None or media is None or not is_json(media.content_type):
        return None
    answer = follow(shape_of(media, catalogue, "response"), catalogue)
    found = _items(answer, catalogue)
    if found is None:
        return None
    attributes, item = found
    params = {_plain(p.name): p.name for p in operation.parameters if p.location == "query"}
    for kind, param, following in _ways(
        params, record_of(answer, catalogue), item, outcome_links(outcome), catalogue
    ):
        parts = [quoted(kind), quoted(param)]
        if attributes or following:
            parts.append(_tuple(attributes))
        if following:
            parts.append(_tuple(following))
        return Rule(f"Pages({', '.join(parts)})", item)
    return None


def outcome_links(outcome: object) -> bool:
    """Say whether an answer declares the header `Link`."""
    return any(header.name.lower() == "link" for header in getattr(outcome, "headers", ()))


def _ways(
    params: dict[str, str], record: Record | None, item: Shape, linked: bool, catalogue: Catalogue
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield what fits, the surest first: kind, parameter, attributes of what names the next page."""
    cursor = next((params[name] for name in sorted(params) if name in _CURSORS), "")
    paths = list(_paths(record, catalogue)) if record else []
    next_ = next((path for path, field in paths if _plain(field.api_name) in _NEXT and _texty(field, catalogue)), ())
    more = next((path for path, field in paths if _plain(field.api_name) == "has_more"), ())
    by_id = record_of(item, catalogue)
    if cursor and next_:
        yield "cursor", cursor, next_
    if "starting_after" in params and more and by_id and any(f.name == "id" for f in by_id.fields):
        yield "after", params["starting_after"], more
    page = next((params[name] for name in sorted(params) if name in _PAGES), "")
    if page:
        yield "page", page, ()
    offset = next((params[name] for name in sorted(params) if name in _OFFSETS), "")
    if offset:
        yield "offset", offset, ()
    if linked:
        yield "link", cursor or "page", ()


def _plain(name: str) -> str:
    return "_".join(words(name)).lower()


def _texty(field: Field, catalogue: Catalogue) -> bool:
    shape = follow(field.shape, catalogue)
    parts = shape.members if isinstance(shape, Union) else (shape,)
    return any(isinstance(part, Plain) and part.kind in ("str", "int") for part in parts)


def _paths(record: Record, catalogue: Catalogue) -> Iterator[tuple[tuple[str, ...], Field]]:
    """Yield the members of an answer, and those of what usually wraps the paging facts."""
    for field in record.fields:
        yield (catalogue.key(field),), field
    for field in record.fields:
        inner = record_of(_solid(field.shape, catalogue), catalogue) if _plain(field.api_name) in _WRAPPERS else None
        for below in inner.fields if inner else ():
            yield (catalogue.key(field), catalogue.key(below)), below
            deep = (
                record_of(_solid(below.shape, catalogue), catalogue) if _plain(below.api_name) in _WRAPPERS else None
            )
            for last in deep.fields if deep else ():
                yield (catalogue.key(field), catalogue.key(below), catalogue.key(last)), last


def _solid(shape: Shape, catalogue: Catalogue) -> Shape:
    """Return the one class of a union with null."""
    shape = follow(shape, catalogue)
    parts = shape.members if isinstance(shape, Union) else (shape,)
    return next((part for part in parts if record_of(part, catalogue)), shape)


def _items(answer: Shape, catalogue: Catalogue) -> tuple[tuple[str, ...], Shape] | None:
    """Return the attributes that lead to the items, and what an item is."""
    if isinstance(answer, Sequence):
        return (), answer.item
    record = record_of(answer, catalogue)
    if record is None:
        return None
    lists: dict[str, tuple[str, Shape]] = {}
    for field in record.fields:
        shape = follow(field.shape, catalogue)
        parts = shape.members if isinstance(shape, Union) else (shape,)
        found = next((part for part in parts if isinstance(part, Sequence)), None)
        if found is not None:
            lists[_plain(field.api_name)] = (catalogue.key(field), found.item)
    usual = next((lists[name] for name in _ITEMS if name in lists), None)
    chosen = usual or (next(iter(lists.values())) if len(lists) == 1 else None)
    return ((chosen[0],), chosen[1]) if chosen else None


def _tuple(names: tuple[str, ...]) -> str:
    return f"({', '.join(map(quoted, names))}{',' if len(names) == 1 else ''})"
