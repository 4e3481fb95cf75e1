"""The same document in the flavours that are not pydantic: read, compared, copied, written."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from types import ModuleType
from typing import Any, NotRequired, get_args, get_origin, get_type_hints

import pytest

from tallystick.contract import Contract
from tallystick.emit.models import ModelOptions, build_models
from tallystick.emit.models.interface import Flavour

Models = Callable[..., ModuleType]


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS: dict[str, Any] = {
    "Order": {
        "type": "object",
        "required": ["orderId", "items"],
        "properties": {
            "orderId": {"type": "string", "format": "uuid"},
            "items": {"type": "array", "items": ref("Item")},
            "status": ref("Status"),
            "payment": ref("Payment"),
            "when": {"type": "string", "format": "date-time"},
            "parent": ref("Order"),
            "note": {"type": ["string", "null"]},
            "either": {"anyOf": [{"type": "string"}, {"type": "string", "format": "date"}]},
            "pair": {"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
            "ok": {"const": True},
        },
    },
    "Item": {
        "type": "object",
        "properties": {
            "unitPrice": {"type": "number", "format": "decimal"},
            "total": {"type": "string", "format": "decimal"},
        },
    },
    "Status": {"type": "string", "enum": ["open", "closed"], "x-open-enum": True},
    "Card": {
        "type": "object",
        "required": ["payBy"],
        "properties": {"payBy": {"const": "card"}, "number": {"type": "string", "x-sensitive": True}},
    },
    "Transfer": {"type": "object", "required": ["payBy"], "properties": {"payBy": {"const": "sepa"}}},
    "Payment": {"oneOf": [ref("Card"), ref("Transfer")]},
    "Tree": {"anyOf": [{"type": "string"}, {"type": "array", "items": ref("Tree")}]},
    "Leaf": {"type": "object", "properties": {"tree": ref("Tree")}},
}
ORDER: dict[str, Any] = {
    "orderId": "8c0b1e2c-3f5d-4b6a-9c7d-1e2f3a4b5c6d",
    "items": [{"unitPrice": 0.1, "total": "0.10"}],
    "status": "paused",
    "payment": {"payBy": "card", "number": "4111"},
    "when": "2026-01-02T03:04:05+00:00",
    "pair": ["a", 1],
    "ok": True,
}


@pytest.fixture(params=["msgspec", "dataclass"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    return request.param


@pytest.fixture
def module(models: Models, flavour: Flavour) -> ModuleType:
    return models(SCHEMAS, options=ModelOptions(flavour=flavour))


def codec(module: ModuleType) -> ModuleType:
    return importlib.import_module(module.__name__.replace(".models", "._runtime.codec"))


def test_a_round_trip_keeps_every_value(module: ModuleType) -> None:
    order = codec(module).load(module.Order, json.dumps(ORDER))
    assert order.status == "paused" and order.payment.number == "4111" and order.when.tzinfo is not None
    assert str(order.items[0].unit_price) == "0.1" and str(order.items[0].total) == "0.10"
    assert type(order.payment) is module.Card
    written = json.loads(codec(module).dump(module.Order, order))
    assert {**written, "when": written["when"].replace("Z", "+00:00")} == ORDER


def test_an_unknown_kind_is_readable(module: ModuleType) -> None:
    unknown = {"payBy": "coin", "coins": 3}
    order = codec(module).load(module.Order, json.dumps({**ORDER, "payment": unknown}))
    assert order.payment == unknown and order.payment["coins"] == 3
    assert json.loads(order.to_json())["payment"] == unknown


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": None},
        {"orderId": 3},
        {"when": "2026-01-02T03:04:05"},
        {"pair": ["a"]},
        {"payment": {"payBy": "card", "number": 4}},
    ],
)
def test_what_does_not_fit_is_refused(module: ModuleType, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):  # msgspec.ValidationError is one
        codec(module).load(module.Order, json.dumps({**ORDER, **wrong}))
    short = {key: value for key, value in ORDER.items() if key != "orderId"}
    with pytest.raises(ValueError, match="orderId"):
        codec(module).load(module.Order, json.dumps(short))


def test_frozen_copied_with_changes_and_masked(module: ModuleType) -> None:
    card = module.Card(pay_by="card", number="4111")
    with pytest.raises(AttributeError):
        card.number = "1"
    assert "4111" not in repr(card) and "***" in repr(card)
    assert card.replace(number="5").number == "5" and card.number == "4111"
    with pytest.raises(ValueError, match=r"."):
        card.replace(pay_by="cash")
    assert hash(card.replace(number="5")) == hash(module.Card(pay_by="card", number="5"))


def test_recursive_lists(module: ModuleType) -> None:
    leaf = codec(module).load(module.Leaf, '{"tree": ["a", ["b"]]}')
    assert leaf.tree == ["a", ["b"]]


def test_msgspec_tells_not_sent_from_null(models: Models) -> None:
    module = models(SCHEMAS, options=ModelOptions(flavour="msgspec"))
    order = codec(module).load(module.Order, json.dumps({**ORDER, "note": None}))
    assert order.note is None and order.to_dict()["note"] is None
    assert "note" not in codec(module).load(module.Order, json.dumps(ORDER)).to_dict()


def test_typed_dicts_are_what_json_makes(models: Models) -> None:
    module = models(SCHEMAS, options=ModelOptions(flavour="typeddict"))
    hints = get_type_hints(module.Order)
    extras = get_type_hints(module.Order, include_extras=True)
    assert set(hints) == set(SCHEMAS["Order"]["properties"])
    assert hints["orderId"] is str and hints["when"] is str
    assert {name for name, hint in extras.items() if get_origin(hint) is not NotRequired} == {"orderId", "items"}
    known, _ = get_args(module.Payment)
    assert {module.Card, module.Transfer} < set(get_args(known))
    order = codec(module).load(module.Order, json.dumps(ORDER))
    assert order == {**ORDER, "pair": ("a", 1)} and order["orderId"] == ORDER["orderId"]
    unknown = {"payBy": "coin", "coins": 3}
    assert codec(module).load(module.Order, json.dumps({**ORDER, "payment": unknown}))["payment"] == unknown
    for wrong in ({"items": None}, {"pair": ["a"]}, {"payment": {"payBy": "card", "number": 4}}, {"ok": False}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            codec(module).load(module.Order, json.dumps({**ORDER, **wrong}))


@pytest.mark.parametrize(
    ("flavour", "libraries"),
    [("msgspec", {"msgspec"}), ("dataclass", set()), ("typeddict", set())],
    indirect=["flavour"],
)
def test_a_flavour_needs_its_own_library_only(
    contract: Callable[..., Contract], flavour: Flavour, libraries: set[str]
) -> None:
    output = build_models(contract(SCHEMAS), ModelOptions(flavour=flavour))
    lines = [line for line in output.files["models.py"].splitlines() if line.startswith("from ")]
    roots = {line.split()[1].split(".")[0] for line in lines}
    assert roots & {"pydantic", "msgspec", "typing_extensions"} == libraries
