"""Lists as APIs give them: in pages, filtered, with what says where the next page is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from tallystick.contract import Schema
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.mock.behaviour import Call, Resource
from tallystick.mock.refusal import Refused
from tallystick.mock.state.sorting import Sorting
from tallystick.mock.values.text import words


def _each(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_SIZES: Final = _each("limit per_page page_size size max_results max_items results_per_page first")
_SIZES_TOO: Final = _each("count top take max display_size rows num_results page_limit")
_OFFSETS: Final = _each("offset skip start start_index start_at from_index")
_PAGES: Final = _each("page page_number page_index page_num page_no")
_CURRENT: Final = _each("page page_number current_page number")
_AFTER: Final = _each(
    "cursor after starting_after page_token next_token next_cursor page_cursor after_cursor page_after"
    " continuation_token next_page_token bookmark after_id start_cursor pagination_token"
)
_BEFORE: Final = _each("before ending_before before_id before_cursor prev_cursor end_cursor")
_TOTAL: Final = _each("total total_count total_items total_results total_elements total_records count")
_COUNT: Final = _each("count size returned number_of_elements page_count")
_TOTAL_PAGES: Final = _each("total_pages pages page_count last_page num_pages")
_MORE: Final = _each("has_more has_next has_next_page more more_results")
_CURSOR: Final = _each(
    "next_cursor next_page_token next_token end_cursor after_cursor continuation_token after cursor"
)
_NEXT: Final = _each("next next_page next_url next_uri next_link next_page_url")
_PREVIOUS: Final = _each(
    "previous prev prev_page previous_page prev_cursor previous_cursor previous_url prev_url before prev_page_url"
    " previous_link prev_link"
)
_DEFAULT_SIZE: Final = 20
_DEEPEST: Final = 2
_DEEPEST_LIST: Final = 1


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list. `start` counts from 0; `next` is the cursor of what follows, `None` where nothing does."""

    items: list[Resource]
    total: int
    start: int
    size: int
    next: str | None


