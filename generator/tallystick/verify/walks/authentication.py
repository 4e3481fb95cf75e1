"""Who does not prove who they are is refused, on every operation, and so is whoever changes what was signed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from urllib.parse import quote, urlsplit, urlunsplit

import requests
from requests.auth import AuthBase

from tallystick.contract.model import Operation, SecurityScheme
from tallystick.verify.facts.bodies import CUT_OFF, FORM
from tallystick.verify.facts.resource import at, refusals
from tallystick.verify.outcome.disguise import NOBODYS_NAME, NOBODYS_TOKEN
from tallystick.verify.result import Problem
from tallystick.verify.server.auth import Signature, body_of, header_text, taken_by, value_names
from tallystick.verify.server.routes import label
from tallystick.verify.session import Session
from tallystick.verify.walks.caller import NOBODY, Caller, Stop, Walk
from tallystick.verify.walks.life import fresh, sample_of

_LONG = timedelta(days=3650)
_SHORT = timedelta(seconds=30)
_UNREAD: tuple[tuple[str, str | None, bytes | None], ...] = (
    ("a body that is cut off", None, CUT_OFF),
    ("a body that is no JSON", None, FORM),
    ("no body", None, b""),
    ("a body of another type", "text/plain", None),
    ("a form for a body", "application/x-www-form-urlencoded", FORM),
)
"""Bodies by what they are called: their type and content, `None` for those of the operation's sample."""


def run(caller: Caller) -> None:
    """Try every operation that needs credentials without them, with wrong ones, and with broken ones."""
    session = caller.session
    known: list[bool] = []
    for operation in _guarded(session):
        usable = session.knowledge.signature.schemes(operation)
        schemes = tuple({_place(scheme): scheme for scheme in usable if value_names(scheme)}.values())
        if not schemes:
            session.problems.append(
                Problem(f"authentication of {label(operation)}", "there are no credentials for it")
            )
            continue
        with suppress(Stop):
            known.append(_each(Walk(caller, "authentication"), operation, schemes))
    if known and not any(known):
        session.given_up = "the server refuses the credentials, on every operation"


def run_unread(caller: Caller) -> None:
    """Send bodies that can't be read, without credentials: however such a request is refused, it has to be."""
    for operation in _guarded(caller.session):
        sample = sample_of(caller.session, operation)
        for what, kind, raw in _UNREAD if operation.body is not None else ():
            with suppress(Stop):
                walk = Walk(caller, "authentication", declared=False)
                given = fresh(walk.session, operation, sample)
                typed = given if kind is None else given.with_header("Content-Type", kind)
                reply = walk.send(operation, typed, who=NOBODY, raw=raw, note=f"no credentials, {what}")
                if reply.accepted:
                    message = f"The answer is {reply.status}; it has to be refused."
                    walk.fail(f"A request with no credentials and {what} is accepted", message, operation)


def _guarded(session: Session) -> Iterator[Operation]:
    """Yield the operations that let in those alone who prove who they are."""
    for operation in session.operations:
        if operation.security and () not in operation.security and _lets_in(operation):
            yield operation


def _place(scheme: SecurityScheme) -> tuple[str, str]:
    """Return where credentials travel: of several that one place is for, a request has the last."""
    if scheme.signer is not None:
        return "signature", scheme.name
    return (scheme.location, scheme.parameter.lower()) if scheme.kind == "apiKey" else ("header", "authorization")


def _lets_in(operation: Operation) -> bool:
    """Say whether an operation has an answer other than refusals."""
    return not operation.outcomes or any(o.status[0] not in "45" for o in operation.outcomes)


