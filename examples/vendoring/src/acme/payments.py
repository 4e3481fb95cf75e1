"""What the shop does with its payment providers, through the vendored clients."""

from __future__ import annotations

from decimal import Decimal

from acme._vendor.ivy_api import Ivy
from acme._vendor.ivy_api.models import Price
from acme._vendor.worldline import WorldlineConnect


def checkout_address(ivy: Ivy, order: str, total: Decimal) -> str:
    """Open a checkout for an order over `total` euros, and return where to send the browser."""
    session = ivy.checkout_sessions.create(
        reference_id=order,
        price=Price(currency="EUR", total=total),
        success_callback_url="https://shop.example/thanks",
        error_callback_url="https://shop.example/sorry",
    )
    assert session.redirect_url is not None
    return session.redirect_url


def cards_session(worldline: WorldlineConnect, merchant: str, tokens: list[str]) -> str:
    """Open a session for a returning customer's stored cards, and return its id for the browser."""
    return worldline.sessions.create(merchant_id=merchant, tokens=tokens).client_session_id