class Listing:
    """How one operation lists: worked out once from its parameters and its answer."""

    def __init__(self, operation: Operation, items: Schema | None, key: str) -> None:
        self._key = key
        query = {words(p.name): p.name for p in operation.parameters if p.location == "query"}
        self._schemas = {p.name: p.schema for p in operation.parameters if p.location == "query"}
        self._offset, self._page = _first(query, _OFFSETS), _first(query, _PAGES)
        self._after, self._before = _first(query, _AFTER), _first(query, _BEFORE)
        self._size = _first(query, (*_SIZES, *_SIZES_TOO))
        members = items.members() if items is not None else {}
        self._sorting = Sorting(operation, members)
        others = {self._offset, self._page, self._after, self._before, self._size, *self._sorting.parameters}
        self._filters = [(name, name) for name in query.values() if name in members and name not in others]

    def page(self, call: Call, kept: list[Resource]) -> Page:
        """Return the part of what is kept that a call asks for. Raises `Refused` for a cursor that leads nowhere."""
        found = [r for r in kept if all(self._lets(call, r, *names) for names in self._filters)]
        found = self._sorting.sorted(call, found)
        size = self._wanted(call, self._size) if self._size else None
        pages = self._offset or self._page or self._after or self._before
        if size is None:
            size = self._usual_size() if pages else max(len(found), 1)
        size = max(size, 0)
        start = max(self._start(call, found, size), 0)
        items = found[start : start + size]
        more = start + len(items) < len(found) and bool(items)
        return Page(items, len(found), start, size, str(items[-1].get(self._key)) if more else None)

    def target(self, call: Call, page: Page) -> str | None:
        """Return path and query of the next page, `None` after the last, or when nothing asks for one."""
        if page.next is None:
            return None
        following = {
            self._offset: str(page.start + len(page.items)),
            self._page: str(self._number(page) + 1),
            self._after: page.next,
        }
        name = next((n for n in (self._after, self._offset, self._page) if n), "")
        if not name:
            return None
        query = [(n, v) for n, v in parse_qsl(call.request.query, keep_blank_values=True) if n != name]
        return f"{call.request.path}?{urlencode([*query, (name, following[name])])}"

    def facts(self, schema: Schema, call: Call, page: Page, depth: int = 0) -> Resource:
        """Return what an answer says about its page, by the names that it has for that."""
        members = {words(name): name for name in schema.members()}
        shapes = schema.members()
        told: Resource = {}
        for known, value in self._told(call, page):
            name = next((members[word] for word in known if word in members and members[word] not in told), None)
            if name is not None and _holds(shapes[name], value):
                told[name] = _linked(shapes[name], value)
        for name, member in shapes.items():
            if name not in told and depth < _DEEPEST and member.members():
                inner = self.facts(member, call, page, depth + 1)
                told |= {name: inner} if inner else {}
        return told

    def _told(self, call: Call, page: Page) -> Iterator[tuple[tuple[str, ...], Json]]:
        target = self.target(call, page)
        pages = -(-page.total // page.size) if page.size else 0
        yield _TOTAL, page.total
        yield _COUNT, len(page.items)
        yield (words(self._size), *_SIZES), page.size
        yield _OFFSETS, page.start
        yield _CURRENT, self._number(page)
        yield _TOTAL_PAGES, pages
        yield _MORE, page.next is not None
        cursor = page.next if self._after else None
        yield _CURSOR, cursor
        yield _NEXT, target
        if page.next is not None:
            yield _NEXT, self._number(page) + 1 if self._page else page.start + len(page.items)
        if not page.start:
            yield _PREVIOUS, None

    def _start(self, call: Call, found: list[Resource], size: int) -> int:
        after, before = self._text(call, self._after), self._text(call, self._before)
        if after:
            return self._index(found, self._after, after) + 1
        if before:
            return self._index(found, self._before, before) - size
        if self._page:
            return ((self._wanted(call, self._page) or self._first_page()) - self._first_page()) * size
        return (self._wanted(call, self._offset) or 0) if self._offset else 0

    def _index(self, found: list[Resource], parameter: str, cursor: str) -> int:
        keys = (str(r.get(self._key)) for r in found)
        index = next((i for i, key in enumerate(keys) if key == cursor), None)
        if index is None:
            raise Refused("invalid", f"The query parameter {parameter!r} leads nowhere.", f"/{parameter}", cursor)
        return index

    def _number(self, page: Page) -> int:
        return page.start // page.size + self._first_page() if page.size else self._first_page()

    def _first_page(self) -> int:
        schema = self._schemas.get(self._page)
        return (
            0 if schema is not None and 0 in (schema.resolved.get("default"), schema.resolved.get("minimum")) else 1
        )

    def _usual_size(self) -> int:
        schema = self._schemas.get(self._size)
        found = schema.resolved if schema is not None else None
        default, most = (found.get(k) for k in ("default", "maximum")) if found is not None else (None, None)
        if isinstance(default, int):
            return default
        return min(_DEFAULT_SIZE, int(most)) if isinstance(most, (int, float)) else _DEFAULT_SIZE

    def _wanted(self, call: Call, parameter: str) -> int | None:
        value = call.parameters.get(("query", parameter))
        try:
            return int(str(value)) if value is not None else None
        except ValueError:
            return None

    def _text(self, call: Call, parameter: str) -> str:
        value = call.parameters.get(("query", parameter)) if parameter else None
        return str(value) if value is not None else ""

    def _lets(self, call: Call, resource: Resource, parameter: str, member: str) -> bool:
        """Say whether a resource has what a parameter of the same name asks for."""
        wanted = call.parameters.get(("query", parameter))
        if wanted is None or isinstance(wanted, dict):
            return True
        has = resource.get(member)
        asked = wanted if isinstance(wanted, list) else [wanted]
        return any(a in (has if isinstance(has, list) else [has]) for a in asked)


def place_of(schema: Schema, key: str, depth: int = 0) -> tuple[tuple[str, ...], Schema | None]:
    """Return where a listing holds the resources, as member names, and their schema, `None` when it holds none."""
    items = next((i for p in schema.parts() if (i := p.one("items")) is not None), None)
    if items is not None:
        return (), items
    arrays: dict[tuple[str, ...], Schema] = {
        (name,): inner
        for name, member in schema.members().items()
        for part in member.parts()
        if (inner := part.one("items")) is not None
    }
    deeper: dict[tuple[str, ...], Schema] = {
        (name, *path): inner
        for name, member in schema.members().items()
        if depth < _DEEPEST_LIST
        for path, inner in (place_of(member, key, depth + 1),)
        if inner is not None and path
    }
    found = {**arrays, **deeper}
    telling = [path for path, inner in found.items() if key in inner.members()]
    path = next(iter([*telling, *found]), None)
    return (path, found[path]) if path is not None else ((), None)


def placed(path: tuple[str, ...], value: Json, around: Resource) -> Resource:
    """Return what is around a listing with the listing in it."""
    name, *rest = path
    inner = around.get(name)
    return {**around, name: placed(tuple(rest), value, inner if isinstance(inner, dict) else {}) if rest else value}


def _first(names: Mapping[str, str], likely: tuple[str, ...]) -> str:
    bare = {
        re.sub(r"^page_(?=limit|offset|size|number|after|before|cursor)", "", word): n for word, n in names.items()
    }
    return next((known[word] for word in likely for known in (names, bare) if word in known), "")


def _holds(schema: Schema, value: Json) -> bool:
    """Say whether a member is made for such a fact, by its types."""
    types = set(schema.known_types) or {"string", "integer", "boolean", "null"}
    if value is None:
        return "null" in types
    if isinstance(value, str):
        return "string" in types or "href" in schema.members()
    return "boolean" in types if isinstance(value, bool) else bool({"integer", "number"} & types)


def _linked(schema: Schema, value: Json) -> Json:
    return {"href": value} if isinstance(value, str) and "href" in schema.members() else value
