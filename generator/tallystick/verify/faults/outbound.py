"""Faults in what a server sends by itself, and in what time does there."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urljoin

import httpx2

from tallystick.contract.life import Lifecycle
from tallystick.load import Json
from tallystick.verify.data.adapt import moment_of
from tallystick.verify.facts.bodies import parsed
from tallystick.verify.facts.media import json_media
from tallystick.verify.faults.fault import Bench, Fault, kind
from tallystick.verify.faults.tamper import Answer, Headers, Layer, Request, with_json
from tallystick.verify.server.control import PATH
from tallystick.verify.server.receiver import Delivery
from tallystick.verify.server.routes import Routes, label
from tallystick.verify.server.wire import App

_TARGETS = f"{PATH}/webhooks/targets"
Spoil = Callable[[Delivery], list[Delivery]]


class _Relay:
    """Stands between a server and a receiver of webhooks, and changes what passes."""

    def __init__(self, to: str, spoil: Spoil) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(to, spoil))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


def _handler(to: str, spoil: Spoil) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Sends on what the function makes of each request."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            for made in spoil(Delivery(self.command, self.path, tuple(self.headers.items()), body)):
                kept = [(n, v) for n, v in made.headers if n.lower() not in ("host", "content-length")]
                place = urljoin(to, made.target)
                httpx2.request(made.method, place, headers=kept, content=made.body, trust_env=False)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's form)
            """Keep quiet."""

    return Handler


class _Relaying(Layer):
    """Puts a relay between the server and whoever asks for webhooks."""

    def __init__(self, app: App, routes: Routes, spoil: Spoil) -> None:
        super().__init__(app, routes)
        self._spoil = spoil
        self._relays: list[_Relay] = []

    def incoming(self, request: Request) -> Request:
        """Return the request, with the relay's address when it names a receiver."""
        body: Json = request.json
        if request.method == "DELETE" and request.path.startswith(_TARGETS):
            for relay in self._relays:
                relay.close()
            self._relays = []
        if request.method != "POST" or request.path != _TARGETS or not isinstance(body, dict):
            return request
        self._relays.append(_Relay(str(body["url"]), self._spoil))
        return with_json(request, {**body, "url": self._relays[-1].url})


def _sent(bench: Bench, name: str, spoil: Spoil) -> Iterator[Fault]:
    lifecycles = bench.contract.lifecycles
    effects = [effect.webhooks for lc in lifecycles for effect in lc.effects]
    sends = any([*effects, *(event.webhooks for lc in lifecycles for event in lc.events)])
    if bench.contract.webhooks and sends:
        yield Fault(name, "every webhook", lambda app: _Relaying(app, bench.routes, spoil))


def _with_headers(delivery: Delivery, change: Callable[[str, str], str | None]) -> list[Delivery]:
    made: Headers = tuple((n, v) for n, old in delivery.headers if (v := change(n, old)) is not None)
    return [replace(delivery, headers=made)]


@kind
def webhook_lost(bench: Bench) -> Iterator[Fault]:
    """No webhook is sent."""
    return _sent(bench, "webhook-lost", lambda _: [])


@kind
def webhook_twice(bench: Bench) -> Iterator[Fault]:
    """Every webhook is sent twice."""
    return _sent(bench, "webhook-twice", lambda d: [d, d])


@kind
def webhook_unsigned(bench: Bench) -> Iterator[Fault]:
    """Webhooks are not signed."""
    names = _signature_headers(bench)
    spoil = lambda d: _with_headers(d, lambda n, v: None if n.lower() in names else v)  # noqa: E731
    return _sent(bench, "webhook-unsigned", spoil) if names else iter(())


@kind
def webhook_signature_wrong(bench: Bench) -> Iterator[Fault]:
    """Webhooks are signed with another secret."""
    names = _signature_headers(bench)
    spoil = lambda d: _with_headers(d, lambda n, v: v[::-1] if n.lower() in names else v)  # noqa: E731
    return _sent(bench, "webhook-signature-wrong", spoil) if names else iter(())


def _signature_headers(bench: Bench) -> frozenset[str]:
    needs = (n.scheme for w in bench.contract.webhooks for alternative in w.operation.security for n in alternative)
    schemes = (bench.contract.security_schemes[name] for name in needs)
    return frozenset(s.parameter.lower() for s in schemes if s.signer is not None)


@kind
def webhook_type_wrong(bench: Bench) -> Iterator[Fault]:
    """Webhooks are declared as text."""
    spoil = lambda d: _with_headers(d, lambda n, v: "text/plain" if n.lower() == "content-type" else v)  # noqa: E731
    return _sent(bench, "webhook-type-wrong", spoil)


@kind
def webhook_changed_after_signing(bench: Bench) -> Iterator[Fault]:
    """The body of webhooks is changed after it was signed."""
    names = _signature_headers(bench)
    spoil = lambda d: [replace(d, body=d.body + b" ")]  # noqa: E731
    return _sent(bench, "webhook-changed-after-signing", spoil) if names else iter(())


@kind
def webhook_member_missing(bench: Bench) -> Iterator[Fault]:
    """Webhooks lack their last member."""

    def spoil(delivery: Delivery) -> list[Delivery]:
        body = parsed(delivery.body)
        if not isinstance(body, dict):
            return [delivery]
        message = Request(None, delivery.method, delivery.target, "", delivery.headers, delivery.body)
        return [replace(delivery, body=with_json(message, dict(list(body.items())[:-1])).body)]

    return _sent(bench, "webhook-member-missing", spoil)


