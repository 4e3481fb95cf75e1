"""The shop against mocks of its providers."""

from __future__ import annotations

from decimal import Decimal

from acme._vendor.ivy_api import Ivy
from acme._vendor.worldline import WorldlineConnect
from acme.payments import cards_session, checkout_address

from tallystick.pytest_mock import StartMock


def test_an_order_gets_a_checkout(tallystick_mock: StartMock) -> None:
    with Ivy(api_key="test-key", base_url=tallystick_mock("ivy").url) as ivy:
        assert checkout_address(ivy, "order-1", Decimal("12.50")).startswith("http")


def test_a_returning_customer_gets_a_session(tallystick_mock: StartMock) -> None:
    address = tallystick_mock("worldline").url
    with WorldlineConnect(key_id="test-key-id", secret="test-secret", base_url=address) as worldline:
        assert cards_session(worldline, "1234", ["TOKEN_ID"])
