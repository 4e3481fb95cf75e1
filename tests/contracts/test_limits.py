"""What the contracts allow and refuse, value by value."""

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tallystick import contract

SPEC = Path(__file__).parents[2] / "spec"
PRICE = {"currency": "EUR", "total": 10.23}
CHECKOUT = {"referenceId": "order-42", "price": PRICE}
ADDRESS = {"line1": "Hauptstrasse 2", "city": "Berlin", "zipCode": "10115", "country": "DE"}
IBAN = {"type": "iban", "iban": {"iban": "DE89370400440532013000", "accountHolderName": "Jane Roe"}}
HOLDER = {"accountHolderName": "Jane Roe"}


@cache
def document(name: str) -> Any:
    return contract.read(SPEC / name / "openapi.yaml", name=name, root=SPEC).document


def allows(api: str, schema: str, value: Any) -> bool:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": document(api)["components"]}
    return jsonschema_rs.Draft202012Validator(whole).is_valid(value)


DATA = "CreateDataSessionRequest"


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ({"referenceId": "a"}, True),
        ({}, False),
        ({"referenceId": "a" * 200}, True),
        ({"referenceId": "a" * 201}, False),
        ({"referenceId": "a", "displayId": "a" * 201}, False),
        ({"referenceId": "a", "expiresAt": 1700003600}, False),
        ({"referenceId": "a", "expiresAt": 1700003600, "createdAt": 1700000000}, True),
        ({"referenceId": "a", "createdAt": 1700000000}, True),
        ({"referenceId": "a", "market": "XK"}, True),
        ({"referenceId": "a", "market": "NO"}, True),
        ({"referenceId": "a", "market": "de"}, False),
        ({"referenceId": "a", "locale": "fi"}, True),
        ({"referenceId": "a", "locale": "DE"}, False),
        ({"referenceId": "a", "unknown": 1}, False),
        ({"referenceId": "a", "prefill": {"bankId": "de-example"}}, True),
        ({"referenceId": "a", "prefill": {"bankId": "Example"}}, False),
        ({"referenceId": "a", "metadata": {"k" * 40: "v" * 500, "n": 1, "o": {"deep": []}, "z": None}}, True),
        ({"referenceId": "a", "metadata": {"k" * 41: "v"}}, False),
        ({"referenceId": "a", "metadata": {"k": "v" * 501}}, False),
        ({"referenceId": "a", "metadata": {str(n): "v" for n in range(50)}}, True),
        ({"referenceId": "a", "metadata": {str(n): "v" for n in range(51)}}, False),
        ({"referenceId": "a", "displayId": None}, False),
    ],
)
def test_creating_a_data_session(value, allowed):
    assert allows("ivy", DATA, value) is allowed


@pytest.mark.parametrize(
    ("more", "allowed"),
    [
        ({}, True),
        ({"price": {**PRICE, "total": 0}}, False),
        ({"price": {**PRICE, "currency": "CHF"}}, False),
        ({"paymentMode": "settlement"}, True),
        ({"paymentMode": "direct"}, False),
        ({"paymentMode": "direct", "settlementDestination": {"reference": "r"}}, True),
        ({"settlementDestination": {"reference": "r" * 35}}, True),
        ({"settlementDestination": {"reference": "r" * 36}}, False),
        ({"settlementDestination": {"reference": "r" * 19}, "price": {**PRICE, "currency": "GBP"}}, False),
        ({"settlementDestination": {"reference": "r" * 18}, "price": {**PRICE, "currency": "GBP"}}, True),
        ({"settlementDestination": {"reference": "r", "financialAddress": IBAN}}, True),
        ({"settlementDestination": {"reference": "r", "financialAddress": {"type": "iban"}}}, False),
        ({"handshake": True}, False),
        ({"handshake": True, "billingAddress": ADDRESS}, True),
        ({"handshake": False}, True),
        ({"billingAddress": {**ADDRESS, "zipCode": ""}}, False),
        ({"lineItems": [{"name": "n", "singleNet": 1, "singleVat": 0, "amount": 1}]}, True),
        ({"lineItems": [{"name": "n", "singleNet": 1, "singleVat": 0}]}, False),
        ({"required": {}}, True),
        ({"discounts": [{"amount": 1}]}, False),
    ],
)
def test_creating_a_checkout_session(more, allowed):
    assert allows("ivy", "CreateCheckoutSessionRequest", {**CHECKOUT, **more}) is allowed


