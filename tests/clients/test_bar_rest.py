"""Rows of the client bar that no other module names: how answers behave, and how the surface reads."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tallystick.contract import read
from tallystick.emit.naming import addresses
from tallystick.settings import find

from .conftest import Shop, document, operation

Make = Callable[..., Shop]
RUNTIME = Path(__file__).parents[2] / "generator" / "tallystick" / "runtime"
TEXT = {"type": "string"}
CAT = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}}
DOG = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}, "name": TEXT}}
PET = {
    "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
    "discriminator": {
        "propertyName": "kind",
        "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
    },
}
THING = {
    "type": "object",
    "description": "A thing.",
    "required": ["state"],
    "properties": {
        "state": {
            "type": "string",
            "enum": ["open", "closed"],
            "x-open-enum": True,
            "description": "Where it stands.",
        },
        "pet": {"$ref": "#/components/schemas/Pet"},
        "price": {"type": "string", "format": "decimal"},
        "at": {"type": "string", "format": "date-time"},
        "note": {"type": ["string", "null"]},
    },
}


@pytest.fixture
def shop(make: Make) -> Shop:
    thing = {"description": "it", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    schemas = {"Thing": THING, "Pet": PET, "Cat": CAT, "Dog": DOG}
    return make(document({"/things": {"get": operation(responses={"200": thing})}}, components={"schemas": schemas}))


def answered(shop: Shop, **data: Any) -> Any:
    return shop.both(lambda client: client.things.run(), httpx2.Response(200, json={"state": "open", **data}))


def test_bar_9_the_surface_reads_like_a_table_of_contents() -> None:
    target = find("ivy")
    found, _ = addresses(read(target.document, name="ivy", root=target.root))
    offered = {f"{address.noun}.{address.verb}" for address in found.values()}
    assert {"data_sessions.create", "data_sessions.retrieve", "checkout_sessions.expire"} < offered


def test_bar_19_members_have_their_words(shop: Shop) -> None:
    text = shop.plan.files["models.py"]
    assert '"""A thing."""' in text
    assert '"""Where it stands."""' in text


def test_bar_24_an_unknown_value_of_an_open_enum_survives(shop: Shop) -> None:
    thing = answered(shop, state="hovering")
    assert (thing.state, f"{thing.state}", thing.to_dict()) == ("hovering", "hovering", {"state": "hovering"})
    assert thing.state != "open"
    assert 'Literal["open", "closed"] | str' in shop.plan.files["models.py"]


def test_bar_25_an_unknown_variant_of_a_union_is_readable_and_of_no_wrong_class(shop: Shop) -> None:
    thing = answered(shop, pet={"kind": "parrot", "words": 7})
    assert type(thing.pet).__name__ not in ("Cat", "Dog")
    assert thing.to_dict()["pet"] == {"kind": "parrot", "words": 7}


def test_bar_27_writing_back_gives_the_same_bytes(shop: Shop) -> None:
    text = '{"state":"open","note":null,"more":[1,{"a":true}]}'
    thing = shop.both(lambda client: client.things.run(), httpx2.Response(200, content=text.encode()))
    assert thing.to_json() == text


def test_bar_28_answers_are_frozen_and_copies_can_differ(shop: Shop) -> None:
    thing = answered(shop)
    with pytest.raises(Exception, match="frozen"):
        thing.state = "closed"
    changed = thing.replace(state="closed")
    assert (thing.state, changed.state, copy.copy(thing)) == ("open", "closed", thing)
    assert len({answered(shop), answered(shop)}) == 1


def test_bar_29_amounts_are_exact_and_times_are_aware(shop: Shop) -> None:
    thing = answered(shop, price="0.10", at="2030-01-01T00:00:00Z")
    assert (f"{thing.price * 3}", thing.at.utcoffset().total_seconds()) == ("0.30", 0)
    assert json.loads(thing.to_json())["price"] == "0.10"


def test_bar_40_one_function_decides_about_repeats_and_both_clients_ask_it() -> None:
    callers = [
        path.name
        for path in RUNTIME.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "next_wait"
    ]
    assert callers == ["client.py"]


def test_bar_44_hooks_of_the_http_client_see_requests_and_answers(make: Make) -> None:
    seen: list[str] = []
    shop = make(document({"/things": {"get": operation()}}), "shop")
    own = httpx2.Client(
        transport=httpx2.MockTransport(shop.recorder),
        event_hooks={
            "request": [lambda r: seen.append(r.method)],
            "response": [lambda r: seen.append(r.status_code)],
        },
    )
    shop.module.Shop(base_url="https://api.test", http_client=own).things.run()
    assert seen == ["GET", 204]


def test_bar_55_a_version_the_contract_pins_is_sent_and_can_be_changed(make: Make) -> None:
    schema = {"type": "string", "enum": ["2030-01-01"]}
    version = {"name": "Api-Version", "in": "header", "required": True, "schema": schema}
    shop = make(document({"/things": {"get": operation(parameters=[version])}}))
    shop.both(lambda client: client.things.run())
    assert shop.recorder.last.headers["api-version"] == "2030-01-01"
    shop.both(lambda client: client.with_options(headers={"Api-Version": "2031"}).things.run())
    assert shop.recorder.last.headers["api-version"] == "2031"
