"""Methods that a path does not have: refused as such, with those that it has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

import requests
from requests.auth import AuthBase

from tallystick.contract.model import Operation
from tallystick.verify.server.auth import Signature, taken_by
from tallystick.verify.session import Session
from tallystick.verify.walks.caller import Caller, Reply, Stop, Walk
from tallystick.verify.walks.life import fresh, sample_of

_MOST = 100
"""Requests at most."""
_METHODS = ("PATCH", "PUT", "DELETE", "GET")
_NOT_ABOUT_METHODS = frozenset((429, 501))
"""Refusals for the number of requests, and of a method that the server knows nowhere (RFC 9110, section 15.6.2)."""


def run(caller: Caller) -> None:
    """Ask every path for methods that it does not have; what is left is for the engine's own phases."""
    if caller.session.plan.safe:
        return
    for operation, method in islice(_strangers(caller.session), _MOST):
        with suppress(Stop):
            _ask(Walk(caller, "methods"), operation, method)


def _strangers(session: Session) -> Iterator[tuple[Operation, str]]:
    """Yield an operation of each path with a method that the path doesn't have, then with the next such method."""
    first = sorted({o.path: o for o in reversed(session.operations)}.items())
    known = {(o.path, o.method) for o in session.contract.operations}
    for turn in range(len(_METHODS)):
        for number, (path, operation) in enumerate(first):
            method = _METHODS[(number + turn) % len(_METHODS)]
            if (path, method) not in known:
                yield operation, method


def _ask(walk: Walk, operation: Operation, method: str) -> None:
    session = walk.session
    sample = fresh(session, operation, sample_of(session, operation))
    if method == "GET":
        sample = replace(sample, body=None, media_type="")
    who = _Caller(session.knowledge.signature, operation)
    reply = walk.send(operation, sample, who=who, method=method, note="a method that there is not")
    if len(session.routes.paths(reply.request.url or "")) > 1:
        return  # the values in the path make it another one
    if reply.status == 405:
        if "allow" not in reply.headers:
            walk.fail("A 405 has no Allow", "RFC 9110, section 15.5.6 asks for it.", operation)
    elif not _refused_before(walk, operation, reply):
        walk.fail(f"{method} is not refused as such", f"The answer is {reply.status} instead of 405.", operation)


def _refused_before(walk: Walk, operation: Operation, reply: Reply) -> bool:
    """Say whether an answer may be for another reason: servers look at callers, rates and resources first."""
    if reply.status in (401, 403):
        return bool(taken_by(walk.session.contract, operation))
    return reply.status in _NOT_ABOUT_METHODS or (reply.status == 404 and "{" in operation.path)


@dataclass(frozen=True, slots=True, repr=False)
class _Caller(AuthBase):
    """Proves who it is as an operation asks for, whatever the method."""

    signature: Signature
    operation: Operation

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request, signed."""
        return self.signature.signed(request, self.operation)