def _each(walk: Walk, operation: Operation, schemes: tuple[SecurityScheme, ...]) -> bool:
    """Try to get in; say whether the valid credentials do."""
    sample = fresh(walk.session, operation, sample_of(walk.session, operation))
    reply = walk.send(operation, sample, note="with valid credentials")
    if reply.status in _refused_with(operation):
        message = f"The answer is {reply.status}; the credentials come from the environment."
        walk.fail("Valid credentials are refused", message, operation)
        return False
    seen = header_text(reply.request.headers.get("Authorization", ""))
    for what, who in (*_impostors(walk.session, operation, schemes), *_replays(walk.session, schemes, seen)):
        walk.restart()
        sample = fresh(walk.session, operation, sample_of(walk.session, operation))
        with suppress(Harmless):
            reply = walk.send(operation, sample, who=who, note=what)
            walk.refused(reply, f"A request with {what}", _situation(operation))
    _numbered(walk, operation)
    return True


def _numbered(walk: Walk, operation: Operation) -> None:
    """An error that has an id of its own has another one each time."""
    pairs = refusals(operation, _situation(operation))
    places = {pointer for _, error in pairs for pointer, what in error.fill.items() if what == "id"}
    if places:
        walk.restart()
        sample = sample_of(walk.session, operation)
        first, second = (walk.send(operation, sample, who=NOBODY, note="no credentials") for _ in range(2))
        for pointer in sorted(places):
            one, other = at(first.body, pointer), at(second.body, pointer)
            if one == other and isinstance(one, str):
                walk.fail(f"Two errors have the same {pointer[1:]}", f"It is {one!r}.", operation)


def _situation(operation: Operation) -> str:
    return "unauthenticated" if refusals(operation, "unauthenticated") else "forbidden"


def _refused_with(operation: Operation) -> tuple[int, ...]:
    """Return the statuses that say that a caller is not known."""
    documented = (outcome.status for outcome, _ in refusals(operation, "unauthenticated"))
    return tuple(int(status) for status in documented if status.isdecimal()) or (401,)


def _impostors(
    session: Session, operation: Operation, schemes: tuple[SecurityScheme, ...]
) -> Iterator[tuple[str, AuthBase]]:
    yield "no credentials", NOBODY
    signature = session.knowledge.signature
    for scheme in schemes:
        if scheme.signer is None:
            for what, values in _wrong(session.target.credentials.values[scheme.name]):
                yield what, session.signature(session.target.credentials.replaced(scheme.name, values))
            others = taken_by(session.contract, operation)
            yield from _elsewhere(scheme, session.target.credentials.values[scheme.name], others)
        else:
            yield from _forgers(session, signature, operation, scheme)


