"""What models do once they are imported: pydantic."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import ModuleType
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from tallystick.contract import Contract
from tallystick.emit.models import build_models

Models = Callable[..., ModuleType]


def an_object(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), **more}


def test_an_open_enum_says_that_other_values_may_come(models: Models) -> None:
    status = {"type": "string", "enum": ["open", "closed"], "x-open-enum": True}
    module = models({"Status": status, "Case": an_object({"status": {"$ref": "#/components/schemas/Status"}})})
    known, anything = get_args(module.Status)
    assert get_args(known) == ("open", "closed") and anything is str
    case = module.Case.model_validate({"status": "paused"})
    assert case.status == "paused" and f"{case.status}" == "paused"


def test_a_closed_enum_refuses_other_values(models: Models) -> None:
    module = models({"Case": an_object({"status": {"type": "string", "enum": ["open", "closed"]}})})
    with pytest.raises(ValidationError):
        module.Case(status="paused")


def test_values_of_several_words_stay_on_one_line(models: Models) -> None:
    values = [f"Send it by {'way' * 9} {number}, please" for number in range(9)]
    module = models({"Way": {"type": "string", "enum": values}})
    assert list(get_args(module.Way)) == values


def test_not_sent_is_not_null(models: Models) -> None:
    module = models({"Patch": an_object({"name": {"type": ["string", "null"]}, "age": {"type": "integer"}})})
    assert module.Patch().to_dict() == {}
    assert module.Patch(name=None).to_dict() == {"name": None}
    assert module.Patch(name="x").to_dict() == {"name": "x"}


def test_what_is_required_and_not_described_can_be_sent_and_need_not_come(models: Models) -> None:
    closed = an_object({"id": {"type": "string"}}, "ID", "other", additionalProperties=False)
    module = models({"Case": an_object({"id": {"type": "string"}}, "ID", "category"), "Closed": closed})
    assert module.Case(category=5).to_dict() == {"category": 5}
    assert module.Case.model_validate({"id": "a"}).id == "a"
    assert [list(kind.model_fields) for kind in (module.Case, module.Closed)] == [["id", "category"], ["id"]]


def test_unknown_members_survive_a_round_trip(models: Models) -> None:
    module = models({"User": an_object({"fullName": {"type": "string"}})})
    text = '{"fullName":"a","later":{"x":[1,2]}}'
    user = module.User.model_validate_json(text)
    assert user.model_extra == {"later": {"x": [1, 2]}}
    assert user.to_json() == text


def test_models_are_frozen_and_copied_with_changes(models: Models) -> None:
    module = models({"User": an_object({"fullName": {"type": "string"}, "age": {"type": "integer"}})})
    user = module.User(full_name="a")
    with pytest.raises(ValidationError):
        user.full_name = "b"
    older = user.replace(age=3)
    assert (user.age, older.age, older.full_name) == (None, 3, "a")
    assert older.to_dict() == {"fullName": "a", "age": 3}
    assert hash(older) == hash(module.User(full_name="a", age=3))
    with pytest.raises(ValidationError):
        user.replace(age="many")


def test_sensitive_values_are_never_shown(models: Models) -> None:
    secret = {"type": "string", "x-sensitive": True, "maxLength": 3}
    module = models(
        {
            "Secret": secret,
            "Card": an_object({"number": {"$ref": "#/components/schemas/Secret"}, "pin": secret, "name": {}}),
            "Wallet": an_object(
                {
                    "cards": {"type": "array", "items": {"$ref": "#/components/schemas/Card"}},
                    "codes": {"type": "array", "items": secret},
                    "password": {"type": "string", "format": "password"},
                }
            ),
        }
    )
    card = module.Card(number="411", pin="911", name="shown")
    wallet = module.Wallet(cards=[card], codes=["811"], password="711")
    for shown in (repr(wallet), str(wallet), f"{[wallet]}"):
        assert "shown" in shown
        assert not any(number in shown for number in ("411", "911", "811", "711"))
    with pytest.raises(ValidationError) as caught:
        module.Card(number=["4111"])
    assert "4111" not in str(caught.value)


def test_money_and_time(models: Models) -> None:
    module = models(
        {
            "Price": an_object(
                {
                    "text": {"type": "string", "format": "decimal"},
                    "number": {"type": "number", "format": "decimal"},
                    "cents": {"type": "number", "multipleOf": 0.01},
                    "minor": {"type": "integer"},
                    "at": {"type": "string", "format": "date-time"},
                }
            )
        }
    )
    text = '{"text":"0.10","number":0.1,"cents":1.15,"minor":5,"at":"2026-01-02T03:04:05Z"}'
    price = module.Price.model_validate_json(text)
    assert (price.text, price.number, price.cents, price.minor) == (
        Decimal("0.10"),
        Decimal("0.1"),
        Decimal("1.15"),
        5,
    )
    assert price.at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert price.to_json() == text
    with pytest.raises(ValidationError):
        module.Price(at="2026-01-02T03:04:05")


SHAPES = {
    "Circle": an_object({"shapeKind": {"const": "circle"}, "r": {"type": "number"}}, "shapeKind"),
    "Square": an_object({"shapeKind": {"const": "square"}, "a": {"type": "number"}}, "shapeKind"),
}
ONE_OF = [{"$ref": "#/components/schemas/Circle"}, {"$ref": "#/components/schemas/Square"}]


@pytest.mark.parametrize("discriminator", [{}, {"discriminator": {"propertyName": "shapeKind"}}])
def test_an_unknown_kind_is_readable_and_no_wrong_class(models: Models, discriminator: dict[str, Any]) -> None:
    module = models(
        {
            **SHAPES,
            "Shape": {"oneOf": ONE_OF, **discriminator},
            "Box": an_object({"shape": {"$ref": "#/components/schemas/Shape"}}),
        }
    )
    shape = module.Box.model_validate({"shape": {"shapeKind": "circle", "r": 1}}).shape
    assert type(shape) is module.Circle
    unknown = module.Box.model_validate({"shape": {"shapeKind": "star", "points": 5}}).shape
    assert type(unknown) is module.Unknown
    assert (unknown["points"], unknown.to_dict()) == (5, {"shapeKind": "star", "points": 5})
    with pytest.raises(KeyError):
        unknown["corners"]
    with pytest.raises(ValidationError):  # a known kind that is wrong is an error, not an unknown kind
        module.Box.model_validate({"shape": {"shapeKind": "circle", "r": "wide"}})
    box = module.Box(shape=module.Square(shape_kind="square", a=2))
    assert box.to_dict() == {"shape": {"shapeKind": "square", "a": 2.0}}
    assert type(module.Box(shape={"shape_kind": "square"}).shape) is module.Square


def test_a_mapping_decides_which_class(models: Models) -> None:
    pet = {"type": "string"}
    mapping = {"cat": "#/components/schemas/Feline", "dog": "Canine"}
    module = models(
        {
            "Feline": an_object({"kind": pet, "lives": {"type": "integer"}}, "kind"),
            "Canine": an_object({"kind": pet, "barks": {"type": "boolean"}}, "kind"),
            "Pet": {
                "oneOf": [{"$ref": "#/components/schemas/Feline"}, {"$ref": "#/components/schemas/Canine"}],
                "discriminator": {"propertyName": "kind", "mapping": mapping},
            },
        }
    )
    adapter: TypeAdapter[Any] = TypeAdapter(module.Pet)
    assert type(adapter.validate_python({"kind": "dog"})) is module.Canine
    assert type(adapter.validate_python({"kind": "Canine"})) is module.Unknown


def test_a_base_class_stands_for_what_is_derived_from_it(models: Models) -> None:
    base = an_object({"type": {"type": "string"}}, "type", discriminator={"propertyName": "type"})
    derived = {"allOf": [{"$ref": "#/components/schemas/Event"}, an_object({"sum": {"type": "integer"}})]}
    module = models(
        {
            "Event": base,
            "Paid": derived,
            "Page": an_object({"events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}}),
        }
    )
    page = module.Page.model_validate({"events": [{"type": "Paid", "sum": 1}, {"type": "Later", "x": 2}]})
    assert [type(e) for e in page.events] == [module.Paid, module.Event]
    assert page.events[1].model_extra == {"x": 2}


def test_recursion_through_classes_and_through_lists(models: Models) -> None:
    module = models(
        {
            "Node": an_object({"children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}}),
            "Tree": {
                "anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}]
            },
            "Holder": an_object({"tree": {"$ref": "#/components/schemas/Tree"}}),
        }
    )
    assert module.Node.model_validate({"children": [{"children": []}]}).children[0].children == []
    assert module.Holder.model_validate({"tree": ["a", ["b", []]]}).tree == ["a", ["b", []]]
    with pytest.raises(ValidationError):
        module.Holder.model_validate({"tree": [1]})


def test_tuples_booleans_constants_and_formats(models: Models) -> None:
    module = models(
        {
            "Odd": an_object(
                {
                    "point": {"prefixItems": [{"type": "number"}, {"type": "string"}], "items": False},
                    "anything": True,
                    "never": False,
                    "version": {"const": 3},
                    "id": {"type": "string", "format": "uuid"},
                    "for": {"type": "string", "format": "duration"},
                    "day": {"type": "string", "format": "date"},
                    "either": {"type": ["string", "integer"]},
                    "tags": {"type": "object", "additionalProperties": {"type": "string"}},
                }
            )
        }
    )
    data = {
        "point": [1.5, "a"],
        "anything": [None],
        "version": 3,
        "id": "8c0b1e2c-3f5d-4b6a-9c7d-1e2f3a4b5c6d",
        "for": "PT1M",
        "day": "2026-01-02",
        "either": 4,
        "tags": {"a": "b"},
    }
    odd = module.Odd.model_validate_json(json.dumps(data))
    assert odd.point == (1.5, "a") and odd.for_.total_seconds() == 60 and odd.day.year == 2026
    assert odd.to_dict() == data
    for wrong in ({"point": [1]}, {"version": 4}, {"either": 1.5}, {"tags": {"a": 1}}):
        with pytest.raises(ValidationError):
            module.Odd.model_validate(wrong)


def test_a_30_document_is_read_as_it_means(models: Models) -> None:
    module = models(
        {
            "Old": an_object(
                {
                    "maybe": {"type": "string", "nullable": True},
                    "kind": {"type": "string", "enum": ["a"], "nullable": True},
                    "ref": {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Other"}]},
                },
                "maybe",
                "kind",
                "ref",
            ),
            "Other": an_object({"a": {"type": "string"}}),
        },
        version="3.0.3",
    )
    old = module.Old.model_validate({"maybe": None, "kind": None, "ref": None})
    assert (old.maybe, old.kind, old.ref) == (None, None, None)
    with pytest.raises(ValidationError):
        module.Old.model_validate({"maybe": None, "kind": None})


HOSTILE = 'ends with a quote" and """ and \\ and \n{}\r\0 \'\'\' # \\N{DASH} {{ x }} %s "'


