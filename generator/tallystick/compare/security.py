"""Who may call: the alternatives of proof, their scopes, and the schemes they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tallystick.compare.ledger import Ledger, Scope
from tallystick.contract.model import Operation, SecurityNeed, SecurityScheme
from tallystick.contract.schema import as_mapping
from tallystick.load import Json
from tallystick.load.pointer import join

Alternative = tuple[SecurityNeed, ...]


def compare_document_security(ledger: Ledger) -> None:
    """Enter what changed in the document's own list, which holds for every operation without one."""
    scope = Scope("document", "document", subject="the API")
    old, new = (_declared(side.contract.document) or () for side in (ledger.old, ledger.new))
    _compare(ledger, scope, old, new, "/security", "/security")


def compare_operation_security(
    ledger: Ledger,
    scope: Scope,
    old: Operation,
    new: Operation,
    before: Mapping[str, Json],
    after: Mapping[str, Json],
) -> None:
    """Enter what changed in an operation's own list, or in what holds for it because it got or lost one."""
    if "security" not in before and "security" not in after:
        return
    places = [join(o.pointer, "security") if "security" in n else o.pointer for o, n in ((old, before), (new, after))]
    _compare(ledger, scope, old.security, new.security, places[0], places[1])


def _declared(node: Mapping[str, Json]) -> tuple[Alternative, ...] | None:
    listed = node.get("security")
    if not isinstance(listed, list):
        return None
    alternatives = [as_mapping(item) for item in listed]
    return tuple(tuple(SecurityNeed(name, _scopes(item[name])) for name in item) for item in alternatives)


def _scopes(value: Json) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, list) else ()


def _compare(
    ledger: Ledger, scope: Scope, old: Sequence[Alternative], new: Sequence[Alternative], before: str, after: str
) -> None:
    places = {"old": before, "new": after}
    kept = {_names(a) for a in old} & {_names(a) for a in new}
    was_open = not old or () in old
    now_open = not new or () in new
    for alternative in (a for a in old if _names(a) not in kept and a):
        when = "now-open" if now_open else ""
        text = _text(alternative)
        what = f"no longer takes {text} as proof of who calls"
        ledger.enter(scope, "security-alternative", "removed", what, text, when=when, **places)
    for alternative in (a for a in new if _names(a) not in kept and a):
        when = "was-open" if was_open and not now_open else ""
        text = _text(alternative)
        what = f"takes {text} as proof of who calls"
        ledger.enter(scope, "security-alternative", "added", what, text, when=when, **places)
    proofs = [{_names(a) for a in side if a} for side in (old, new)]
    if proofs[0] == proofs[1] and was_open != now_open:
        change, what = (
            ("added", "takes calls without proof") if now_open else ("removed", "needs a proof of who calls")
        )
        ledger.enter(scope, "security-alternative", change, f"{what} now", "{}", **places)
    for scheme, change, name in _scope_changes(old, new, kept):
        what = f"needs the scope {name!r} of {scheme}" + (" now" if change == "added" else " no longer")
        ledger.enter(scope, "security-scope", change, what, name, scheme, **places)


def _names(alternative: Alternative) -> frozenset[str]:
    return frozenset(need.scheme for need in alternative)


def _text(alternative: Alternative) -> str:
    return " AND ".join(
        f"{n.scheme}: [{', '.join(sorted(n.scopes))}]" if n.scopes else n.scheme
        for n in sorted(alternative, key=lambda n: n.scheme)
    )


def _scope_changes(
    old: Sequence[Alternative], new: Sequence[Alternative], kept: set[frozenset[str]]
) -> Iterator[tuple[str, str, str]]:
    before = {(_names(a), n.scheme): n.scopes for a in old for n in a if _names(a) in kept}
    after = {(_names(a), n.scheme): n.scopes for a in new for n in a if _names(a) in kept}
    for key, scopes in before.items():
        yield from ((key[1], "removed", s) for s in scopes if s not in after.get(key, ()))
        yield from ((key[1], "added", s) for s in after.get(key, ()) if s not in scopes)


def compare_schemes(ledger: Ledger) -> None:
    """Enter what changed in the descriptions of the schemes."""
    old, new = ledger.old.contract.security_schemes, ledger.new.contract.security_schemes
    for name, scheme in old.items():
        here = Scope("components", "components", subject=f"the security scheme {name!r}", names=(name,))
        if name in new:
            _scheme(ledger, here, scheme, new[name])
        else:
            ledger.enter(here, "security-scheme", "removed", "was removed", old=scheme.pointer, new=None)
    for name, scheme in new.items():
        if name not in old:
            here = Scope("components", "components", subject=f"the security scheme {name!r}", names=(name,))
            ledger.enter(here, "security-scheme", "added", "was added", old=None, new=scheme.pointer)


def _scheme(ledger: Ledger, scope: Scope, old: SecurityScheme, new: SecurityScheme) -> None:
    places = {"old": old.pointer, "new": new.pointer}
    facets = (
        ("type", old.kind, new.kind),
        ("in", old.location, new.location),
        ("name", old.parameter, new.parameter),
        ("scheme", old.scheme, new.scheme),
    )
    for facet, before, after in facets:
        if before != after:
            what = f"has {after or 'nothing'!r} as {facet} instead of {before or 'nothing'!r}"
            ledger.enter(scope, f"security-scheme-{facet}", "changed", what, before, after, **places)
            if facet == "type":
                return
    _signer(ledger, scope, old, new)
    for flow in dict.fromkeys((*old.flows, *new.flows)):
        if (flow in old.flows) != (flow in new.flows):
            change, what = ("removed", "no longer has") if flow in old.flows else ("added", "has")
            ledger.enter(scope, "oauth-flow", change, f"{what} the flow {flow!r}", flow, **places)
    for flow in (f for f in old.flows if f in new.flows):
        _flow(ledger, scope, as_mapping(old.flows[flow]), as_mapping(new.flows[flow]), places)


def _signer(ledger: Ledger, scope: Scope, old: SecurityScheme, new: SecurityScheme) -> None:
    if old.signer == new.signer:
        return
    change = "added" if old.signer is None else "removed" if new.signer is None else "changed"
    places = [join(s.pointer, "x-signer") if s.signer else s.pointer for s in (old, new)]
    names = [s.signer.class_name for s in (old, new) if s.signer]
    ledger.enter(scope, "signer", change, f"has its signer {change}", *names, old=places[0], new=places[1])


def _flow(
    ledger: Ledger, scope: Scope, old: Mapping[str, Json], new: Mapping[str, Json], places: dict[str, str]
) -> None:
    for keyword in ("authorizationUrl", "tokenUrl", "refreshUrl"):
        before, after = str(old.get(keyword, "")), str(new.get(keyword, ""))
        if before != after:
            what = f"has {after!r} as {keyword} instead of {before!r}"
            ledger.enter(
                scope, f"oauth-{keyword}", "changed", what, before, after, old=places["old"], new=places["new"]
            )
    listed, listed_now = as_mapping(old.get("scopes")), as_mapping(new.get("scopes"))
    for name in dict.fromkeys((*listed, *listed_now)):
        change = "removed" if name not in listed_now else "added" if name not in listed else "changed"
        if listed.get(name) != listed_now.get(name):
            what = f"has the scope {name!r} {change}"
            ledger.enter(scope, "oauth-scope", change, what, name, old=places["old"], new=places["new"])