def _wrong(values: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield credentials that are almost right."""
    yield "other credentials", {name: f"no-{value[::-1]}" for name, value in values.items()}
    yield "cut credentials", {name: value[:-1] for name, value in values.items()}
    yield "the end of credentials", {name: value[1:] for name, value in values.items()}
    yield "almost the credentials", {n: v[:-1] + ("x" if v[-1:] != "x" else "y") for n, v in values.items()}
    yield "longer credentials", {name: f"{value}x" for name, value in values.items()}
    yield "credentials with others after them", {name: f"{value},x" for name, value in values.items()}
    yield "credentials with others before them", {name: f"x,{value}" for name, value in values.items()}
    yield "empty credentials", dict.fromkeys(values, "")
    yield "blank credentials", dict.fromkeys(values, " ")
    yield "an asterisk for credentials", dict.fromkeys(values, "*")
    swapped = {name: value.swapcase() for name, value in values.items()}
    if swapped != values:
        yield "credentials in other letter case", swapped


def _elsewhere(
    scheme: SecurityScheme, values: Mapping[str, str], others: tuple[SecurityScheme, ...]
) -> Iterator[tuple[str, AuthBase]]:
    """Yield the right key in places where the contract does not have it; a key may well be another scheme's token."""
    if scheme.kind != "apiKey":
        return
    name, key = scheme.parameter, values[""]
    if scheme.location != "query":
        yield "the key in the query", _Placed(lambda request: _add_query(request, f"{quote(name)}={quote(key)}"))
    if scheme.location != "cookie":
        yield "the key in a cookie", _Placed(_set("Cookie", f"{name}={key}"))
    if scheme.location != "header":
        yield "the key in a header", _Placed(_set(name, key))
    if name.lower() != "authorization" and all(other.kind == "apiKey" for other in others):
        yield "the key as a bearer token", _Placed(_set("Authorization", f"Bearer {key}"))
        yield "nobody's bearer token", _Placed(_set("Authorization", NOBODYS_TOKEN))
        yield "nobody's name and password", _Placed(_set("Authorization", NOBODYS_NAME))
        yield "the key in the header Authorization", _Placed(_set("Authorization", key))


@dataclass(frozen=True, slots=True, repr=False)
class _Placed(AuthBase):
    """Changes a request that has no credentials."""

    change: Callable[[requests.PreparedRequest], None]

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request, changed."""
        self.change(request)
        return request


@dataclass(frozen=True, slots=True, repr=False)
class Forger(AuthBase):
    """Signs a request and changes it afterwards."""

    signature: Signature
    change: Callable[[requests.PreparedRequest], None]

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request, changed."""
        signed = self.signature(request)
        self.change(signed)
        return signed


def _forgers(
    session: Session, signature: Signature, operation: Operation, scheme: SecurityScheme
) -> Iterator[tuple[str, AuthBase]]:
    """Yield every change of a signed request that the provider's own verifier does not accept either."""
    for what, forger in (*_signed_otherwise(session, signature, operation, scheme), *_changed(signature, operation)):
        yield what, _Unless(forger, signature, scheme.name)


def _signed_otherwise(
    session: Session, signature: Signature, operation: Operation, scheme: SecurityScheme
) -> Iterator[tuple[str, AuthBase]]:
    """Yield what signs something else than what is sent, or in another way."""
    values = session.target.credentials.values[scheme.name]
    for name in values:
        for kind, value in (("another", f"{values[name]}x"), ("an empty", "")):
            wrong = session.target.credentials.replaced(scheme.name, {**values, name: value})
            yield f"a signature of {kind} {name.replace('_', ' ')}", session.signature(wrong)
    for kind, value in (("an asterisk", "*"), ("a blank", " ")):
        yield f"{kind} for a signature", Forger(signature, _set("Authorization", value))
    yield "a signature of long ago", signature.at(session.moment() - _LONG)
    for digest in ("sha1", "md5"):
        yield f"a signature made with {digest.upper()}", signature.weakened(digest)
    now = session.moment()
    yield "a signature without Date", signature.dated("")
    yield "a Date that is none", signature.dated("yesterday")
    yield "a Date in another form", signature.dated(now.isoformat())
    yield "a Date in another zone", signature.dated(now.strftime("%a, %d %b %Y %H:%M:%S +0000"))
    for method in ("GET", "POST"):
        if method != operation.method:
            yield f"a signature for {method}", _Disguise(signature, method)


def _replays(session: Session, schemes: tuple[SecurityScheme, ...], seen: str) -> Iterator[tuple[str, AuthBase]]:
    """Yield a signature that the server has seen to be valid, on a request of another moment."""
    signature, earlier = session.knowledge.signature, session.moment() - _SHORT

    def change(request: requests.PreparedRequest) -> None:
        request.headers.update({"Authorization": seen, "Date": format_datetime(earlier, usegmt=True)})

    for scheme in schemes:
        if scheme.signer is not None and seen:
            yield "a signature of an earlier request", _Unless(Forger(signature, change), signature, scheme.name)


@dataclass(frozen=True, slots=True, repr=False)
class _Disguise(AuthBase):
    """Signs a request as if it had another method."""

    signature: Signature
    method: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request, signed for the other method."""
        operation = self.signature.operation(request)
        mine, request.method = request.method, self.method
        signed = self.signature.signed(request, operation)
        signed.method = mine
        return signed


def _changed(signature: Signature, operation: Operation) -> Iterator[tuple[str, AuthBase]]:
    for what, change in _changes(operation):
        yield what, Forger(signature, change)


def _changes(operation: Operation) -> Iterator[tuple[str, Callable[[requests.PreparedRequest], None]]]:
    for name in ("Authorization", "Date", "Content-Type"):
        yield f"{name} taken away after signing", _without(name)
    yield "a changed signature", _turn_end("Authorization")
    yield "a cut signature", _cut("Authorization")
    yield "a signature of which there is only the start", _mark(lambda mark: mark[: len(mark) // 2])
    yield "an empty signature", _mark(lambda _: "")
    yield "a signature in other letter case", _mark(str.swapcase)
    yield "a changed scheme", _set_start("Authorization")
    yield "a changed Date", _set("Date", "Thu, 01 Jan 2015 00:00:00 GMT")
    yield "a changed Content-Type", _set("Content-Type", "application/json; charset=utf-8")
    yield "a query added after signing", _add_query
    for parameter in operation.parameters:
        if parameter.location == "header":
            yield f"{parameter.name} set after signing", _set(parameter.name, "YWx0ZXJlZA==")
        elif f"{{{parameter.name}}}" in operation.path.split("/"):
            yield f"another {parameter.name} after signing", _change_path(operation, parameter.name)
    yield "a body changed after signing", _change_body


def _without(name: str) -> Callable[[requests.PreparedRequest], None]:
    def change(request: requests.PreparedRequest) -> None:
        request.headers.pop(name, None)

    return change


def _set(name: str, value: str) -> Callable[[requests.PreparedRequest], None]:
    return lambda request: request.headers.update({name: value})


def _turn_end(name: str) -> Callable[[requests.PreparedRequest], None]:
    def change(request: requests.PreparedRequest) -> None:
        value = header_text(request.headers.get(name, ""))
        request.headers[name] = value[:-3] + ("A" if value[-3:-2] != "A" else "B") + value[-2:]

    return change


def _cut(name: str) -> Callable[[requests.PreparedRequest], None]:
    return lambda request: request.headers.update({name: header_text(request.headers.get(name, ""))[:-5]})


_MARK = re.compile(r"[A-Za-z0-9+/=_-]{16,}(?=\W*$)")
"""A signature in the header Authorization: the long word at its end."""


def _mark(change: Callable[[str], str]) -> Callable[[requests.PreparedRequest], None]:
    """Change the signature itself and leave all that stands before it."""

    def apply(request: requests.PreparedRequest) -> None:
        value = header_text(request.headers.get("Authorization", ""))
        request.headers["Authorization"] = _MARK.sub(lambda found: change(found[0]), value)

    return apply


def _set_start(name: str) -> Callable[[requests.PreparedRequest], None]:
    return lambda request: request.headers.update({name: f"X{header_text(request.headers.get(name, ''))[1:]}"})


def _change_path(operation: Operation, name: str) -> Callable[[requests.PreparedRequest], None]:
    """Change the path parameter, counted from the end, since a server may stand under a path of its own."""
    template = operation.path.split("/")
    place = template.index(f"{{{name}}}") - len(template)

    def change(request: requests.PreparedRequest) -> None:
        parts = urlsplit(request.url or "")
        names = parts.path.split("/")
        names[place] += "0"
        request.url = urlunsplit(parts._replace(path="/".join(names)))

    return change


def _add_query(request: requests.PreparedRequest, pair: str = "added=1") -> None:
    request.url = f"{request.url}{'&' if '?' in (request.url or '') else '?'}{pair}"


def _change_body(request: requests.PreparedRequest) -> None:
    request.body = body_of(request) + b" "
    request.headers["Content-Length"] = str(len(request.body))


@dataclass(frozen=True, slots=True, repr=False)
class _Unless(AuthBase):
    """Changes a request, and raises `Harmless` when the provider's verifier would take it all the same."""

    forger: AuthBase
    signature: Signature
    scheme: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request that has to be refused. Raises `Harmless`."""
        changed = self.forger(request)
        if self.signature.accepts(self.scheme, changed):
            raise Harmless
        return changed


class Harmless(Exception):
    """A change that the signature does not cover."""
