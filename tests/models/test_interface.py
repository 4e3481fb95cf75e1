"""What the client emission asks: files, shapes by place and direction, members of classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tallystick.contract import Contract
from tallystick.emit.models import ModelOutput, build_models
from tallystick.emit.models.expression import type_ref
from tallystick.emit.models.shape import Record

ADDRESS = {"type": "object", "properties": {"zipCode": {"type": "string"}}, "required": ["zipCode"]}


def operation(body: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "/users": {
            "post": {
                "operationId": "createUser",
                "parameters": [{"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["a", "b"]}}],
                "requestBody": {"content": {"application/json": {"schema": body}}},
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": answer}}}},
            }
        }
    }


def record(output: ModelOutput, name: str) -> Record:
    found = output.catalogue.definitions[name]
    assert isinstance(found, Record)
    return found


def test_every_schema_on_the_wire_has_a_type(contract: Callable[..., Contract]) -> None:
    body = {"type": "object", "properties": {"address": {"$ref": "#/components/schemas/Address"}}}
    answer = {"type": "array", "items": {"$ref": "#/components/schemas/Address"}}
    api = contract({"Address": ADDRESS}, operation(body, answer))
    output = build_models(api)
    create = api.operations[0]
    assert create.body and create.body.media[0].schema and create.parameters[0].schema
    media = create.outcomes[0].media[0].schema
    assert media is not None
    places = output.catalogue.places
    body_type = type_ref(places[create.body.media[0].schema.pointer, "request"])
    assert body_type.text == "CreateUserBody"
    assert type_ref(places[media.pointer, "response"]).text == "list[Address]"
    assert type_ref(places[media.pointer, "response"]).models == ("Address",)
    assert type_ref(places[create.parameters[0].schema.pointer, "request"]).text == 'Literal["a", "b"]'
    made = record(output, body_type.text)
    assert [(f.api_name, f.name, type_ref(f.shape).text) for f in made.fields] == [("address", "address", "Address")]


def test_a_message_seen_from_both_sides(contract: Callable[..., Contract]) -> None:
    user = {
        "type": "object",
        "required": ["id", "name", "password"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "name": {"type": "string"},
            "password": {"type": "string", "writeOnly": True},
        },
    }
    ref = {"$ref": "#/components/schemas/User"}
    api = contract({"User": user}, operation(ref, {"type": "array", "items": ref}))
    output = build_models(api)
    assert output.names == ("User", "UserRequest")
    assert [f.name for f in record(output, "User").fields] == ["id", "name"]
    assert [f.name for f in record(output, "UserRequest").fields] == ["name", "password"]
    assert record(output, "UserRequest").closed and not record(output, "User").closed


def test_a_class_has_its_own_words_before_those_of_what_it_is_made_of(contract: Callable[..., Contract]) -> None:
    base = {**ADDRESS, "description": "An address."}
    house = {"allOf": [{"$ref": "#/components/schemas/Address"}], "type": "object", "description": "A house."}
    plain = {"allOf": [{"$ref": "#/components/schemas/Address"}], "type": "object"}
    output = build_models(contract({"Address": base, "House": house, "Plain": plain}))
    assert record(output, "House").description == "A house."
    assert record(output, "Plain").description == "An address."


def test_what_nobody_uses_keeps_what_it_mentions(contract: Callable[..., Contract]) -> None:
    parts = {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}}
    wheel = {"type": "object", "properties": parts}
    car = {"type": "object", "properties": {"wheel": {"$ref": "#/components/schemas/Wheel"}}}
    body = {"$ref": "#/components/schemas/Wheel"}
    output = build_models(contract({"Car": car, "Wheel": wheel}, operation(body, {"type": "string"})))
    assert output.names == ("Car", "Wheel", "WheelRequest")


def test_what_is_written_inline_gets_out_of_the_way_of_taken_names(contract: Callable[..., Contract]) -> None:
    leaf = {"type": "object", "properties": {"a": {"type": "string"}}}
    account = {"type": "object", "properties": {"options": leaf}}
    box = {"type": "object", "properties": {"box": {"type": "object", "properties": {"box": leaf}}}}
    output = build_models(contract({"Account": account, "AccountOptions": leaf, "Box": box}))
    assert output.names == ("Account", "AccountOptions", "AccountOptionsInline", "Box", "BoxBox", "BoxBoxBox")
