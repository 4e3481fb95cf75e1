"""What the client emission asks: files, types by place and direction, members of classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tallystick.contract import Contract
from tallystick.emit.models import build_models

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


def test_every_schema_on_the_wire_has_a_type(contract: Callable[..., Contract]) -> None:
    body = {"type": "object", "properties": {"address": {"$ref": "#/components/schemas/Address"}}}
    answer = {"type": "array", "items": {"$ref": "#/components/schemas/Address"}}
    api = contract({"Address": ADDRESS}, operation(body, answer))
    output = build_models(api)
    create = api.operations[0]
    assert create.body and create.body.media[0].schema and create.parameters[0].schema
    media = create.outcomes[0].media[0].schema
    assert media is not None
    assert output.type_of(create.body.media[0].schema.pointer, "request").text == "CreateUserBody"
    assert output.type_of(media.pointer, "response").text == "list[Address]"
    assert output.type_of(media.pointer, "response").models == ("Address",)
    assert output.type_of(create.parameters[0].schema.pointer, "request").text == 'Literal["a", "b"]'
    made = output.class_of(create.body.media[0].schema.pointer, "request")
    assert made is not None and [(f.api_name, f.name, f.type.text) for f in made.fields] == [
        ("address", "address", "Address")
    ]


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
    assert [f.name for f in output.classes["User"].fields] == ["id", "name"]
    assert [f.name for f in output.classes["UserRequest"].fields] == ["name", "password"]
    assert output.classes["UserRequest"].closed and not output.classes["User"].closed


def test_a_class_has_its_own_words_before_those_of_what_it_is_made_of(contract: Callable[..., Contract]) -> None:
    base = {**ADDRESS, "description": "An address."}
    house = {"allOf": [{"$ref": "#/components/schemas/Address"}], "type": "object", "description": "A house."}
    plain = {"allOf": [{"$ref": "#/components/schemas/Address"}], "type": "object"}
    output = build_models(contract({"Address": base, "House": house, "Plain": plain}))
    assert output.classes["House"].description == "A house."
    assert output.classes["Plain"].description == "An address."


def test_what_nobody_uses_keeps_what_it_mentions(contract: Callable[..., Contract]) -> None:
    parts = {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}}
    wheel = {"type": "object", "properties": parts}
    car = {"type": "object", "properties": {"wheel": {"$ref": "#/components/schemas/Wheel"}}}
    body = {"$ref": "#/components/schemas/Wheel"}
    output = build_models(contract({"Car": car, "Wheel": wheel}, operation(body, {"type": "string"})))
    assert output.names == ("Car", "Wheel", "WheelRequest")
