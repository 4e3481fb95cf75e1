"""Bodies side by side: the request's, the answers with their headers and links."""

from __future__ import annotations

from collections.abc import Iterable

from tallystick.compare.behaviour import compare_errors
from tallystick.compare.ledger import Ledger, Scope
from tallystick.compare.media import matched_media
from tallystick.compare.sunsets import enter_sunset
from tallystick.compare.view import demands_nothing
from tallystick.contract.model import Header, Link, Media, Operation, Outcome, RequestBody
from tallystick.load.pointer import join

_HasMedia = RequestBody | Outcome


def compare_request_body(ledger: Ledger, scope: Scope, old: Operation, new: Operation) -> None:
    """Enter what changed in what a call carries."""
    here = scope.at("body", "the request body")
    before, after = old.body, new.body
    if before is None and after is not None:
        when, what = ("", "was added and is required") if after.required else ("optional", "was added")
        ledger.enter(here, "presence", "added", what, old=None, new=after.pointer, when=when)
    elif before is not None and after is None:
        ledger.enter(here, "presence", "removed", "was removed", old=before.pointer, new=None)
    elif before is not None and after is not None:
        if before.required != after.required:
            change, what = ("on", "is required now") if after.required else ("off", "may be left out now")
            ledger.enter(here, "required", change, what, old=before.pointer, new=after.pointer)
        _media(ledger, here, here, before, after)


def compare_outcomes(ledger: Ledger, scope: Scope, old: Operation, new: Operation) -> None:
    """Enter what changed in the answers."""
    before, after = {o.status: o for o in old.outcomes}, {o.status: o for o in new.outcomes}
    for status, outcome in before.items():
        if status in after:
            _outcome(ledger, scope, outcome, after[status])
        elif not _is_spelled_out(status, after):
            _status(ledger, scope, outcome, "removed")
    for status, outcome in after.items():
        if status not in before:
            _status(ledger, scope, outcome, "added")


def _is_spelled_out(status: str, others: Iterable[str]) -> bool:
    """Say whether a range of statuses (`2XX`) has become single ones: less can come than before."""
    return status.endswith("XX") and any(other[0] == status[0] for other in others)


def _status(ledger: Ledger, scope: Scope, outcome: Outcome, change: str) -> None:
    here = scope.at("", f"the answer {outcome.status}", outcome.status)
    facet = "success-status" if outcome.is_success else "non-success-status"
    old, new = (outcome.pointer, None) if change == "removed" else (None, outcome.pointer)
    ledger.enter(here, facet, change, f"was {change}", old=old, new=new)


def _outcome(ledger: Ledger, scope: Scope, old: Outcome, new: Outcome) -> None:
    here = scope.at("body", f"the body of answer {new.status}", new.status)
    _media(ledger, here, scope.at("", f"the answer {new.status}", new.status), old, new)
    _headers(ledger, scope, old, new)
    _links(ledger, scope.at("", f"the answer {new.status}", new.status), old, new)
    compare_errors(ledger, scope.at("", f"the answer {new.status}", new.status), old, new)


def _media(ledger: Ledger, scope: Scope, holder: Scope, old: _HasMedia, new: _HasMedia) -> None:
    """Enter what changed in the media types, which `holder` has, and in their bodies, which are at `scope`."""
    found = matched_media(old.media, new.media)
    for media in found.removed:
        name = media.content_type
        what = f"can't be {name} any more"
        ledger.enter(holder, "media-type", "removed", what, name, old=media.pointer, new=new.pointer)
    for media in found.added:
        name = media.content_type
        ledger.enter(holder, "media-type", "added", f"can be {name} now", name, old=old.pointer, new=media.pointer)
    for before, after, renamed in found.pairs:
        if renamed:
            names = (before.content_type, after.content_type)
            what = f"is {names[1]} instead of {names[0]}"
            ledger.enter(holder, "media-type-name", renamed, what, *names, old=before.pointer, new=after.pointer)
        _schemas(ledger, scope.at("body", scope.subject, media_type=after.content_type), before, after)