def test_hostile_words_are_only_words(models: Models) -> None:
    property_ = {"type": "string", "description": HOSTILE, "enum": [HOSTILE, "b"]}
    module = models(
        {
            "A": an_object(
                {"__class__": property_, "a\nb'\"\\": property_, "import": property_}, description=HOSTILE
            ),
            "import os; os.abort()": {"type": "string", "enum": [HOSTILE, '"""'], "description": HOSTILE},
            "../../x": an_object({"1": {"type": "string", "default": HOSTILE}}),
        }
    )
    thing = module.A.model_validate({"__class__": HOSTILE, "import": "b"})
    assert thing.to_dict() == {"__class__": HOSTILE, "import": "b"}
    assert "and \\ and" in (module.A.__doc__ or "")
    assert module.X().n1 == HOSTILE


def test_members_that_clash_get_names_of_their_own(models: Models) -> None:
    module = models(
        {
            "A": an_object(
                {
                    "foo_bar": {"type": "string"},
                    "fooBar": {"type": "integer"},
                    "copy": {},
                    "list": {"type": "array", "items": {"type": "string"}},
                }
            )
        }
    )
    a = module.A.model_validate({"foo_bar": "x", "fooBar": 1, "copy": 2, "list": ["y"]})
    assert a.foo_bar == "x" and a.copy_ == 2 and a.list_ == ["y"]
    assert a.to_dict() == {"foo_bar": "x", "fooBar": 1, "copy": 2, "list": ["y"]}


