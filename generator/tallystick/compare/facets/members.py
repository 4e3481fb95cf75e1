"""Members of objects: which there are, which are required, read-only, write-only, deprecated."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.compare.lifetime import announcements, is_stability, stability_change, sunset_of
from tallystick.compare.pair import Fact, Pair
from tallystick.compare.view import View, view
from tallystick.contract import Schema
from tallystick.load.pointer import join


def presence(pair: Pair) -> Iterator[Fact]:
    """Yield members that came or went. An object that became a choice between objects is one change, not many."""
    if pair.wrapped_in_alternatives:
        count = len(pair.new.many("oneOf"))
        yield pair.fact("oneOf", "wrapped", f"became a choice between {count} objects")
        return
    old, new = pair.old.named("properties"), pair.new.named("properties")
    for name in (n for n in old if n not in new):
        place = _place(pair, pair.whole.old, name, view(old[name]), gone=True)
        yield from _came_or_went(pair, name, "removed", place, old=old[name], new=None)
    for name in (n for n in new if n not in old):
        place = _place(pair, pair.whole.new, name, view(new[name]), gone=False)
        yield from _came_or_went(pair, name, "added", place, old=None, new=new[name])


def _came_or_went(
    pair: Pair, name: str, change: str, place: str, *, old: Schema | None, new: Schema | None
) -> Iterator[Fact]:
    if place:
        what = f"{'lost' if new is None else 'got'} the {_adjectives(place)}"
        before, after = (None if schema is None else schema.pointer for schema in (old, new))
        yield Fact("presence", change, what, (), (*pair.path, name), before, after, place, closing=True)


def _adjectives(place: str) -> str:
    return place.replace("-property", " property").replace("-", " ") if "-property" in place else "property"


def _place(pair: Pair, holder: View, name: str, member: View, *, gone: bool) -> str:
    """Return the second part of the kind; empty for what does not travel in requests."""
    need = "required" if name in holder.composed_required else "optional"
    if pair.flow == "request":
        if pair.hidden or member.flag("readOnly"):
            return ""
        root = _below(pair)
        return root if gone else f"{need}-{root}"
    return f"{need}-write-only-property" if pair.hidden or member.flag("writeOnly") else f"{need}-property"


def _below(pair: Pair) -> str:
    if pair.context.place != "parameter":
        return "property"
    return "header-property" if "header-parameter" in pair.context.traits else "parameter-property"


def requiredness(pair: Pair) -> Iterator[Fact]:
    """Yield members on both sides that became required or optional.

    A member may be required in one part of an `allOf` and described in another; where the name merely moved between
    the parts, nothing changed.
    """
    changed = [n for n in dict.fromkeys((*pair.old.required, *pair.new.required)) if _changed_here(pair, n)]
    for name in changed:
        before, after = _described(pair, name)
        if before is None or after is None:
            continue
        member = view(after)
        place = _below(pair)
        if pair.flow == "request" and (pair.hidden or member.flag("readOnly")):
            continue
        if pair.flow == "response" and (pair.hidden or member.flag("writeOnly")):
            place = "write-only-property"
        change, what = ("on", "is required now") if name in pair.new.required else ("off", "may be left out now")
        yield Fact("required", change, what, (), (*pair.path, name), before.pointer, after.pointer, place)


def _changed_here(pair: Pair, name: str) -> bool:
    if (name in pair.old.required) == (name in pair.new.required):
        return False
    whole = pair.whole
    return (name in whole.old.composed_required) != (name in whole.new.composed_required)


def _described(pair: Pair, name: str) -> tuple[Schema | None, Schema | None]:
    """Return a member as both sides describe it: here, else in another part of the same `allOf`."""
    sides = ((pair.old, pair.whole.old), (pair.new, pair.whole.new))
    before, after = (v.named("properties").get(name) or whole.composed_members.get(name) for v, whole in sides)
    return before, after


def mutability(pair: Pair) -> Iterator[Fact]:
    """Yield properties that became read-only or write-only, or are so no longer."""
    if not pair.member or pair.parent is None or pair.context.place != "body":
        return
    need = "required" if pair.member in pair.parent.old.required else "optional"
    for keyword in ("readOnly", "writeOnly"):
        before, after = pair.old.flag(keyword), pair.new.flag(keyword)
        if before != after:
            change, what = ("on", f"is {keyword} now") if after else ("off", f"is no longer {keyword}")
            yield pair.fact(keyword, change, what, place=f"{need}-property")


def lifetime(pair: Pair) -> Iterator[Fact]:
    """Yield properties that were deprecated, or whose sunset or stability changed."""
    if not pair.member:
        return
    before, after = ((v.flag("deprecated"), sunset_of(v.data)) for v in (pair.old, pair.new))
    for said in announcements(before, after, pair.context.today):
        yield pair.fact(said.facet, said.change, said.what, *said.names, keyword="deprecated", place=pair.root_place)
    yield from _stability(pair)


def _stability(pair: Pair) -> Iterator[Fact]:
    old, new = (str(v.get("x-stability-level") or "") for v in (pair.old, pair.new))
    where = [join(v.base.pointer, "x-stability-level") for v in (pair.old, pair.new)]
    if wrong := [level for level in (old, new) if level and not is_stability(level)]:
        what = f"has {wrong[-1]!r} as stability level"
        yield Fact("stability", "invalid", what, tuple(wrong), pair.path, where[0], where[1], pair.root_place)
    elif change := stability_change(old, new):
        what = f"has its stability {change}"
        yield Fact("stability", change, what, (), pair.path, where[0], where[1], pair.root_place)