def _schemas(ledger: Ledger, scope: Scope, old: Media, new: Media) -> None:
    if old.schema is not None and new.schema is not None:
        ledger.enter_schemas(scope, old.schema, new.schema)
    elif old.schema is not None or new.schema is not None:
        change, what = ("removed", "has no schema any more") if new.schema is None else ("added", "has a schema now")
        ledger.enter(scope, "schema", change, what, new.content_type, old=old.pointer, new=new.pointer)
    for name in (n for n in old.encoding if n in new.encoding):
        before, after = old.encoding[name], new.encoding[name]
        ways = [(e.content_type, e.style, e.explode, e.allow_reserved) for e in (before, after)]
        if ways[0] != ways[1]:
            places = [join(m.pointer, "encoding", name) for m in (old, new)]
            part = scope.at("property", f"{name!r} of {scope.subject}", name)
            ledger.enter(part, "encoding", "changed", "is written differently", old=places[0], new=places[1])


def _headers(ledger: Ledger, scope: Scope, old: Outcome, new: Outcome) -> None:
    before, after = {h.name.lower(): h for h in old.headers}, {h.name.lower(): h for h in new.headers}
    for key, header in before.items():
        here = _header_scope(scope, header, new.status)
        if key in after:
            _header(ledger, here, header, after[key])
        else:
            need = "required" if header.required else "optional"
            ledger.enter(
                here,
                "presence",
                "removed",
                "was removed",
                old=header.pointer,
                new=new.pointer,
                place=f"{need}-header",
            )
    for key, header in after.items():
        if key not in before:
            here, when = _header_scope(scope, header, new.status), "required" if header.required else ""
            ledger.enter(here, "presence", "added", "was added", old=old.pointer, new=header.pointer, when=when)


def _header_scope(scope: Scope, header: Header, status: str) -> Scope:
    return scope.at("header", f"the header {header.name!r} of answer {status}", header.name, status)


def _header(ledger: Ledger, scope: Scope, old: Header, new: Header) -> None:
    if old.required != new.required:
        change, what = ("on", "is always there now") if new.required else ("off", "may be missing now")
        ledger.enter(scope, "required", change, what, old=old.pointer, new=new.pointer)
    enter_sunset(ledger, scope, (old.deprecated, {}, old.pointer), (new.deprecated, {}, new.pointer))
    if old.explode != new.explode and new.schema and "object" in new.schema.known_types:
        ledger.enter(scope, "explode", "changed", "is written differently", old=old.pointer, new=new.pointer)
    if old.schema is not None and new.schema is not None:
        ledger.enter_schemas(scope, old.schema, new.schema)
    elif old.schema is not None and not demands_nothing(old.schema):
        what = "has no schema any more"
        ledger.enter(scope, "schema", "removed", what, old=old.schema.pointer, new=new.pointer)


def _links(ledger: Ledger, scope: Scope, old: Outcome, new: Outcome) -> None:
    before, after = {k.name: k for k in old.links}, {k.name: k for k in new.links}
    for name, link in before.items():
        if name not in after:
            what = f"no longer links to {link.operation_id} as {name!r}"
            ledger.enter(scope, "link", "removed", what, name, link.operation_id, old=link.pointer, new=new.pointer)
        elif _aim(link) != _aim(after[name]):
            what = f"has another target or other values in the link {name!r}"
            names = (name, link.operation_id, after[name].operation_id)
            ledger.enter(scope, "link", "changed", what, *names, old=link.pointer, new=after[name].pointer)
    for name, link in after.items():
        if name not in before:
            what = f"links to {link.operation_id} as {name!r} now"
            ledger.enter(scope, "link", "added", what, name, link.operation_id, old=old.pointer, new=link.pointer)


def _aim(link: Link) -> tuple[str, object, object]:
    return link.operation_id, link.parameters, link.request_body
