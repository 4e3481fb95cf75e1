"""Faults in who may do what: credentials, signatures, tenants."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import requests

from tallystick.contract.model import Operation
from tallystick.verify.faults.fault import Bench, Fault, changing, kind
from tallystick.verify.faults.tamper import Request, header, with_header
from tallystick.verify.server.auth import Signature
from tallystick.verify.server.routes import label


def signed(bench: Bench, request: Request, signature: Signature | None = None) -> Request:
    """Return a request with the first caller's credentials, or other ones, in place of its own."""
    prepared = requests.Request(
        request.method,
        f"http://testserver{request.url}",
        headers={n: v for n, v in request.headers if n.lower() not in ("authorization", "date") and not v.isspace()},
        data=request.body,
    ).prepare()
    done = (signature or bench.signature)(prepared)
    headers = tuple((n.lower(), v if isinstance(v, str) else v.decode("latin-1")) for n, v in done.headers.items())
    path, _, query = (done.path_url or "").partition("?")
    return Request(request.operation, request.method, path, query, headers, request.body)


_CALLERS = ("test-key", "test-other")
"""The keys of the two callers that the mock under test knows."""

Excuse = Callable[[Request], bool]


def _let_in(bench: Bench, name: str, excuse: Excuse) -> Iterator[Fault]:
    """Yield a fault for each operation that lets in requests with an excuse, whoever sent them."""
    for operation in bench.contract.operations:
        if bench.signature.schemes(operation):

            def before(request: Request, wanted: str = operation.id) -> Request:
                mine = request.is_for(wanted)
                return signed(bench, request) if mine and excuse(request) else request

            yield Fault(name, label(operation), changing(bench, before=before))


def _carriers(bench: Bench, operation: Operation | None) -> tuple[str, ...]:
    schemes = bench.signature.schemes(operation)
    return tuple(s.parameter if s.kind == "apiKey" and s.location == "header" else "Authorization" for s in schemes)


def _given(bench: Bench, request: Request) -> str | None:
    return next((v for c in _carriers(bench, request.operation) if (v := header(request, c)) is not None), None)


def _right(bench: Bench, request: Request) -> str:
    return _given(bench, signed(bench, request)) or ""


def _has_signer(bench: Bench, request: Request) -> bool:
    return any(s.signer is not None for s in bench.signature.schemes(request.operation))


@kind
def credentials_not_needed(bench: Bench) -> Iterator[Fault]:
    """A request without credentials is served."""
    return _let_in(bench, "credentials-not-needed", lambda r: not _given(bench, r))


@kind
def any_credentials_accepted(bench: Bench) -> Iterator[Fault]:
    """Whatever stands where credentials belong is good."""
    return _let_in(bench, "any-credentials-accepted", lambda r: bool(_given(bench, r)))


@kind
def start_of_credentials_accepted(bench: Bench) -> Iterator[Fault]:
    """The beginning of a credential is as good as all of it."""

    def excuse(request: Request) -> bool:
        given, right = _given(bench, request), _right(bench, request)
        return given is not None and len(given) >= len(right) - 5 and right.startswith(given)

    return _let_in(bench, "start-of-credentials-accepted", excuse)


@kind
def letter_case_ignored(bench: Bench) -> Iterator[Fault]:
    """A credential is good in any letter case."""

    def excuse(request: Request) -> bool:
        given = _given(bench, request)
        return (
            not _has_signer(bench, request) and given is not None and given.lower() == _right(bench, request).lower()
        )

    return (f for f in _let_in(bench, "letter-case-ignored", excuse) if not _any_signer(bench))


def _any_signer(bench: Bench) -> bool:
    return any(s.signer is not None for o in bench.contract.operations for s in bench.signature.schemes(o))


def _signed_only(bench: Bench, name: str, excuse: Excuse) -> Iterator[Fault]:
    return _let_in(bench, name, excuse) if _any_signer(bench) else iter(())


@kind
def signature_not_verified(bench: Bench) -> Iterator[Fault]:
    """Only the key id counts, not the signature."""

    def excuse(request: Request) -> bool:
        return (_given(bench, request) or "").rpartition(":")[0] == _right(bench, request).rpartition(":")[0]

    return _signed_only(bench, "signature-not-verified", excuse)


@kind
def date_not_needed(bench: Bench) -> Iterator[Fault]:
    """A signed request needs no Date."""
    return _signed_only(
        bench, "date-not-needed", lambda r: header(r, "date") is None and _given(bench, r) is not None
    )


@kind
def signed_headers_ignored(bench: Bench) -> Iterator[Fault]:
    """Headers may be changed after signing."""

    def excuse(request: Request) -> bool:
        names = [p.name for p in request.operation.parameters] if request.operation is not None else []
        return _given(bench, request) is not None and any(header(request, n) == "YWx0ZXJlZA==" for n in names)

    return _signed_only(bench, "signed-headers-ignored", excuse)


