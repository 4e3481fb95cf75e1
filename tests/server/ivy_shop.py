"""Ivy's server half by hand, all in memory: what a provider writes against the generated package `ivy_server`."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import uuid4

from ivy_server import create_app, errors, models
from starlette.applications import Starlette

KEYS = {"test-key": "m_1", "test-other": "m_2"}
HOUR, SHORTEST, LONGEST = 3600.0, 1800.0, 86400.0
SHOP_PAGE = "https://shop.example/done"


class Keys:
    """Knows merchants by their API keys."""

    async def api_key(self, *, key: str) -> str | None:
        return KEYS.get(key)


class Session(Protocol):
    """What the sessions of both kinds have."""

    @property
    def id(self) -> str: ...
    @property
    def reference_id(self) -> str | None: ...


S = TypeVar("S", bound=Session)


@dataclass
class Shelf(Generic[S]):
    """Sessions of one kind, each seen by its own merchant alone."""

    prefix: str
    kept: dict[tuple[str, str], S] = field(default_factory=dict)

    def new_id(self) -> str:
        return f"{self.prefix}_{uuid4().hex}"

    def require_unused(self, merchant: str, reference_id: str) -> None:
        if any(owner == merchant and s.reference_id == reference_id for (owner, _), s in self.kept.items()):
            raise errors.BadRequestError("is used by another session", pointer="referenceId", value=reference_id)

    def keep(self, merchant: str, session: S) -> S:
        self.kept[merchant, session.id] = session
        return session

    def find(self, merchant: str, key: str) -> S:
        if (merchant, key) not in self.kept:
            raise errors.NotFoundError(f"there is no session {key}")
        return self.kept[merchant, key]


def expiry(created: float, asked: float | None) -> float:
    """Say when a session is over. Refuses what is too soon or too late."""
    if asked is not None and not created + SHORTEST <= asked <= created + LONGEST:
        raise errors.BadRequestError("has to be 30 minutes to 24 hours after creation", pointer="expiresAt")
    return created + HOUR if asked is None else asked


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@dataclass
class DataSessions:
    shelf: Shelf[models.CreatedDataSession] = field(default_factory=lambda: Shelf("ds"))
    consents: dict[str, models.Consent] = field(default_factory=dict)

    async def create(self, *, body: models.CreateDataSessionRequest, caller: str) -> models.CreatedDataSession:
        self.shelf.require_unused(caller, body.reference_id)
        now = time.time()
        created = now if body.created_at is None else body.created_at
        new = self.shelf.new_id()
        given = body.to_dict()
        same = {n: given[n] for n in ("locale", "market", "metadata", "prefill") if n in given}
        session = models.CreatedDataSession(
            id=new,
            reference_id=body.reference_id,
            display_id=body.display_id if body.display_id is not None else body.reference_id,
            merchant_id=caller,
            status="open",
            created_at=created,
            updated_at=now,
            expires_at=expiry(created, body.expires_at),
            disable_bank_selection=body.disable_bank_selection,
            success_callback_url=body.success_callback_url or SHOP_PAGE,
            error_callback_url=body.error_callback_url or SHOP_PAGE,
            redirect_url=f"https://bank.example/{new}",
            available_markets=[body.market or "DE"],
            **same,
        )
        self.consents[new] = models.Consent(
            permissions=["accounts"], status="created", created_at=now, updated_at=now
        )
        return self.shelf.keep(caller, session)

    async def retrieve(self, *, body: models.DataSessionIdRequest, caller: str) -> models.DataSession:
        session = self.shelf.find(caller, body.id)
        over = session.status == "open" and session.expires_at <= time.time()
        shown = session.replace(status="expired") if over else session
        hidden = ("redirectUrl", "availableMarkets")
        return models.DataSession.model_validate({n: v for n, v in shown.to_dict().items() if n not in hidden})


@dataclass
class SharedData:
    """Accounts, balances and transactions: nothing yet, since no user came by."""

    sessions: DataSessions

    def require(self, caller: str, body: models.SessionIdRequest) -> None:
        self.sessions.shelf.find(caller, body.session_id)


class Accounts(SharedData):
    async def list(self, *, body: models.SessionIdRequest, caller: str) -> models.AccountList:
        self.require(caller, body)
        return models.AccountList(accounts=[])


class Balances(SharedData):
    async def list(self, *, body: models.SessionIdRequest, caller: str) -> models.BalanceList:
        self.require(caller, body)
        return models.BalanceList(balances=[])


class Transactions(SharedData):
    async def list(self, *, body: models.SessionIdRequest, caller: str) -> models.TransactionList:
        self.require(caller, body)
        return models.TransactionList(transactions=[])


@dataclass
class Consents:
    sessions: DataSessions

    async def retrieve(self, *, body: models.SessionIdRequest, caller: str) -> models.Consent:
        self.sessions.shelf.find(caller, body.session_id)
        return self.sessions.consents[body.session_id]

    async def revoke(self, *, body: models.SessionIdRequest, caller: str) -> models.RevokedConsent:
        consent = await self.retrieve(body=body, caller=caller)
        if consent.status not in ("created", "authorised"):
            raise errors.ConflictError(f"the consent is {consent.status}")
        now = time.time()
        self.sessions.consents[body.session_id] = consent.replace(status="revoked", updated_at=now, revoked_at=now)
        return models.RevokedConsent(
            permissions=consent.permissions,
            status="revoked",
            created_at=consent.created_at,
            updated_at=now,
            revoked_at=now,
        )


@dataclass
class CheckoutSessions:
    shelf: Shelf[models.CheckoutSession] = field(default_factory=lambda: Shelf("cs"))
    answered: dict[tuple[str, str], tuple[object, models.CheckoutSession]] = field(default_factory=dict)

    def replayed(self, caller: str, key: str | None, body: object) -> models.CheckoutSession | None:
        """Give the answer to an earlier request with this key. Refuses the key with another body."""
        if key is None or (caller, key) not in self.answered:
            return None
        before, answer = self.answered[caller, key]
        if before != body:
            raise errors.IdempotencyConflictError("this key was used with another body")
        return answer

    def remember(
        self, caller: str, key: str | None, body: object, answer: models.CheckoutSession
    ) -> models.CheckoutSession:
        if key is not None:
            self.answered[caller, key] = (body, answer)
        return answer

    async def create(
        self, *, idempotency_key: str | None, body: models.CreateCheckoutSessionRequest, caller: str
    ) -> models.CheckoutSession:
        before = self.replayed(caller, idempotency_key, body)
        if before is not None:
            return before
        self.shelf.require_unused(caller, body.reference_id)
        now = time.time()
        created = now if body.created is None else body.created
        new = self.shelf.new_id()
        given = body.to_dict()
        required: dict[str, Any] = given.get("required", {})
        known: dict[str, Any] = {}
        if "customer" in given:
            known["customer"] = {"id": f"c_{uuid4().hex}", **given["customer"]}
        if "lineItems" in given:
            known["lineItems"] = [{"quantity": 1, **item} for item in given["lineItems"]]
        session = models.CheckoutSession.model_validate(
            {
                **{name: value for name, value in given.items() if name not in NOT_SHOWN},
                **known,
                "id": new,
                "status": "open",
                "merchant": {"id": caller, "appId": f"app_{caller}", "legalName": "A shop"},
                "appId": f"app_{caller}",
                "merchantAppId": f"app_{caller}",
                "created": created,
                "createdAt": moment(now),
                "updatedAt": moment(now),
                "expiresAt": expiry(created, body.expires_at),
                "redirectUrl": f"https://bank.example/{new}",
                "availableMarkets": [body.market or "DE"],
                "paymentMode": body.payment_mode or "settlement",
                "required": {"phone": required.get("phone", False)},
            }
        )
        return self.remember(caller, idempotency_key, body, self.shelf.keep(caller, session))

    async def retrieve(self, *, body: models.CheckoutSessionIdRequest, caller: str) -> models.CheckoutSession:
        session = self.shelf.find(caller, body.id)
        over = session.status == "open" and session.expires_at <= time.time()
        return session.replace(status="expired") if over else session

    async def expire(
        self, *, idempotency_key: str | None, body: models.CheckoutSessionIdRequest, caller: str
    ) -> models.CheckoutSession:
        before = self.replayed(caller, idempotency_key, body)
        if before is not None:
            return before
        session = await self.retrieve(body=body, caller=caller)
        if session.status != "open":
            raise errors.ConflictError(f"the session is {session.status}")
        ended = session.replace(status="expired", updated_at=moment(time.time()))
        return self.remember(caller, idempotency_key, body, self.shelf.keep(caller, ended))


NOT_SHOWN = ("settlementDestination", "themeVariant", "discounts", "riskCheck", "verificationToken")
"""What a request has and no answer shows."""


def new_app() -> Starlette:
    data_sessions = DataSessions()
    return create_app(
        authenticator=Keys(),
        accounts=Accounts(data_sessions),
        balances=Balances(data_sessions),
        checkout_sessions=CheckoutSessions(),
        consents=Consents(data_sessions),
        data_sessions=data_sessions,
        transactions=Transactions(data_sessions),
    )


app = new_app()
