"""Lists that come in pages: walked page by page or item by item, each page fetched when it is needed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any, Concatenate, Generic, Literal, NamedTuple, Self, TypeVar, cast, overload
from urllib.parse import parse_qs, urlsplit

from .call import MISSING, Call
from .client import AsyncClient, Exchange, Later, Method, P, Resource, SyncClient, operation
from .outcome import Response, T

Item = TypeVar("Item")


class Pages(NamedTuple):
    """How to come from one page to the next.

    `items` and `next` are the attributes, or the keys, that lead to the items and to what names the next page:
    a cursor or an address (`cursor`), whether there is more (`after`: the last item's id is the cursor),
    nothing (`page` and `offset` are counted, `link` stands in the header `Link`).
    """

    kind: Literal["cursor", "after", "page", "offset", "link"]
    param: str
    items: tuple[str, ...] = ()
    next: tuple[str, ...] = ()

    def items_of(self, page: object) -> Sequence[Any]:
        """Give the items of a page."""
        found = _dig(page, self.items)
        return cast("Sequence[Any]", found) if isinstance(found, list | tuple) else ()

    def following(self, call: Call[T], response: Response[T], page: object) -> Call[T] | None:
        """Give the call for the page after this one, `None` after the last."""
        items = self.items_of(page)
        changes: Mapping[str, object] = {}
        if self.kind == "cursor":
            changes = _from(_dig(page, self.next), self.param)
        elif self.kind == "link":
            link = re.search(r'<([^>]*)>\s*;[^,]*\brel="?next\b', response.headers.get("link", ""))
            changes = _from(link and link[1], self.param)
        elif items and self.kind == "after":
            changes = {self.param: _dig(items[-1], ("id",))} if _dig(page, self.next) else {}
        elif items:
            now = call.query.get(self.param, MISSING)
            count = int(str(now)) if now is not MISSING and now is not None else int(self.kind == "page")
            changes = {self.param: count + (1 if self.kind == "page" else len(items))}
        query = {**call.query, **changes}
        return call._replace(query=query) if changes and query != call.query else None


def _dig(value: object, attributes: tuple[str, ...]) -> object:
    for name in attributes:
        value = _member(value, name)
    return value


def _member(value: object, name: str) -> object:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).get(name)
    return getattr(value, name, None)


def _from(found: object, param: str) -> Mapping[str, object]:
    """Read a cursor, or the query of an address: only its parameters count, never where it points to."""
    if not found or found is MISSING:
        return {}
    text = str(found)
    return dict(parse_qs(urlsplit(text).query)) if "?" in text else {param: found}


class SyncPagedMethod(Method[P, T, T, Response[T]], Generic[P, T, Item]):
    """An operation that gives one page when called."""

    rule: Pages

    def pages(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        """Give page after page; each is fetched when it is asked for."""
        call: Call[T] | None = self.__wrapped__(*args, **kwargs)
        while call is not None:
            exchange = Exchange(self.client, call, self.name, self.options)
            response: Response[T] = self.client.finish(exchange.run())
            page = response.parse()
            yield page
            call = self.rule.following(call, response, page)

    def items(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[Item]:
        """Give item after item, of all pages."""
        for page in self.pages(*args, **kwargs):
            yield from self.rule.items_of(page)


class AsyncPagedMethod(Method[P, T, Later[T], Later[Response[T]]], Generic[P, T, Item]):
    """An operation that gives one page when called."""

    rule: Pages

    async def pages(self, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        """Give page after page; each is fetched when it is asked for."""
        call: Call[T] | None = self.__wrapped__(*args, **kwargs)
        while call is not None:
            exchange = Exchange(self.client, call, self.name, self.options)
            response = await exchange.run()
            page = response.parse()
            yield page
            call = self.rule.following(call, response, page)

    async def items(self, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[Item]:
        """Give item after item, of all pages."""
        async for page in self.pages(*args, **kwargs):
            for item in self.rule.items_of(page):
                yield item


class paged_operation(operation[P, T], Generic[P, T, Item]):  # noqa: N801
    """An operation that also offers `.pages(...)` and `.items(...)`."""

    rule: Pages
    kinds = (SyncPagedMethod, AsyncPagedMethod)

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...
    @overload
    def __get__(self, owner: Resource[SyncClient], kind: type) -> SyncPagedMethod[P, T, Item]: ...
    @overload
    def __get__(self, owner: Resource[AsyncClient], kind: type) -> AsyncPagedMethod[P, T, Item]: ...
    def __get__(self, owner: Any, kind: type) -> Any:
        method = cast("Any", super()).__get__(owner, kind)
        method.rule = self.rule
        return method


class paged(Generic[Item]):  # noqa: N801
    """`@paged[Item](rule)`: makes a paged operation of a method."""

    def __init__(self, rule: Pages) -> None:
        self.rule = rule

    def __call__(self, build: Callable[Concatenate[Any, P], Call[T]]) -> paged_operation[P, T, Item]:
        """Wrap the method."""
        made: paged_operation[P, T, Item] = paged_operation(build)
        made.rule = self.rule
        return made