def test_all_of_meets(models: Models) -> None:
    module = models(
        {
            "Base": an_object({"kind": {"type": "string"}, "id": {"type": "integer"}}, "id"),
            "Child": {"allOf": [{"$ref": "#/components/schemas/Base"}, an_object({"kind": {"enum": ["x"]}}, "kind")]},
        }
    )
    assert module.Child(id=1, kind="x").to_dict() == {"id": 1, "kind": "x"}
    for wrong in ({"id": 1, "kind": "y"}, {"kind": "x"}):
        with pytest.raises(ValidationError):
            module.Child(**wrong)


@pytest.mark.parametrize("pattern", ["(?=a)b", "[", "\\p{L}+", "^(?<n>a)\\k<n>$", "[^]"])
def test_a_pattern_no_engine_shares_is_left_to_the_server(
    models: Models, contract: Callable[..., Contract], pattern: str
) -> None:
    schemas = {"A": an_object({"a": {"type": "string", "pattern": pattern, "maxLength": 3}})}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
    paths = {"/a": {"post": {"requestBody": body, "responses": {"204": {"description": ""}}}}}
    module = models(schemas, paths)
    assert module.A(a="%").a == "%"
    with pytest.raises(ValidationError):
        module.A(a="four")
    assert [f.id for f in build_models(contract(schemas, paths)).findings] == ["pattern-unchecked"]


def test_limits_are_checked_before_sending_and_not_on_answers(models: Models) -> None:
    schemas = {
        "Asked": an_object(
            {"a": {"type": "string", "pattern": "^x", "minLength": 2}, "n": {"type": "integer", "maximum": 3}}
        ),
        "Told": an_object({"a": {"type": "string", "pattern": "^x"}}),
    }
    media = {n: {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{n}"}}}} for n in schemas}
    paths = {
        "/a": {"post": {"requestBody": media["Asked"], "responses": {"200": {"description": "", **media["Told"]}}}}
    }
    module = models(schemas, paths)
    assert module.Told(a="y").a == "y"
    for wrong in ({"a": "yy"}, {"a": "x"}, {"n": 4}, {"unlisted": 1}):
        with pytest.raises(ValidationError):
            module.Asked(**wrong)
