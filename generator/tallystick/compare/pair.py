"""Two schemas at one place of the API, and a fact about their difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tallystick.compare.alternatives import Matched, matched
from tallystick.compare.context import Context
from tallystick.compare.likeness import Likeness
from tallystick.compare.typesets import listed_types
from tallystick.compare.view import View

_BELOW = {"body": "property", "parameter": "parameter-property", "header": "header-property"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A difference in one facet, before it is judged.

    `place` is the second part of its kind. `path` leads to what it is about, from the body, parameter or header.
    `what` completes that to a sentence; when `closing`, it is the whole that `what` is said of, and the path closes
    the sentence: "the request body got the property 'a/b'". `old` and `new` are pointers, `None` on the side without
    it. `when` is a circumstance that rules ask for.
    """

    facet: str
    change: str
    what: str
    names: tuple[str, ...]
    path: tuple[str, ...]
    old: str | None
    new: str | None
    place: str
    when: str = ""
    closing: bool = False

    def below(self, path: tuple[str, ...]) -> Fact:
        """Return the fact as it is seen from further up."""
        return replace(self, path=(*path, *self.path)) if path else self


@dataclass(frozen=True)
class Pair:
    """The old and the new view of a schema, and what knows schemas that say the same.

    `path` leads to it from where the walk began, which is the body, parameter or header itself unless `inner`.
    `member` is the name of the property that it is, empty when it is something else, such as `items`. `parent` is the
    pair that it stands in, as far as the walk knows it, and `within_hidden` whether one of those above is hidden.
    """

    context: Context
    likeness: Likeness
    old: View
    new: View
    path: tuple[str, ...] = ()
    inner: bool = False
    member: str = ""
    parent: Pair | None = None
    within_hidden: bool = False

    def below(self, old: View, new: View, step: str, *, member: str = "") -> Pair:
        """Return the pair one step further down."""
        path, hidden = (*self.path, step), bool(self.hidden)
        return Pair(self.context, self.likeness, old, new, path, True, member, parent=self, within_hidden=hidden)

    def alone(self) -> Pair:
        """Return the pair as the beginning of a walk of its own."""
        member = "member" if self.member else ""
        return replace(self, path=(), member=member, parent=None)

    @property
    def whole(self) -> Pair:
        """The pair whose `allOf` this one is a part of, as far as the walk knows it; else this pair."""
        here = self
        while here.parent is not None and here.path[-1].startswith("allOf["):
            here = here.parent
        return here

    @property
    def schemas(self) -> tuple[str, str]:
        """The pointers of the two schemas, references followed."""
        return (self.old.base.pointer, self.new.base.pointer)

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """What tells the pair of schemas from others: the two, and what stands beside the references to them."""
        return (*self.schemas, *(tuple((k, s.pointer) for k, s in v.over.items()) for v in (self.old, self.new)))

    @property
    def key(self) -> tuple[object, ...] | None:
        """What tells this pair's facts from another's; `None` unless both sides refer to named schemas."""
        if self.old.ref is None or self.new.ref is None:
            return None
        place = (self.inner, bool(self.member), self.within_hidden)
        return (self.context, self.identity, self.old.wrapped, self.new.wrapped, *place)

    @property
    def flow(self) -> str:
        """`request` for what a client sends, `response` for what it is sent."""
        return self.context.flow

    @property
    def root_place(self) -> str:
        """The place without what the property itself says: `property`, `body`, ..."""
        return _BELOW.get(self.context.place, self.context.place) if self.inner else self.context.place

    @cached_property
    def hidden(self) -> str:
        """The place of what doesn't travel because it, or what it stands in, is for the other direction only; empty
        for what does."""
        if self.root_place != "property":
            return ""
        keyword = "readOnly" if self.flow == "request" else "writeOnly"
        if self.within_hidden or (self.member and self.new.flag(keyword)):
            return "read-only-property" if self.flow == "request" else "write-only-property"
        return ""

    @property
    def place(self) -> str:
        """The second part of the kinds found here."""
        return self.hidden or self.root_place

    @property
    def wrapped_in_alternatives(self) -> bool:
        """Whether an object became a choice between objects that have some of its members."""
        before = self.old.named("properties")
        bare = "oneOf" in self.new and not self.new.named("properties") and not self.new.types
        if "oneOf" in self.old or not before or not bare:
            return False
        return any(set(before) & set(option.members()) for option in self.new.many("oneOf"))

    @cached_property
    def alternatives(self) -> Mapping[str, Matched]:
        """The members of `allOf`, `anyOf` and `oneOf` that are about the same thing, and those of one side only.

        A choice that moved from `anyOf` to `oneOf` or back as a whole is matched across them, under the new keyword.
        """
        old, new = self.old, self.new
        keywords = {k: k for k in ("allOf", "anyOf", "oneOf") if k in old or k in new}
        if self._moved_choice:
            was, is_ = self._moved_choice
            moved = matched(old.many(was), new.many(is_), self.likeness)
            if not (moved.removed or moved.added):
                del keywords[was]
                keywords[is_] = was
        return {
            k: matched(old.many(was), new.many(k), self.likeness, all_hold=k == "allOf")
            for k, was in keywords.items()
        }

    @property
    def renamed_choice(self) -> str:
        """The keyword under which the same alternatives stand now, where values can be of several of them."""
        moved = self._moved_choice
        return moved[1] if moved and not self._apart and moved[0] not in self.alternatives else ""

    @property
    def _moved_choice(self) -> tuple[str, str] | None:
        before, after = ([k for k in ("anyOf", "oneOf") if k in shown] for shown in (self.old, self.new))
        return (before[0], after[0]) if len(before) == len(after) == 1 and before != after else None

    @property
    def _apart(self) -> bool:
        """Whether no value can be of several alternatives, so that `anyOf` and `oneOf` say the same."""
        before, after = listed_types(self.old), listed_types(self.new)
        return before is not None and after is not None and before.apart and after.apart

    @cached_property
    def lists_types(self) -> bool:
        """Whether the difference is between types, written as `type` or as a choice between them."""
        before, after = listed_types(self.old), listed_types(self.new)
        if before is None or after is None or not (before.choice or after.choice):
            return False
        return bool(before.choice) != bool(after.choice) or set(before.types) != set(after.types)

    def fact(
        self, facet: str, change: str, what: str, *names: str, keyword: str = "", place: str = "", when: str = ""
    ) -> Fact:
        """Return a fact about a keyword, the facet's name when not given."""
        keyword = keyword or facet
        old = None if change == "added" and keyword not in self.old else self.old.pointer(keyword)
        new = None if change == "removed" and keyword not in self.new else self.new.pointer(keyword)
        return Fact(facet, change, what, names, self.path, old, new, place or self.place, when)