class _Aging(Layer):
    """Shows resources in another state, depending on the time."""

    def __init__(self, app: App, bench: Bench, lifecycle: Lifecycle, operation: str, *, early: bool) -> None:
        super().__init__(app, bench.routes)
        self._lifecycle = lifecycle
        self._operation = operation
        self._early = early

    async def handle(self, request: Request) -> Answer:
        """Answer a read."""
        answer = await self.ask(request)
        body: Any = answer.json
        expiry = self._lifecycle.expiry
        mine = request.is_for(self._operation) and answer.accepted
        if not mine or not isinstance(body, dict) or expiry is None:
            return answer
        member = self._lifecycle.state_member
        if not self._early:
            over = body.get(member) == expiry.target_state
            return with_json(answer, {**body, member: self._lifecycle.initial}) if over else answer
        at = moment_of(body.get(expiry.at))
        clock: Any = (await self.ask(Request(None, "GET", f"{PATH}/clock", "", (), b""))).json
        if at is not None and isinstance(clock, dict) and at - clock["now"] < 120:
            return with_json(answer, {**body, member: expiry.target_state})
        return answer


def _aging(bench: Bench, name: str, *, early: bool) -> Iterator[Fault]:
    for lifecycle, effect, operation in bench.roles():
        media = json_media(operation)
        members = media.schema.members() if media is not None and media.schema is not None else {}
        expires = (
            lifecycle.expiry is not None and lifecycle.expiry.at in members and lifecycle.state_member in members
        )
        if effect.effect == "read" and expires:

            def layer(app: App, of: Lifecycle = lifecycle, its: str = operation.id) -> App:
                return _Aging(app, bench, of, its, early=early)

            yield Fault(name, label(operation), layer)


@kind
def expiry_ignored(bench: Bench) -> Iterator[Fault]:
    """A resource never expires."""
    return _aging(bench, "expiry-ignored", early=False)


@kind
def expires_early(bench: Bench) -> Iterator[Fault]:
    """A resource expires two minutes too early."""
    return _aging(bench, "expires-early", early=True)


class _Homeward(Layer):
    """Takes the query from the address to which a browser is sent back."""

    def outgoing(self, request: Request, answer: Answer) -> Answer:
        """Return the answer of the control surface without that query."""
        body: Any = answer.json
        if not request.path.startswith(f"{PATH}/resources/") or not isinstance(body, dict) or "location" not in body:
            return answer
        return with_json(answer, {**body, "location": str(body["location"]).partition("?")[0]})


@kind
def return_without_query(bench: Bench) -> Iterator[Fault]:
    """The browser comes back without the query that the contract adds."""
    for lifecycle in bench.contract.lifecycles:
        used = {event.returns for event in lifecycle.events}
        if any(returns.query for returns in lifecycle.returns if returns.name in used):
            yield Fault("return-without-query", lifecycle.resource, lambda app: _Homeward(app, bench.routes))


@kind
def webhook_state_stale(bench: Bench) -> Iterator[Fault]:
    """Webhooks, signed as they should be, tell of a resource as it was when it was created."""
    states = {lc.state_member: lc.initial for lc in bench.contract.lifecycles if lc.state_member and lc.of == ""}

    def old(value: Json) -> Json:
        if isinstance(value, dict):
            return {n: states.get(n, "") if n in states and isinstance(v, str) else old(v) for n, v in value.items()}
        return value

    def spoil(delivery: Delivery) -> list[Delivery]:
        return [_signed_again(bench, replace(delivery, body=json.dumps(old(parsed(delivery.body))).encode()))]

    return _sent(bench, "webhook-state-stale", spoil) if states else iter(())


@kind
def webhook_of_another(bench: Bench) -> Iterator[Fault]:
    """Webhooks, signed as they should be, tell of the resource that the last one of their kind was about."""
    schemas = (w.operation.body.media[0].schema for w in bench.contract.webhooks if w.operation.body is not None)
    members = (m for schema in schemas if schema is not None for m in schema.members().values())
    marks = [part.get("const") for member in members for part in member.parts() if "const" in part]
    told: dict[str, dict[str, Json]] = {}

    def spoil(delivery: Delivery) -> list[Delivery]:
        body = parsed(delivery.body)
        if not isinstance(body, dict):
            return [delivery]
        inner: dict[str, Json] = {name: value for name, value in body.items() if isinstance(value, dict)}
        mark = next((str(value) for value in body.values() if value in marks), "")
        before, told[mark] = told.get(mark, {}), inner
        return [_signed_again(bench, replace(delivery, body=json.dumps({**body, **before}).encode()))]

    return _sent(bench, "webhook-of-another", spoil) if marks else iter(())


@kind
def webhook_encoded(bench: Bench) -> Iterator[Fault]:
    """Webhooks say that they are compressed, of which the contract says nothing."""
    encoded: Headers = (("Content-Encoding", "br"),)
    return _sent(bench, "webhook-encoded", lambda d: [replace(d, headers=(*d.headers, *encoded))])


@kind
def webhook_elsewhere(bench: Bench) -> Iterator[Fault]:
    """Webhooks go to another path than the one that was asked for."""
    return _sent(bench, "webhook-elsewhere", lambda d: [replace(d, target=f"{d.target}/other")])


def _signed_again(bench: Bench, delivery: Delivery) -> Delivery:
    """Return a delivery with the provider's signature of what it has now."""
    for webhook in bench.contract.webhooks:
        for need in (need for alternative in webhook.operation.security for need in alternative):
            signer = bench.signature.signer(need.scheme)
            if signer is not None:
                made = signer.sign(
                    method=delivery.method,
                    target=delivery.target,
                    headers={},
                    body=delivery.body,
                    now=datetime.now(UTC),
                )
                return _with_headers(delivery, partial(_renewed, {n.lower(): v for n, v in made.items()}))[0]
    return delivery


def _renewed(made: Mapping[str, str], name: str, value: str) -> str:
    return made.get(name.lower(), value)