@kind
def query_not_signed(bench: Bench) -> Iterator[Fault]:
    """A query may be added after signing."""
    return _signed_only(bench, "query-not-signed", lambda r: bool(r.query) and _given(bench, r) is not None)


@kind
def tenants_not_apart(bench: Bench) -> Iterator[Fault]:
    """Every caller sees and changes everything."""
    for lifecycle, effect, operation in bench.roles():
        if effect.key is not None and lifecycle.tenant == "credential" and not _any_signer(bench):

            def before(request: Request, wanted: str = operation.id) -> Request:
                mine = request.is_for(wanted)
                return signed(bench, request) if mine and _given(bench, request) in _CALLERS else request

            yield Fault("tenants-not-apart", label(operation), changing(bench, before=before))


@kind
def listed_credentials_accepted(bench: Bench) -> Iterator[Fault]:
    """A list of credentials is good when one of them is."""

    def excuse(request: Request) -> bool:
        return _right(bench, request) in (_given(bench, request) or "").split(",")

    return _let_in(bench, "listed-credentials-accepted", excuse) if not _any_signer(bench) else iter(())


@kind
def asterisk_accepted(bench: Bench) -> Iterator[Fault]:
    """An asterisk stands for any credentials."""
    return _let_in(bench, "asterisk-accepted", lambda r: _given(bench, r) == "*")


@kind
def blank_credentials_accepted(bench: Bench) -> Iterator[Fault]:
    """Credentials of which nothing but blanks are there are good."""
    return _let_in(bench, "blank-credentials-accepted", lambda r: (_given(bench, r) or "x").isspace())


@kind
def other_type_let_in(bench: Bench) -> Iterator[Fault]:
    """A body that is not said to be JSON needs no credentials, and is read all the same."""
    for operation in bench.contract.operations:
        if operation.body is not None and bench.signature.schemes(operation):

            def before(request: Request, wanted: str = operation.id) -> Request:
                mine = request.is_for(wanted)
                strange = "json" not in (header(request, "content-type") or "json")
                if not mine or not strange or _given(bench, request):
                    return request
                return signed(bench, with_header(request, "Content-Type", "application/json"))

            yield Fault("other-type-let-in", label(operation), changing(bench, before=before))


@kind
def key_taken_anywhere(bench: Bench) -> Iterator[Fault]:
    """The right key is good wherever it stands in a request."""

    def excuse(request: Request) -> bool:
        key = _right(bench, request)
        return not _given(bench, request) and (key in request.query or any(key in v for _, v in request.headers))

    return _let_in(bench, "key-taken-anywhere", excuse) if not _any_signer(bench) else iter(())


@kind
def end_of_credentials_accepted(bench: Bench) -> Iterator[Fault]:
    """The end of a credential is as good as all of it."""

    def excuse(request: Request) -> bool:
        given = _given(bench, request) or ""
        return len(given) > 2 and given != _right(bench, request) and _right(bench, request).endswith(given)

    return _let_in(bench, "end-of-credentials-accepted", excuse) if not _any_signer(bench) else iter(())


@kind
def signature_case_ignored(bench: Bench) -> Iterator[Fault]:
    """A signature is good in any letter case."""

    def excuse(request: Request) -> bool:
        given = _given(bench, request) or ""
        return given.lower() == _right(bench, request).lower()

    return _signed_only(bench, "signature-case-ignored", excuse)


@kind
def empty_signature_accepted(bench: Bench) -> Iterator[Fault]:
    """No signature is as good as the right one."""
    return _signed_only(bench, "empty-signature-accepted", lambda r: (_given(bench, r) or "x").endswith(":"))


@kind
def scheme_ignored(bench: Bench) -> Iterator[Fault]:
    """What stands before key and signature does not count."""

    def excuse(request: Request) -> bool:
        given, right = _given(bench, request) or "", _right(bench, request)
        return given[1:] == right[1:] and given != right

    return _signed_only(bench, "scheme-ignored", excuse)


@kind
def weak_digest_accepted(bench: Bench) -> Iterator[Fault]:
    """A signature made with an old digest is good too."""
    weak = bench.signature.weakened("sha1") if _any_signer(bench) else bench.signature

    def excuse(request: Request) -> bool:
        return _given(bench, request) == _given(bench, signed(bench, request, weak))

    return _signed_only(bench, "weak-digest-accepted", excuse)


@kind
def date_in_any_zone(bench: Bench) -> Iterator[Fault]:
    """A signed request may say its time in another zone than the provider's."""

    def excuse(request: Request) -> bool:
        date = header(request, "date") or ""
        mine = bench.signature.dated(date)
        return date.endswith("+0000") and _given(bench, request) == _given(bench, signed(bench, request, mine))

    return _signed_only(bench, "date-in-any-zone", excuse)