READ = [
    ({"type": "iban", "iban": {"iban": "DE89370400440532013000"}}, True),
    ({"type": "iban", "sortCode": {"sortCode": "200000", "accountNumber": "55779911"}}, False),
    ({"type": "sort_code", "sortCode": {"sortCode": "200000", "accountNumber": "55779911"}}, True),
    ({"type": "sort_code", "sortCode": {"sortCode": "20-00-00", "accountNumber": "55779911"}}, False),
    ({"type": "sort_code", "sortCode": {"sortCode": "200000", "accountNumber": "557799110"}}, False),
    ({"type": "bank_code", "bankCode": {"code": "370400", "accountNumber": "1"}}, True),
    ({"type": "bank_code", "bankCode": {"accountNumber": "1"}}, False),
    ({"type": "bban", "bban": {"bban": "370400440532013000"}}, True),
    ({"type": "wallet", "wallet": {"address": "0x1", "blockchain": "SOL"}}, True),
    ({"type": "wallet", "wallet": {"address": "0x1"}}, False),
    ({"type": "aba", "aba": {"routingNumber": "1", "accountNumber": "1", **HOLDER}}, False),
]
WRITE = [
    ({"type": "iban", "iban": {"iban": "DE89370400440532013000"}}, False),
    (IBAN, True),
    ({"type": "sort_code", "sortCode": {"sortCode": "200000", "accountNumber": "55779911", **HOLDER}}, True),
    ({"type": "bank_code", "bankCode": {"code": "370400", "accountNumber": "1", **HOLDER}}, True),
    ({"type": "bban", "bban": {"bban": "370400440532013000", **HOLDER}}, True),
    ({"type": "bban", "bban": {"bban": "370400440532013000"}}, False),
    ({"type": "wallet", "wallet": {"address": "0x1", "blockchain": "ETH-SEPOLIA"}}, True),
    ({"type": "aba", "aba": {"routingNumber": "021000021", "accountNumber": "1", **HOLDER}}, True),
    ({"type": "aba", "aba": {"routingNumber": "021000021", "accountNumber": "one", **HOLDER}}, False),
    ({"type": "aba", "aba": {"routingNumber": "021000021", "accountNumber": "1"}}, False),
]


@pytest.mark.parametrize(("value", "allowed"), READ)
def test_reading_a_financial_address(value, allowed):
    assert allows("ivy", "FinancialAddress", value) is allowed


@pytest.mark.parametrize(("value", "allowed"), WRITE)
def test_writing_a_financial_address(value, allowed):
    assert allows("ivy", "SettlementFinancialAddress", value) is allowed


LEGACY = {"referenceId": "a", "permissions": ["identity"], "returnUrl": "https://shop.example/return"}


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        (LEGACY, True),
        ({**LEGACY, "permissions": ["balances", "transactions", "identity"]}, True),
        ({**LEGACY, "permissions": ["accounts"]}, False),
        ({**LEGACY, "customer": {"email": "jane.roe@shop.example"}}, True),
        ({**LEGACY, "customer": {"customerId": "c"}}, True),
        ({**LEGACY, "customer": {"customerId": "c", "email": "jane.roe@shop.example"}}, False),
        ({**LEGACY, "customer": {}}, False),
        ({k: v for k, v in LEGACY.items() if k != "returnUrl"}, False),
    ],
)
def test_creating_a_data_session_in_the_older_form(value, allowed):
    assert allows("ivy-legacy", DATA, value) is allowed


@pytest.mark.parametrize("spelling", ["bank_code", "bankCode"])
def test_both_spellings_of_the_bank_code(spelling):
    account = {"bankCode": "370400", "accountNumber": "0532013000"}
    assert allows("ivy-legacy", "FinancialAddress", {"type": spelling, "bankCode": account})


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ({}, True),
        ({"tokens": ["a", "a"]}, True),
        ({"tokens": None}, False),
        ({"paymentProductFilters": {"exclude": {"groups": ["cards"], "products": [1, -1, 2147483647]}}}, True),
        ({"paymentProductFilters": {"exclude": {"products": [2147483648]}}}, False),
        ({"paymentProductFilters": {"restrictTo": {"products": [1, 1]}}}, False),
        ({"paymentProductFilters": {"restrictTo": {"groups": ["cards", "cards"]}}}, False),
        ({"paymentProductFilters": {"restrictTo": None}}, False),
        ({"paymentProductFilters": {"other": {}}}, False),
        ({"other": 1}, False),
    ],
)
def test_creating_a_worldline_session(value, allowed):
    assert allows("worldline", "SessionRequest", value) is allowed


def test_errors_of_worldline_are_never_empty():
    assert not allows("worldline", "ErrorResponse", {"errorId": "e", "errors": []})
    assert allows("worldline", "ErrorResponse", {"errorId": "e", "errors": [{}]})


def test_every_platform_of_worldline_is_a_server():
    hosts = [value for s in document("worldline")["servers"] for value in s["variables"]["domainname"]["enum"]]
    assert hosts == [
        "api.connect.worldline-solutions.com",
        "eu.api-ingenico.com",
        "mum.api-ingenico.com",
        "api.preprod.connect.worldline-solutions.com",
        "eu.preprod.api-ingenico.com",
        "mum-preprod.api-ingenico.com",
        "eu.sandbox.api-ingenico.com",
    ]
