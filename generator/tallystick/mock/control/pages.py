"""The hosted page of a session: choose a bank, approve, fail or cancel, and go back to the merchant."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote

from tallystick.contract.life import Event, Lifecycle
from tallystick.mock.message import Answer, Request
from tallystick.mock.refusal import Refused
from tallystick.mock.state.lifecycle import PAGES
from tallystick.mock.state.records import Record

if TYPE_CHECKING:
    import jinja2

    from tallystick.mock.control.operations import Control

_SECURITY: Final = {
    # No form-action: it would also forbid the redirect to the merchant that follows the form.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "lang": "en",
        "title": "Bank login (simulated)",
        "note": "This page is part of a mock. No bank is involved and no money moves.",
        "bank": "Choose your bank",
        "over": "This session is over. You can close this page.",
        "unknown": "There is no such session.",
        "reference": "Reference",
        "amount": "Amount",
        "merchant": "Merchant",
        "state": "State",
        "finish": "Log in and approve",
        "fail": "Let the login fail",
        "cancel": "Cancel and go back",
        "complete": "Complete",
        "market": "Country",
    },
    "de": {
        "lang": "de",
        "title": "Bank-Anmeldung (simuliert)",
        "note": "Diese Seite gehört zu einem Mock. Keine Bank ist beteiligt und kein Geld fließt.",
        "bank": "Wählen Sie Ihre Bank",
        "over": "Diese Sitzung ist beendet. Sie können diese Seite schließen.",
        "unknown": "Diese Sitzung gibt es nicht.",
        "reference": "Referenz",
        "amount": "Betrag",
        "merchant": "Händler",
        "state": "Status",
        "finish": "Anmelden und zustimmen",
        "fail": "Anmeldung scheitern lassen",
        "cancel": "Abbrechen und zurück",
        "complete": "Abschließen",
        "market": "Land",
    },
}


async def page(control: Control, request: Request) -> Answer:
    """Answer a request for a hosted page: show it, or take the user's choice and send the browser back."""
    with control.mock.store.transaction():
        control.mock.tick()
    lifecycle, record = _found(control, request.path)
    if lifecycle is None or record is None:
        words = _words(request, {})
        return _html(404, words, [], [], [], closing=words["unknown"])
    words = _words(request, record.resource)
    if request.method in ("GET", "HEAD"):
        return _shown(200, words, lifecycle, record)
    if request.method != "POST":
        return Answer(405, headers={"Allow": "GET, HEAD, POST"})
    choice = dict(parse_qsl(request.body.decode("utf-8", "replace"))).get("event", "")
    if choice not in [e.name for e in _actions(lifecycle, record)]:
        return _shown(409, words, lifecycle, record)
    status, location = await _chosen(control, lifecycle, record, choice)
    if location is not None:
        return Answer(303, headers={"Location": location, **_SECURITY})
    return _shown(status, words, lifecycle, _found(control, request.path)[1] or record)


async def _chosen(control: Control, lifecycle: Lifecycle, record: Record, choice: str) -> tuple[int, str | None]:
    """Let happen what the user has chosen; return the answer's status, and where the browser is sent, if anywhere."""
    try:
        happened = await control.let_happen(lifecycle.resource, record, choice)
    except Refused:  # something else has happened since the page was opened
        return 409, None
    location = happened.get("location")
    return 200, location if isinstance(location, str) else None


def _found(control: Control, path: str) -> tuple[Lifecycle | None, Record | None]:
    tokens = [unquote(t) for t in path.removeprefix(PAGES).split("/")[1:]]
    if len(tokens) != 3:
        return None, None
    resource, tenant, key = tokens
    lifecycle = control.mock.engine.holdings.lifecycles.get(resource)
    if lifecycle is None or not lifecycle.page_member:
        return None, None
    return lifecycle, control.mock.engine.holdings.records[resource].find("" if tenant == "-" else tenant, key)


def _actions(lifecycle: Lifecycle, record: Record) -> list[Event]:
    """Return what the user can do: the events that send the browser somewhere."""
    return [e for e in lifecycle.events if e.returns and record.state in e.source_states]


def _shown(status: int, words: Mapping[str, str], lifecycle: Lifecycle, record: Record) -> Answer:
    resource: dict[str, Any] = record.resource
    price = resource.get("price")
    merchant = resource.get("merchant")
    facts = [
        (words["merchant"], merchant.get("legalName") if isinstance(merchant, dict) else resource.get("merchantId")),
        (words["reference"], resource.get("referenceId")),
        (words["amount"], f"{price.get('total')} {price.get('currency')}" if isinstance(price, dict) else None),
        (words["market"], resource.get("market")),
        (words["state"], record.state),
    ]
    actions = [
        {"event": event.name, "label": words.get(event.name) or event.description or event.name}
        for event in _actions(lifecycle, record)
    ]
    told = [(name, value) for name, value in facts if value]
    return _html(status, words, actions, _banks(resource), told, closing=words["over"])


def _banks(resource: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return the banks to choose from: made-up ones of the market, or only the one that was chosen before."""
    market = str(resource.get("market") or next(iter(resource.get("availableMarkets") or []), "DE"))
    prefill = resource.get("prefill")
    chosen = prefill.get("bankId") if isinstance(prefill, dict) else None
    code = market.lower()
    banks = {f"{code}-example": f"Example Bank {market}", f"{code}-sample": f"Sample Savings {market}"}
    if chosen is not None:
        banks = {chosen: chosen} if resource.get("disableBankSelection") else {chosen: chosen, **banks}
    first = chosen or next(iter(banks))
    return [{"id": id_, "name": name, "chosen": id_ == first} for id_, name in banks.items()]


def _words(request: Request, resource: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the words of the session's locale, else of the browser's language, else English."""
    wanted = [resource.get("locale"), *_preferred(request.headers.get("accept-language", ""))]
    codes = (w[:2].lower() for w in wanted if isinstance(w, str))
    return _WORDS[next((code for code in codes if code in _WORDS), "en")]


def _preferred(languages: str) -> list[str]:
    """Return the languages of an `Accept-Language` header, most wanted first (RFC 9110, 12.5.4)."""
    pieces = (piece.partition(";") for piece in languages.split(","))
    weighed = [(_weight(parameters), name.strip()) for name, _, parameters in pieces]
    return [name for weight, name in sorted(weighed, key=lambda w: -w[0]) if weight > 0]


def _weight(parameters: str) -> float:
    try:
        return float(parameters.strip().removeprefix("q=") or 1)
    except ValueError:
        return 1.0


def _html(
    status: int,
    words: Mapping[str, str],
    actions: list[dict[str, str]],
    banks: list[dict[str, object]],
    facts: list[tuple[str, str]],
    *,
    closing: str,
) -> Answer:
    text = template("bank.html").render(words=words, actions=actions, banks=banks, facts=facts, closing=closing)
    return Answer(status, text.encode(), {"Content-Type": "text/html; charset=utf-8", **_SECURITY})


@cache
def template(name: str) -> jinja2.Template:
    """Return one of the mock's templates."""
    import jinja2

    loader = jinja2.PackageLoader("tallystick.mock.control")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(name)
